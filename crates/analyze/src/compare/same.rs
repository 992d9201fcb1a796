//! Defines when two values are equal.

use super::lookup::Lookup;
use snapscope_objects::filter::Shape;
use snapscope_objects::value::{Json, Node};

/// The text of an unset time.
const NO_TIME: &[u8] = b"0001-01-01T00:00:00Z";

/// Whether two values are equal. In a struct an absent field equals a zero one. In values filled by
/// users (`keyed`: maps, opaque configuration) an absent key does not.
pub(super) fn same(
    before: Option<Node<'_>>,
    after: Option<Node<'_>>,
    shape: &Shape,
    keyed: bool,
) -> bool {
    let nodes = (before, after);
    let (before, after) = match (before.map(|b| b.json()), after.map(|a| a.json())) {
        (None, None) => return true,
        (None, Some(one)) | (Some(one), None) => {
            return if keyed { matches!(one, Json::Null) } else { is_zero(one, shape) };
        }
        (Some(before), Some(after)) => (before, after),
    };
    match (before, after) {
        (Json::Null, one) | (one, Json::Null) => {
            matches!(one, Json::Null) || (!keyed && is_zero(one, shape))
        }
        (Json::Object(b), Json::Object(a)) => {
            let inside = is_keyed(shape);
            let (Some(before), Some(after)) = nodes else { return false };
            let (earlier, later) = (Lookup::of(before), Lookup::of(after));
            b.clone().all(|(name, value)| {
                same(Some(value), later.get(name), &member(shape, name), inside)
            }) && a.clone().all(|(name, value)| {
                earlier.get(name).is_some() || same(None, Some(value), &member(shape, name), inside)
            })
        }
        (Json::List(b), Json::List(a)) => {
            let (mut b, mut a) = (b, a);
            let shape = item(shape);
            loop {
                match (b.next(), a.next()) {
                    (None, None) => return true,
                    (Some(b), Some(a)) if same(Some(b), Some(a), &shape, false) => {}
                    _ => return false,
                }
            }
        }
        (b, a) if equal(b, a) => true,
        (b, a) => !keyed && is_zero(b, shape) && is_zero(a, shape),
    }
}

/// Equal scalars; numbers are compared by value, not by stored form.
#[allow(clippy::float_cmp, clippy::cast_precision_loss)] // what was stored either differs or not
fn equal(before: Json<'_>, after: Json<'_>) -> bool {
    let number = |json| match json {
        Json::Uint(n) => Some(n as f64),
        Json::Int(n) => Some(n as f64),
        Json::Float(x) => Some(x),
        Json::Float32(x) => Some(f64::from(x)),
        _ => None,
    };
    match (before, after) {
        (Json::Bool(b), Json::Bool(a)) => b == a,
        (Json::Uint(b), Json::Uint(a)) => b == a,
        (Json::Int(b), Json::Int(a)) => b == a,
        (Json::Text(b) | Json::Bytes(b), Json::Text(a) | Json::Bytes(a)) => b == a,
        (b, a) => number(b).is_some_and(|b| number(a).is_some_and(|a| a == b)),
    }
}

/// Whether a value is its field's default.
#[allow(clippy::float_cmp)]
pub(super) fn is_zero(json: Json<'_>, shape: &Shape) -> bool {
    match json {
        Json::Null | Json::Bool(false) | Json::Uint(0) | Json::Int(0) => true,
        Json::Float(x) => x == 0.0,
        Json::Float32(x) => x == 0.0,
        Json::Text(text) | Json::Bytes(text) => text.is_empty() || text == NO_TIME || text == b"0s",
        Json::List(items) => items.is_empty(),
        Json::Object(members) if is_keyed(shape) => members.is_empty(),
        Json::Object(mut members) => {
            members.all(|(name, value)| is_zero(value.json(), &member(shape, name)))
        }
        _ => false,
    }
}

/// Whether users choose its keys.
pub(super) const fn is_keyed(shape: &Shape) -> bool {
    matches!(shape, Shape::Map(_) | Shape::Any)
}

/// The shape of a member. An unknown one is a field of a newer version.
pub(super) fn member(shape: &Shape, name: &[u8]) -> Shape {
    shape.member(name).unwrap_or(Shape::Any)
}

/// The shape of a list's items.
pub(super) fn item(shape: &Shape) -> Shape {
    match shape {
        Shape::List(of) => (**of).clone(),
        other => other.clone(),
    }
}
