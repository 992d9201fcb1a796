//! Positions in a log: by index or by time.

use crate::log_damage::{Losses, missing_between};
use crate::server_log::{ServerLog, timeless};
use crate::times;
use anyhow::{Result, bail};
use snapscope_decode::GoTime;
use snapscope_raftlog::{Entry, LogFinding};
use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::ops::ControlFlow;

/// Which state is meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Moment {
    /// After the entry of that index.
    Index(u64),
    /// After the last entry up to that time.
    Time(GoTime),
}

/// The error for a state that needs entries that the log does not have.
#[derive(Debug)]
pub(super) struct Unreachable(pub(super) String);

impl Display for Unreachable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Unreachable {}

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct At {
    pub(crate) index: u64,
    pub(crate) term: u64,
    pub(crate) time: Option<GoTime>,
}

impl At {
    fn of(entry: &Entry<'_>) -> Self {
        Self { index: entry.index, term: entry.term, time: entry.appended_at }
    }
}

/// An entry of the log, if the log contains it.
pub(super) fn entry_at(server: &ServerLog, index: u64) -> Result<Option<At>> {
    let mut found = None;
    server.walk(index, &mut |entry| {
        found = (entry.index == index).then(|| At::of(&entry));
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// The last entry at or before a moment, and what makes that uncertain.
pub(super) fn find(server: &ServerLog, moment: Moment) -> Result<(At, Losses)> {
    match moment {
        Moment::Index(index) => Ok((at_index(server, index)?, Losses::default())),
        Moment::Time(time) => last_until(server, time),
    }
}

fn at_index(server: &ServerLog, index: u64) -> Result<At> {
    if let Some(found) = entry_at(server, index)? {
        return Ok(found);
    }
    // The entry at the snapshot's own index may have been removed from the log.
    if server.snapshots.iter().any(|own| own.index == index) {
        return Ok(At { index, ..At::default() });
    }
    // A log that cannot be read is another matter.
    server.extent()?;
    Err(Unreachable(server.no_entry(index).to_string()).into())
}

/// The last entry whose time is not later.
fn last_until(server: &ServerLog, time: GoTime) -> Result<(At, Losses)> {
    let place = |time: GoTime| (time.seconds, time.nanos);
    let (mut found, mut first) = (None::<At>, None::<GoTime>);
    // The entry after the one that was found.
    let mut next = None;
    let findings = server.walk(0, &mut |entry| {
        first = first.or(entry.appended_at);
        if entry.appended_at.is_some_and(|own| place(own) <= place(time)) {
            found = Some(At::of(&entry));
            next = None;
        } else {
            next.get_or_insert(entry.index);
        }
        ControlFlow::Continue(())
    })?;
    let Some(found) = found else {
        if let Some(first) = first {
            let (first, time) = (times::rfc3339(first), times::rfc3339(time));
            bail!("the log has no entry up to {time}; its first one with a time is from {first}")
        }
        bail!(timeless(&[server]))
    };
    // Lost entries after it may be earlier than the time.
    let losses = match next {
        Some(next) if found.index.checked_add(1) == Some(next) => Losses::default(),
        Some(next) => {
            let mut losses = Losses::default();
            losses.add(&format!("damaged: {}", missing_between(found.index, next)));
            losses
        }
        None => Losses::of_log(&findings),
    };
    Ok((found, losses))
}

/// All entries after an index, up to another one.
pub(super) fn entries(
    server: &ServerLog,
    after: u64,
    to: u64,
    each: &mut dyn FnMut(&Entry<'_>) -> ControlFlow<()>,
) -> Result<Vec<LogFinding>> {
    server.walk(after.saturating_add(1), &mut |entry| {
        if entry.index > to {
            return ControlFlow::Break(());
        }
        each(&entry)
    })
}
