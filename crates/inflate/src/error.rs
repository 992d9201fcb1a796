//! Errors of gzip files, with exact positions.

use std::fmt;
use std::io;
use std::sync::Arc;

/// An error and its position: the compressed bit, and the output produced before it.
///
/// All output before the damage has been delivered when a caller sees this.
#[derive(Debug, Clone)]
pub struct InflateError {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Bits from the start of the source to the first bit that is wrong. For a match this is the
    /// start of its length code, for a truncated source the end of the source, for a checksum the
    /// first bit of the stored value.
    pub bit_offset: u64,
    /// Bytes produced before the error, over all members.
    pub output: u64,
}

/// What is wrong.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The source does not start with the two bytes of a gzip member.
    NotGzip,
    /// The member's compression method is not deflate (8).
    UnknownMethod(u8),
    /// The member's header sets flags that RFC 1952 reserves.
    ReservedFlags(u8),
    /// The header's own checksum (FHCRC) does not match.
    HeaderChecksum {
        /// The value in the header.
        stored: u16,
        /// The value of the bytes read.
        computed: u16,
    },
    /// The source ends inside a member.
    UnexpectedEnd,
    /// A block of type 3.
    BlockType,
    /// A stored block whose length and its complement disagree.
    StoredLength,
    /// A dynamic block that claims more than 286 literal/length or 30 distance codes.
    TooManyCodes,
    /// The code of the code lengths is over- or undersubscribed.
    CodeLengthCode,
    /// A repeated code length with nothing to repeat, or reaching past the last code.
    CodeLengthRepeat,
    /// A dynamic block without a code for its own end.
    NoEndOfBlock,
    /// The literal/length code is over- or undersubscribed.
    LiteralCode,
    /// The distance code is over- or undersubscribed.
    DistanceCode,
    /// An invalid literal/length symbol.
    LiteralSymbol,
    /// An invalid distance symbol.
    DistanceSymbol,
    /// A match that reaches back before the first byte of its member.
    DistanceTooFar,
    /// The member's CRC-32 does not match its bytes. Reading can continue.
    Checksum {
        /// The value in the trailer.
        stored: u32,
        /// The value of the bytes produced.
        computed: u32,
    },
    /// The member's length (modulo 2^32) does not match its bytes. Reading can continue.
    Length {
        /// The value in the trailer.
        stored: u32,
        /// The number of bytes produced, modulo 2^32.
        computed: u32,
    },
    /// The source could not be read.
    Io(Arc<io::Error>),
}

impl ErrorKind {
    /// Whether the next call continues after this error. This holds only for the checksums of a
    /// member, since the position of the next member is known.
    #[must_use]
    pub fn is_recoverable(&self) -> bool {
        matches!(self, Self::Checksum { .. } | Self::Length { .. })
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGzip => f.write_str("not a gzip file"),
            Self::UnknownMethod(m) => write!(f, "compression method {m}, expected 8 (deflate)"),
            Self::ReservedFlags(flags) => write!(f, "reserved gzip header flags {flags:#04x}"),
            Self::HeaderChecksum { stored, computed } => {
                write!(f, "gzip header checksum is {computed:#06x}, stored {stored:#06x}")
            }
            Self::UnexpectedEnd => f.write_str("unexpected end of the compressed data"),
            Self::BlockType => f.write_str("invalid block type 3"),
            Self::StoredLength => f.write_str("stored block with contradicting lengths"),
            Self::TooManyCodes => f.write_str("too many literal/length or distance codes"),
            Self::CodeLengthCode => f.write_str("invalid code of code lengths"),
            Self::CodeLengthRepeat => f.write_str("invalid repeat of a code length"),
            Self::NoEndOfBlock => f.write_str("block without an end-of-block code"),
            Self::LiteralCode => f.write_str("invalid literal/length code"),
            Self::DistanceCode => f.write_str("invalid distance code"),
            Self::LiteralSymbol => f.write_str("invalid literal/length symbol"),
            Self::DistanceSymbol => f.write_str("invalid distance symbol"),
            Self::DistanceTooFar => f.write_str("match reaches back before the first byte"),
            Self::Checksum { stored, computed } => {
                write!(f, "CRC-32 is {computed:#010x}, stored {stored:#010x}")
            }
            Self::Length { stored, computed } => {
                write!(f, "length modulo 2^32 is {computed}, stored {stored}")
            }
            Self::Io(e) => write!(f, "reading the compressed data: {e}"),
        }
    }
}

impl fmt::Display for InflateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (compressed byte {}, bit {}; after {} bytes of output)",
            self.kind,
            self.bit_offset / 8,
            self.bit_offset % 8,
            self.output
        )
    }
}

impl std::error::Error for InflateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Io(e) => Some(&**e),
            _ => None,
        }
    }
}

impl From<InflateError> for io::Error {
    fn from(e: InflateError) -> Self {
        let kind = match &e.kind {
            ErrorKind::UnexpectedEnd => io::ErrorKind::UnexpectedEof,
            ErrorKind::Io(inner) => inner.kind(),
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, e)
    }
}
