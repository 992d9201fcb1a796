//! Damage and errors of a log's files.

use std::fmt;
use std::io;

/// Damage in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Its offset in the file.
    pub offset: u64,
    /// The kind of damage.
    pub kind: DamageKind,
}

/// The kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DamageKind {
    /// The file ends inside a structure.
    Short {
        /// The number of missing bytes, if known.
        missing: u64,
    },
    /// Neither meta page of a bbolt file is valid.
    NoMeta,
    /// One of the two meta pages of a bbolt file is not valid. It may have been the newer one.
    Meta,
    /// A bbolt file is shorter than its meta page says.
    CutOff {
        /// Its size.
        size: u64,
        /// The size of all pages in use.
        expected: u64,
    },
    /// A bbolt file without a bucket of log entries.
    NoLogs,
    /// A bbolt page has the wrong number.
    PageNumber {
        /// Its number.
        found: u64,
        /// The expected number.
        expected: u64,
    },
    /// A bbolt page has the wrong kind.
    PageKind {
        /// Its flags.
        flags: u16,
    },
    /// A bbolt page beyond the end of those in use.
    PageOutside {
        /// The page's number.
        page: u64,
    },
    /// An element of a bbolt page lies outside of the page.
    Element {
        /// The number of the element.
        at: u16,
    },
    /// The pages are nested too deeply, or form a cycle.
    Depth,
    /// The header of a WAL segment.
    SegmentHeader,
    /// A WAL segment that `wal-meta.db` lists does not exist.
    NoSegment,
    /// A frame of a type that doesn't exist.
    FrameType {
        /// The type.
        found: u8,
    },
    /// A commit's checksum does not match the frames before it.
    Checksum,
    /// An unreadable entry.
    Entry {
        /// What was expected.
        expected: &'static str,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            DamageKind::Short { missing: 0 } => f.write_str("the file ends too early")?,
            DamageKind::Short { missing } => {
                write!(f, "the file ends too early; {missing} bytes are missing")?;
            }
            DamageKind::NoMeta => {
                f.write_str("neither meta page is valid: not a raft.db (a bbolt file)")?;
            }
            DamageKind::Meta => f.write_str(
                "a meta page is not valid, so an older one may be in use; the last entries may be missing",
            )?,
            DamageKind::CutOff { size, expected } => {
                write!(f, "the file is cut off; it has {size} of {expected} bytes")?;
            }
            DamageKind::NoLogs => f.write_str("no bucket \"logs\": not the log of a server")?,
            DamageKind::PageNumber { found, expected } => {
                write!(f, "page {expected} claims to be page {found}")?;
            }
            DamageKind::PageKind { flags } => write!(f, "unexpected page flags {flags:#x}")?,
            DamageKind::PageOutside { page } => write!(f, "page {page} is not in use")?,
            DamageKind::Element { at } => write!(f, "element {at} is outside its page")?,
            DamageKind::Depth => f.write_str("pages form a cycle, or are nested too deep")?,
            DamageKind::NoSegment => {
                return f.write_str("the segment is missing, but wal-meta.db lists it");
            }
            DamageKind::SegmentHeader => f.write_str("not the header of a WAL segment")?,
            DamageKind::FrameType { found } => write!(f, "unknown frame type {found}")?,
            DamageKind::Checksum => f.write_str("checksum of a commit does not match")?,
            DamageKind::Entry { expected } => write!(f, "log entry: expected {expected}")?,
        }
        write!(f, " (at byte {})", self.offset)
    }
}

impl std::error::Error for Damage {}

/// Reasons why a log cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An I/O error.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is damaged, or changed while it was read.
    #[error(transparent)]
    Damage(#[from] Damage),
}

impl Error {
    /// Damage at that offset.
    pub(crate) const fn damage(offset: u64, kind: DamageKind) -> Self {
        Self::Damage(Damage { offset, kind })
    }
}
