//! Whether a snapshot is intact, as a value.

use crate::finding::{Code, Finding, FindingKind};
use crate::gzip::GzipReport;

/// The form a snapshot comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Gzip of a tar archive: what the HTTP API returns.
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
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of it, in hex.
    pub sha256: String,
    /// The hash in `SHA256SUMS`, in hex; `None` if it has none for this member.
    pub expected: Option<String>,
}

impl Member {
    /// Its hash in words, and whether that is the expected one.
    #[must_use]
    pub fn words(&self) -> String {
        let says = match &self.expected {
            Some(expected) if *expected == self.sha256 => "matches SHA256SUMS",
            Some(_) => "does NOT match SHA256SUMS",
            None => "not verified: SHA256SUMS has no hash of it",
        };
        format!("{} SHA-256 {}, {says}", self.name, self.sha256)
    }
}

/// A CRC-64 and the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crc64 {
    /// The CRC in `meta.json`.
    pub expected: u64,
    /// The CRC of `state.bin`.
    pub actual: u64,
}

/// What was checked, and the findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// The container.
    pub container: Container,
    /// The gzip layer, if there is one.
    pub gzip: Option<GzipReport>,
    /// `meta.json` and `state.bin`, if they are hashed.
    pub members: Vec<Member>,
    /// The checksum of a raft directory.
    pub crc64: Option<Crc64>,
    /// Size of `state.bin` that `meta.json` declares.
    pub declared_size: Option<i64>,
    /// Number of bytes of `state.bin` that were read.
    pub actual_size: u64,
    /// All findings, in the order they were found.
    pub findings: Vec<Finding>,
    /// How far the data can be trusted.
    pub verdict: Verdict,
}

/// How far the data can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Read to the end, and a checksum over all of `state.bin` matches.
    Verified,
    /// Read to the end, without a checksum to compare with.
    Unverified,
    /// Reading stopped early, by choice.
    StoppedEarly,
    /// Something is missing, changed or cannot be trusted.
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
    /// Returns the damage, in the order it was found.
    pub fn damage(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.kind == FindingKind::Damage)
    }

    /// Whether Consul refuses the file only because of how it is packed, although all data is
    /// intact.
    #[must_use]
    pub fn is_refused_by_consul(&self) -> bool {
        const CODES: [Code; 6] = [
            Code::ForeignMember,
            Code::MemberFolder,
            Code::MemberName,
            Code::SumsName,
            Code::TarPadding,
            Code::UnexpectedMember,
        ];
        self.findings.iter().any(|finding| CODES.contains(&finding.code))
    }

    /// Returns the notes: odd but harmless.
    pub fn notes(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.kind == FindingKind::Note)
    }
}
