//! Values of the wrong type, as far as a server's decoder refuses them.
//!
//! Servers decode into Go structs, and are more lenient than a schema: nil is a zero value, an
//! integer may replace a float, an empty list or map may replace the other, and a number wraps
//! around at 64 bits, but not at 32.

use snapscope_decode::GoTime;
use snapscope_decode::schema::{Class, FieldSpec, Schema, StoredNames};
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

    pub(super) fn inside(mut self, name: &'static str) -> Self {
        self.path.insert(0, name);
        self
    }

    /// The names of the fields that lead to it.
    pub(super) fn path(&self) -> &[&'static str] {
        &self.path
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
    Broken(WireError),
}

impl From<WireError> for Stop {
    fn from(e: WireError) -> Self {
        Self::Broken(e)
    }
}

type Fits = Result<(), Stop>;

fn unless(fits: bool, expected: &'static str) -> Fits {
    if fits { Ok(()) } else { Err(Stop::Misfit(Misfit::new(expected))) }
}

/// The fields of a record that do not fit, each once however many items of a list have it. All of
/// them count, because a server skips fields that it does not know.
#[derive(Default)]
struct Misfits {
    found: Vec<Misfit>,
    /// Fields found after this one are inside the field that is being walked, and are named
    /// relative to it.
    since: usize,
}

impl Misfits {
    /// Walks over a field's value; returns whether it fits.
    fn named(
        &mut self,
        name: &'static str,
        walk: impl FnOnce(&mut Self) -> Fits,
    ) -> Result<bool, WireError> {
        let around = std::mem::replace(&mut self.since, self.found.len());
        let fits = walk(self);
        if fits.is_ok() && self.found.len() == self.since {
            self.since = around;
            return Ok(true);
        }
        self.leave(name, around, fits)?;
        Ok(false)
    }

    /// Walks over the value of a field in its struct. If it does not fit, the walk continues after
    /// it.
    fn field(
        &mut self,
        field: &'static FieldSpec,
        cursor: &mut Cursor<'_>,
        depth: u32,
    ) -> Result<(), WireError> {
        let start = *cursor;
        if !self.named(field.stored, |misfits| fits(field.class, cursor, depth, misfits))? {
            *cursor = start;
            cursor.skip()?;
        }
        Ok(())
    }

    #[cold]
    fn leave(&mut self, name: &'static str, around: usize, fits: Fits) -> Result<(), WireError> {
        let mut inside = self.found.split_off(self.since);
        self.since = around;
        match fits {
            Ok(()) => {}
            Err(Stop::Misfit(misfit)) => inside.push(misfit),
            Err(Stop::Broken(e)) => return Err(e),
        }
        for misfit in inside {
            let misfit = misfit.inside(name);
            let same = self.found.iter().skip(around);
            if !same.into_iter().any(|other| *other == misfit) {
                self.found.push(misfit);
            }
        }
        Ok(())
    }

    /// Ends the walk over a whole record.
    fn of(walk: impl FnOnce(&mut Self) -> Fits) -> Vec<Misfit> {
        let mut misfits = Self::default();
        match walk(&mut misfits) {
            Err(Stop::Misfit(misfit)) => misfits.found.push(misfit),
            Ok(()) | Err(Stop::Broken(_)) => {}
        }
        misfits.found
    }
}

/// Returns the fields of a struct that do not fit.
pub(super) fn misfits(schema: &'static Schema, value: Value<'_>) -> Vec<Misfit> {
    Misfits::of(|misfits| match value {
        Value::Nil => Ok(()),
        Value::Map(entries) => fields(schema, entries.len(), &mut entries.cursor(), DEPTH, misfits),
        Value::Array(items) => unless(items.is_empty(), "a map"),
        _ => unless(false, "a map"),
    })
}

/// Values that were found to fit, by the position of their field in a struct: records of one type
/// mostly hold the same values as the record before.
#[derive(Debug, Default)]
pub(super) struct Fitting(Vec<Option<Fit>>);

/// A list or map.
#[derive(Debug)]
struct Fit {
    held: Held,
    content: Vec<u8>,
}

/// Maximum length of a remembered value.
const REMEMBERED: usize = 512;

impl Fitting {
    fn field(&mut self, place: usize) -> &mut Option<Fit> {
        if self.0.len() <= place {
            self.0.resize_with(place.saturating_add(1), || None);
        }
        &mut self.0[place]
    }
}

/// Returns the fields that do not fit among the lists and maps of a struct whose own fields are
/// readable; `each` passes on each of them with the position of its field. Those of fields in `but`
/// are read, too.
pub(super) fn misfits_unread<'a>(
    schema: &'static Schema,
    but: &[&str],
    fitting: &mut Fitting,
    each: impl FnOnce(&mut dyn FnMut(usize, Value<'a>)),
) -> Vec<Misfit> {
    Misfits::of(|misfits| {
        let mut fits = Ok(());
        each(&mut |place, value| {
            if let (true, Some(field)) = (fits.is_ok(), schema.fields.get(place))
                && !but.contains(&field.stored)
            {
                fits = part(field, value, fitting.field(place), misfits);
            }
        });
        fits
    })
}

fn part(
    field: &'static FieldSpec,
    value: Value<'_>,
    known: &mut Option<Fit>,
    misfits: &mut Misfits,
) -> Fits {
    let (held, content) = match value {
        Value::Array(items) => (Held::List(items.len()), items.cursor()),
        Value::Map(entries) => (Held::Map(entries.len()), entries.cursor()),
        _ => return Ok(()),
    };
    if known
        .as_ref()
        .is_some_and(|known| known.held == held && content.rest().starts_with(&known.content))
    {
        return Ok(());
    }
    let mut cursor = content;
    let mut is_walked = false;
    let fits = misfits.named(field.stored, |misfits| {
        is_walked = holds(field.class, held, &mut cursor, DEPTH, misfits)?;
        Ok(())
    })?;
    let end = cursor.at().saturating_sub(content.at());
    let walked = content.rest().get(..end).filter(|_| fits && is_walked && end <= REMEMBERED);
    *known = walked.map(|content| Fit { held, content: content.to_vec() });
    Ok(())
}

/// Whether a list of structs fits.
pub(super) fn misfits_in_list(schema: &'static Schema, value: Value<'_>) -> Vec<Misfit> {
    let items = match value {
        Value::Nil => return Vec::new(),
        Value::Array(items) => items,
        // Its keys and values would be the items, and there are none.
        Value::Map(entries) if entries.is_empty() => return Vec::new(),
        _ => return vec![Misfit::new("a list")],
    };
    let mut found = Vec::new();
    for item in items.flatten() {
        for misfit in misfits(schema, item) {
            if !found.contains(&misfit) {
                found.push(misfit);
            }
        }
    }
    found
}

/// Whether the fields around a config entry are text.
pub(super) fn misfit_in_request(request: Entries<'_>) -> Option<Misfit> {
    ["Datacenter", "Op", "Token"].into_iter().find_map(|name| match request.find(name.as_bytes()) {
        Ok(None | Some(Value::Raw(_) | Value::Nil)) | Err(_) => None,
        Ok(Some(_)) => Some(Misfit::new("text").inside(name)),
    })
}

/// Walks over this number of fields.
fn fields(
    schema: &'static Schema,
    count: u32,
    cursor: &mut Cursor<'_>,
    depth: u32,
    misfits: &mut Misfits,
) -> Fits {
    let mut names = StoredNames::new(schema);
    for _ in 0..count {
        let place = names.pass(cursor)?;
        match place.and_then(|place| schema.fields.get(place)) {
            Some(field) => misfits.field(field, cursor, depth)?,
            // A server skips unknown fields.
            None => cursor.skip()?,
        }
    }
    Ok(())
}

/// Walks over a value.
fn fits(class: &'static Class, cursor: &mut Cursor<'_>, depth: u32, misfits: &mut Misfits) -> Fits {
    if depth > 0
        && let Class::Optional(inner) = class
    {
        return fits(inner, cursor, depth.saturating_sub(1), misfits);
    }
    let mut inside = *cursor;
    match inside.enter() {
        _ if depth == 0 => cursor.skip()?,
        None => {
            let marker = cursor.rest().first().copied().unwrap_or_default();
            return scalar(class, cursor.value()?, marker);
        }
        Some(held) if holds(class, held, &mut inside, depth, misfits)? => *cursor = inside,
        _ => cursor.skip()?,
    }
    Ok(())
}

/// Walks over the content of a list or map, if it matters; returns whether it fits.
fn holds(
    class: &'static Class,
    held: Held,
    inside: &mut Cursor<'_>,
    depth: u32,
    misfits: &mut Misfits,
) -> Result<bool, Stop> {
    let deeper = depth.saturating_sub(1);
    match (class, held) {
        _ if depth == 0 => return Ok(false),
        (Class::Optional(inner), _) => return holds(inner, held, inside, deeper, misfits),
        (Class::Struct(schema), Held::Map(count)) => {
            fields(schema(), count, inside, deeper, misfits)?;
        }
        (Class::List(inner), Held::List(count)) => {
            (0..count).try_for_each(|_| fits(inner, inside, deeper, misfits))?;
        }
        (Class::Map(inner), Held::Map(count)) => {
            for _ in 0..count {
                let is_text = matches!(inside.value()?, Value::Raw(_) | Value::Nil);
                unless(is_text, "a map with texts as keys")?;
                fits(inner, inside, deeper, misfits)?;
            }
        }
        (Class::NumberMap(inner), Held::Map(count)) => {
            for _ in 0..count {
                let is_number = matches!(inside.value()?, Value::Uint(_) | Value::Nil);
                unless(is_number, "a map with numbers as keys")?;
                fits(inner, inside, deeper, misfits)?;
            }
        }
        (Class::NameMap(inner), Held::Map(count)) => {
            for _ in 0..count {
                let is_name = matches!(inside.value()?, Value::Map(_) | Value::Nil);
                unless(is_name, "a map with names as keys")?;
                fits(inner, inside, deeper, misfits)?;
            }
        }
        // Servers take a list for a struct, or a map for a list, only if it is empty.
        (Class::Struct(_), Held::List(0)) | (Class::List(_), Held::Map(0)) => {}
        // For Go, bytes are a list of numbers.
        _ => return may_hold(class).map(|()| false),
    }
    Ok(true)
}

/// Whether a list or map may be where a value of this class is expected.
fn may_hold(class: &'static Class) -> Fits {
    match class {
        Class::Text | Class::Ip => unless(false, "text"),
        Class::Int | Class::Nanos | Class::NanosText => unless(false, "an integer"),
        Class::Uint => unless(false, "a non-negative integer"),
        Class::Uint32 => unless(false, "a 32-bit unsigned integer"),
        Class::Bool => unless(false, "a bool"),
        Class::F32 | Class::F64 => unless(false, "a number"),
        Class::Time => unless(false, "a time"),
        Class::List(_) => unless(false, "a list"),
        Class::Struct(_) | Class::Map(_) | Class::NumberMap(_) | Class::NameMap(_) => {
            unless(false, "a map")
        }
        _ => Ok(()),
    }
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
