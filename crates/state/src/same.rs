//! Equality of stored values: byte by byte, except for the order of maps.

use crate::document::Doc;
use snapscope_decode::Kind;
use snapscope_decode::wire::{Cursor, Value};

/// Maximum nesting; records are never this deep.
const DEPTH: u32 = 200;

/// Whether two values are the same. Nil differs from an empty list or map.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a == b || same_at(a, b, 0)
}

/// Whether two records of a type are the same. Config entries are compared by their content.
#[must_use]
pub fn same_record(kind: Kind, a: &[u8], b: &[u8]) -> bool {
    if kind != Kind::CONFIG_ENTRY {
        return same(a, b);
    }
    a == b || config_entry(a).is_some_and(|a| config_entry(b).is_some_and(|b| a.is_same(&b)))
}

/// The parts of a config entry's record.
struct ConfigEntry<'a> {
    kind: &'a [u8],
    request: Doc<'a>,
}

fn config_entry(body: &[u8]) -> Option<ConfigEntry<'_>> {
    let mut cursor = Cursor::new(crate::document::text(body));
    let Ok(Value::Raw(kind)) = cursor.value() else { return None };
    Some(ConfigEntry { kind, request: Doc::read(cursor.rest()).ok()? })
}

impl ConfigEntry<'_> {
    fn is_same(&self, other: &Self) -> bool {
        let (a, b) = (self.request.raw("Entry"), other.request.raw("Entry"));
        // One kind has an additional wrapper.
        let is_same_entry = match (Value::read(a), Value::read(b)) {
            (Ok(Value::Raw(a)), Ok(Value::Raw(b))) => same(a, b),
            _ => same(a, b),
        };
        self.kind == other.kind
            && is_same_entry
            && same_but(&self.request, &other.request, &["Entry"])
    }
}

fn same_at(a: &[u8], b: &[u8], depth: u32) -> bool {
    if a == b {
        return true;
    }
    if depth > DEPTH {
        return false;
    }
    if let Some(are_same) = same_in_order(a, b, depth) {
        return are_same;
    }
    match (Value::read(a), Value::read(b)) {
        (Ok(Value::Map(_)), Ok(Value::Map(_))) => {
            let (Some(mut a), Some(mut b)) = (pairs(a), pairs(b)) else { return false };
            a.sort_unstable_by_key(|(key, _)| *key);
            b.sort_unstable_by_key(|(key, _)| *key);
            a.len() == b.len()
                && a.iter().zip(&b).all(|((ka, va), (kb, vb))| {
                    same_at(ka, kb, depth + 1) && same_at(va, vb, depth + 1)
                })
        }
        (Ok(Value::Array(_)), Ok(Value::Array(_))) => {
            let (a, b) = (crate::document::items(a), crate::document::items(b));
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| same_at(a, b, depth + 1))
        }
        // The same number or text may be encoded differently.
        (Ok(Value::Raw(a)), Ok(Value::Raw(b))) => a == b,
        (Ok(Value::Uint(a)), Ok(Value::Uint(b))) => a == b,
        (Ok(Value::Int(a)), Ok(Value::Int(b))) => a == b,
        _ => false,
    }
}

/// Whether two maps are the same, if both have the same keys in order; otherwise `None`. Most maps
/// that differ do so early, in an index.
fn same_in_order(a: &[u8], b: &[u8], depth: u32) -> Option<bool> {
    let (mut a, mut b) = (Cursor::new(a), Cursor::new(b));
    let (a_map, b_map) = (a.whole_map()?, b.whole_map()?);
    if a_map.len() != b_map.len() {
        return Some(false);
    }
    (a, b) = (a.moved_to(a_map.at()), b.moved_to(b_map.at()));
    for _ in 0..a_map.len() {
        if a.take_bytes().ok()? != b.take_bytes().ok()? {
            return None;
        }
        if !same_at(a.take_bytes().ok()?, b.take_bytes().ok()?, depth + 1) {
            return Some(false);
        }
    }
    Some(true)
}

fn pairs(map: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let Ok(Value::Map(entries)) = Value::read(map) else { return None };
    let mut cursor = Cursor::starting_at(map, entries.at());
    (0..entries.len())
        .map(|_| Some((cursor.take_bytes().ok()?, cursor.take_bytes().ok()?)))
        .collect()
}

/// Whether two structs have equal values in these fields.
pub(crate) fn same_in(a: &Doc<'_>, b: &Doc<'_>, fields: &[&str]) -> bool {
    fields.iter().all(|field| same(a.raw(field), b.raw(field)))
}

/// Whether two structs have equal values in all other fields.
pub(crate) fn same_but(a: &Doc<'_>, b: &Doc<'_>, passed_over: &[&str]) -> bool {
    // Nearly always they have the same fields in the same order.
    if counted(a, passed_over)
        .map(|(name, _)| name)
        .eq(counted(b, passed_over).map(|(name, _)| name))
    {
        let mut pairs = counted(a, passed_over).zip(counted(b, passed_over));
        return pairs.all(|((_, a), (_, b))| same(a, b));
    }
    let covers = |a: &Doc<'_>, b: &Doc<'_>| {
        counted(a, passed_over).all(|(name, value)| {
            std::str::from_utf8(name).is_ok_and(|name| same(value, b.raw(name)))
        })
    };
    covers(a, b) && covers(b, a)
}

/// The fields that are compared.
fn counted<'d>(
    doc: &'d Doc<'_>,
    passed_over: &'d [&str],
) -> impl Iterator<Item = (&'d [u8], &'d [u8])> {
    doc.fields().filter(|(name, _)| !passed_over.iter().any(|field| field.as_bytes() == *name))
}
