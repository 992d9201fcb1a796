//! The sort key of a record in its section, which also identifies its object.

use crate::registration::Registration;
use snapscope_decode::records::{Record, SortKey, peer_key};
use snapscope_decode::schema::FieldError;

/// Separator between the parts of a key.
const SEPARATOR: u8 = 0;

/// The key of a record type that occurs at most once.
const ONLY: &[u8] = b"the only one";

/// The sort key of a record, in the record or written to `out`; empty if it is unknown.
pub(super) fn key_of<'k>(
    record: &Record<'k>,
    out: &'k mut Vec<u8>,
) -> Result<&'k [u8], FieldError> {
    out.clear();
    if let Record::Register(register) = record {
        register_key(&Registration::read(*register)?, out);
        return Ok(out);
    }
    match record.sort_key()? {
        SortKey::Unknown => {}
        SortKey::Only => return Ok(ONLY),
        SortKey::Exact(text) => return Ok(text),
        SortKey::Folded(text) => folded(&[text], out),
        SortKey::Pair(first, second) => folded(&[first, second], out),
    }
    Ok(out)
}

/// The sort key of a registration.
pub(super) fn register_key(registration: &Registration<'_>, out: &mut Vec<u8>) {
    let Registration { register, service, check } = registration;
    let (rank, id): (&[u8], &[u8]) = match (service, check) {
        (Some(service), _) => (b"1", service.id.0),
        (None, Some(check)) => (b"2", check.check_id.0),
        (None, None) => (b"0", b""),
    };
    out.clear();
    folded(&[peer_key(register.peer_name.0), register.node.0, rank, id], out);
}

fn folded(parts: &[&[u8]], out: &mut Vec<u8>) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push(SEPARATOR);
        }
        out.extend_from_slice(part);
    }
    out.make_ascii_lowercase();
}
