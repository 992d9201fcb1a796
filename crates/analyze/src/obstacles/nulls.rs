//! Nulls in values of any form.

use snapscope_decode::wire::{Cursor, Held, Value};

/// Where nulls are in a value.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nulls {
    /// As a value of some map.
    pub(super) in_map: bool,
    /// As an item of some list.
    pub(super) in_list: bool,
}

/// A list or map of which some items are still to come.
struct Open {
    is_map: bool,
    left: u32,
}

impl Open {
    const fn of(held: Held) -> Self {
        match held {
            Held::List(left) => Self { is_map: false, left },
            Held::Map(left) => Self { is_map: true, left },
        }
    }
}

impl Nulls {
    /// Finds the nulls inside a list or map, however deep. Every byte is read once.
    pub(super) fn inside(value: Value<'_>) -> Self {
        match value {
            Value::Array(items) => Self::walk(items.cursor(), Held::List(items.len())),
            Value::Map(entries) => Self::walk(entries.cursor(), Held::Map(entries.len())),
            _ => Self::default(),
        }
    }

    /// Walks over the value at a cursor.
    fn walk(mut at: Cursor<'_>, held: Held) -> Self {
        let mut found = Self::default();
        let mut open = vec![Open::of(held)];
        while let Some(Open { is_map, left }) = open.last_mut() {
            let is_map = *is_map;
            match left.checked_sub(1) {
                // The last item no longer needs its list or map.
                Some(0) => drop(open.pop()),
                Some(others) => *left = others,
                None => {
                    open.pop();
                    continue;
                }
            }
            if is_map && at.skip().is_err() {
                break;
            }
            let is_null = at.rest().first() == Some(&0xc0);
            found.in_map |= is_null && is_map;
            found.in_list |= is_null && !is_map;
            match at.enter() {
                Some(held) => open.push(Open::of(held)),
                None if at.skip().is_err() => break,
                None => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by walking the tree.
    fn oracle(value: Value<'_>, found: &mut Nulls) {
        match value {
            Value::Array(items) => items.flatten().for_each(|item| {
                found.in_list |= item.is_nil();
                oracle(item, found);
            }),
            Value::Map(entries) => entries.flatten().for_each(|(_, value)| {
                found.in_map |= value.is_nil();
                oracle(value, found);
            }),
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn nulls_are_found_wherever_they_are(
            bytes in prop::collection::vec(
                prop_oneof![Just(0x80u8), Just(0x81), Just(0x82), Just(0x91), Just(0x92), Just(0xc0), Just(7)],
                1..40)
        ) {
            if let Ok(value) = Value::read(&bytes) {
                let mut expected = Nulls::default();
                oracle(value, &mut expected);
                prop_assert_eq!(Nulls::inside(value), expected);
            }
        }
    }
}
