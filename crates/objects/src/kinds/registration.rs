//! What a `Register` record registers, found out without reading all of it: nodes, instances and
//! checks look at all of them, and most are none of theirs.

use snapscope_decode::Frame;
use snapscope_decode::wire::Value;

/// Whether the record is known to have something under a field. `false` where it can't be read:
/// whoever reads on tells why.
pub(super) fn has(frame: &Frame<'_>, field: &str) -> bool {
    matches!(find(frame, field), Some(Some(_)))
}

/// Whether the record is known to have nothing under a field.
pub(super) fn lacks(frame: &Frame<'_>, field: &str) -> bool {
    matches!(find(frame, field), Some(None))
}

/// What stands under a field, `nil` being nothing; `None` if the record can't be read.
fn find<'f>(frame: &Frame<'f>, field: &str) -> Option<Option<Value<'f>>> {
    let found = frame.entries()?.find(field.as_bytes()).ok()?;
    Some(found.filter(|value| !value.is_nil()))
}
