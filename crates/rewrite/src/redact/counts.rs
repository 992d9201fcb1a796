//! Number of replaced values by field, for the person who has to vouch for the result.

use super::spot::Spot;
use std::collections::{BTreeMap, HashMap};

/// Number of replaced values by field.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    fields: HashMap<Vec<u8>, u64>,
    name: Vec<u8>,
}

impl Counts {
    pub(super) fn add(&mut self, spot: Spot<'_>) {
        self.name.clear();
        self.name.extend_from_slice(spot.owner.as_bytes());
        if !spot.field.is_empty() {
            self.name.push(b'.');
            self.name.extend_from_slice(spot.field);
        }
        match self.fields.get_mut(self.name.as_slice()) {
            Some(count) => *count += 1,
            None => {
                self.fields.insert(self.name.clone(), 1);
            }
        }
    }

    /// Adds the counts to a sum, and clears them.
    pub(super) fn move_to(&mut self, sum: &mut BTreeMap<Vec<u8>, u64>) {
        for (name, count) in self.fields.drain() {
            *sum.entry(name).or_default() += count;
        }
    }
}
