//! Reads fields without copying them.

use super::field_error::{FieldError, wrong_class};
use super::fields::{Class, Schema};
use crate::time::GoTime;
use crate::wire::{Entries, Items, Value, WireError};
use std::fmt;
use std::marker::PhantomData;

/// A type a field can have.
pub trait Wire<'a>: Sized {
    /// The class of such a field.
    const CLASS: Class;
    /// The value of a field that is not stored.
    fn absent() -> Self;
    /// Reads a stored value; `nil` reads like a field that is not stored.
    ///
    /// # Errors
    /// If the value has another type.
    fn read(value: Value<'a>) -> Result<Self, FieldError>;

    /// Whether a text, or every text among a struct's own fields, is UTF-8.
    fn is_text(&self) -> bool {
        true
    }

    /// The list or map that is read on demand, if this is such a field and there is one.
    fn unread(&self) -> Option<Value<'a>> {
        None
    }
}

/// A struct declared with [`wire_struct!`](crate::wire_struct).
pub trait WireStruct<'a>: Wire<'a> {
    /// Its fields.
    fn schema() -> &'static Schema;

    /// Calls `take` with each list and map among its fields (they are read on demand), and the
    /// position of the field in [`Schema::fields`].
    fn each_unread(&self, take: &mut dyn FnMut(usize, Value<'a>));

    /// Whether every field is stored once, and in the servers' order. If not, another field of the
    /// same name may have been skipped.
    fn is_in_order(&self) -> bool;
}

/// Text as stored: usually UTF-8, but not guaranteed to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<'a>(pub &'a [u8]);

/// Bytes that are not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bytes<'a>(pub &'a [u8]);

/// An IP address: 4 or 16 bytes, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ip<'a>(pub &'a [u8]);

/// A duration in nanoseconds, which Consul shows as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Nanos(pub i64);

/// A duration in nanoseconds, which Consul shows as text (`1m30s`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct NanosText(pub i64);

/// Any value chosen by users; `None` if nothing is stored.
#[derive(Debug, Clone, Copy)]
pub struct Any<'a>(pub Option<Value<'a>>);

/// A struct (or an optional one) that is read on demand.
#[derive(Debug, Clone, Copy)]
pub struct Nested<'a, T> {
    value: Option<Value<'a>>,
    of: PhantomData<T>,
}

/// A list whose items are read one by one.
#[derive(Debug, Clone, Copy)]
pub struct List<'a, T> {
    items: Option<Items<'a>>,
    of: PhantomData<T>,
}

/// A map keyed by text whose values are read one by one.
#[derive(Debug, Clone, Copy)]
pub struct Map<'a, T> {
    entries: Option<Entries<'a>>,
    of: PhantomData<T>,
}

/// A map keyed by numbers.
#[derive(Debug, Clone, Copy)]
pub struct NumberMap<'a, T> {
    entries: Option<Entries<'a>>,
    of: PhantomData<T>,
}

/// A map keyed by service names, each itself a map `{"Name": ...}`.
#[derive(Debug, Clone, Copy)]
pub struct NameMap<'a, T> {
    entries: Option<Entries<'a>>,
    of: PhantomData<T>,
}

/// The stored fields that a declaration does not name.
#[derive(Debug, Clone, Copy)]
pub struct Extra<'a> {
    entries: Option<Entries<'a>>,
    known: fn() -> &'static Schema,
    count: u32,
    is_in_order: bool,
}

impl<'a> Text<'a> {
    /// As text, if it is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }

    /// As text, bytes that are not UTF-8 replaced by U+FFFD.
    #[must_use]
    pub fn lossy(&self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its bytes, or those of `other` if it is empty.
    #[must_use]
    pub const fn or_else(&self, other: Self) -> &'a [u8] {
        if self.0.is_empty() { other.0 } else { self.0 }
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

macro_rules! wire_scalar {
    ($($ty:ty, $class:expr, $absent:expr, $want:literal, $pattern:pat => $value:expr;)*) => {
        $(impl<'a> Wire<'a> for $ty {
            const CLASS: Class = $class;
            fn absent() -> Self {
                $absent
            }
            #[inline]
            fn read(value: Value<'a>) -> Result<Self, FieldError> {
                match value {
                    $pattern => $value,
                    Value::Nil => Ok($absent),
                    other => Err(wrong_class($want, other)),
                }
            }
        })*
    };
}

wire_scalar! {
    Bytes<'a>, Class::Bytes, Bytes(&[]), "bytes", Value::Raw(bytes) => Ok(Bytes(bytes));
    Ip<'a>, Class::Ip, Ip(&[]), "an IP address", Value::Raw(bytes) => Ok(Ip(bytes));
    bool, Class::Bool, false, "a bool", Value::Bool(b) => Ok(b);
    u64, Class::Uint, 0, "a non-negative integer", Value::Uint(n) => Ok(n);
    u32, Class::Uint32, 0, "a 32-bit unsigned integer", Value::Uint(n) => {
        u32::try_from(n).map_err(|_| {
            FieldError::class("a 32-bit unsigned integer", "a larger one")
        })
    };
    f32, Class::F32, 0.0, "a 32-bit float", Value::F32(x) => Ok(x);
    f64, Class::F64, 0.0, "a 64-bit float", Value::F64(x) => Ok(x);
}

impl<'a> Wire<'a> for Text<'a> {
    const CLASS: Class = Class::Text;
    fn absent() -> Self {
        Text(&[])
    }
    #[inline]
    fn read(value: Value<'a>) -> Result<Self, FieldError> {
        match value {
            Value::Raw(bytes) => Ok(Text(bytes)),
            Value::Nil => Ok(Text(&[])),
            other => Err(wrong_class("text", other)),
        }
    }
    #[inline]
    fn is_text(&self) -> bool {
        self.0.is_ascii() || std::str::from_utf8(self.0).is_ok()
    }
}

fn signed(value: Value<'_>) -> Result<i64, FieldError> {
    match value {
        Value::Int(n) => Ok(n),
        Value::Uint(n) => {
            i64::try_from(n).map_err(|_| wrong_class("a 64-bit signed integer", value))
        }
        Value::Nil => Ok(0),
        other => Err(wrong_class("an integer", other)),
    }
}

macro_rules! wire_signed {
    ($($ty:ty, $class:expr, $make:expr;)*) => {
        $(impl<'a> Wire<'a> for $ty {
            const CLASS: Class = $class;
            fn absent() -> Self {
                $make(0)
            }
            fn read(value: Value<'a>) -> Result<Self, FieldError> {
                signed(value).map($make)
            }
        })*
    };
}

wire_signed! {
    i64, Class::Int, std::convert::identity;
    Nanos, Class::Nanos, Nanos;
    NanosText, Class::NanosText, NanosText;
}

impl<'a> Wire<'a> for GoTime {
    const CLASS: Class = Class::Time;
    fn absent() -> Self {
        Self::ZERO
    }
    fn read(value: Value<'a>) -> Result<Self, FieldError> {
        match value {
            Value::Nil => Ok(Self::ZERO),
            Value::Raw(bytes) => Self::from_bytes(bytes)
                .ok_or_else(|| FieldError::class("a time of 15 or 16 bytes", "other bytes")),
            other => Err(wrong_class("a time", other)),
        }
    }
}

impl<'a> Wire<'a> for Any<'a> {
    const CLASS: Class = Class::Any;
    fn absent() -> Self {
        Any(None)
    }
    fn read(value: Value<'a>) -> Result<Self, FieldError> {
        Ok(Any(Some(value)))
    }
}

impl<'a, T: Wire<'a>> Wire<'a> for Option<T> {
    const CLASS: Class = Class::Optional(&T::CLASS);
    fn absent() -> Self {
        None
    }
    fn read(value: Value<'a>) -> Result<Self, FieldError> {
        match value {
            Value::Nil => Ok(None),
            other => T::read(other).map(Some),
        }
    }
    fn is_text(&self) -> bool {
        self.as_ref().is_none_or(Wire::is_text)
    }
    fn unread(&self) -> Option<Value<'a>> {
        self.as_ref().and_then(Wire::unread)
    }
}

impl<'a, T: Wire<'a>> Wire<'a> for Nested<'a, T> {
    const CLASS: Class = T::CLASS;
    fn absent() -> Self {
        Self { value: None, of: PhantomData }
    }
    fn read(value: Value<'a>) -> Result<Self, FieldError> {
        match value {
            Value::Map(_) => Ok(Self { value: Some(value), of: PhantomData }),
            Value::Nil => Ok(Self::absent()),
            other => Err(wrong_class("a map", other)),
        }
    }
    fn unread(&self) -> Option<Value<'a>> {
        self.value
    }
}

impl<'a, T: Wire<'a>> Nested<'a, T> {
    /// Reads it.
    ///
    /// # Errors
    /// If a field in it has another type than declared.
    pub fn get(&self) -> Result<T, FieldError> {
        self.value.map_or_else(|| Ok(T::absent()), T::read)
    }

    /// Whether nothing (or `nil`) is stored.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        self.value.is_none()
    }
}

impl<'a, T: Wire<'a>> Wire<'a> for List<'a, T> {
    const CLASS: Class = Class::List(&T::CLASS);
    fn absent() -> Self {
        Self { items: None, of: PhantomData }
    }
    fn read(value: Value<'a>) -> Result<Self, FieldError> {
        match value {
            Value::Array(items) => Ok(Self { items: Some(items), of: PhantomData }),
            Value::Nil => Ok(Self::absent()),
            other => Err(wrong_class("a list", other)),
        }
    }
    fn unread(&self) -> Option<Value<'a>> {
        self.items.map(Value::Array)
    }
}

impl<'a, T: Wire<'a>> List<'a, T> {
    /// Its items, in order; empty if it is `nil`.
    pub fn iter(&self) -> impl Iterator<Item = Result<T, FieldError>> + use<'a, T> {
        self.items.into_iter().flatten().map(|item| T::read(item?))
    }

    /// How many items it has.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.items.map_or(0, |items| items.len())
    }

    /// Whether it has no items, `nil` or not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a, T: Wire<'a>> Map<'a, T> {
    /// Its entries in stored order (which is random); empty if it is `nil`.
    pub fn iter(&self) -> impl Iterator<Item = Result<(Text<'a>, T), FieldError>> + use<'a, T> {
        self.entries.into_iter().flatten().map(|entry| {
            let (key, value) = entry?;
            Ok((Text::read(key)?, T::read(value)?))
        })
    }

    /// The value under `key`.
    ///
    /// # Errors
    /// If the stored value has another type.
    pub fn get(&self, key: &str) -> Result<Option<T>, FieldError> {
        match self.entries {
            None => Ok(None),
            Some(entries) => entries.find(key.as_bytes())?.map(T::read).transpose(),
        }
    }
}

macro_rules! wire_map {
    ($($name:ident, $class:expr;)*) => {
        $(impl<'a, T: Wire<'a>> Wire<'a> for $name<'a, T> {
            const CLASS: Class = $class(&T::CLASS);
            fn absent() -> Self {
                Self { entries: None, of: PhantomData }
            }
            fn read(value: Value<'a>) -> Result<Self, FieldError> {
                match value {
                    Value::Map(entries) => Ok(Self { entries: Some(entries), of: PhantomData }),
                    Value::Nil => Ok(Self::absent()),
                    other => Err(wrong_class("a map", other)),
                }
            }
            fn unread(&self) -> Option<Value<'a>> {
                self.entries.map(Value::Map)
            }
        }

        impl<'a, T: Wire<'a>> $name<'a, T> {
            /// Its stored entries.
            pub fn entries(&self) -> impl Iterator<Item = Result<(Value<'a>, T), FieldError>> + use<'a, T> {
                self.entries.into_iter().flatten().map(|entry| {
                    let (key, value) = entry?;
                    Ok((key, T::read(value)?))
                })
            }

            /// How many entries it has.
            #[must_use]
            pub fn len(&self) -> u32 {
                self.entries.map_or(0, |entries| entries.len())
            }

            /// Whether it has no entries, `nil` or not.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }
        })*
    };
}

wire_map! {
    Map, Class::Map;
    NumberMap, Class::NumberMap;
    NameMap, Class::NameMap;
}

impl<'a> Extra<'a> {
    /// No fields at all.
    #[must_use]
    pub const fn none(known: fn() -> &'static Schema) -> Self {
        Self { entries: None, known, count: 0, is_in_order: true }
    }

    /// Keeps a struct's entries; unknown ones are counted one by one.
    pub const fn remember(&mut self, entries: Entries<'a>) {
        self.entries = Some(entries);
    }

    /// Counts one unknown field.
    pub const fn count(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    /// Remembers whether the struct's fields came in the stored order.
    pub const fn in_order(&mut self, is_in_order: bool) {
        self.is_in_order = is_in_order;
    }

    /// Whether they did.
    #[must_use]
    pub const fn is_in_order(&self) -> bool {
        self.is_in_order
    }

    /// How many unknown fields are stored.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.count
    }

    /// Whether all stored fields are known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The unknown fields: key and value.
    pub fn iter(
        &self,
    ) -> impl Iterator<Item = Result<(Value<'a>, Value<'a>), WireError>> + use<'a> {
        let known = self.known;
        self.entries.filter(|_| self.count > 0).into_iter().flatten().filter(move |entry| {
            !matches!(entry, Ok((Value::Raw(key), _)) if known().stored(key).is_some())
        })
    }
}
