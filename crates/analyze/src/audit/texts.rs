//! Every text in a record, with its place.

use snapscope_decode::wire::{Entries, Value};
use snapscope_objects::kinds::Disclosure;
use std::cell::LazyCell;

/// Maximum nesting of values that is scanned.
const DEPTH: usize = 32;

/// A text in an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    /// The fields that lead to it: `Proxy.Config.token`.
    pub(super) path: &'t str,
    /// Its name: its field; for the value of a match, the matched name; for an argument, its flag.
    pub(super) name: &'t [u8],
    pub(super) bytes: &'t [u8],
    /// Whether any text in this place may be a credential.
    pub(super) any: bool,
}

/// Called for each text.
pub(super) type See<'s> = dyn FnMut(Text<'_>) + 's;

/// Fields with the value for something that another field names.
const VALUES: [&[u8]; 6] = [b"Value", b"Exact", b"Prefix", b"Suffix", b"Contains", b"Regex"];

/// Whether a value has texts. Most of a registration's fields have none, and whether a field may be
/// shown takes longer to find out.
pub(super) const fn has_text(value: &Value<'_>) -> bool {
    match value {
        Value::Raw(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
        _ => false,
    }
}

/// Whether a field holds the value for a name in another field.
pub(super) fn is_value_of_name(field: &[u8]) -> bool {
    VALUES.iter().any(|value| value.eq_ignore_ascii_case(field))
}

/// The state of a walk over the texts in a value.
pub(super) struct Walk<'w, 's> {
    /// Paths that are left out.
    pub(super) except: &'w [&'w [u8]],
    pub(super) path: String,
    pub(super) see: &'w mut See<'s>,
}

impl<'w, 's> Walk<'w, 's> {
    pub(super) const fn new(except: &'w [&'w [u8]], see: &'w mut See<'s>) -> Self {
        Self { except, path: String::new(), see }
    }

    /// Walks a value; `disclosure` is how much of it may be shown.
    pub(super) fn value(&mut self, value: Value<'_>, disclosure: &Disclosure) {
        self.named(value, b"", disclosure, DEPTH);
    }

    /// Walks the value of a field.
    pub(super) fn field(&mut self, name: &[u8], value: Value<'_>, disclosure: &Disclosure) {
        self.inside(name, |walk| walk.named(value, name, disclosure, DEPTH));
    }

    fn named(&mut self, value: Value<'_>, name: &[u8], disclosure: &Disclosure, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::Raw(bytes) => {
                let any = disclosure.hides_text();
                (self.see)(Text { path: &self.path, name, bytes, any });
            }
            Value::Array(items) => {
                // `--token`, followed by its value.
                let mut flag: &[u8] = b"";
                for item in items.flatten() {
                    let name = if flag.is_empty() { name } else { flag };
                    self.named(item, name, disclosure, depth);
                    flag = match item {
                        Value::Raw(text) if text.starts_with(b"-") => text,
                        _ => b"",
                    };
                }
            }
            Value::Map(entries) => self.members(entries, disclosure, depth),
            _ => {}
        }
    }

    fn members(&mut self, entries: Entries<'_>, disclosure: &Disclosure, depth: usize) {
        let raw = |name: &[u8]| match entries.find(name) {
            Ok(Some(Value::Raw(text))) => Some(text),
            _ => None,
        };
        let called = LazyCell::new(|| raw(b"Name").or_else(|| raw(b"Key")));
        for (key, value) in entries.flatten() {
            let Value::Raw(key) = key else { continue };
            if !has_text(&value) {
                continue;
            }
            let of = is_value_of_name(key).then(|| *called).flatten();
            let inside = disclosure.member(key);
            self.inside(key, |walk| walk.named(value, of.unwrap_or(key), &inside, depth));
        }
    }

    /// Walks with another step on the path, unless the path is left out.
    fn inside(&mut self, name: &[u8], then: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(&String::from_utf8_lossy(name));
        if !self.except.contains(&self.path.as_bytes()) {
            then(self);
        }
        self.path.truncate(length);
    }
}
