//! A server's log, in either store.

use crate::bbolt::{Bucket, Database, Item};
use crate::entry::Entry;
use crate::error::{Damage, DamageKind, Error};
use crate::storage::ReadAt;
use crate::wal::{Segment, SegmentInfo, segments_of};
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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
        let (bolt_at, wal_at) = (modified(&bolt.path)?, wal_modified(&wal.path)?);
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
        if !fs::metadata(path).map_err(|e| at(path, &e))?.is_dir() {
            return Ok(Some(Self { store: Store::Bolt, path: path.to_owned() }));
        }
        if wal_modified(path)?.is_some() {
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
                Err(Error::Damage(damage)) => return self.walked_extent(damage),
                read => return read,
            }
        }
    }
}

/// Names the file in an I/O error.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// When a file was last written; `None` if it does not exist.
fn modified(path: &Path) -> io::Result<Option<SystemTime>> {
    match fs::metadata(path) {
        Ok(file) => file.modified().map(Some),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(at(path, &e)),
    }
}

/// When the segments of a folder or their list were last written; `None` if there are none.
fn wal_modified(folder: &Path) -> io::Result<Option<SystemTime>> {
    let mut newest = modified(&folder.join(LIST))?;
    if newest.is_none() && folder.is_dir() {
        for segment in named_segments(folder)? {
            newest = newest.max(modified(&folder.join(segment.file_name()))?);
        }
    }
    Ok(newest)
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
                let segments = segments(&self.path)?.list;
                let parts = parts.min(segments.len() as u64);
                let at = |part| usize::try_from(segments.len() as u64 * part / parts).ok();
                let places = (0..parts).filter_map(|part| segments.get(at(part)?));
                Ok(places.map(|segment| segment.min_index).collect())
            }
        }
    }
}

fn bolt_extent(path: &Path) -> Result<Option<Extent>, Error> {
    let database = Database::open(File::open(path)?)?;
    if let Some(damage) = database.damaged_meta() {
        return Err(damage.into());
    }
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

/// The file that lists segments.
pub(crate) const LIST: &str = "wal-meta.db";

/// Why the list of segments cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListProblem {
    /// The file does not exist.
    Missing,
    /// It lists no segments.
    Empty,
    /// It is damaged.
    Damaged(Damage),
}

impl fmt::Display for ListProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is missing"),
            Self::Empty => f.write_str("it lists no segments"),
            Self::Damaged(damage) => damage.fmt(f),
        }
    }
}

/// The segments of a log, in order.
#[derive(Debug)]
pub(crate) struct Segments {
    pub(crate) list: Vec<SegmentInfo>,
    /// Why some were found by their names.
    pub(crate) problem: Option<ListProblem>,
}

/// The segments that `wal-meta.db` lists.
pub(crate) fn listed_segments(folder: &Path) -> Result<Segments, Error> {
    let file = match File::open(folder.join(LIST)) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Ok(Segments { list: Vec::new(), problem: Some(ListProblem::Missing) });
        }
        Err(e) => return Err(at(&folder.join(LIST), &e).into()),
    };
    if file.metadata()?.len() == 0 {
        return Ok(Segments { list: Vec::new(), problem: Some(ListProblem::Empty) });
    }
    let database = Database::open(file)?;
    let list = segments_of(&database)?;
    let problem = match database.damaged_meta() {
        Some(damage) => Some(ListProblem::Damaged(damage)),
        None => list.is_empty().then_some(ListProblem::Empty),
    };
    Ok(Segments { list, problem })
}

/// The segments of a folder: from `wal-meta.db`, and by their names if that is unreadable.
pub(crate) fn segments(folder: &Path) -> Result<Segments, Error> {
    let mut segments = Segments { list: Vec::new(), problem: None };
    for _ in 0..TRIES {
        match listed_segments(folder) {
            Ok(Segments { list, problem: None }) => return Ok(Segments { list, problem: None }),
            Ok(listed) => {
                segments = listed;
                break;
            }
            // A server may be writing it.
            Err(Error::Damage(damage)) => {
                segments.problem = Some(ListProblem::Damaged(damage));
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Err(e) => return Err(e),
        }
    }
    // An older list does not have the newest segments.
    let last = segments.list.last().map(|segment| segment.base_index);
    let named = named_segments(folder)?;
    segments.list.extend(named.into_iter().filter(|named| Some(named.base_index) > last));
    if segments.list.is_empty() {
        // A new server has no segments yet.
        segments.problem = segments.problem.filter(|p| matches!(p, ListProblem::Damaged(_)));
    }
    Ok(segments)
}

/// The segments in a folder by the names of their files, in order.
fn named_segments(folder: &Path) -> io::Result<Vec<SegmentInfo>> {
    let mut segments = Vec::new();
    for file in fs::read_dir(folder).map_err(|e| at(folder, &e))? {
        segments.extend(file?.file_name().to_str().and_then(SegmentInfo::from_file_name));
    }
    segments.sort_by_key(|segment| segment.base_index);
    Ok(segments)
}

fn wal_extent(folder: &Path) -> Result<Option<Extent>, Error> {
    let segments = segments(folder)?.list;
    let Some(first) = segments.first().map(|segment| segment.min_index) else { return Ok(None) };
    let mut damage = None;
    for info in segments.iter().rev() {
        let path = folder.join(info.file_name());
        let (mut last, mut broken) = (None, None);
        let walked = File::open(&path).map_err(Error::from).and_then(Segment::open);
        let walked = walked.and_then(|segment| {
            segment.walk(
                &mut |e| {
                    broken = Some(e);
                    ControlFlow::Continue(())
                },
                &mut |committed| {
                    last = Some((committed.entry.index, committed.entry.term));
                    ControlFlow::Continue(())
                },
            )
        });
        let found = match walked {
            Ok(end) => end.damage.or(broken),
            Err(Error::Damage(damage)) => Some(damage),
            Err(Error::Io(e)) if e.kind() == io::ErrorKind::NotFound => {
                Some(Damage { offset: 0, kind: DamageKind::NoSegment })
            }
            Err(e) => return Err(e),
        };
        damage = damage.or(found.map(|damage| (path, damage)));
        if let Some((last, last_term)) = last {
            return Ok(Some(Extent { first: first.min(last), last, last_term, damage }));
        }
    }
    match damage {
        Some((_, damage)) => Err(damage.into()),
        None => Ok(None),
    }
}
