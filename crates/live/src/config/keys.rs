//! Reads a JSON object key by key, and records all errors instead of stopping at the first.

use crate::client::Secret;
use crate::parse_duration;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// The errors of a configuration, a sentence each.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(pub(crate) Vec<String>);

impl Mistakes {
    pub(crate) fn add(&mut self, sentence: impl Into<String>) {
        self.0.push(sentence.into());
    }
}

/// An object whose keys are removed one by one; the remaining ones are unknown.
pub(crate) struct Keys<'a> {
    /// Its place for messages: the file's name and the path of keys.
    place: String,
    object: Map<String, Value>,
    mistakes: &'a mut Mistakes,
}

/// The type of a key's value.
pub(crate) trait FromConfig: Sized {
    /// The expected type, for messages.
    const EXPECTED: &'static str;
    /// The kind of its values.
    const KIND: ValueKind;
    /// Parses it; the error text adds details to [`EXPECTED`](Self::EXPECTED), if any.
    fn from_config(value: &Value) -> Result<Self, Option<String>>;

    /// Reads a default; `None` if there is none.
    fn from_text(text: &str) -> Option<Self> {
        let value = match Self::KIND {
            _ if text.is_empty() => return None,
            ValueKind::Bool | ValueKind::Number => serde_json::from_str(text).ok()?,
            ValueKind::Text | ValueKind::Secret | ValueKind::Duration | ValueKind::Texts => {
                text.into()
            }
        };
        Self::from_config(&value).ok()
    }

    /// Whether it has a value; an empty text counts as missing.
    fn says_something(&self) -> bool {
        true
    }
}

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A text.
    Text,
    /// A text that nobody else may see.
    Secret,
    /// True or false.
    Bool,
    /// A number of 0 or more.
    Number,
    /// A duration, such as `1h`.
    Duration,
    /// Texts by name.
    Texts,
}

impl FromConfig for String {
    const EXPECTED: &'static str = "a string";
    const KIND: ValueKind = ValueKind::Text;

    fn from_config(value: &Value) -> Result<Self, Option<String>> {
        value.as_str().map(Into::into).ok_or(None)
    }

    fn says_something(&self) -> bool {
        !self.is_empty()
    }
}

impl FromConfig for Secret {
    const EXPECTED: &'static str = "a string";
    const KIND: ValueKind = ValueKind::Secret;

    fn from_config(value: &Value) -> Result<Self, Option<String>> {
        value.as_str().map(Self::new).ok_or(None)
    }

    fn says_something(&self) -> bool {
        !self.is_empty()
    }
}

impl FromConfig for bool {
    const EXPECTED: &'static str = "true or false";
    const KIND: ValueKind = ValueKind::Bool;

    fn from_config(value: &Value) -> Result<Self, Option<String>> {
        value.as_bool().ok_or(None)
    }
}

impl FromConfig for u64 {
    const EXPECTED: &'static str = "a number of 0 or more";
    const KIND: ValueKind = ValueKind::Number;

    fn from_config(value: &Value) -> Result<Self, Option<String>> {
        value.as_u64().ok_or(None)
    }
}

impl FromConfig for Duration {
    const EXPECTED: &'static str = "a duration as a string, such as \"1h\"";
    const KIND: ValueKind = ValueKind::Duration;

    fn from_config(value: &Value) -> Result<Self, Option<String>> {
        match value {
            Value::String(text) => parse_duration(text).map_err(Some),
            // The only number that needs no unit.
            Value::Number(number) if number.as_u64() == Some(0) => Ok(Self::ZERO),
            _ => Err(None),
        }
    }
}

impl FromConfig for BTreeMap<String, String> {
    const EXPECTED: &'static str = "an object of strings";
    const KIND: ValueKind = ValueKind::Texts;

    fn from_config(value: &Value) -> Result<Self, Option<String>> {
        let object = value.as_object().ok_or(None)?;
        object.iter().map(|(k, v)| Ok((k.clone(), v.as_str().ok_or(None)?.to_owned()))).collect()
    }
}

impl<'a> Keys<'a> {
    /// `value` as an object; anything else is recorded and has no keys.
    pub(crate) fn of(place: String, value: Value, mistakes: &'a mut Mistakes) -> Self {
        let object = match value {
            Value::Object(object) => object,
            Value::Null => Map::new(),
            _ => {
                mistakes.add(format!("{place} must be an object"));
                Map::new()
            }
        };
        Self { place, object, mistakes }
    }

    /// A key's value, if it is present and valid.
    pub(crate) fn take<T: FromConfig>(&mut self, key: &str) -> Option<T> {
        let value = self.take_value(key)?;
        match T::from_config(&value) {
            Ok(value) => Some(value),
            Err(why) => {
                let why = why.unwrap_or_else(|| format!("it must be {}", T::EXPECTED));
                self.mistakes.add(format!("{}.{key}: {why}", self.place));
                None
            }
        }
    }

    /// A key's value unchanged; null counts as absent.
    pub(crate) fn take_value(&mut self, key: &str) -> Option<Value> {
        self.object.remove(key).filter(|value| !value.is_null())
    }

    /// The object below a key.
    pub(crate) fn below(&mut self, key: &str) -> Option<Keys<'_>> {
        let value = self.take_value(key)?;
        Some(Keys::of(format!("{}.{key}", self.place), value, self.mistakes))
    }

    /// The objects below a key: a list of them, or, in the older form, one alone.
    pub(crate) fn list<T>(
        &mut self,
        key: &str,
        mut read: impl FnMut(Keys<'_>) -> T,
    ) -> Option<Vec<T>> {
        let place = format!("{}.{key}", self.place);
        let items = match self.take_value(key)? {
            Value::Array(items) => items.into_iter().enumerate().collect(),
            one => vec![(usize::MAX, one)],
        };
        let named = |at| if at == usize::MAX { place.clone() } else { format!("{place}[{at}]") };
        Some(
            items
                .into_iter()
                .map(|(at, item)| read(Keys::of(named(at), item, self.mistakes)))
                .collect(),
        )
    }

    /// Records the keys that were not taken.
    pub(crate) fn end(self) {
        for key in self.object.keys() {
            self.mistakes.add(format!("{}: unknown key {key:?}", self.place));
        }
    }
}
