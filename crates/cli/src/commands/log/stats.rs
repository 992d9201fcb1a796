//! `log stats`: what takes space in the log, and who writes most.

use super::effects::Effects;
use super::filters::{FilterArgs, Filters};
use super::line::{Line, PartOf};
use super::nothing;
use super::place::PlaceArg;
use super::reader::Reader;
use crate::answer::{TableAnswer, at_hand, print};
use crate::exit::Exit;
use crate::form::{Form, ROWS, forms, limit};
use crate::log_damage::Losses;
use crate::reading::ReadArgs;
use crate::render::long_table::LongTable;
use crate::render::table::Cell;
use crate::server_log::ServerLog;
use anyhow::Result;
use clap::{Args, ValueEnum};
use snapscope_objects::value::Tape;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Count entries and bytes by type, operation, who, object or minute
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope log stats /opt/consul/data
  snapscope log stats --by object --depth 1 --since 2026-11-23T10:00:00Z /opt/consul/data")]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    place: PlaceArg,
    /// What to count by
    #[arg(long, value_enum, default_value_t = By::Type)]
    by: By,
    /// Number of segments of a key or name that form a group
    #[arg(long, value_name = "N", default_value_t = 2)]
    depth: usize,
    /// Show only the first N groups, 0 for all [default: 50 in tables, all minutes; otherwise all]
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = limit)]
    limit: Option<u64>,
    #[command(flatten)]
    filters: FilterArgs,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(ROWS), default_value = "table")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

/// What entries are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// The type of the command
    Type,
    /// The operation and the kind of object
    Op,
    /// The token
    #[value(alias = "token")]
    Who,
    /// The beginning of the object's name
    Object,
    /// The minute
    Minute,
}

impl By {
    const fn column(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Op => "op",
            Self::Who => "who",
            Self::Object => "object",
            Self::Minute => "minute",
        }
    }
}

/// Number of groups in a table.
const GROUPS: u64 = 50;

#[derive(Debug, Default)]
struct Count {
    entries: u64,
    bytes: u64,
}

impl Count {
    fn add(&mut self, Self { entries, bytes }: Self) {
        self.entries += entries;
        self.bytes += bytes;
    }
}

/// Entries and bytes by name.
#[derive(Default)]
struct Counts {
    by_name: BTreeMap<Vec<u8>, Count>,
    /// The last entry. The operations of a transaction share its bytes, which count for the first
    /// one.
    last: (u64, u64),
    /// By operation number, the chunks of a command whose type is unknown until its last chunk.
    parts: BTreeMap<u64, Parts>,
}

/// The chunks of a command.
#[derive(Default)]
struct Parts {
    all: Count,
    /// Chunks that would be shown on their own, with their names.
    shown: Vec<(Vec<u8>, Count)>,
}

impl Counts {
    /// Counts a line with its name, if it is shown. The chunks of a command count with its last
    /// entry.
    fn take(&mut self, line: &Line<'_>, name: Vec<u8>, is_shown: bool) {
        let is_first = self.last != (line.index, line.term);
        let bytes = if is_first { line.bytes } else { 0 };
        if let Some(PartOf { operation, is_last: false }) = line.part_of {
            let parts = self.parts.entry(operation).or_default();
            parts.all.add(Count { entries: 1, bytes });
            if is_shown {
                parts.shown.push((name, Count { entries: 1, bytes }));
            }
            return;
        }
        let parts = line.part_of.and_then(|part| self.parts.remove(&part.operation));
        if is_shown {
            self.last = (line.index, line.term);
            let count = self.by_name.entry(name).or_default();
            count.add(Count { entries: 1, bytes });
            count.add(parts.unwrap_or_default().all);
        }
    }

    /// All counts. The chunks of an incomplete command have an unknown type.
    fn finish(mut self) -> BTreeMap<Vec<u8>, Count> {
        for (name, count) in self.parts.into_values().flat_map(|parts| parts.shown) {
            self.by_name.entry(name).or_default().add(count);
        }
        self.by_name
    }
}

pub(crate) fn run(args: &StatsArgs) -> Result<Exit> {
    let server = ServerLog::find(args.place.path())?;
    let mut filters = Filters::new(&args.filters, &Line::shape(), &[&server])?;
    let mut reader = Reader::prepare(&server, &args.read, Effects::None, filters.last_index())?;
    filters.know(&reader.identities)?;
    let mut counts = Counts::default();
    let mut tape = Tape::new();
    let Reader { identities, entries, .. } = &mut reader;
    let findings = entries.each(&server, &mut |_| {}, &mut |batch| {
        batch.lines(identities, &mut |line| {
            let is_shown = filters.shows(line, &mut tape);
            counts.take(line, name(args, line), is_shown);
        });
        ControlFlow::Continue(())
    })?;
    let columns = [args.by.column(), "entries", "bytes", "share"];
    let mut rows = rows(args, counts.finish());
    let all = rows.len();
    let most = if args.output == Form::Text && args.by != By::Minute { GROUPS } else { u64::MAX };
    let limit = args.limit.unwrap_or(most);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let is_cut = rows.len() < all;
    let shown = format!("Showing {} of {all} groups; --limit 0 shows all.", rows.len());
    let each = at_hand(&rows);
    let answer = TableAnswer {
        table: LongTable::new(columns, &each),
        name: "counts",
        notes: if is_cut { vec![shown] } else { Vec::new() },
        more: &|_| {},
    };
    let mut losses = Losses::of_log(&findings);
    losses.absorb(reader.losses.clone());
    print(&answer, args.output, losses.incomplete().as_ref())?;
    if all == 0 {
        nothing::explain(&server, &filters, &args.read)?;
    }
    Ok(losses.exit())
}

fn name(args: &StatsArgs, line: &Line<'_>) -> Vec<u8> {
    let or_dash = |text: &[u8]| if text.is_empty() { b"-".to_vec() } else { text.to_vec() };
    match args.by {
        By::Type => line.kind.as_bytes().to_vec(),
        By::Op => {
            let kind = line.object.split(|byte| *byte == b'/').next().unwrap_or_default();
            or_dash([line.op.as_slice(), b" ", kind].concat().trim_ascii())
        }
        By::Who => or_dash(line.who),
        By::Object => {
            // The kind comes before the name.
            let parts = line.object.split(|byte| *byte == b'/').take(args.depth + 1);
            or_dash(&parts.collect::<Vec<_>>().join(&b"/"[..]))
        }
        By::Minute => {
            let minute = line.time.map(crate::times::exact);
            minute
                .and_then(|time| time.get(..16).map(|m| m.as_bytes().to_vec()))
                .unwrap_or(b"-".to_vec())
        }
    }
}

fn rows(args: &StatsArgs, counts: BTreeMap<Vec<u8>, Count>) -> Vec<Vec<Cell>> {
    let all: u64 = counts.values().map(|count| count.bytes).sum();
    let mut sorted: Vec<(Vec<u8>, Count)> = counts.into_iter().collect();
    // Minutes are in order of time, everything else is by size.
    if args.by != By::Minute {
        sorted.sort_by(|(a, x), (b, y)| (y.bytes, y.entries, a).cmp(&(x.bytes, x.entries, b)));
    }
    #[allow(clippy::cast_precision_loss)] // a share has few digits
    let share = |bytes: u64| if all == 0 { 0.0 } else { bytes as f64 / all as f64 };
    sorted
        .into_iter()
        .map(|(name, count)| {
            vec![
                Cell::Text(name),
                Cell::Number(count.entries),
                Cell::Bytes(count.bytes),
                Cell::Share(share(count.bytes)),
            ]
        })
        .collect()
}
