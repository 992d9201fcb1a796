//! Values of the wrong type, as far as a server's decoder refuses them.
//!
//! Servers decode into Go structs, and are more lenient than a schema: nil is a zero value, an
//! integer may replace a float, an empty list or map may replace the other, and a number wraps
//! around at 64 bits, but not at 32.

use snapscope_decode::GoTime;
use snapscope_decode::schema::{Class, FieldSpec, Schema};
use snapscope_decode::wire::{Cursor, Entries, Held, Value, WireError};

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

/// Why a walk ends early.
enum Stop {
    Misfit(Misfit),
    /// The bytes are not a whole value, which this check of servers' decoders does not cover.
    Broken,
}

impl From<WireError> for Stop {
    fn from(_: WireError) -> Self {
        Self::Broken
    }
}

impl Stop {
    fn inside(self, name: &'static str) -> Self {
        match self {
            Self::Misfit(misfit) => Self::Misfit(misfit.inside(name)),
            Self::Broken => Self::Broken,
        }
    }
}

type Fits = Result<(), Stop>;

fn unless(fits: bool, expected: &'static str) -> Fits {
    if fits { Ok(()) } else { Err(Stop::Misfit(Misfit::new(expected))) }
}

fn found(fits: Fits) -> Option<Misfit> {
    match fits {
        Err(Stop::Misfit(misfit)) => Some(misfit),
        Ok(()) | Err(Stop::Broken) => None,
    }
}

/// Whether every field of a struct holds nothing else: such a record fits if its fields could be read.
pub(super) fn is_flat(schema: &'static Schema) -> bool {
    schema.fields.iter().all(|field| is_scalar(field.class))
}

const fn is_scalar(class: &'static Class) -> bool {
    matches!(
        class,
        Class::Text
            | Class::Bytes
            | Class::Ip
            | Class::Time
            | Class::Int
            | Class::Uint
            | Class::Uint32
            | Class::Nanos
            | Class::NanosText
            | Class::Bool
            | Class::F32
            | Class::F64
    )
}

/// Returns the first field of a struct that does not fit.
pub(super) fn misfit(schema: &'static Schema, value: Value<'_>) -> Option<Misfit> {
    found(match value {
        Value::Nil => Ok(()),
        Value::Map(entries) => fields(schema, entries.len(), &mut entries.cursor(), DEPTH),
        Value::Array(items) => unless(items.is_empty(), "a map"),
        _ => unless(false, "a map"),
    })
}

/// The same for a struct whose own fields could be read, as could those of the structs it holds as `read`: what
/// is left are the values in these.
pub(super) fn misfit_inside(
    schema: &'static Schema,
    entries: Entries<'_>,
    read: &[&str],
) -> Option<Misfit> {
    found(inside(schema, entries.len(), &mut entries.cursor(), read))
}

fn inside(schema: &'static Schema, count: u32, cursor: &mut Cursor<'_>, read: &[&str]) -> Fits {
    let mut expected = schema.stored_order.iter();
    for _ in 0..count {
        let Some(field) = known_field(schema, &mut expected, cursor)? else {
            cursor.skip()?;
            continue;
        };
        if is_scalar(field.class) {
            cursor.skip()?;
            continue;
        }
        let fits = match field.class {
            Class::Optional(Class::Struct(inner)) if read.contains(&field.stored) => {
                let mut held = *cursor;
                match held.enter() {
                    Some(Held::Map(count)) => {
                        let fits = inside(inner(), count, &mut held, &[]);
                        *cursor = held;
                        fits
                    }
                    _ => fits(field.class, cursor, DEPTH),
                }
            }
            _ => fits(field.class, cursor, DEPTH),
        };
        fits.map_err(|stop| stop.inside(field.stored))?;
    }
    Ok(())
}

/// Moves past the name of a field, and returns what is declared of it.
fn known_field(
    schema: &'static Schema,
    expected: &mut std::slice::Iter<'static, u8>,
    cursor: &mut Cursor<'_>,
) -> Result<Option<&'static FieldSpec>, WireError> {
    let next = expected.next().and_then(|at| schema.fields.get(usize::from(*at)));
    Ok(match cursor.value()? {
        // Stored in the schema's order, mostly.
        Value::Raw(name) => {
            next.filter(|field| field.is_stored_as(name)).or_else(|| schema.stored(name))
        }
        _ => None,
    })
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

/// Walks over as many fields.
fn fields(schema: &'static Schema, count: u32, cursor: &mut Cursor<'_>, depth: u32) -> Fits {
    let mut expected = schema.stored_order.iter();
    for _ in 0..count {
        match known_field(schema, &mut expected, cursor)? {
            Some(field) => {
                fits(field.class, cursor, depth).map_err(|stop| stop.inside(field.stored))?;
            }
            // A server skips unknown fields.
            None => cursor.skip()?,
        }
    }
    Ok(())
}

/// Walks over a value.
fn fits(class: &'static Class, cursor: &mut Cursor<'_>, depth: u32) -> Fits {
    let deeper = depth.saturating_sub(1);
    let mut inside = *cursor;
    let held = match class {
        Class::Optional(inner) => return fits(inner, cursor, deeper),
        _ => inside.enter(),
    };
    match (class, held) {
        _ if depth == 0 => cursor.skip()?,
        (_, None) => {
            let marker = cursor.rest().first().copied().unwrap_or_default();
            return scalar(class, cursor.value()?, marker);
        }
        (Class::Struct(schema), Some(Held::Map(count))) => {
            fields(schema(), count, &mut inside, deeper)?;
            *cursor = inside;
        }
        (Class::List(inner), Some(Held::List(count))) => {
            (0..count).try_for_each(|_| fits(inner, &mut inside, deeper))?;
            *cursor = inside;
        }
        (Class::Map(inner), Some(Held::Map(count))) => {
            for _ in 0..count {
                let is_text = matches!(inside.value()?, Value::Raw(_) | Value::Nil);
                unless(is_text, "a map with texts as keys")?;
                fits(inner, &mut inside, deeper)?;
            }
            *cursor = inside;
        }
        (Class::NumberMap(inner), Some(Held::Map(count))) => {
            for _ in 0..count {
                let is_number = matches!(inside.value()?, Value::Uint(_) | Value::Nil);
                unless(is_number, "a map with numbers as keys")?;
                fits(inner, &mut inside, deeper)?;
            }
            *cursor = inside;
        }
        (Class::NameMap(inner), Some(Held::Map(count))) => {
            for _ in 0..count {
                let is_name = matches!(inside.value()?, Value::Map(_) | Value::Nil);
                unless(is_name, "a map with names as keys")?;
                fits(inner, &mut inside, deeper)?;
            }
            *cursor = inside;
        }
        // Fields or items in order, of which none is given.
        (Class::Struct(_), Some(Held::List(0))) | (Class::List(_), Some(Held::Map(0))) => {
            *cursor = inside;
        }
        (Class::Text | Class::Ip, Some(_)) => return unless(false, "text"),
        (Class::Int | Class::Nanos | Class::NanosText, Some(_)) => {
            return unless(false, "an integer");
        }
        (Class::Uint, Some(_)) => return unless(false, "a non-negative integer"),
        (Class::Uint32, Some(_)) => return unless(false, "a 32-bit unsigned integer"),
        (Class::Bool, Some(_)) => return unless(false, "a bool"),
        (Class::F32 | Class::F64, Some(_)) => return unless(false, "a number"),
        (Class::Time, Some(_)) => return unless(false, "a time"),
        (Class::List(_), Some(_)) => return unless(false, "a list"),
        (Class::Struct(_) | Class::Map(_) | Class::NumberMap(_) | Class::NameMap(_), Some(_)) => {
            return unless(false, "a map");
        }
        // For Go, bytes are a list of numbers.
        _ => cursor.skip()?,
    }
    Ok(())
}

/// Whether a value that holds no others fits; `marker` is its first byte.
fn scalar(class: &'static Class, value: Value<'_>, marker: u8) -> Fits {
    if value.is_nil() {
        return Ok(());
    }
    match class {
        Class::Text | Class::Ip => unless(matches!(value, Value::Raw(_)), "text"),
        Class::Bytes => unless(matches!(value, Value::Raw(_)), "bytes"),
        Class::Int | Class::Nanos | Class::NanosText => {
            unless(matches!(value, Value::Int(_) | Value::Uint(_)), "an integer")
        }
        Class::Uint => unless(matches!(value, Value::Uint(_)), "a non-negative integer"),
        Class::Uint32 => unless(
            matches!(value, Value::Uint(n) if u32::try_from(n).is_ok()),
            "a 32-bit unsigned integer",
        ),
        // The number 0 or 1 has to be a byte of its own.
        Class::Bool => unless(matches!(value, Value::Bool(_)) || matches!(marker, 0 | 1), "a bool"),
        Class::F32 if matches!(value, Value::F64(x) if is_beyond_32_bits(x)) => {
            unless(false, "a 32-bit float")
        }
        Class::F32 | Class::F64 => unless(
            matches!(value, Value::F32(_) | Value::F64(_) | Value::Int(_) | Value::Uint(_)),
            "a number",
        ),
        Class::Time => unless(
            matches!(value, Value::Raw(bytes) if GoTime::from_bytes(bytes).is_some()),
            "a time",
        ),
        Class::List(_) => unless(false, "a list"),
        Class::Struct(_) | Class::Map(_) | Class::NumberMap(_) | Class::NameMap(_) => {
            unless(false, "a map")
        }
        _ => Ok(()),
    }
}

/// Whether a finite float is outside of the range of 32-bit floats.
fn is_beyond_32_bits(x: f64) -> bool {
    x.is_finite() && x.abs() > f64::from(f32::MAX)
}
