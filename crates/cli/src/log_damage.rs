//! Damage of logs and of the snapshots beside them: it is reported once, and what an answer lacks
//! because of it marks the answer.

use crate::exit::Exit;
use crate::render::damage;
use crate::render::escape::one_line;
use crate::terminal::{note, say};
use snapscope_answers::Incomplete;
use snapscope_archive::Closing;
use snapscope_objects::printable::counted;
use snapscope_raftlog::LogFinding;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// What an answer lacks, or may lack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Losses {
    first: Option<String>,
    count: u64,
}

/// The reported lines. Several parts of a command may read the same log.
static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The losses of states in a log that are read as files, by name.
static STATES: Mutex<BTreeMap<String, Losses>> = Mutex::new(BTreeMap::new());

fn is_new(line: &str) -> bool {
    REPORTED.lock().unwrap_or_else(PoisonError::into_inner).insert(line.to_owned())
}

/// Reports a line on standard error, once.
pub(crate) fn say_once(line: &str) {
    if is_new(line) {
        say!("snapscope: {line}");
    }
}

/// Reports a note on standard error, once.
pub(crate) fn note_once(line: &str) {
    if is_new(line) {
        note!("snapscope: {line}");
    }
}

impl Losses {
    /// Reports findings about a log.
    pub(crate) fn of_log(findings: &[LogFinding]) -> Self {
        let mut losses = Self::default();
        for finding in findings {
            losses.take(finding);
        }
        losses
    }

    fn take(&mut self, finding: &LogFinding) {
        match finding {
            LogFinding::Damage { file, damage } => {
                let file = one_line(file.display().to_string().as_bytes());
                self.add(&format!("{file}: damaged: {damage}"));
            }
            LogFinding::Gap { after, next } => {
                self.add(&format!("damaged: {}", missing_between(*after, *next)));
            }
            LogFinding::Unacknowledged { entries } => {
                let entries = counted(*entries, "entry at the end was", "entries at the end were");
                note_once(&format!("note: {entries} never acknowledged"));
            }
            LogFinding::CutOff { file, damage } => {
                let file = one_line(file.display().to_string().as_bytes());
                note_once(&format!("{file}: note: {damage}; no entry was there"));
            }
            LogFinding::NoList { file, problem } => {
                let file = one_line(file.display().to_string().as_bytes());
                note_once(&format!(
                    "{file}: note: {problem}; the segments were found by the names of their files"
                ));
            }
            LogFinding::Recovered { file, entries, first, last } => {
                let file = one_line(file.display().to_string().as_bytes());
                let entries = counted(*entries, "entry was", "entries were");
                note_once(&format!(
                    "{file}: note: {entries} found by structure, between index {first} and {last}; they are \
                     marked, since they may have been removed from the log or never committed"
                ));
            }
        }
    }

    /// Reports a loss.
    pub(crate) fn add(&mut self, line: &str) {
        say_once(line);
        self.know(line);
    }

    /// Takes a loss that was reported before.
    pub(crate) fn know(&mut self, line: &str) {
        self.first.get_or_insert_with(|| line.to_owned());
        self.count += 1;
    }

    pub(crate) fn absorb(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.take().or(other.first);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) const fn exit(&self) -> Exit {
        if self.is_empty() { Exit::Done } else { Exit::Damaged }
    }

    /// How an answer is marked; `None` if it lacks nothing.
    pub(crate) fn incomplete(&self) -> Option<Incomplete> {
        let first = self.first.as_ref()?;
        let more = match self.count {
            0 | 1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        Some(Incomplete::because(&format!("{first}{more}")))
    }

    /// Records what a state that is read as a file lacks.
    pub(crate) fn are_of_state(self, name: &str) {
        if !self.is_empty() {
            let mut states = STATES.lock().unwrap_or_else(PoisonError::into_inner);
            states.insert(name.to_owned(), self);
        }
    }
}

/// What a state with this name lacks.
pub(crate) fn of_state(name: &str) -> Option<Incomplete> {
    STATES.lock().unwrap_or_else(PoisonError::into_inner).get(name)?.incomplete()
}

/// The exit code that follows from the states that were read as files.
pub(crate) fn exit_of_states() -> Exit {
    let is_whole = STATES.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
    if is_whole { Exit::Done } else { Exit::Damaged }
}

/// The damage of a snapshot, a line for each.
pub(crate) fn damage_of<'c>(
    name: &str,
    closing: &'c Closing,
) -> impl Iterator<Item = String> + use<'c> {
    let name = one_line(name.as_bytes());
    closing.integrity.damage().map(move |finding| {
        let message = one_line(damage::text(finding).as_bytes());
        format!("{name}: damaged: {message}")
    })
}

/// Names the entries that are missing between two others.
pub(crate) fn missing_between(after: u64, next: u64) -> String {
    let (first, last) = (after.saturating_add(1), next.saturating_sub(1));
    match last.saturating_sub(first) {
        0 => format!("entry {first} is missing"),
        1 => format!("entries {first} and {last} are missing"),
        _ => format!("entries {first} to {last} are missing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_entries_are_named() {
        assert_eq!(missing_between(376, 378), "entry 377 is missing");
        assert_eq!(missing_between(18, 21), "entries 19 and 20 are missing");
        assert_eq!(missing_between(18, 22), "entries 19 to 21 are missing");
    }
}
