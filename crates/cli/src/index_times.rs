//! The times of a log's entries, and so of the objects that they created and changed.

use crate::log_damage::{Losses, missing_between};
use crate::place::place_and_moment;
use crate::reading::FileArg;
use crate::render::escape::one_line;
use crate::rolled::{index_in_log, index_of};
use crate::server_log::{ServerLog, TIMELESS};
use crate::terminal::note;
use crate::times;
use anyhow::Result;
use clap::Args;
use snapscope_archive::{OpenOptions, Source};
use snapscope_decode::GoTime;
use snapscope_objects::filter::{Field, Shape};
use snapscope_objects::row::Row;
use snapscope_raftlog::LogFinding;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The flag of commands that show when objects were written.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogArg {
    // Not a doc comment: rustdoc takes what is in brackets for a link.
    #[arg(
        long,
        value_name = "DATA_DIR",
        help = "A server's data directory or Raft log: shows when objects were created and changed, if it goes \
                back that far [default: that of FILE, if FILE is DATA_DIR@INDEX or DATA_DIR@TIME]"
    )]
    log: Option<PathBuf>,
}

/// The added fields, and the indexes whose times they show.
const FIELDS: [(&str, &str); 2] = [("CreateTime", "CreateIndex"), ("ModifyTime", "ModifyIndex")];

/// The times of a log's entries.
#[derive(Debug, Default)]
pub(crate) struct IndexTimes {
    /// By index: seconds and nanoseconds.
    entries: Vec<(u64, i64, i32)>,
    /// The index of the last entry, whether it has a time or not; 0 without any.
    end: u64,
    /// The indexes around entries that are missing.
    gaps: Vec<(u64, u64)>,
    /// Whether the time of one of these was requested.
    is_lost: AtomicBool,
}

impl LogArg {
    /// Whether the log was named explicitly.
    pub(crate) const fn is_named(&self) -> bool {
        self.log.is_some()
    }

    /// The log that is named, or the one in which FILE is a state.
    pub(crate) fn of(&self, file: &FileArg) -> Option<PathBuf> {
        let own = || place_and_moment(&file.file).map(|(place, _)| PathBuf::from(place));
        self.log.clone().or_else(own)
    }

    /// The named log, or the log of the data directory that FILE is.
    pub(crate) fn with_own(&self, file: &FileArg) -> Option<PathBuf> {
        self.of(file).or_else(|| ServerLog::is_at(&file.file).then(|| file.file.clone()))
    }

    /// Reads the times of a log. For a log without times it returns `None`, with a note if the log
    /// was named explicitly.
    pub(crate) fn times(
        &self,
        place: Option<&Path>,
        source: &Source,
        read: &OpenOptions,
    ) -> Result<Option<IndexTimes>> {
        let Some(place) = place else { return Ok(None) };
        let server = ServerLog::find(place)?;
        if self.log.is_some() && source.reopenable() {
            index_in_log(&server, source, read)?;
        }
        // Entries after a state do not matter to it.
        let last = match source.reopenable() {
            true => index_of(source, read).unwrap_or(u64::MAX),
            false => u64::MAX,
        };
        let times = IndexTimes::read(&server, last)?;
        if times.is_timeless() && self.log.is_some() {
            say_timeless(place);
        }
        Ok(Some(times).filter(|times| !times.entries.is_empty()))
    }
}

fn say_timeless(place: &Path) {
    let place = one_line(place.display().to_string().as_bytes());
    note!("snapscope: {place}: note: {TIMELESS}");
}

impl IndexTimes {
    /// Reads the times of a log up to an index.
    fn read(server: &ServerLog, last: u64) -> Result<Self> {
        let (mut entries, mut end) = (Vec::new(), 0);
        let findings = server.walk(0, &mut |entry| {
            if entry.index > last {
                return ControlFlow::Break(());
            }
            end = entry.index;
            if let Some(GoTime { seconds, nanos, .. }) = entry.appended_at {
                entries.push((entry.index, seconds, nanos));
            }
            ControlFlow::Continue(())
        })?;
        let mut gaps = Vec::new();
        for finding in &findings {
            match finding {
                LogFinding::Gap { after, next } => gaps.push((*after, *next)),
                // The end may be missing.
                LogFinding::Damage { .. } if end < last && last < u64::MAX => {
                    gaps.push((end, last.saturating_add(1)));
                }
                _ => {}
            }
        }
        Ok(Self { entries, end, gaps, is_lost: AtomicBool::new(false) })
    }

    /// Whether there are entries, and none has a time.
    const fn is_timeless(&self) -> bool {
        self.entries.is_empty() && self.end > 0
    }

    /// When an entry was written, if the log contains it.
    pub(crate) fn of(&self, index: u64) -> Option<GoTime> {
        let Ok(at) = self.entries.binary_search_by_key(&index, |(index, ..)| *index) else {
            if self.gaps.iter().any(|(after, next)| (*after + 1..*next).contains(&index)) {
                self.is_lost.store(true, Ordering::Relaxed);
            }
            return None;
        };
        let (_, seconds, nanos) = *self.entries.get(at)?;
        Some(GoTime { seconds, nanos, offset: None })
    }

    /// Reports that times were requested of entries that are missing.
    pub(crate) fn losses(&self) -> Losses {
        let mut losses = Losses::default();
        if self.is_lost.load(Ordering::Relaxed) {
            for (after, next) in &self.gaps {
                let missing = missing_between(*after, *next);
                losses.add(&format!("damaged: {missing} in the log, so some times are not known"));
            }
        }
        losses
    }

    /// An object with the times of its indexes. They are null if the log does not reach back that
    /// far.
    pub(crate) fn row(&self, row: &Row) -> Row {
        let fields = FIELDS.map(|(name, index)| {
            let index = row.get(index).and_then(|node| node.uint());
            index.map(|index| (name, self.of(index).map(times::exact)))
        });
        row.with_texts(&fields.into_iter().flatten().collect::<Vec<_>>())
    }
}

/// The fields of objects that have such times.
pub(crate) fn timed(shape: Shape) -> Shape {
    static CREATED: Field = Field { name: FIELDS[0].0, shape: || Shape::Text };
    static MODIFIED: Field = Field { name: FIELDS[1].0, shape: || Shape::Text };
    static BOTH: &[Field] = &[
        Field { name: FIELDS[0].0, shape: || Shape::Text },
        Field { name: FIELDS[1].0, shape: || Shape::Text },
    ];
    let has = |name: &str| shape.names().contains(&name);
    let fields = match FIELDS.map(|(name, index)| has(index) && !has(name)) {
        [true, true] => BOTH,
        [true, false] => std::slice::from_ref(&CREATED),
        [false, true] => std::slice::from_ref(&MODIFIED),
        [false, false] => return shape,
    };
    Shape::With(fields, Box::new(shape))
}

/// The fields from which the times are derived.
pub(crate) fn indexes() -> impl Iterator<Item = &'static str> {
    FIELDS.into_iter().map(|(_, index)| index)
}

/// The names of the times that objects of a shape have, most important first.
pub(crate) fn names(shape: &Shape) -> impl Iterator<Item = &'static str> {
    let names = shape.names();
    FIELDS.into_iter().rev().map(|(name, _)| name).filter(move |name| names.contains(name))
}
