//! Which lines are shown.

use super::line::Line;
use crate::server_log::{ServerLog, TIMELESS};
use crate::times;
use anyhow::{Result, anyhow};
use clap::Args;
use snapscope_decode::GoTime;
use snapscope_objects::filter::{Filter, Shape};
use snapscope_objects::value::Tape;
use std::ops::ControlFlow;

/// Which lines are shown; the commands about the log take these.
#[derive(Debug, Clone, Args)]
pub(crate) struct FilterArgs {
    /// Only lines for which this expression holds, in Consul's language: op == delete
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Only from this index or time on
    #[arg(long, value_name = "INDEX|TIME")]
    since: Option<String>,
    /// Only up to this index or time
    #[arg(long, value_name = "INDEX|TIME")]
    until: Option<String>,
    /// Only writes to this object, or to what is below it: kv/app/x, service/NODE/ID, config-entry/KIND
    #[arg(long, value_name = "KIND/ID")]
    object: Option<String>,
    /// Only what was written with this token, by accessor or description; `-` for no token
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    who: Option<String>,
}

/// An end of a range.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Index(u64),
    Time(GoTime),
}

pub(crate) struct Filters {
    filter: Option<Filter>,
    since: Option<Bound>,
    until: Option<Bound>,
    object: Option<Vec<u8>>,
    who: Option<Vec<u8>>,
}

impl Filters {
    pub(crate) fn new(args: &FilterArgs, shape: &Shape, servers: &[&ServerLog]) -> Result<Self> {
        let filter = args.filter.as_deref().map(|text| Filter::compile(text, shape));
        let filters = Self {
            filter: filter.transpose()?,
            since: args.since.as_deref().map(bound).transpose()?,
            until: args.until.as_deref().map(bound).transpose()?,
            object: args.object.as_ref().map(|object| object.as_bytes().to_vec()),
            who: args.who.as_ref().map(|who| who.as_bytes().to_vec()),
        };
        let is_about_time = |bound: Option<Bound>| matches!(bound, Some(Bound::Time(_)));
        if is_about_time(filters.since) || is_about_time(filters.until) {
            has_times(servers)?;
        }
        Ok(filters)
    }

    /// No line after this index is shown.
    pub(crate) const fn last_index(&self) -> u64 {
        match self.until {
            Some(Bound::Index(index)) => index,
            _ => u64::MAX,
        }
    }

    /// Whether a line is shown. `tape` is memory to work in.
    pub(crate) fn shows(&self, line: &Line<'_>, tape: &mut Tape) -> bool {
        self.shows_as(line, tape, |tape| line.render(tape))
    }

    /// The same for a line that is shown in another form.
    pub(crate) fn shows_as(
        &self,
        line: &Line<'_>,
        tape: &mut Tape,
        render: impl FnOnce(&mut Tape),
    ) -> bool {
        self.is_in_range(line) && self.is_meant(line) && self.holds(tape, render)
    }

    /// Whether a snapshot or a gap between these indexes is shown.
    pub(crate) fn shows_other(
        &self,
        (first, last): (u64, u64),
        tape: &mut Tape,
        render: impl FnOnce(&mut Tape),
    ) -> bool {
        let is_since = match self.since {
            Some(Bound::Index(index)) => last >= index,
            _ => true,
        };
        is_since && first <= self.last_index() && self.holds(tape, render)
    }

    /// Whether only writes to some object or with some token are shown.
    pub(crate) const fn are_about_writes(&self) -> bool {
        self.object.is_some() || self.who.is_some()
    }

    fn is_in_range(&self, line: &Line<'_>) -> bool {
        let place = |time: GoTime| (time.seconds, time.nanos);
        let is_before_end = line.index <= self.last_index();
        let is_since = match self.since {
            None => true,
            Some(Bound::Index(index)) => line.index >= index,
            Some(Bound::Time(since)) => line.time.is_some_and(|time| place(time) >= place(since)),
        };
        let is_until = match self.until {
            None | Some(Bound::Index(_)) => true,
            Some(Bound::Time(until)) => line.time.is_some_and(|time| place(time) <= place(until)),
        };
        is_before_end && is_since && is_until
    }

    fn is_meant(&self, line: &Line<'_>) -> bool {
        let is_object = self.object.as_ref().is_none_or(|object| {
            let is_it = line.object.strip_prefix(object.as_slice()).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with(b"/") || object.ends_with(b"/")
            });
            // A key goes with its folder.
            is_it || line.op == b"delete-tree" && object.starts_with(&line.object)
        });
        let is_who = self.who.as_ref().is_none_or(|who| match who.as_slice() {
            b"-" => line.who.is_empty(),
            who => line.who == who || line.accessor == who,
        });
        is_object && is_who
    }

    fn holds(&self, tape: &mut Tape, render: impl FnOnce(&mut Tape)) -> bool {
        let Some(filter) = &self.filter else { return true };
        tape.clear();
        render(tape);
        tape.root().is_some_and(|object| filter.holds(object))
    }
}

fn bound(text: &str) -> Result<Bound> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Ok(Bound::Index(text.parse()?));
    }
    times::parse(text).map(Bound::Time).map_err(|e| anyhow!("{text:?}: {e}, or as an index"))
}

/// Whether one of the logs says when its entries were written.
fn has_times(servers: &[&ServerLog]) -> Result<()> {
    for server in servers {
        let mut is_timed = false;
        server.walk(0, &mut |entry| {
            is_timed = entry.appended_at.is_some();
            if is_timed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if is_timed {
            return Ok(());
        }
    }
    let paths: Vec<String> =
        servers.iter().map(|server| server.log.path().display().to_string()).collect();
    Err(anyhow!("{}: {TIMELESS}; use an index", paths.join(", ")))
}
