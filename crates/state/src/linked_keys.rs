//! Rows by values other than their key.

use crate::rows::Key;
use crate::table::{LINKS, Link};
use foldhash::HashMap;
use std::collections::BTreeSet;

/// The keys of the rows with some value. Nearly always it is one.
#[derive(Debug)]
enum Keys {
    One(Key),
    Several(BTreeSet<Key>),
}

/// For each index, its values with the keys of their rows.
#[derive(Debug)]
pub(crate) struct LinkedKeys {
    by_value: Vec<HashMap<Vec<u8>, Keys>>,
}

impl Default for LinkedKeys {
    fn default() -> Self {
        Self { by_value: (0..LINKS).map(|_| HashMap::default()).collect() }
    }
}

impl LinkedKeys {
    pub(crate) fn insert(&mut self, link: Link, value: Vec<u8>, key: &Key) {
        let Some(values) = self.by_value.get_mut(link as usize) else { return };
        let keys = values.entry(value).or_insert_with(|| Keys::One(key.clone()));
        match keys {
            Keys::One(one) if one == key => {}
            Keys::One(one) => *keys = Keys::Several([one.clone(), key.clone()].into()),
            Keys::Several(several) => {
                several.insert(key.clone());
            }
        }
    }

    pub(crate) fn remove(&mut self, link: Link, value: &[u8], key: &Key) {
        let Some(values) = self.by_value.get_mut(link as usize) else { return };
        let is_last = match values.get_mut(value) {
            None => false,
            Some(Keys::One(one)) => one == key,
            Some(Keys::Several(several)) => several.remove(key) && several.is_empty(),
        };
        if is_last {
            values.remove(value);
        }
    }

    fn of(&self, link: Link, value: &[u8]) -> Option<&Keys> {
        self.by_value.get(link as usize)?.get(value)
    }

    /// Keys of the rows with this value, in order.
    pub(crate) fn keys(&self, link: Link, value: &[u8]) -> Vec<Key> {
        match self.of(link, value) {
            None => Vec::new(),
            Some(Keys::One(key)) => vec![key.clone()],
            Some(Keys::Several(keys)) => keys.iter().cloned().collect(),
        }
    }

    pub(crate) fn contains(&self, link: Link, value: &[u8]) -> bool {
        self.of(link, value).is_some()
    }
}
