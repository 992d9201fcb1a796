//! Definitions of empty and zero.

use snapscope_decode::schema::Class;
use snapscope_decode::wire::Value;

/// Whether a field with `omitempty` is left out.
///
/// A struct or time that is not optional is never left out; an optional one only when absent, not
/// when zero.
pub(super) fn is_empty(class: &Class, value: Option<Value<'_>>) -> bool {
    match (class, value) {
        (Class::Struct(_) | Class::Time, _) => false,
        (_, None | Some(Value::Nil)) => true,
        (Class::Optional(_) | Class::Any, Some(_)) => false,
        (_, Some(value)) => value.is_zero(),
    }
}

/// Whether a value is zero, including everything in it.
pub(super) fn is_all_zero(value: Value<'_>, depth: u32) -> bool {
    match value {
        // The zero instant in UTC is how an unset time is stored.
        Value::Raw(bytes) => bytes.is_empty() || bytes == b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff",
        Value::Map(entries) if depth > 0 => {
            entries.into_iter().flatten().all(|(_, value)| is_all_zero(value, depth - 1))
        }
        Value::Map(_) => false,
        other => other.is_zero(),
    }
}
