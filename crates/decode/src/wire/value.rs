//! One msgpack value, borrowed.

use super::cursor::Cursor;
use super::error::WireError;

/// A value; lists and maps can be walked.
///
/// Non-negative integers are always [`Value::Uint`], in whatever form they are stored; negative
/// ones are always [`Value::Int`].
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// `nil`.
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// A negative integer.
    Int(i64),
    /// An integer that is not negative.
    Uint(u64),
    /// A 32-bit float.
    F32(f32),
    /// A 64-bit float.
    F64(f64),
    /// Text or bytes: only the field decides which.
    Raw(&'a [u8]),
    /// A list.
    Array(Items<'a>),
    /// A map; any value may be a key.
    Map(Entries<'a>),
    /// An extension value with its type.
    Ext(i8, &'a [u8]),
}

/// The items of a list, in order.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) left: u32,
}

/// The entries of a map, in stored order.
#[derive(Debug, Clone, Copy)]
pub struct Entries<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) left: u32,
}

impl<'a> Value<'a> {
    /// Reads the value at the start of `bytes`; later bytes are ignored.
    ///
    /// # Errors
    /// If the bytes do not start with a whole value.
    pub fn read(bytes: &'a [u8]) -> Result<Self, WireError> {
        Cursor::new(bytes).value()
    }

    /// The raw bytes, if this is raw.
    #[must_use]
    pub const fn as_raw(&self) -> Option<&'a [u8]> {
        match self {
            Self::Raw(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether this is `nil`.
    #[must_use]
    pub const fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// Whether this is `nil`, false, zero, or empty: Go's zero value, or an empty list or map.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::Bool(b) => !b,
            Self::Int(n) => *n == 0,
            Self::Uint(n) => *n == 0,
            Self::F32(x) => *x == 0.0,
            Self::F64(x) => *x == 0.0,
            Self::Raw(bytes) => bytes.is_empty(),
            Self::Array(items) => items.left == 0,
            Self::Map(entries) => entries.left == 0,
            Self::Ext(..) => false,
        }
    }

    /// The type of this value in msgpack's terms, for error messages.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Bool(_) => "a bool",
            Self::Int(_) => "a negative integer",
            Self::Uint(_) => "an integer",
            Self::F32(_) => "a 32-bit float",
            Self::F64(_) => "a 64-bit float",
            Self::Raw(_) => "raw bytes",
            Self::Array(_) => "a list",
            Self::Map(_) => "a map",
            Self::Ext(..) => "an extension value",
        }
    }
}

impl<'a> Items<'a> {
    /// Items not yet taken.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.left
    }

    /// Whether no item is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Byte of the record at which the next item starts.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.cursor.at()
    }

    /// A cursor at the next item.
    #[must_use]
    pub const fn cursor(&self) -> Cursor<'a> {
        self.cursor
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Value<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        self.left = self.left.wrapping_sub(1);
        let item = self.cursor.value();
        if item.is_err() {
            self.left = 0;
        }
        Some(item)
    }
}

impl<'a> Entries<'a> {
    /// Entries not yet taken.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.left
    }

    /// Whether no entry is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Byte of the record at which the next entry starts.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.cursor.at()
    }

    /// Returns the next entry's key, and where in the record its value starts. A caller that needs
    /// few of the values can skip the others.
    pub fn next_place(&mut self) -> Option<Result<(Value<'a>, usize), WireError>> {
        if self.left == 0 {
            return None;
        }
        self.left = self.left.wrapping_sub(1);
        let entry = self.cursor.value().and_then(|key| {
            let at = self.cursor.at();
            self.cursor.skip()?;
            Ok((key, at))
        });
        if entry.is_err() {
            self.left = 0;
        }
        Some(entry)
    }

    /// If the key of the next entry is `name`, moves past the entry and returns where its value
    /// starts. Otherwise does not move, and [`next_place`](Self::next_place) returns the entry. A
    /// caller that knows the next key need not read it.
    #[inline]
    pub fn next_place_of(&mut self, name: &[u8]) -> Option<usize> {
        if self.left == 0 {
            return None;
        }
        let place = self.cursor.pass_entry(name)?;
        self.left = self.left.wrapping_sub(1);
        Some(place)
    }

    /// If the next entry is stored under `name`, moves past it and returns its value; otherwise
    /// does not move.
    #[inline]
    pub fn next_value_of(&mut self, name: &[u8]) -> Option<Value<'a>> {
        if self.left == 0 {
            return None;
        }
        let mut cursor = self.cursor.behind_name(name)?;
        let value = match cursor.short_value() {
            Some(value) => value,
            None => cursor.value().ok()?,
        };
        self.cursor = cursor;
        self.left = self.left.wrapping_sub(1);
        Some(value)
    }

    /// A cursor at the next entry.
    #[must_use]
    pub const fn cursor(&self) -> Cursor<'a> {
        self.cursor
    }

    /// Returns the value at a [position](Self::next_place); `None` without a whole value.
    #[must_use]
    pub fn value_at(&self, place: usize) -> Option<Value<'a>> {
        let mut cursor = self.cursor.moved_to(place);
        // The surrounding map was walked, so it is whole.
        match cursor.whole_map() {
            Some(map) => Some(Value::Map(map)),
            None => cursor.value().ok(),
        }
    }

    /// Returns the value stored under a raw key, if any; of several, the first.
    ///
    /// # Errors
    /// If the map cannot be walked up to there.
    pub fn find(mut self, key: &[u8]) -> Result<Option<Value<'a>>, WireError> {
        while self.left > 0 {
            self.left = self.left.wrapping_sub(1);
            let found = match self.cursor.is_short_text(key) {
                Some(found) => {
                    self.cursor.skip()?;
                    found
                }
                None => matches!(self.cursor.value()?, Value::Raw(k) if k == key),
            };
            if found {
                // The surrounding map was walked, so it is whole.
                return match self.cursor.whole_map() {
                    Some(map) => Ok(Some(Value::Map(map))),
                    None => self.cursor.value().map(Some),
                };
            }
            self.cursor.skip()?;
        }
        Ok(None)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<(Value<'a>, Value<'a>), WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        self.left = self.left.wrapping_sub(1);
        let entry = self.cursor.value().and_then(|k| Ok((k, self.cursor.value()?)));
        if entry.is_err() {
            self.left = 0;
        }
        Some(entry)
    }
}
