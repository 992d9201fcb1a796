//! A canonical encoding: equal values have equal bytes.

use super::same::{is_keyed, is_zero, item, member};
use snapscope_objects::filter::Shape;
use snapscope_objects::value::{Json, Node};
use std::collections::BTreeMap;

/// Returns bytes that are equal for equal values, as defined by [`same`](super::same::same).
pub(super) fn canonical(value: Node<'_>, shape: &Shape, keyed: bool, out: &mut Vec<u8>) {
    let json = value.json();
    if !keyed && is_zero(json, shape) {
        out.push(b'0');
        return;
    }
    let bytes = |tag: u8, bytes: &[u8], out: &mut Vec<u8>| {
        out.push(tag);
        out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        out.extend_from_slice(bytes);
    };
    match json {
        Json::Null => out.push(b'n'),
        Json::Bool(b) => out.extend_from_slice(&[b'b', u8::from(b)]),
        Json::Uint(n) => bytes(b'u', &n.to_be_bytes(), out),
        Json::Int(n) => bytes(b'i', &n.to_be_bytes(), out),
        Json::Float(x) => number(x, out),
        Json::Float32(x) => number(x.into(), out),
        Json::Text(text) | Json::Bytes(text) => bytes(b't', text, out),
        Json::List(items) => {
            out.push(b'[');
            let shape = item(shape);
            items.for_each(|item| canonical(item, &shape, false, out));
            out.push(b']');
        }
        Json::Object(members) => {
            out.push(b'{');
            let inside = is_keyed(shape);
            let members: BTreeMap<&[u8], Node<'_>> = members.collect();
            for (name, value) in members {
                let shape = member(shape, name);
                let is_absent = match inside {
                    true => matches!(value.json(), Json::Null),
                    false => is_zero(value.json(), &shape),
                };
                if !is_absent {
                    bytes(b'k', name, out);
                    canonical(value, &shape, inside, out);
                }
            }
            out.push(b'}');
        }
    }
}

/// A float with a whole number equals that integer.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
#[allow(clippy::float_cmp)] // it is one or it isn't
fn number(x: f64, out: &mut Vec<u8>) {
    let (tag, whole) = match x {
        x if x >= 0.0 && (x as u64) as f64 == x => (b'u', (x as u64).to_be_bytes()),
        x if x < 0.0 && (x as i64) as f64 == x => (b'i', (x as i64).to_be_bytes()),
        x => (b'f', x.to_bits().to_be_bytes()),
    };
    out.push(tag);
    out.extend_from_slice(&8u64.to_be_bytes());
    out.extend_from_slice(&whole);
}
