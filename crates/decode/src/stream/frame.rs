//! One whole record, borrowed.

use super::kind::Kind;
use crate::wire::{Cursor, Entries, Skipper, Step, Value, WireError, WireErrorKind};

/// One record: its type byte and its value, in place and not yet decoded.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Number of the record in the file, from 1.
    pub number: u64,
    /// Offset of its type byte in `state.bin`.
    pub offset: u64,
    /// Its type.
    pub kind: Kind,
    /// Type byte and value.
    pub bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The record's value, whatever it is.
    ///
    /// # Errors
    /// Never for a frame from a splitter, which has walked its value.
    pub fn value(&self) -> Result<Value<'a>, WireError> {
        match self.entries() {
            Some(entries) => Ok(Value::Map(entries)),
            None => self.cursor().value(),
        }
    }

    /// Returns the entries of the record's map; `None` if its value is not a map.
    #[must_use]
    pub fn entries(&self) -> Option<Entries<'a>> {
        // A frame's value was walked by the splitter.
        self.cursor().whole_map()
    }

    /// Returns a cursor at the start of the record's value; positions count from the type byte.
    #[must_use]
    pub const fn cursor(&self) -> Cursor<'a> {
        Cursor::starting_at(self.bytes, 1)
    }

    /// The bytes of the value, without the type byte.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.bytes.get(1..).unwrap_or(&[])
    }

    /// Size that Consul counts for this record: type byte and value.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// Iterates over the records in `bytes`, which start at the type byte of the first one. Ends after
/// the last whole record, or with an error at a record that cannot be walked.
///
/// For bytes in memory; use [`Splitter`](super::Splitter) for a stream.
///
/// ```
/// use snapscope_decode::{frames_of, Kind, Value};
///
/// // Type 16 (Index), then a map {"Key": "kvs", "Value": 7}.
/// let bytes = b"\x10\x82\xa3Key\xa3kvs\xa5Value\x07";
/// let frame = frames_of(bytes).next().expect("one record")?;
/// assert_eq!(frame.kind, Kind::INDEX);
/// let Value::Map(entries) = frame.value()? else { panic!("a map") };
/// assert!(matches!(entries.find(b"Value")?, Some(Value::Uint(7))));
/// # Ok::<(), snapscope_decode::WireError>(())
/// ```
pub fn frames_of(bytes: &[u8]) -> impl Iterator<Item = Result<Frame<'_>, WireError>> {
    let mut rest = bytes;
    let mut number = 0u64;
    let mut offset = 0u64;
    std::iter::from_fn(move || {
        let (&kind, body) = rest.split_first()?;
        let mut skipper = Skipper::new();
        let end = match skipper.advance(body, Some(body.len() as u64)) {
            Ok(Step::Done(end)) => end.saturating_add(1),
            Ok(Step::More) => {
                let need = skipper.least().saturating_sub(body.len() as u64).max(1);
                let at = rest.len() as u64;
                rest = &[];
                return Some(Err(WireError { at, kind: WireErrorKind::Truncated { need } }));
            }
            Err(e) => {
                rest = &[];
                return Some(Err(WireError { at: e.at.saturating_add(1), kind: e.kind }));
            }
        };
        let (bytes, next) = rest.split_at_checked(end)?;
        number = number.wrapping_add(1);
        let frame = Frame { number, offset, kind: Kind(kind), bytes };
        offset = offset.saturating_add(end as u64);
        rest = next;
        Some(Ok(frame))
    })
}
