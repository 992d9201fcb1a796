//! `timeline`: the logs and snapshots of one or more servers, merged into one list by index.

mod event;
mod inputs;
mod merge;
mod terms;

use crate::commands::log::batch::Batch;
use crate::commands::log::filters::{Filters, LinesArgs};
use crate::commands::log::line::Line;
use crate::commands::log::nothing::Tally;
use crate::commands::log::print::{Printer, Rendered};
use crate::exit::Exit;
use crate::form::Form;
use crate::log_damage::{Losses, missing_between};
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::terminal::{note, say};
use anyhow::Result;
use clap::Args;
use event::{Event, Status, head};
use inputs::{Inputs, Point};
use merge::{Owned, in_step};
use snapscope_decode::GoTime;
use snapscope_objects::printable::counted;
use snapscope_objects::value::Tape;
use snapscope_raftlog::{Assembled, Chunks};
use snapscope_state::Identities;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::iter::{Enumerate, Peekable};
use std::path::PathBuf;

/// Merge logs and snapshots of several servers into one list
///
/// The list is in the order of Raft indexes. It has a line for each entry of the logs (for each
/// operation of a transaction), each snapshot, and each gap in which entries are missing. Entries
/// are marked as committed if a snapshot or most of the servers prove it. Servers are compared: two
/// entries of one index differ if their terms or bytes differ.
///
/// The exit code is 1 if servers have different entries at one index, and both are proven or have
/// the same term. With --limit, the rest is still compared.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope timeline /opt/consul/data
  snapscope timeline server-1/data server-2/data server-3/data -o jsonl
  snapscope timeline server-*/data --object kv/app --since 2026-11-23T10:00:00Z")]
pub(crate) struct TimelineArgs {
    /// Data directories, raft folders, raft.db, wal folders; snapshots: files, folders, patterns
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    lines: LinesArgs,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &TimelineArgs) -> Result<Exit> {
    let LinesArgs { filters, limit, output, manifest } = &args.lines;
    let manifest = manifest.stage()?;
    let inputs = Inputs::find(&args.inputs, &args.read)?;
    let servers: Vec<_> = inputs.logs.iter().map(|log| &log.server).collect();
    let mut filters = Filters::new(filters, &Event::shape(), &servers)?;
    filters.know(&inputs.identities)?;
    let title = match *output {
        Form::Text => legend(&inputs) + &head(),
        _ => head(),
    };
    let mut writing = Writing {
        inputs: &inputs,
        filters: &filters,
        form: *output,
        printer: Printer::begin(*output, &title, &Event::fields(), *limit)?,
        tally: Tally::new(&filters, &Event::shape()),
        tape: Tape::new(),
        rendered: Rendered::default(),
        known_to: 0,
        known_by: End::Snapshot,
        points: inputs.points.iter().enumerate().peekable(),
        chunks: inputs.logs.iter().map(|_| Chunks::default()).collect(),
        compared: BTreeMap::new(),
    };
    let findings = in_step(&inputs.logs, &mut |index, here| writing.entries(index, here))?;
    writing.points_to(u64::MAX)?;
    let compared = std::mem::take(&mut writing.compared);
    let mut losses = inputs.losses.clone();
    findings.iter().for_each(|found| losses.absorb(Losses::of_log(found)));
    writing.printer.end(losses.incomplete().as_ref())?;
    writing.printer.say_left_out();
    if writing.printer.is_empty() {
        writing.tally.say();
    }
    manifest.write(&servers, inputs.snapshots.iter().map(|named| &named.source))?;
    Ok(losses.exit().max(say_compared(&inputs, &compared)))
}

/// Explains the numbers in the table.
fn legend(inputs: &Inputs) -> String {
    let mut text = String::new();
    let logs = inputs.logs.iter().map(|log| format!("log of {}", one_line(log.name.as_bytes())));
    let points =
        inputs.points.iter().map(|point| format!("snapshot {}", one_line(point.name.as_bytes())));
    for (at, what) in logs.chain(points).enumerate() {
        let _ = writeln!(text, "{:>3}  {what}", at + 1);
    }
    text.push('\n');
    text
}

/// Two logs, entry by entry.
#[derive(Debug, Default)]
struct Compared {
    same: u64,
    /// Entries with different terms, one of which is not committed.
    other_terms: u64,
    /// Differing entries of one term, or differing committed ones: at most one of them is right.
    wrong: u64,
    /// The index of the first of these.
    first: Option<u64>,
}

/// Reports the comparison of the servers.
fn say_compared(inputs: &Inputs, compared: &BTreeMap<(usize, usize), Compared>) -> Exit {
    let mut exit = Exit::Done;
    for ((a, b), Compared { same, other_terms, wrong, first }) in compared {
        let name = |at: &usize| {
            inputs.logs.get(*at).map_or_else(String::new, |log| one_line(log.name.as_bytes()))
        };
        let (a, b) = (name(a), name(b));
        let same = counted(*same, "entry is the same", "entries are the same");
        match first {
            None => note!("snapscope: note: {a} and {b}: {same}"),
            Some(first) if *wrong == 0 => {
                let others = counted(*other_terms, "entry was", "entries were");
                note!(
                    "snapscope: note: {a} and {b}: {same}; {others} replaced, from index {first} on"
                );
            }
            Some(first) => {
                exit = Exit::Found;
                let wrong = counted(*wrong, "entry differs", "entries differ");
                say!(
                    "snapscope: warning: {a} and {b}: {same}, but {wrong}, the first at index {first}"
                );
            }
        }
    }
    exit
}

/// What is known at an end of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// An entry of a log.
    Entry,
    /// A state.
    Snapshot,
}

/// Writes lines while the logs are read in step.
struct Writing<'i> {
    inputs: &'i Inputs,
    filters: &'i Filters,
    form: Form,
    printer: Printer,
    /// Collects what exists, until a line is shown.
    tally: Tally<'i>,
    tape: Tape,
    rendered: Rendered,
    /// All entries up to this index are known, or belong to a gap that was written.
    known_to: u64,
    /// What is known at that index.
    known_by: End,
    /// With their numbers from 0.
    points: Peekable<Enumerate<std::slice::Iter<'i, Point>>>,
    chunks: Vec<Chunks>,
    compared: BTreeMap<(usize, usize), Compared>,
}

impl<'i> Writing<'i> {
    /// Writes the entries that the logs have at an index.
    fn entries(&mut self, index: u64, here: &[(usize, Owned)]) -> Result<()> {
        self.points_to(index)?;
        self.gap_to(index.saturating_sub(1), End::Entry)?;
        (self.known_to, self.known_by) = (index, End::Entry);
        // For each entry, the first equal one.
        let same: Vec<usize> = here
            .iter()
            .map(|(_, one)| here.iter().position(|(_, other)| other.is_same(one)).unwrap_or(0))
            .collect();
        self.compare(index, here, &same);
        let commands: Vec<Assembled<'_>> =
            here.iter().map(|(log, e)| self.command(*log, e)).collect();
        let is_proven = |(log, entry): &(usize, Owned)| {
            self.inputs.committed.get(*log).is_some_and(|to| entry.index <= *to)
        };
        let any_proven = here.iter().any(is_proven);
        let differs = same.iter().any(|first| *first != 0);
        // Each distinct entry once; the first input determines the order.
        for (at, (_, entry)) in here.iter().enumerate() {
            if same.get(at) != Some(&at) {
                continue;
            }
            let with = || here.iter().zip(&same).filter(|(_, first)| **first == at).map(|(e, _)| e);
            let status = match (with().any(is_proven), any_proven) {
                (true, _) => Status::Committed,
                (false, true) => Status::Replaced,
                (false, false) => Status::NotProven,
            };
            let inputs: Vec<(usize, &str)> = with()
                .filter_map(|(log, _)| Some((log + 1, self.inputs.logs.get(*log)?.name.as_str())))
                .collect();
            let Some(command) = commands.get(at) else { continue };
            self.entry(entry, command, status, &inputs, differs)?;
        }
        // The state after the entry.
        self.points_to(index.saturating_add(1))
    }

    /// The command of an entry, or the part of it that the entry contains.
    fn command<'e>(&mut self, log: usize, entry: &'e Owned) -> Assembled<'e> {
        self.chunks.get_mut(log).map_or(Assembled::Other, |chunks| chunks.take(&entry.entry()))
    }

    fn entry(
        &mut self,
        entry: &Owned,
        command: &Assembled<'_>,
        status: Status,
        inputs: &[(usize, &str)],
        differs: bool,
    ) -> Result<()> {
        let mut batch = Batch::default();
        batch.push(&entry.entry(), command);
        let Self { filters, form, printer, tally, tape, rendered, .. } = self;
        let identities: &Identities = &self.inputs.identities;
        let is_empty = printer.is_empty();
        batch.lines(identities, &mut |line| {
            let event = Event { line, to: None, status: Some(status), inputs, differs };
            if filters.shows_as(line, tape, |tape| event.render(tape)) {
                rendered.add(|text| event.print(*form, text));
            } else if is_empty {
                tally.see(line, tape, |tape| event.render(tape));
            }
        });
        self.print_rendered()
    }

    fn print_rendered(&mut self) -> Result<()> {
        // Lines past the limit are still compared.
        let _ = self.printer.lines(&self.rendered)?;
        self.rendered.clear();
        Ok(())
    }

    /// Compares logs with each other.
    fn compare(&mut self, index: u64, here: &[(usize, Owned)], same: &[usize]) {
        let is_proven = |log: usize| self.inputs.committed.get(log).is_some_and(|to| index <= *to);
        let all = || here.iter().zip(same);
        for (at, ((a, one), first)) in all().enumerate() {
            for ((b, other), other_first) in all().skip(at + 1) {
                let compared = self.compared.entry((*a, *b)).or_default();
                if first == other_first {
                    compared.same += 1;
                    continue;
                }
                if one.term == other.term || (is_proven(*a) && is_proven(*b)) {
                    if compared.wrong == 0 {
                        compared.first = Some(index);
                    }
                    compared.wrong += 1;
                } else {
                    compared.first.get_or_insert(index);
                    compared.other_terms += 1;
                }
            }
        }
    }

    /// Writes the snapshots before an index, and the gaps before them.
    fn points_to(&mut self, index: u64) -> Result<()> {
        while let Some((number, point)) = self.points.next_if(|(_, point)| point.index < index) {
            self.gap_to(point.index, End::Snapshot)?;
            let number = self.inputs.logs.len() + number + 1;
            let line = Line {
                term: point.term,
                time: point.taken_ms.map(of_unix_ms),
                object: point.name.clone().into_bytes(),
                ..other_line(point.index, "Snapshot", String::new())
            };
            let inputs = [(number, point.name.as_str())];
            let status = Some(Status::Committed);
            let event = Event { line: &line, to: None, status, inputs: &inputs, differs: false };
            if !self.filters.are_about_writes() {
                self.other(&event)?;
            }
        }
        Ok(())
    }

    /// Writes the gap between the last known entry and an index.
    fn gap_to(&mut self, to: u64, end: End) -> Result<()> {
        let from = self.known_to.saturating_add(1);
        if to < from {
            return Ok(());
        }
        let reason = match self.known_to {
            0 => format!("the entries up to index {to} are not in any input"),
            known if end == End::Entry && self.known_by == End::Entry => {
                missing_between(known, to + 1)
            }
            known => format!("between index {known} and {to} only end states are known"),
        };
        (self.known_to, self.known_by) = (to, end);
        let line = other_line(from, "Gap", reason);
        let event = Event { line: &line, to: Some(to), status: None, inputs: &[], differs: false };
        self.other(&event)
    }

    /// Prints a snapshot or a gap.
    fn other(&mut self, event: &Event<'_>) -> Result<()> {
        let range = (event.line.index, event.to.unwrap_or(event.line.index));
        if self.filters.shows_other(range, &mut self.tape, |tape| event.render(tape)) {
            self.rendered.add(|text| event.print(self.form, text));
        } else if self.printer.is_empty() {
            self.tally.see(event.line, &mut self.tape, |tape| event.render(tape));
        }
        self.print_rendered()
    }
}

/// The line of a snapshot or a gap.
fn other_line(index: u64, kind: &'static str, reason: String) -> Line<'static> {
    Line { index, kind: kind.into(), reason: reason.into(), ..Line::default() }
}

/// Milliseconds since 1970.
fn of_unix_ms(ms: i64) -> GoTime {
    GoTime {
        seconds: ms.div_euclid(1000) + GoTime::UNIX_EPOCH,
        nanos: i32::try_from(ms.rem_euclid(1000)).unwrap_or(0) * 1_000_000,
        offset: None,
    }
}
