//! Values of the wrong type, as far as a server's decoder refuses them.
//!
//! Servers decode into Go structs, and are more lenient than a schema: nil is a zero value, an
//! integer may replace a float, an empty list or map may replace the other, and a number wraps
//! around at 64 bits.

use snapscope_decode::GoTime;
use snapscope_decode::schema::{Class, FieldSpec, Schema};
use snapscope_decode::wire::{Entries, Value};

/// A field that a server cannot decode.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// Where it is, the innermost name last.
    path: Vec<&'static str>,
    /// The expected type.
    expected: &'static str,
}

impl Misfit {
    pub(super) const fn new(expected: &'static str) -> Self {
        Self { path: Vec::new(), expected }
    }

    fn inside(mut self, name: &'static str) -> Self {
        self.path.insert(0, name);
        self
    }

    /// `Service.Port is not an integer`.
    pub(super) fn text(&self) -> String {
        match self.path.is_empty() {
            true => format!("which is not {}", self.expected),
            false => format!("whose {} is not {}", self.path.join("."), self.expected),
        }
    }
}

/// Maximum nesting that is checked; structs of servers have at most ten levels.
const DEPTH: u32 = 32;

/// Returns the first field of a struct that does not fit.
pub(super) fn misfit(schema: &'static Schema, value: Value<'_>) -> Option<Misfit> {
    of_struct(schema, value, DEPTH).err()
}

/// Whether a list of structs fits.
pub(super) fn misfit_in_list(schema: &'static Schema, value: Value<'_>) -> Option<Misfit> {
    match value {
        Value::Nil => None,
        Value::Array(items) => items.flatten().find_map(|item| match item {
            Value::Nil => None,
            item => misfit(schema, item),
        }),
        // Keys and values would be its items, of which there are none.
        Value::Map(entries) if entries.is_empty() => None,
        _ => Some(Misfit::new("a list")),
    }
}

/// Whether the fields around a config entry are text.
pub(super) fn misfit_in_request(request: Entries<'_>) -> Option<Misfit> {
    ["Datacenter", "Op", "Token"].into_iter().find_map(|name| match request.find(name.as_bytes()) {
        Ok(None | Some(Value::Raw(_) | Value::Nil)) | Err(_) => None,
        Ok(Some(_)) => Some(Misfit::new("text").inside(name)),
    })
}

fn of_struct(schema: &'static Schema, value: Value<'_>, depth: u32) -> Result<(), Misfit> {
    match value {
        Value::Nil => Ok(()),
        Value::Map(entries) => fields(schema, entries, depth),
        // Fields by position, of which none is present.
        Value::Array(items) if items.is_empty() => Ok(()),
        _ => Err(Misfit::new("a map")),
    }
}

fn fields(schema: &'static Schema, entries: Entries<'_>, depth: u32) -> Result<(), Misfit> {
    // Stored in the schema's order, mostly.
    let mut expected = schema.stored_order.iter();
    for entry in entries {
        let Ok((Value::Raw(name), value)) = entry else { continue };
        let next = expected.next().and_then(|at| schema.fields.get(usize::from(*at)));
        let known = |field: &&FieldSpec| field.is_stored_as(name);
        // A server skips unknown fields.
        let Some(field) = next.filter(known).or_else(|| schema.stored(name)) else { continue };
        fits(field.class, value, depth).map_err(|misfit| misfit.inside(field.stored))?;
    }
    Ok(())
}

fn fits(class: &'static Class, value: Value<'_>, depth: u32) -> Result<(), Misfit> {
    let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
    let is = |fits: bool, expected| if fits { Ok(()) } else { Err(Misfit::new(expected)) };
    if matches!(value, Value::Nil) {
        return Ok(());
    }
    match class {
        Class::Text | Class::Ip => is(matches!(value, Value::Raw(_)), "text"),
        // For Go, bytes are a list of numbers.
        Class::Bytes => {
            is(matches!(value, Value::Raw(_) | Value::Array(_) | Value::Map(_)), "bytes")
        }
        Class::Int | Class::Nanos | Class::NanosText => {
            is(matches!(value, Value::Int(_) | Value::Uint(_)), "an integer")
        }
        Class::Uint => is(matches!(value, Value::Uint(_)), "a non-negative integer"),
        Class::Bool => is(matches!(value, Value::Bool(_) | Value::Uint(0 | 1)), "a bool"),
        Class::F32 | Class::F64 => is(
            matches!(value, Value::F32(_) | Value::F64(_) | Value::Int(_) | Value::Uint(_)),
            "a number",
        ),
        Class::Time => {
            is(matches!(value, Value::Raw(bytes) if GoTime::from_bytes(bytes).is_some()), "a time")
        }
        Class::Optional(inner) => fits(inner, value, depth),
        Class::List(inner) => match value {
            Value::Array(items) => items.flatten().try_for_each(|item| fits(inner, item, depth)),
            Value::Map(entries) if entries.is_empty() => Ok(()),
            _ => Err(Misfit::new("a list")),
        },
        Class::Map(inner) => match value {
            Value::Map(entries) => entries.flatten().try_for_each(|(key, value)| {
                is(matches!(key, Value::Raw(_) | Value::Nil), "a map with texts as keys")?;
                fits(inner, value, depth)
            }),
            _ => Err(Misfit::new("a map")),
        },
        Class::NumberMap(inner) | Class::NameMap(inner) => match value {
            Value::Map(entries) => {
                entries.flatten().try_for_each(|(_, value)| fits(inner, value, depth))
            }
            _ => Err(Misfit::new("a map")),
        },
        Class::Struct(schema) => of_struct(schema(), value, depth),
        // Values chosen by users, and classes of later versions.
        _ => Ok(()),
    }
}
