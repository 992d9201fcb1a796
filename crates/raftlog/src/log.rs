//! A server's log, in either store.

use crate::bbolt::{Bucket, Database, Item};
use crate::entry::Entry;
use crate::error::{Damage, DamageKind, Error};
use crate::storage::ReadAt;
use crate::wal::{Segment, SegmentInfo, segments_of};
use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// The two stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// `raft.db`, a bbolt file.
    Bolt,
    /// `wal/`, segment files.
    Wal,
}

/// The log in a server's `raft` folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaftLog {
    store: Store,
    path: PathBuf,
}

/// The range of a log's entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// The index of the first entry.
    pub first: u64,
    /// The index of the last entry.
    pub last: u64,
    /// The term of the last entry.
    pub last_term: u64,
    /// Damage at the end of the log, with the file's name: later entries may be lost.
    pub damage: Option<(PathBuf, Damage)>,
}

/// The content of a log after an index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tail {
    /// The number of writes. A command in several chunks counts once.
    pub writes: u64,
    /// The index of the last entry; 0 if there is none.
    pub last: u64,
    /// The first damage and its file: some writes may be missing from the count.
    pub damage: Option<(PathBuf, Damage)>,
}

/// The bucket of entries in raft.db, which servers create with the file.
pub(crate) fn logs<R: ReadAt>(database: &Database<R>) -> Result<Bucket<'_, R>, Error> {
    database.bucket(b"logs")?.ok_or(Error::damage(0, DamageKind::NoLogs))
}

/// How often a file is reopened that changed while it was read.
const TRIES: u32 = 3;

impl RaftLog {
    /// The log of a server's `raft` folder; `None` if it has none. A server that changes its store
    /// leaves the old one behind. If both exist, the one written last is used.
    ///
    /// # Errors
    /// On I/O errors.
    pub fn find(raft: &Path) -> io::Result<Option<Self>> {
        let of = |store, name: &str| Self { store, path: raft.join(name) };
        let (bolt, wal) = (of(Store::Bolt, "raft.db"), of(Store::Wal, "wal"));
        let changed = |log: &Self| match fs::metadata(log.newest_file()?) {
            Ok(file) => file.modified().map(Some),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        };
        let (bolt_at, wal_at) = (changed(&bolt)?, changed(&wal)?);
        Ok(match (bolt_at, wal_at) {
            (None, None) => None,
            (bolt_at, wal_at) if bolt_at >= wal_at => Some(bolt),
            _ => Some(wal),
        })
    }

    /// The log at a path: a data directory, its `raft` folder, a `raft.db`, a `wal` folder.
    ///
    /// # Errors
    /// On I/O errors.
    pub fn open(path: &Path) -> io::Result<Option<Self>> {
        if !fs::metadata(path)?.is_dir() {
            return Ok(Some(Self { store: Store::Bolt, path: path.to_owned() }));
        }
        if path.join("wal-meta.db").is_file() {
            return Ok(Some(Self { store: Store::Wal, path: path.to_owned() }));
        }
        for raft in [path.join("raft"), path.to_owned()] {
            if let Some(log) = Self::find(&raft)? {
                return Ok(Some(log));
            }
        }
        Ok(None)
    }

    /// Its store.
    #[must_use]
    pub const fn store(&self) -> Store {
        self.store
    }

    /// The file or folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn newest_file(&self) -> io::Result<PathBuf> {
        Ok(match self.store {
            Store::Bolt => self.path.clone(),
            Store::Wal => self.path.join("wal-meta.db"),
        })
    }

    /// The range of its entries; `None` if it is empty. Reads a few pages, or the last segment.
    ///
    /// # Errors
    /// On I/O errors, or if damage hides the end.
    pub fn extent(&self) -> Result<Option<Extent>, Error> {
        let mut tries = 1;
        loop {
            let read = match self.store {
                Store::Bolt => bolt_extent(&self.path),
                Store::Wal => wal_extent(&self.path),
            };
            match read {
                // A server may have written to it meanwhile.
                Err(Error::Damage(_)) if tries < TRIES => tries += 1,
                read => return read,
            }
        }
    }
}

/// Minimum number of entries of a raft.db in a part.
const FEW: u64 = 20_000;

impl RaftLog {
    /// Divides the log into at most `parts` parts of about the same size, to be walked in parallel, and returns the first
    /// index of each. The first part starts with the log.
    ///
    /// # Errors
    /// On I/O errors, or if damage hides the beginning or the end.
    pub fn starts(&self, parts: u64) -> Result<Vec<u64>, Error> {
        match self.store {
            Store::Bolt => {
                let Some(extent) = self.extent()? else { return Ok(Vec::new()) };
                let count = extent.last.saturating_sub(extent.first).saturating_add(1);
                let parts = parts.min(count / FEW).max(1);
                Ok((0..parts).map(|part| extent.first + count / parts * part).collect())
            }
            // The position of an entry in a segment is known only after reading the segment from its start.
            Store::Wal => {
                let segments = segments(&self.path)?;
                let parts = parts.min(segments.len() as u64);
                let at = |part| usize::try_from(segments.len() as u64 * part / parts).ok();
                let places = (0..parts).filter_map(|part| segments.get(at(part)?));
                Ok(places.map(|segment| segment.min_index).collect())
            }
        }
    }
}

impl RaftLog {
    /// Its content after an index.
    ///
    /// # Errors
    /// On I/O errors, or if damage prevents reading.
    pub fn after(&self, index: u64) -> Result<Tail, Error> {
        let mut tries = 1;
        loop {
            let mut tail = Tail::default();
            let read = match self.store {
                Store::Bolt => bolt_tail(&self.path, index, &mut tail),
                Store::Wal => wal_tail(&self.path, index, &mut tail),
            };
            match read {
                // A server may have written to it meanwhile.
                Err(Error::Damage(_)) if tries < TRIES => tries += 1,
                Ok(()) if tail.damage.is_some() && tries < TRIES => tries += 1,
                read => return read.map(|()| tail),
            }
        }
    }
}

impl Tail {
    fn take(&mut self, entry: &Entry<'_>) {
        self.writes += u64::from(entry.is_write());
        self.last = self.last.max(entry.index);
    }

    fn damaged(&mut self, path: &Path, damage: Damage) {
        self.damage.get_or_insert_with(|| (path.to_owned(), damage));
    }
}

fn bolt_tail(path: &Path, index: u64, tail: &mut Tail) -> Result<(), Error> {
    let database = Database::open(File::open(path)?)?;
    let logs = logs(&database)?;
    let Some(from) = index.checked_add(1) else { return Ok(()) };
    let mut first = None;
    logs.walk(
        &from.to_be_bytes(),
        &mut |e| {
            if let Error::Damage(damage) = e {
                first.get_or_insert(damage);
            }
            ControlFlow::Continue(())
        },
        &mut |item| {
            match Entry::from_msgpack(item.value, item.offset) {
                Ok(entry) => tail.take(&entry),
                Err(damage) => tail.damaged(path, damage),
            }
            ControlFlow::Continue(())
        },
    )?;
    if let Some(damage) = first {
        tail.damaged(path, damage);
    }
    Ok(())
}

fn wal_tail(folder: &Path, index: u64, tail: &mut Tail) -> Result<(), Error> {
    for info in segments(folder)? {
        if info.max_index.is_some_and(|max| max <= index) {
            continue;
        }
        let path = folder.join(info.file_name());
        let mut broken = None;
        let end = Segment::open(File::open(&path)?)?.walk(
            &mut |e| {
                broken.get_or_insert(e);
                ControlFlow::Continue(())
            },
            &mut |committed| {
                if committed.entry.index > index {
                    tail.take(&committed.entry);
                }
                ControlFlow::Continue(())
            },
        )?;
        if let Some(damage) = end.damage.or(broken) {
            tail.damaged(&path, damage);
        }
    }
    Ok(())
}

fn bolt_extent(path: &Path) -> Result<Option<Extent>, Error> {
    let database = Database::open(File::open(path)?)?;
    let logs = logs(&database)?;
    let place = |item: Item<'_>| {
        Entry::from_msgpack(item.value, item.offset).map(|entry| (entry.index, entry.term))
    };
    let (Some(first), Some(last)) = (logs.first(place)?, logs.last(place)?) else {
        return Ok(None);
    };
    let ((first, _), (last, last_term)) = (first?, last?);
    Ok(Some(Extent { first, last, last_term, damage: None }))
}

/// The segments that `wal-meta.db` lists; `None` without such a file or an entry in it.
pub(crate) fn listed_segments(folder: &Path) -> Result<Option<Vec<SegmentInfo>>, Error> {
    let file = match File::open(folder.join("wal-meta.db")) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let segments = segments_of(&Database::open(file)?)?;
    Ok(Some(segments).filter(|segments| !segments.is_empty()))
}

/// The segments of a folder: from `wal-meta.db`, or if that is unreadable, by their names.
pub(crate) fn segments(folder: &Path) -> Result<Vec<SegmentInfo>, Error> {
    for _ in 0..TRIES {
        match listed_segments(folder) {
            Ok(Some(segments)) => return Ok(segments),
            Ok(None) => break,
            // A server may be writing it.
            Err(Error::Damage(_)) => std::thread::sleep(std::time::Duration::from_millis(1)),
            Err(e) => return Err(e),
        }
    }
    let mut segments = Vec::new();
    for file in fs::read_dir(folder)? {
        segments.extend(file?.file_name().to_str().and_then(SegmentInfo::from_file_name));
    }
    segments.sort_by_key(|segment| segment.base_index);
    Ok(segments)
}

fn wal_extent(folder: &Path) -> Result<Option<Extent>, Error> {
    let segments = segments(folder)?;
    let Some(first) = segments.first().map(|segment| segment.min_index) else { return Ok(None) };
    let mut damage = None;
    // The last segment may still be empty.
    for info in segments.iter().rev() {
        let path = folder.join(info.file_name());
        let segment = Segment::open(File::open(&path)?)?;
        let mut last = None;
        let mut broken = None;
        let end = segment.walk(
            &mut |e| {
                broken = Some(e);
                ControlFlow::Continue(())
            },
            &mut |committed| {
                last = Some((committed.entry.index, committed.entry.term));
                ControlFlow::Continue(())
            },
        )?;
        if damage.is_none() {
            damage = end.damage.or(broken).map(|e| (path, e));
        }
        if let Some((last, last_term)) = last {
            return Ok(Some(Extent { first: first.min(last), last, last_term, damage }));
        }
    }
    Ok(None)
}
