//! Recovers entries that are in a log's files, but no longer in the log: in free pages of a bbolt
//! file, in removed or unlisted parts of segments. Nothing guarantees that they are intact or were
//! committed.

use crate::bbolt::{Database, leaf_values};
use crate::entry::Entry;
use crate::error::Error;
use crate::log::{RaftLog, Store};
use crate::storage::ReadAt as _;
use crate::wal::Segment;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

/// The location of an entry's bytes.
#[derive(Debug, Clone, Copy)]
struct Span {
    file: usize,
    offset: u64,
    size: usize,
}

/// The recovered entries, by index and term.
#[derive(Debug, Default)]
pub struct Carved {
    store: Option<Store>,
    files: Vec<PathBuf>,
    places: BTreeMap<(u64, u64), Span>,
}

impl RaftLog {
    /// Finds all entries in the log's files, including those in the log.
    ///
    /// # Errors
    /// On I/O errors.
    pub fn carve(&self) -> Result<Carved, Error> {
        let mut carved = Carved { store: Some(self.store()), ..Carved::default() };
        match self.store() {
            Store::Bolt => {
                carved = Carved::bolt(self.path())?;
            }
            Store::Wal => {
                let mut files = Vec::new();
                for file in fs::read_dir(self.path())? {
                    files.push(file?.path());
                }
                files.retain(|file| file.extension().is_some_and(|e| e == "wal"));
                files.sort();
                carved.files = files;
                for file in 0..carved.files.len() {
                    carved.segment(file)?;
                }
            }
        }
        Ok(carved)
    }
}

impl Carved {
    /// Finds all entries in the pages of a raft.db.
    pub(crate) fn bolt(path: &Path) -> Result<Self, Error> {
        let files = vec![path.to_owned()];
        let mut carved = Self { store: Some(Store::Bolt), files, ..Self::default() };
        let database = match Database::open(File::open(path)?) {
            Err(Error::Damage(_)) => Database::without_meta(File::open(path)?),
            database => database,
        };
        carved.database(&database?)?;
        Ok(carved)
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The indexes and terms of the entries in a range of indexes, in order.
    pub(crate) fn keys(&self, range: Range<u64>) -> impl DoubleEndedIterator<Item = (u64, u64)> {
        let range = match range.start < range.end {
            true => (range.start, 0)..(range.end, 0),
            false => (0, 0)..(0, 0),
        };
        self.places.range(range).map(|(key, _)| *key)
    }

    /// Calls `each` with one of the entries, unless it has become unreadable.
    pub(crate) fn entry<T>(
        &self,
        key: (u64, u64),
        file: &File,
        each: impl FnOnce(Entry<'_>) -> T,
    ) -> Result<Option<T>, Error> {
        let Some(place) = self.places.get(&key) else { return Ok(None) };
        let mut bytes = vec![0; place.size];
        match file.read_whole(place.offset, &mut bytes) {
            Ok(()) => {}
            Err(Error::Damage(_)) => return Ok(None),
            Err(e) => return Err(e),
        }
        let entry = match self.store {
            Some(Store::Bolt) => Entry::from_msgpack(&bytes, place.offset),
            _ => Entry::from_wal(&bytes, place.offset),
        };
        // A server may have reused the page.
        let entry = entry.ok().filter(|entry| (entry.index, entry.term) == key);
        Ok(entry.map(|entry| each(Entry { is_recovered: true, ..entry })))
    }

    /// Removes an entry that is in the log.
    pub fn leave_out(&mut self, index: u64, term: u64) {
        self.places.remove(&(index, term));
    }

    fn found(&mut self, entry: &Entry<'_>, place: Span) {
        self.places.entry((entry.index, entry.term)).or_insert(place);
    }

    fn database(&mut self, database: &Database<File>) -> Result<(), Error> {
        leaf_values(database, &mut |item| {
            if let Ok(entry) = Entry::from_msgpack(item.value, item.offset)
                && item.key == entry.index.to_be_bytes()
            {
                let size = item.value.len();
                self.found(&entry, Span { file: 0, offset: item.offset, size });
            }
        })
    }

    fn segment(&mut self, file: usize) -> Result<(), Error> {
        let Some(path) = self.files.get(file) else { return Ok(()) };
        let segment = match File::open(path).map_err(Error::from).and_then(Segment::open) {
            Ok(segment) => segment,
            Err(Error::Io(e)) if e.kind() != io::ErrorKind::NotFound => return Err(e.into()),
            // Without the file's header, its segments cannot be located.
            Err(_) => return Ok(()),
        };
        segment.every_frame(&mut |payload, offset| {
            if let Ok(entry) = Entry::from_wal(payload, offset) {
                self.found(&entry, Span { file, offset, size: payload.len() });
            }
        })
    }

    /// Calls `each` with all recovered entries, by index and term. An entry that has become
    /// unreadable is skipped.
    ///
    /// # Errors
    /// On I/O errors.
    pub fn each(&self, each: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>) -> Result<(), Error> {
        let mut open: Option<(usize, File)> = None;
        for (key, place) in &self.places {
            let Some(path) = self.files.get(place.file) else { continue };
            let file = match open.take() {
                Some((number, file)) if number == place.file => file,
                _ => File::open(path)?,
            };
            let flow = self.entry(*key, &file, &mut *each)?;
            open = Some((place.file, file));
            if flow.is_some_and(|flow| flow.is_break()) {
                break;
            }
        }
        Ok(())
    }
}
