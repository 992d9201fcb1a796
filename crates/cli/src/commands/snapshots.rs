//! `snapshots`: the snapshots in a folder or bucket.

use crate::answer::{Answer, at_hand, print};
use crate::exit::Exit;
use crate::form::{Form, ROWS, forms};
use crate::render::escape::one_line;
use crate::render::json::{Members as _, Object, ToJson as _};
use crate::render::long_table::LongTable;
use crate::render::table::Cell;
use crate::terminal::{note, say};
use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use snapscope_live::block_on;
use snapscope_live::listing::{Listed, snapshots_and_others};
use snapscope_live::settings::Environment;
use snapscope_live::store::Location;
use snapscope_objects::json::JsonText;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// List the snapshots in a folder or bucket
///
/// Nothing is downloaded. The agent's sidecars describe the snapshots; without one, the name says
/// when a snapshot was taken. Endpoint, region and credentials of a bucket come from the usual
/// variables and files of its cloud (AWS_..., AZURE_..., GOOGLE_...).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope snapshots .
  snapscope snapshots . -o jsonl
  snapscope snapshots s3://backups/consul-snapshot")]
pub(crate) struct SnapshotsArgs {
    /// A folder, s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX
    #[arg(value_name = "LOCATION")]
    location: String,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(ROWS), default_value = "table")]
    output: Form,
}

/// Maximum number of types whose counts a table shows.
const MOST: usize = 3;

pub(crate) fn run(args: &SnapshotsArgs) -> Result<Exit> {
    let store = Location::parse(&args.location)?.store(&Environment::of_process())?;
    let (listed, others) = block_on(snapshots_and_others(&store))??;
    if let Some(first) = others.first() {
        let more = match others.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let line = format!(
            "note: skipped, not named .snap: {first}{more}; `snapscope verify` identifies files"
        );
        note!("snapscope: {}", one_line(line.as_bytes()));
    }
    for snapshot in &listed {
        if let Some(why) = &snapshot.unreadable {
            let line = format!("{}: cannot read its sidecar: {why}", snapshot.name);
            say!("snapscope: {}", one_line(line.as_bytes()));
        }
    }
    print(&Listing(&listed), args.output, None)?;
    if listed.is_empty() {
        note!("snapscope: note: no snapshots there: no name ends in .snap");
    }
    Ok(Exit::Done)
}

/// The data to print.
struct Listing<'a>(&'a [Listed]);

impl Answer for Listing<'_> {
    const IS_LIST: bool = true;

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        self.table(MOST, |table| table.table(out))
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        self.0.iter().for_each(|s| Object(|json: &mut JsonText| members(s, json)).write(json));
        Ok(())
    }

    fn lines(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        self.0.iter().for_each(|snapshot| json.line(|json| members(snapshot, json)));
        Ok(())
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        self.table(usize::MAX, |table| table.csv(out))
    }
}

fn time(snapshot: &Listed) -> String {
    // Years beyond the supported range are shown as its last one.
    let time = Timestamp::try_from(snapshot.time).unwrap_or(Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Why a snapshot is marked, in a few words.
fn mark(snapshot: &Listed) -> Option<String> {
    let shrunk = snapshot.sidecar.as_ref().and_then(|sidecar| sidecar.shrunk.as_ref());
    let shrunk = shrunk.map(|shrunk| format!("shrunk by {} %", shrunk.percent));
    snapshot.size_objection().or(shrunk)
}

/// Counts on one line, the largest first: all of them, or the first few.
fn counts(counts: &BTreeMap<String, u64>, limit: usize) -> String {
    let mut counts: Vec<(&String, &u64)> = counts.iter().collect();
    counts.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
    let shown: Vec<String> =
        counts.iter().take(limit).map(|(kind, count)| format!("{kind} {count}")).collect();
    let more = if counts.len() > limit { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

impl Listing<'_> {
    /// Returns the table, with the first few of the counts.
    fn table(
        &self,
        limit: usize,
        print: impl FnOnce(&LongTable<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let columns = [
            "time",
            "name",
            "index",
            "size",
            "version",
            "datacenter",
            "records",
            "counts",
            "marked",
        ];
        let rows = self.0.iter().map(|snapshot| {
            let sidecar = snapshot.sidecar.as_ref();
            let text = |text: Option<String>| Cell::Text(text.unwrap_or_default().into_bytes());
            let number = |number: Option<u64>| number.map_or(Cell::Text(Vec::new()), Cell::Number);
            vec![
                text(Some(time(snapshot))),
                text(Some(snapshot.name.clone())),
                number(sidecar.map(|s| s.index)),
                Cell::Bytes(snapshot.size),
                text(sidecar.and_then(|s| s.consul_version.clone())),
                text(sidecar.and_then(|s| s.datacenter.clone())),
                number(sidecar.map(|s| s.records)),
                text(sidecar.map(|s| counts(&s.counts, limit))),
                text(mark(snapshot)),
            ]
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        print(&LongTable::new(columns, &at_hand(&rows)))
    }
}

/// Writes a snapshot as members of an open object; unknown facts are left out.
fn members(snapshot: &Listed, json: &mut JsonText) {
    let sidecar = snapshot.sidecar.as_ref();
    json.member("time", time(snapshot)).member("name", &snapshot.name);
    json.member_if("id", snapshot.id.map(|id| id.to_string()));
    json.member_if("version", sidecar.and_then(|s| s.consul_version.as_ref()));
    json.member_if("datacenter", sidecar.and_then(|s| s.datacenter.as_ref()));
    json.member_if("sha256", sidecar.map(|s| &s.sha256));
    json.member_if("marked", mark(snapshot)).member("size", snapshot.size);
    json.member_if("index", sidecar.map(|s| s.index));
    json.member_if("records", sidecar.map(|s| s.records));
    let counts = sidecar.map(|s| {
        Object(|json: &mut JsonText| {
            for (kind, count) in &s.counts {
                json.member(kind, *count);
            }
        })
    });
    json.member_if("counts", counts);
}
