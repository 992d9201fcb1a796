//! `list`: objects of one kind, as a table or whole.

mod args;
mod nothing;
mod plan;
mod roles;

use crate::exit::Exit;
use crate::kinds::{kind_named, peers};
use crate::reading::{Asked, ReadArgs};
use crate::render::incomplete::Names;
use crate::render::row_writer::{Kept, Writer};
use crate::terminal::{self, note};
use anyhow::Result;
pub(crate) use args::ListArgs;
use plan::Plan;
use snapscope_analyze::rows::kept;
use snapscope_archive::Verdict;
use snapscope_objects::kind::Chosen;
use snapscope_objects::printable::counted;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_runs::{Room, Sorter};
use std::io::Write as _;
use std::ops::ControlFlow;

pub(crate) fn run(args: &ListArgs) -> Result<Exit> {
    let kind = kind_named(&args.kind)?;
    // Without a log, mistakes in the arguments are reported before the file is read.
    let log = args.log.of(&args.file);
    let plan = log.is_none().then(|| Plan::new(args, kind, None)).transpose()?;
    let source = ReadArgs::source(&args.file)?;
    let plan = match plan {
        Some(plan) => plan,
        None => {
            let times = args.log.times(log.as_deref(), &source, &args.read.options())?;
            Plan::new(args, kind, times)?
        }
    };
    let peers = peers(plan.kind, args.peer.as_deref())?;
    let options = RowOptions { peers, projection: plan.projection() };
    let limit = args.limit.unwrap_or(u64::MAX);
    let room = Room::default();
    let columns = plan.columns.iter().map(Chosen::name).collect();
    let mut writer = Writer::new(columns, args.output, plan.fitting(), &room);
    let mut sorter = Sorter::new(&room);
    let mut count = 0u64;
    let take = |kept: Kept| {
        count += 1;
        if args.count {
            return Ok(ControlFlow::Continue(()));
        }
        if let Some(key) = &kept.sort {
            sorter.push(key, &kept.written())?;
            return Ok(ControlFlow::Continue(()));
        }
        writer.row(kept)?;
        Ok(if count < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    let keep = |row: &Row| plan.keep(row);
    let Asked { closing, exit, incomplete, .. } = args.read.ask_of(&source, |blocks| {
        Ok(kept(blocks, args.read.jobs(), plan.kind, &options, |_| true, keep, take)?)
    })?;
    let lost = plan.lost_times();
    let incomplete = incomplete.or_else(|| lost.incomplete());
    if args.count {
        writeln!(terminal::out(), "{count}")?;
    } else {
        let sorted = sorter.finish()?;
        let mut entries = sorted.entries()?;
        while writer.rows < limit
            && let Some(entry) = entries.next()?
        {
            writer.row(Kept::read(entry.value))?;
        }
        let shown = writer.rows;
        writer.end(incomplete.as_ref(), Names::Consul)?;
        if shown < count && terminal::is_watched() {
            note!("snapscope: note: {shown} of {count} {} shown", plan.kind.name);
        }
    }
    if closing.integrity.verdict == Verdict::StoppedEarly {
        note!(
            "snapscope: note: reading stopped after {}, so checksums were not verified; --limit 0 reads all",
            rows(count)
        );
    }
    if count == 0 {
        nothing::explain(&plan, &source, incomplete.is_some())?;
    }
    roles::say(&plan, &source)?;
    Ok(exit.max(lost.exit()))
}

fn rows(count: u64) -> String {
    counted(count, "row", "rows")
}
