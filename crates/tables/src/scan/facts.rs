//! Rows of facts about a snapshot.

use super::batch::Batch;
use super::request::Request;
use super::taker::Taker;
use crate::about;
use crate::cells::Cells;
use crate::snapshot::Snapshot;
use snapscope_analyze::audit::{Audit, AuditOptions, Finding};
use snapscope_analyze::rows::{RowsOf, Sink, read};
use snapscope_analyze::{Fold, Outcome, Problems, fold};
use snapscope_archive::Closing;
use snapscope_decode::{Frame, Kind};
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::kinds::KINDS;
use snapscope_objects::row::{Row, RowOptions};
use std::io;
use std::ops::ControlFlow;

/// Puts a question to a snapshot.
pub(super) fn ask<F: Fold>(
    snapshot: &Snapshot,
    new: impl Fn() -> F + Sync,
) -> io::Result<Outcome<F::Out>> {
    let blocks = snapshot.open().map_err(io::Error::other)?;
    let outcome = fold(blocks, snapshot.jobs, new);
    snapshot.remember(&outcome);
    Ok(outcome)
}

/// Numbers of records and bytes, by type.
struct Types([(u64, u64); 256]);

impl Fold for Types {
    type Out = Vec<(Kind, u64, u64)>;

    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        if let Some((count, bytes)) = self.0.get_mut(usize::from(frame.kind.0)) {
            *count += 1;
            *bytes += frame.size();
        }
    }

    fn merge(&mut self, other: Self) {
        for ((count, bytes), (more, more_bytes)) in self.0.iter_mut().zip(other.0) {
            *count += more;
            *bytes += more_bytes;
        }
    }

    fn finish(self, _: &Closing) -> Self::Out {
        let types = (0..=u8::MAX).map(Kind).zip(self.0);
        types
            .filter(|(_, (count, _))| *count > 0)
            .map(|(kind, (n, bytes))| (kind, n, bytes))
            .collect()
    }

    fn is_light(&self) -> bool {
        true
    }
}

pub(super) fn record_types(snapshot: &Snapshot, request: &Request, to: &Taker) -> io::Result<()> {
    let mut batch = Batch::default();
    for (kind, count, bytes) in ask(snapshot, || Types([(0, 0); 256]))?.out {
        batch.row(&request.columns, |column, cells| match column {
            0 => cells.text(kind.to_string().as_bytes()),
            1 => cells.uint(count),
            _ => cells.uint(bytes),
        });
    }
    to.take(&mut batch)
}

/// Records, one row for each.
struct EachRecord<'r>(&'r [usize]);

impl Sink for EachRecord<'_> {
    type Page = Batch;

    fn record(&self, frame: &Frame<'_>, batch: &mut Batch) -> bool {
        batch.row(self.0, |column, cells| match column {
            0 => cells.uint(frame.number),
            1 => cells.text(frame.kind.to_string().as_bytes()),
            2 => cells.uint(frame.offset),
            _ => cells.uint(frame.size()),
        });
        false
    }

    fn row(&self, _: usize, _: &Row, _: &mut Batch) {}
}

pub(super) fn records(snapshot: &Snapshot, request: &Request, to: &Taker) -> io::Result<()> {
    let blocks = snapshot.open().map_err(io::Error::other)?;
    let outcome = read(blocks, snapshot.jobs, &[], &EachRecord(&request.columns), |batch| {
        to.take(batch).map(|()| ControlFlow::Continue(()))
    })?;
    snapshot.remember(&outcome);
    Ok(())
}

/// Reads all objects and keeps none: this finds their problems.
struct Nothing;

impl Sink for Nothing {
    type Page = ();

    fn record(&self, _: &Frame<'_>, (): &mut ()) -> bool {
        true
    }

    fn row(&self, _: usize, _: &Row, (): &mut ()) {}
}

fn all_damage(snapshot: &Snapshot, to: &Taker) -> io::Result<(Closing, Vec<String>)> {
    let options = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
    let kinds = KINDS.iter().filter(|kind| kind.traits.excerpt_of.is_none());
    let rows: Vec<RowsOf> = kinds.map(|kind| RowsOf { kind, options: options.clone() }).collect();
    let blocks = snapshot.open().map_err(io::Error::other)?;
    let outcome = read(blocks, snapshot.jobs, &rows, &Nothing, |()| {
        to.take(&mut Batch::default()).map(|()| ControlFlow::Continue(()))
    })?;
    snapshot.remember(&outcome);
    let damage = about::damage(&outcome.closing, &outcome.problems);
    Ok((outcome.closing, damage))
}

pub(super) fn damaged(snapshot: &Snapshot, request: &Request, to: &Taker) -> io::Result<()> {
    let (_, damage) = all_damage(snapshot, to)?;
    let mut batch = Batch::default();
    for (number, message) in (1..).zip(&damage) {
        batch.row(&request.columns, |column, cells| match column {
            0 => cells.int(number),
            _ => cells.text(message.as_bytes()),
        });
    }
    to.take(&mut batch)
}

pub(super) fn meta(snapshot: &Snapshot, request: &Request, to: &Taker) -> io::Result<()> {
    let (closing, damage) = all_damage(snapshot, to)?;
    let mut facts = about::facts(&closing);
    facts.push(("incomplete", u8::from(!damage.is_empty()).to_string()));
    let mut batch = Batch::default();
    for (name, value) in &facts {
        batch.row(&request.columns, |column, cells| match column {
            0 => cells.text(name.as_bytes()),
            _ => cells.text(value.as_bytes()),
        });
    }
    to.take(&mut batch)
}

pub(super) fn findings(snapshot: &Snapshot, request: &Request, to: &Taker) -> io::Result<()> {
    let options =
        AuditOptions { show_secrets: snapshot.masking.is_none(), ..AuditOptions::default() };
    let report = ask(snapshot, || Audit::new(options.clone()))?.out;
    let mut batch = Batch::default();
    for finding in &report.findings {
        batch.row(&request.columns, |column, cells| cell(finding, column, cells));
        to.take_full(&mut batch)?;
    }
    to.take(&mut batch)
}

fn cell(finding: &Finding, column: usize, cells: &mut Cells) {
    let optional = |cells: &mut Cells, text: &Option<String>| match text {
        Some(text) => cells.text(text.as_bytes()),
        None => cells.null(),
    };
    match column {
        0 => cells.text(finding.rule.id.as_bytes()),
        1 => cells.text(finding.rule.severity.word().as_bytes()),
        2 => cells.text(finding.subject.name().as_bytes()),
        3 => cells.text(&finding.id),
        4 => cells.text(finding.message.as_bytes()),
        5 => optional(cells, &finding.field),
        6 => optional(cells, &finding.excerpt),
        7 => match finding.modify_index {
            Some(index) => cells.uint(index),
            None => cells.null(),
        },
        _ => cells.text(finding.rule.title.as_bytes()),
    }
}
