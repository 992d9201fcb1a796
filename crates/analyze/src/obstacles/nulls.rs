//! Nulls in values of any form.

use snapscope_decode::wire::Value;

/// Where nulls are in a value.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nulls {
    /// As a value of some map.
    pub(super) in_map: bool,
    /// As an item of some list.
    pub(super) in_list: bool,
}

impl Nulls {
    /// Finds the nulls inside a list or map, however deep.
    pub(super) fn inside(value: Value<'_>) -> Self {
        let mut found = Self::default();
        let mut left = vec![value];
        while let Some(value) = left.pop() {
            match value {
                Value::Array(items) => {
                    for item in items.flatten() {
                        found.in_list |= item.is_nil();
                        left.push(item);
                    }
                }
                Value::Map(entries) => {
                    for (_, value) in entries.flatten() {
                        found.in_map |= value.is_nil();
                        left.push(value);
                    }
                }
                _ => {}
            }
        }
        found
    }
}
