//! Whether a snapshot is what was written, as a value that is reported.

use crate::finding::{Finding, Severity};
use crate::gzip::GzipReport;

/// What a snapshot came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Gzip of a tar archive: what the HTTP API gives.
    Snap,
    /// A tar archive.
    Tar,
    /// A folder with `meta.json` and `state.bin`.
    RaftDirectory,
    /// A `state.bin` alone.
    State,
    /// Gzip of a `state.bin` alone.
    GzippedState,
}

impl Container {
    /// Its name, for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snap => "snap",
            Self::Tar => "tar",
            Self::RaftDirectory => "raft-directory",
            Self::State => "state.bin",
            Self::GzippedState => "state.bin.gz",
        }
    }
}

/// A part of the container that has a checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Bytes it has.
    pub size: u64,
    /// SHA-256 of it, in hex.
    pub sha256: String,
    /// What `SHA256SUMS` says, in hex; `None` if it says nothing of it.
    pub expected: Option<String>,
}

/// A CRC-64 and what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crc64 {
    /// What `meta.json` says.
    pub expected: u64,
    /// What `state.bin` has.
    pub actual: u64,
}

/// What was checked, and what came to light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// What the snapshot came in.
    pub container: Container,
    /// The gzip layer, if there is one.
    pub gzip: Option<GzipReport>,
    /// `meta.json` and `state.bin`, where they are hashed.
    pub members: Vec<Member>,
    /// The checksum of a raft directory.
    pub crc64: Option<Crc64>,
    /// Size of `state.bin` that `meta.json` declares.
    pub declared_size: Option<i64>,
    /// Bytes of `state.bin` that were there.
    pub actual_size: u64,
    /// All that is not as it should be, in the order it was found.
    pub findings: Vec<Finding>,
    /// How sure one can be.
    pub verdict: Verdict,
}

/// How sure one can be of what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Read to the end, and a checksum over all of `state.bin` agrees.
    Verified,
    /// Read to the end; there is no checksum to hold it against.
    Unverified,
    /// Reading stopped early, by choice.
    StoppedEarly,
    /// Something is missing, changed or can't be trusted.
    Damaged,
}

impl Verdict {
    /// Its name, for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::StoppedEarly => "not verified",
            Self::Damaged => "damaged",
        }
    }
}

impl Integrity {
    /// What was damaged, in the order it was found.
    pub fn damage(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Damage)
    }

    /// Whether Consul refuses the file for how it is packed, although all of it is good.
    #[must_use]
    pub fn is_refused_by_consul(&self) -> bool {
        const CODES: [&str; 6] = [
            "foreign-member",
            "member-folder",
            "member-name",
            "sums-name",
            "tar-padding",
            "unexpected-member",
        ];
        self.findings.iter().any(|finding| CODES.contains(&finding.code))
    }

    /// What is odd but harmless.
    pub fn notes(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Note)
    }
}
