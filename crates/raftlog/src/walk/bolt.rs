//! Walks over the pages of a raft.db.

use super::changing::{PAUSE, TRIES, is_being_written};
use super::progress::Progress;
use super::recovery::Recovery;
use crate::bbolt::{Bucket, Database, Item};
use crate::entry::Entry;
use crate::error::{Damage, DamageKind, Error};
use crate::finding::LogFinding;
use crate::log::logs;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

/// The reason why a pass over a file ended.
enum Ended {
    Whole,
    Asked,
    /// The file seems to have changed: read it again.
    Torn,
}

pub(crate) fn bolt(path: &Path, progress: &mut Progress<'_>) -> Result<(), Error> {
    let mut tries = 0;
    let mut seen = None;
    let most = if is_being_written(path) { TRIES } else { 1 };
    loop {
        tries += 1;
        let (before, is_last_try) = (progress.next, tries >= most);
        let database = match Database::open(File::open(path)?) {
            // The server may have been between writes of two pages.
            Ok(database) if !is_last_try && database.damaged_meta().is_some() => {
                std::thread::sleep(PAUSE);
                continue;
            }
            Err(Error::Damage(_)) if !is_last_try => {
                std::thread::sleep(PAUSE);
                continue;
            }
            Err(Error::Damage(damage)) => return without_tree(path, damage, progress),
            database => database?,
        };
        // Data that has not changed since the last pass is damaged, not torn.
        let is_final = is_last_try || seen == Some(database.transaction());
        seen = Some(database.transaction());
        if is_final {
            return final_pass(database, path, progress);
        }
        let goal = last_index(&database);
        match bolt_pass(&database, progress)? {
            Ended::Asked => return Ok(()),
            // A reused page may hide the rest.
            Ended::Whole if goal.is_some_and(|goal| goal < progress.next) => {
                return match database.cut_off() {
                    None => Ok(()),
                    // Nothing more is passed on, but it is reported.
                    Some(_) => final_pass(database, path, progress),
                };
            }
            Ended::Torn | Ended::Whole => {}
        }
        if progress.next > before {
            tries = 0;
            seen = None;
        } else {
            std::thread::sleep(PAUSE);
        }
    }
}

/// The last index, as it was when the file was opened; `None` if it can't be read.
fn last_index(database: &Database<File>) -> Option<u64> {
    let last = logs(database)
        .ok()?
        .last(|item| item.key.first_chunk().map(|key| u64::from_be_bytes(*key)));
    last.ok()?.unwrap_or(Some(0))
}

/// The entry of an item, which is stored under its index.
fn entry_of(item: Item<'_>) -> Result<Entry<'_>, Damage> {
    let entry = Entry::from_msgpack(item.value, item.offset)?;
    let kind = DamageKind::Entry { expected: "the index it is stored under" };
    let is_its_own = item.key == entry.index.to_be_bytes();
    if is_its_own { Ok(entry) } else { Err(Damage { offset: item.offset, kind }) }
}

/// One pass over the pages of a raft.db that a server may be changing. It ends at the first damage.
fn bolt_pass(database: &Database<File>, progress: &mut Progress<'_>) -> Result<Ended, Error> {
    let logs = match logs(database) {
        Err(Error::Damage(_)) => return Ok(Ended::Torn),
        logs => logs?,
    };
    let ended = std::cell::Cell::new(Ended::Whole);
    let from = progress.next.to_be_bytes();
    logs.walk(
        &from,
        &mut |_| {
            ended.set(Ended::Torn);
            ControlFlow::Break(())
        },
        &mut |item| match entry_of(item) {
            Ok(entry) if entry.index < progress.next => ControlFlow::Continue(()),
            Ok(entry) if progress.is_due(entry.index) => {
                let flow = progress.give(entry);
                if flow.is_break() {
                    ended.set(Ended::Asked);
                }
                flow
            }
            _ => {
                ended.set(Ended::Torn);
                ControlFlow::Break(())
            }
        },
    )?;
    Ok(ended.into_inner())
}

/// Passes on the entries of a file whose tree is lost.
fn without_tree(path: &Path, damage: Damage, progress: &mut Progress<'_>) -> Result<(), Error> {
    let mut recovery = Recovery::new(path);
    if recovery.is_empty()? {
        return Err(damage.into());
    }
    progress.damage(path, damage);
    if recovery.rest(progress)?.is_continue() {
        recovery.report(progress);
    }
    Ok(())
}

/// The bucket of entries, if the pages that lead to it can be read.
fn readable_logs(database: &Database<File>) -> Result<Bucket<'_, File>, Error> {
    let logs = logs(database)?;
    logs.check_root()?;
    Ok(logs)
}

/// The pass over a file that does not change any more. What it cannot read is damaged.
fn final_pass(
    mut database: Database<File>,
    path: &Path,
    progress: &mut Progress<'_>,
) -> Result<(), Error> {
    let mut walk =
        FinalPass { path, cut_off: database.cut_off(), is_reported: false, found: Vec::new() };
    let mut recovery = Recovery::new(path);
    // If the last transaction is lost, so is the way to its entries.
    recovery.is_needed = database.damaged_meta().is_some();
    walk.found.extend(database.damaged_meta());
    if let Err(Error::Damage(damage)) = readable_logs(&database).map(|_| ()) {
        if !database.go_back() || readable_logs(&database).is_err() {
            return without_tree(path, walk.cut_off.unwrap_or(damage), progress);
        }
        walk.take(damage);
        recovery.is_needed = true;
    }
    if walk.entries(&readable_logs(&database)?, &mut recovery, progress)?.is_break()
        || (recovery.is_needed && recovery.rest(progress)?.is_break())
    {
        return Ok(());
    }
    recovery.report(progress);
    if let Some(damage) = walk.cut_off.filter(|_| !walk.is_reported) {
        (progress.findings)(LogFinding::CutOff { file: path.to_owned(), damage });
    }
    Ok(())
}

struct FinalPass<'p> {
    path: &'p Path,
    /// What is missing at the end of the file.
    cut_off: Option<Damage>,
    /// Whether that was reported: pages of the tree are missing.
    is_reported: bool,
    /// Damage that was found since the last entry.
    found: Vec<Damage>,
}

impl FinalPass<'_> {
    /// Takes damage of a page. All that is missing at the end of the file is missing for one
    /// reason, which is reported once.
    fn take(&mut self, damage: Damage) {
        match self.cut_off {
            Some(cut_off) if matches!(damage.kind, DamageKind::Short { .. }) => {
                if !std::mem::replace(&mut self.is_reported, true) {
                    self.found.push(cut_off);
                }
            }
            _ => self.found.push(damage),
        }
    }

    fn report(&mut self, progress: &mut Progress<'_>) {
        for damage in std::mem::take(&mut self.found) {
            progress.damage(self.path, damage);
        }
    }

    /// Passes on the entries of the tree, and before them those that are found by their structure
    /// where damage hides some.
    fn entries(
        &mut self,
        logs: &Bucket<'_, File>,
        recovery: &mut Recovery<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let this = std::cell::RefCell::new(&mut *self);
        let (mut failed, mut ended) = (None, ControlFlow::Continue(()));
        let from = progress.next.to_be_bytes();
        logs.walk(
            &from,
            &mut |e| {
                if let Error::Damage(damage) = e {
                    this.borrow_mut().take(damage);
                }
                ControlFlow::Continue(())
            },
            &mut |item| {
                let mut this = this.borrow_mut();
                let entry = entry_of(item);
                this.found.extend(entry.err());
                if !this.found.is_empty() {
                    recovery.is_needed = true;
                    this.report(progress);
                }
                let Ok(entry) = entry else { return ControlFlow::Continue(()) };
                if entry.index < progress.next {
                    return ControlFlow::Continue(());
                }
                let between = match recovery.is_needed {
                    true => recovery.before(&entry, progress),
                    false => Ok(ControlFlow::Continue(())),
                };
                ended = match between {
                    Ok(ControlFlow::Continue(())) => progress.give(entry),
                    Ok(flow) => flow,
                    Err(e) => {
                        failed = Some(e);
                        ControlFlow::Break(())
                    }
                };
                ended
            },
        )?;
        if !self.found.is_empty() {
            recovery.is_needed = true;
            self.report(progress);
        }
        failed.map_or(Ok(ended), Err)
    }
}
