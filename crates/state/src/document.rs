//! Stored structs with editable fields.

use snapscope_decode::wire::{Cursor, Value, encode};
use std::borrow::Cow;

/// The value of a field that is not stored.
pub(crate) const NIL: &[u8] = &[0xc0];

/// Maximum number of bytes before the content of a value.
const HEAD: usize = 5;

/// The reason why a server refuses a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub Cow<'static, str>);

impl Refused {
    /// The reason why a whole transaction is refused: one of its operations, counted from 1.
    pub(crate) fn of_operation(self, number: usize) -> Self {
        Self(format!("operation {number} of the transaction failed: {}", self.0).into())
    }
}

/// A refusal.
pub(crate) fn refused<T>(why: &'static str) -> Result<T, Refused> {
    Err(Refused(Cow::Borrowed(why)))
}

/// The outcome of an operation.
pub(crate) type Applied = Result<(), Refused>;

/// A field's name and the bytes of its value.
type Field<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// A msgpack map by field, in stored order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Doc<'a> {
    fields: Vec<Field<'a>>,
}

impl<'a> Doc<'a> {
    /// Reads a map; nil is a map without fields.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        let unreadable = || Refused(Cow::Borrowed("cannot read the request"));
        let mut at = Cursor::new(bytes);
        // Its fields are walked below, which also shows whether it is whole.
        let Some(entries) = at.whole_map() else {
            return match at.value() {
                Ok(Value::Nil) => Ok(Self::default()),
                _ => Err(unreadable()),
            };
        };
        let mut fields = Vec::with_capacity(usize::try_from(entries.len()).unwrap_or(0).min(64));
        at = Cursor::starting_at(bytes, entries.at());
        for _ in 0..entries.len() {
            let Ok(Value::Raw(name)) = at.value() else { return Err(unreadable()) };
            let value = at.take_bytes().map_err(|_| unreadable())?;
            fields.push((Cow::Borrowed(name), Cow::Borrowed(value)));
        }
        Ok(Self { fields })
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|(field, _)| is_named(field, name))
    }

    /// Whether a field is stored at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The bytes of a field's value.
    pub(crate) fn raw(&self, name: &str) -> &[u8] {
        self.position(name).and_then(|at| self.fields.get(at)).map_or(NIL, |(_, value)| value)
    }

    /// The bytes of a field's value as they were read; `None` if it is absent or nil.
    pub(crate) fn borrowed(&self, name: &str) -> Option<&'a [u8]> {
        match self.fields.get(self.position(name)?) {
            Some((_, Cow::Borrowed(value))) if *value != NIL => Some(value),
            _ => None,
        }
    }

    pub(crate) fn value(&self, name: &str) -> Value<'_> {
        Value::read(self.raw(name)).unwrap_or(Value::Nil)
    }

    /// A field of text or bytes.
    pub(crate) fn text(&self, name: &str) -> &[u8] {
        match self.value(name) {
            Value::Raw(bytes) => bytes,
            _ => &[],
        }
    }

    pub(crate) fn uint(&self, name: &str) -> u64 {
        match self.value(name) {
            Value::Uint(number) => number,
            _ => 0,
        }
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        matches!(self.value(name), Value::Bool(true))
    }

    pub(crate) fn is_nil(&self, name: &str) -> bool {
        self.value(name).is_nil()
    }

    /// A field that is a struct.
    pub(crate) fn doc(&self, name: &str) -> Result<Doc<'_>, Refused> {
        Doc::read(self.raw(name))
    }

    /// The bytes of each item of a field that is a list.
    pub(crate) fn items(&self, name: &str) -> Vec<&[u8]> {
        items(self.raw(name))
    }

    /// Sets a field; a new one is inserted where its name sorts.
    pub(crate) fn set(&mut self, name: &str, value: Vec<u8>) {
        match self.position(name) {
            Some(at) => {
                if let Some((_, old)) = self.fields.get_mut(at) {
                    *old = Cow::Owned(value);
                }
            }
            None => {
                let at = self
                    .fields
                    .iter()
                    .position(|(field, _)| field.as_ref() > name.as_bytes())
                    .unwrap_or(self.fields.len());
                let name = Cow::Owned(name.as_bytes().to_vec());
                self.fields.insert(at, (name, Cow::Owned(value)));
            }
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.fields.retain(|(field, _)| field.as_ref() != name.as_bytes());
    }

    pub(crate) fn set_uint(&mut self, name: &str, number: u64) {
        self.set(name, uint(number));
    }

    pub(crate) fn set_text(&mut self, name: &str, text: &[u8]) {
        self.set(name, raw(text));
    }

    pub(crate) fn set_nil(&mut self, name: &str) {
        self.set(name, NIL.to_vec());
    }

    /// Sets both indexes of a record.
    pub(crate) fn stamp(&mut self, create: u64, modify: u64) {
        self.set_uint("CreateIndex", create);
        self.set_uint("ModifyIndex", modify);
    }

    /// Sets the indexes of a record that replaces `existing`, or is new.
    pub(crate) fn stamp_over(&mut self, existing: Option<&Doc<'_>>, index: u64) {
        let create = existing.map_or(index, |existing| existing.uint("CreateIndex"));
        self.stamp(create, index);
    }

    /// The map's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let content = self.fields.iter().map(|(name, value)| name.len() + value.len() + HEAD);
        let mut out = Vec::with_capacity(content.sum::<usize>() + HEAD);
        self.write(&mut out);
        out
    }

    /// Appends the map's bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        encode::map_head(self.fields.len() as u64, out);
        for (name, value) in &self.fields {
            encode::raw(name, out);
            out.extend_from_slice(value);
        }
    }

    /// Field names and the bytes of their values.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

/// Whether a field has this name. Most differ in their first letter, which takes no call to see.
#[inline]
fn is_named(field: &[u8], name: &str) -> bool {
    field.first() == name.as_bytes().first() && field == name.as_bytes()
}

/// The bytes of the values of some fields of a stored struct, without reading the others.
pub(crate) fn values<'a, const N: usize>(
    bytes: &'a [u8],
    names: [&str; N],
) -> Result<[&'a [u8]; N], Refused> {
    let unreadable = || Refused(Cow::Borrowed("cannot read the request"));
    let mut found = [None; N];
    let mut at = Cursor::new(bytes);
    let Some(entries) = at.whole_map() else {
        let is_nil = matches!(at.value(), Ok(Value::Nil));
        return if is_nil { Ok([NIL; N]) } else { Err(unreadable()) };
    };
    at = Cursor::starting_at(bytes, entries.at());
    for _ in 0..entries.len() {
        let Ok(Value::Raw(name)) = at.value() else { return Err(unreadable()) };
        let value = at.take_bytes().map_err(|_| unreadable())?;
        let places = names.iter().zip(&mut found);
        if let Some((_, place)) = places.into_iter().find(|(asked, _)| is_named(name, asked)) {
            // If a field is stored twice, the first one counts.
            place.get_or_insert(value);
        }
    }
    Ok(found.map(|value| value.unwrap_or(NIL)))
}

/// The same for a struct that is only described: nothing after the last of these fields is read,
/// and it is not checked to be whole.
pub(crate) fn first_values<'a, const N: usize>(bytes: &'a [u8], names: [&str; N]) -> [&'a [u8]; N] {
    let mut found = [None; N];
    let mut at = Cursor::new(bytes);
    let fields = at.whole_map().map_or(0, |entries| {
        at = Cursor::starting_at(bytes, entries.at());
        entries.len()
    });
    for _ in 0..fields {
        let (Ok(Value::Raw(name)), Ok(value)) = (at.value(), at.take_bytes()) else { break };
        let places = names.iter().zip(&mut found);
        if let Some((_, place)) = places.into_iter().find(|(asked, _)| is_named(name, asked)) {
            place.get_or_insert(value);
            if found.iter().all(Option::is_some) {
                break;
            }
        }
    }
    found.map(|value| value.unwrap_or(NIL))
}

/// The bytes of each item of a list.
pub(crate) fn items(list: &[u8]) -> Vec<&[u8]> {
    let Ok(Value::Array(items)) = Value::read(list) else { return Vec::new() };
    let mut cursor = Cursor::starting_at(list, items.at());
    (0..items.len()).map_while(|_| cursor.take_bytes().ok()).collect()
}

/// Encodes a list of these items.
pub(crate) fn list<B: AsRef<[u8]>>(items: &[B]) -> Vec<u8> {
    let mut out = Vec::new();
    encode::list_head(items.len() as u64, &mut out);
    for item in items {
        out.extend_from_slice(item.as_ref());
    }
    out
}

pub(crate) fn uint(number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    encode::uint(number, &mut out);
    out
}

pub(crate) fn raw(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().saturating_add(5));
    encode::raw(bytes, &mut out);
    out
}

/// A raw value as text or bytes; `None` for other values.
pub(crate) fn text(value: &[u8]) -> &[u8] {
    match Value::read(value) {
        Ok(Value::Raw(bytes)) => bytes,
        _ => &[],
    }
}

/// In lower case, as in the servers' indexes.
pub(crate) fn lower(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    push_lower(name, &mut out);
    out
}

/// Appends a name in lower case.
pub(crate) fn push_lower(name: &[u8], out: &mut Vec<u8>) {
    match std::str::from_utf8(name) {
        Ok(text) if !name.is_ascii() => out.extend_from_slice(text.to_lowercase().as_bytes()),
        _ => out.extend(name.iter().map(u8::to_ascii_lowercase)),
    }
}
