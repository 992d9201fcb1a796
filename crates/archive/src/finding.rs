//! Findings about a container.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// The data is intact, but the file is not as a server writes it.
    Note,
    /// Data is missing, changed, or cannot be trusted.
    Damage,
}

macro_rules! codes {
    ($($(#[doc = $about:literal])* $code:ident = $name:literal,)*) => {
        /// What is wrong, as a stable code for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $about])* $code,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)*
                }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$code => concat!($($about),*).trim_ascii(),)*
                }
            }
        }
    };
}

codes! {
    /// Reading the file failed.
    ReadError = "read-error",
    /// The file ends inside its compressed data.
    Truncated = "truncated",
    /// The gzip header is broken.
    GzipHeader = "gzip-header",
    /// The compressed data cannot be inflated.
    GzipData = "gzip-data",
    /// The inflated data does not match the CRC-32 of gzip.
    GzipCrc = "gzip-crc",
    /// The inflated data does not have the length that gzip records.
    GzipLength = "gzip-length",
    /// Bytes follow the compressed data.
    TrailingBytes = "trailing-bytes",
    /// More bytes come out of each compressed byte than `--max-ratio` allows.
    LimitRatio = "limit-ratio",
    /// A header of the tar archive is broken.
    TarHeader = "tar-header",
    /// The tar archive is cut off.
    TarTruncated = "tar-truncated",
    /// Bytes follow the end of the tar archive.
    TarTrailing = "tar-trailing",
    /// The padding between members of the archive is not as a server writes it.
    TarPadding = "tar-padding",
    /// The file is not a Consul snapshot.
    NotASnapshot = "not-a-snapshot",
    /// A member is missing from the archive.
    MissingMember = "missing-member",
    /// The archive holds a member more than once.
    RepeatedMember = "repeated-member",
    /// The archive holds something that is not part of a snapshot.
    UnexpectedMember = "unexpected-member",
    /// The archive holds a file that macOS adds.
    ForeignMember = "foreign-member",
    /// The members are in a folder.
    MemberFolder = "member-folder",
    /// The name of a member starts with `./`.
    MemberName = "member-name",
    /// A member is too large to be what its name says.
    LimitMember = "limit-member",
    /// There are more members than an archive can have.
    LimitMembers = "limit-members",
    /// `state.bin` is larger than `--max-state-size` allows.
    LimitState = "limit-state",
    /// `SHA256SUMS` is broken or does not fit the members.
    Sums = "sums",
    /// `SHA256SUMS` names a member in a way that Consul refuses.
    SumsName = "sums-name",
    /// A member does not match its SHA-256.
    Sha256 = "sha256",
    /// `state.bin` does not match its CRC-64.
    Crc64 = "crc64",
    /// `meta.json` is broken.
    Meta = "meta",
    /// `meta.json` is missing beside `state.bin`.
    NoMeta = "no-meta",
    /// `state.bin` does not have the size that `meta.json` records.
    Size = "size",
    /// `state.bin` has a higher index than `meta.json` records.
    Index = "index",
    /// The header of `state.bin` has no index.
    Header = "header",
    /// A record is broken, so that the ones after it cannot be found.
    Record = "record",
    /// A thread that reads ended unexpectedly.
    Internal = "internal",
}

/// Something that is wrong with a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub kind: FindingKind,
    /// What is wrong.
    pub code: Code,
    /// Where, if it has a place.
    pub place: Option<Place>,
    /// A message, for people.
    pub message: String,
}

/// A place in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Byte of the file as it is on disk.
    File(u64),
    /// Byte of the tar stream, after inflating.
    Tar(u64),
    /// Byte of `state.bin`.
    State(u64),
}

impl Finding {
    pub(crate) fn damage(code: Code, place: Option<Place>, message: impl Into<String>) -> Self {
        Self { kind: FindingKind::Damage, code, place, message: message.into() }
    }

    pub(crate) fn note(code: Code, place: Option<Place>, message: impl Into<String>) -> Self {
        Self { kind: FindingKind::Note, code, place, message: message.into() }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(at) => write!(f, "byte {at} of the file"),
            Self::Tar(at) => write!(f, "byte {at} of the inflated archive"),
            Self::State(at) => write!(f, "byte {at} of state.bin"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.place {
            Some(place) => write!(f, " (at {place})"),
            None => Ok(()),
        }
    }
}
