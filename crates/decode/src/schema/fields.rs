//! The data produced by a declaration.

use crate::wire::is_same;

/// A struct, as stored and as shown.
#[derive(Debug)]
pub struct Schema {
    /// Consul's name of the struct.
    pub name: &'static str,
    /// If `Kind` is not stored: the value that Consul's JSON shows for it.
    pub kind_constant: Option<&'static str>,
    /// Its fields, in Consul's order.
    pub fields: &'static [FieldSpec],
    /// Indexes into `fields` sorted by stored key, the order in which servers store fields.
    pub stored_order: &'static [u8],
}

/// One field of a struct.
#[derive(Debug)]
pub struct FieldSpec {
    /// Key in the stored map.
    pub stored: &'static str,
    /// Name in Consul's JSON.
    pub json: &'static str,
    /// The same as the start of a JSON member, with a comma before it.
    pub member: &'static str,
    /// The class of its value.
    pub class: &'static Class,
    /// When Consul's JSON shows it.
    pub shown: Shown,
}

/// When Consul's JSON shows a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Always, a missing value as its zero value.
    Always,
    /// Not if false, zero, empty or an absent optional.
    OmitEmpty,
    /// Not if everything in it is zero (a struct), or if it is the zero time.
    OmitZero,
    /// Never, although it is stored.
    Hidden,
}

/// The class of a field's value.
#[derive(Debug)]
#[non_exhaustive]
pub enum Class {
    /// Raw bytes that are text.
    Text,
    /// Raw bytes that are not text.
    Bytes,
    /// An integer that may be negative.
    Int,
    /// An unsigned integer.
    Uint,
    /// A 32-bit unsigned integer.
    Uint32,
    /// True or false.
    Bool,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// Nanoseconds, shown as a number.
    Nanos,
    /// Nanoseconds, shown as Go's duration text.
    NanosText,
    /// A point in time, in Go's binary form.
    Time,
    /// An IP address, 4 or 16 raw bytes.
    Ip,
    /// Any value chosen by users.
    Any,
    /// Optional: an absent value differs from zero.
    Optional(&'static Class),
    /// A list.
    List(&'static Class),
    /// A map keyed by text.
    Map(&'static Class),
    /// A map keyed by numbers.
    NumberMap(&'static Class),
    /// A map keyed by a service name, which is itself a map.
    NameMap(&'static Class),
    /// A struct.
    Struct(fn() -> &'static Schema),
}

impl FieldSpec {
    /// Whether it is stored under `key`.
    #[must_use]
    #[inline]
    pub fn is_stored_as(&self, key: &[u8]) -> bool {
        is_same(self.stored.as_bytes(), key)
    }
}

impl Schema {
    /// The field stored under `key`.
    #[must_use]
    pub fn stored(&self, key: &[u8]) -> Option<&'static FieldSpec> {
        self.fields.iter().find(|field| field.is_stored_as(key))
    }

    /// Returns the index in [`fields`](Self::fields) of the field stored under `key`.
    #[must_use]
    pub fn position(&self, key: &[u8]) -> Option<usize> {
        self.fields.iter().position(|field| field.is_stored_as(key))
    }
}
