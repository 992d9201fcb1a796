//! Positions in a log: by index or by time.

use crate::server_log::{ServerLog, timeless};
use crate::times;
use anyhow::{Result, bail};
use snapscope_decode::GoTime;
use snapscope_raftlog::Entry;
use std::ops::ControlFlow;

/// Which state is meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Moment {
    /// After the entry of that index.
    Index(u64),
    /// After the last entry up to that time.
    Time(GoTime),
}

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

/// The last entry at or before a moment.
pub(super) fn find(server: &ServerLog, moment: Moment) -> Result<At> {
    match moment {
        Moment::Index(index) => match entry_at(server, index)? {
            Some(found) => Ok(found),
            // The entry at the snapshot's own index may have been removed from the log.
            None if server.snapshots.iter().any(|own| own.index == index) => {
                Ok(At { index, ..At::default() })
            }
            None => Err(server.no_entry(index)),
        },
        Moment::Time(time) => last_until(server, time),
    }
}

/// The last entry whose time is not later.
fn last_until(server: &ServerLog, time: GoTime) -> Result<At> {
    let place = |time: GoTime| (time.seconds, time.nanos);
    let (mut found, mut is_timed) = (None, false);
    server.walk(0, &mut |entry| {
        is_timed |= entry.appended_at.is_some();
        if entry.appended_at.is_some_and(|own| place(own) <= place(time)) {
            found = Some(At::of(&entry));
        }
        ControlFlow::Continue(())
    })?;
    match found {
        Some(found) => Ok(found),
        None if is_timed => {
            bail!("the log has no entry up to {}; it starts later", times::rfc3339(time))
        }
        None => bail!(timeless(&[server])),
    }
}
