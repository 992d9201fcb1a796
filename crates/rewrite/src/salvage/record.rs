//! Recognises records by their structure alone.

use snapscope_decode::protobuf::{MessageSchema, fields};
use snapscope_decode::records::{
    PEERING, PEERING_SECRET, PEERING_TRUST_BUNDLE, RESOURCE, record_schema,
};
use snapscope_decode::stream::Body;
use snapscope_decode::wire::{Skipper, Step, Value};
use snapscope_decode::{Frame, Kind, WireErrorKind};

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// A whole record of this length.
    Whole(usize),
    /// The start of one; this many bytes are needed to decide.
    Begun(u64),
    /// Something else.
    No,
}

/// Maximum size of a first key with the bytes before it.
const HEAD: usize = 64;

/// Classifies the bytes at an offset. `left` is their number up to the end; `limit` is the maximum
/// size of a record.
pub(super) fn looks(bytes: &[u8], left: u64, limit: u64) -> Looks {
    let Some((&kind, body)) = bytes.split_first() else { return Looks::No };
    if !has_head(Kind(kind), body) {
        return Looks::No;
    }
    let mut skipper = Skipper::new();
    match skipper.advance(body, Some(left.saturating_sub(1))) {
        Ok(Step::Done(end)) => {
            let size = end + 1;
            let record = bytes.get(..size).filter(|_| size as u64 <= limit);
            match record {
                Some(record) if is_record(record) => Looks::Whole(size),
                _ => Looks::No,
            }
        }
        Ok(Step::More) => match skipper.least().saturating_add(1) {
            need if need > limit => Looks::No,
            need => Looks::Begun(need),
        },
        // Bytes that end before their value does are also the start of a record, if nothing else is
        // wrong.
        Err(e) => match e.kind {
            WireErrorKind::Truncated { need } if need <= limit => {
                Looks::Begun(left.saturating_add(need))
            }
            // The map announces more entries than there are bytes left.
            WireErrorKind::LyingLength { owed, left: there } if owed <= limit => {
                Looks::Begun(left.saturating_add(owed.saturating_sub(there)))
            }
            _ => Looks::No,
        },
    }
}

/// Whether a type byte and the next bytes look like the start of a record of this type: a map whose
/// first key is one of its fields, a list of such maps, or raw bytes with a known start.
pub(super) fn has_head(kind: Kind, body: &[u8]) -> bool {
    let Some(info) = kind.info() else { return false };
    if info.versions.is_none() {
        // Only these two of Enterprise's types are known. They are raw bytes; any letter would
        // match.
        return kind.0 >= Kind::FIRST_ENTERPRISE && is_raw(body);
    }
    let body = body.get(..HEAD.min(body.len())).unwrap_or(body);
    match info.body {
        Body::Map => has_first_key(kind, body),
        Body::List => {
            matches!(body.first(), None | Some(0x91..=0x9f)) && is_map(body.get(1)).unwrap_or(true)
        }
        Body::NestedMsgpack => is_raw(body),
        Body::Protobuf => is_raw(body),
        // The only one of these types in snapshots.
        Body::Unknown => {
            let head = body.get(1..16.min(body.len())).unwrap_or(&[]);
            is_map(body.first()).unwrap_or(true) && b"\xaeAllowBootstrap".starts_with(head)
        }
    }
}

/// Whether a whole record has enough structure to exclude coincidence: names of fields, or a
/// message of some length with only known fields.
pub(super) fn is_strong(record: &[u8]) -> bool {
    let Some((&kind, body)) = record.split_first() else { return false };
    let message = |schema: &MessageSchema| match Value::read(body) {
        Ok(Value::Raw(message)) => {
            message.len() >= LEAST_MESSAGE
                && fields(message).all(|f| f.is_ok_and(|f| schema.field(f.number).is_some()))
        }
        _ => false,
    };
    match Kind(kind) {
        Kind::PEERING => message(&PEERING),
        Kind::PEERING_TRUST_BUNDLE => message(&PEERING_TRUST_BUNDLE),
        Kind::PEERING_SECRET => message(&PEERING_SECRET),
        Kind::RESOURCE => message(&RESOURCE),
        kind => has_names(kind),
    }
}

/// Minimum size of a message that excludes coincidence.
const LEAST_MESSAGE: usize = 16;

/// Whether records of this type hold names of fields.
pub(super) fn has_names(kind: Kind) -> bool {
    let info = kind.info().filter(|info| info.versions.is_some());
    info.is_some_and(|info| info.body != Body::Protobuf)
}

/// Whether the marker of a map is there; `None` if nothing is.
fn is_map(marker: Option<&u8>) -> Option<bool> {
    marker.map(|marker| matches!(marker, 0x80..=0x8f | 0xde))
}

fn is_raw(body: &[u8]) -> bool {
    matches!(body.first(), None | Some(0xa0..=0xbf | 0xda | 0xdb))
}

/// Whether a map starts here, and its first key can be one of a struct's.
fn has_first_key(kind: Kind, body: &[u8]) -> bool {
    let key = match body {
        [] | [0xde] | [0xde, _] => return true,
        [0x81..=0x8f, key @ ..] | [0xde, _, _, key @ ..] => key,
        _ => return false,
    };
    let Some((&marker @ 0xa1..=0xbf, name)) = key.split_first() else { return key.is_empty() };
    let length = usize::from(marker & 0x1f);
    let name = name.get(..length.min(name.len())).unwrap_or(name);
    let is_whole = name.len() == length;
    let Some(schema) = record_schema(kind) else {
        return name.iter().all(u8::is_ascii_alphanumeric);
    };
    schema.fields.iter().any(|field| {
        let stored = field.stored.as_bytes();
        if is_whole { stored == name } else { stored.len() == length && stored.starts_with(name) }
    })
}

/// Whether a whole value has the fields of its type, in the order in which servers store them.
fn is_record(record: &[u8]) -> bool {
    let Some(&kind) = record.first() else { return false };
    let frame = Frame { number: 0, offset: 0, kind: Kind(kind), bytes: record };
    if frame.record().is_err() {
        return false;
    }
    let (Some(entries), Some(schema)) = (frame.entries(), record_schema(frame.kind)) else {
        return true;
    };
    let mut last: &[u8] = b"";
    let (mut known, mut all) = (0u32, 0u32);
    for entry in entries {
        let Ok((Value::Raw(key), _)) = entry else { return false };
        let is_name = !key.is_empty() && key.iter().all(u8::is_ascii_alphanumeric);
        if !is_name || key <= last {
            return false;
        }
        last = key;
        known += u32::from(schema.stored(key).is_some());
        all += 1;
    }
    // Newer servers store unknown fields, but most fields are known.
    known * 2 >= all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_told_from_other_bytes() {
        let record = b"\x10\x82\xa3Key\xa3kvs\xa5Value\x07";
        let size = record.len();
        assert_eq!(looks(record, size as u64, 1000), Looks::Whole(size));
        for cut in 1..size {
            let left = cut as u64;
            assert!(matches!(looks(&record[..cut], left, 1000), Looks::Begun(_)), "{cut}");
            assert!(matches!(looks(&record[..cut], 1000, 1000), Looks::Begun(_)), "{cut}");
        }
        for other in [
            &b"\x10\x82\xa3Kez\xa3kvs\xa5Value\x07"[..],
            b"\x10\x82\xa3Key\x07\xa5Value\x07",
            b"\x01\x82\xa3Key\xa3kvs\xa5Value\x07",
            b"\x10\x07",
            b"\x00\x00\x00",
            b"",
        ] {
            assert_eq!(looks(other, other.len() as u64, 1000), Looks::No, "{other:?}");
        }
    }
}
