//! Reads several logs in step, entry by entry.

use super::inputs::Log;
use anyhow::Result;
use snapscope_decode::GoTime;
use snapscope_raftlog::{Entry, EntryKind, LogFinding, members};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::vec::IntoIter;

/// Maximum number of entries and bytes that a log's thread reads ahead.
const AHEAD: (usize, usize) = (512, 256 << 10);

/// An entry of a log, read by another thread.
#[derive(Debug)]
pub(super) struct Owned {
    pub(super) index: u64,
    pub(super) term: u64,
    kind: EntryKind,
    time: Option<GoTime>,
    data: Vec<u8>,
    extensions: Vec<u8>,
    is_recovered: bool,
}

impl Owned {
    fn new(entry: &Entry<'_>) -> Self {
        Self {
            index: entry.index,
            term: entry.term,
            kind: entry.kind,
            time: entry.appended_at,
            data: entry.data.to_vec(),
            extensions: entry.extensions.to_vec(),
            is_recovered: entry.is_recovered,
        }
    }

    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            index: self.index,
            term: self.term,
            kind: self.kind,
            data: &self.data,
            extensions: &self.extensions,
            appended_at: self.time,
            is_recovered: self.is_recovered,
        }
    }

    /// Whether it is the same write by the same leader.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.term == other.term
            && self.kind == other.kind
            && (self.data == other.data || self.has_members_of(other))
            && self.extensions == other.extensions
    }

    /// Whether both contain the same servers. Servers that bootstrap a cluster together each write
    /// its first entry themselves, with the servers in the order in which they met.
    fn has_members_of(&self, other: &Self) -> bool {
        let sorted = |entry: &Self| {
            let mut members = members(&entry.entry())?;
            members.sort_by_key(|member| (member.id, member.address, member.suffrage));
            let members = members.iter();
            let owned = members.map(|m| (m.id.to_vec(), m.address.to_vec(), m.suffrage));
            Some(owned.collect::<Vec<_>>())
        };
        sorted(self).is_some_and(|own| sorted(other).is_some_and(|theirs| own == theirs))
    }
}

/// The next entries of a log.
struct Cursor {
    batches: Receiver<Vec<Owned>>,
    batch: IntoIter<Owned>,
    next: Option<Owned>,
}

impl Cursor {
    fn new(batches: Receiver<Vec<Owned>>) -> Self {
        let mut cursor = Self { batches, batch: Vec::new().into_iter(), next: None };
        cursor.advance();
        cursor
    }

    fn advance(&mut self) {
        self.next = self.batch.next();
        while self.next.is_none() {
            // A thread that is done sends nothing more.
            let Ok(batch) = self.batches.recv() else { return };
            self.batch = batch.into_iter();
            self.next = self.batch.next();
        }
    }
}

/// Receives an index, and the entries there, each with the number of its log.
type TakeEntries<'t> = dyn FnMut(u64, &[(usize, Owned)]) -> Result<()> + 't;

/// Passes on the entries of all logs by index, each with the number of its log. Ends early if
/// `each` fails. Returns the findings about each log.
pub(super) fn in_step(logs: &[Log], each: &mut TakeEntries<'_>) -> Result<Vec<Vec<LogFinding>>> {
    thread::scope(|scope| {
        let mut readers = Vec::new();
        let mut cursors = Vec::new();
        for log in logs {
            let (to, batches) = sync_channel(2);
            readers.push(scope.spawn(move || read(log, &to)));
            cursors.push(batches);
        }
        let mut cursors: Vec<Cursor> = cursors.into_iter().map(Cursor::new).collect();
        let mut result = Ok(());
        let mut here = Vec::new();
        while let Some(index) =
            cursors.iter().filter_map(|cursor| Some(cursor.next.as_ref()?.index)).min()
        {
            here.clear();
            for (number, cursor) in cursors.iter_mut().enumerate() {
                if let Some(entry) = cursor.next.take_if(|entry| entry.index == index) {
                    here.push((number, entry));
                    cursor.advance();
                }
            }
            result = each(index, &here);
            if result.is_err() {
                break;
            }
        }
        // Readers that are waiting for space end.
        drop(cursors);
        let mut findings = Vec::new();
        for reader in readers {
            match reader.join() {
                Ok(found) => findings.push(found?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        result.map(|()| findings)
    })
}

/// Sends the entries of a log up to the last one that existed when its terms were read.
fn read(log: &Log, to: &SyncSender<Vec<Owned>>) -> Result<Vec<LogFinding>> {
    let last = log.terms.last();
    let (mut batch, mut bytes) = (Vec::new(), 0usize);
    let findings = log.server.walk(0, &mut |entry| {
        if entry.index > last {
            return ControlFlow::Break(());
        }
        bytes = bytes.saturating_add(entry.data.len());
        batch.push(Owned::new(&entry));
        if batch.len() < AHEAD.0 && bytes < AHEAD.1 {
            return ControlFlow::Continue(());
        }
        bytes = 0;
        match to.send(std::mem::take(&mut batch)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    // The receiver is gone, so nobody needs the entry.
    let _ = to.send(batch);
    Ok(findings)
}
