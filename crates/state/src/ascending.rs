//! Looks up names that arrive in sorted order.

use std::cell::Cell;
use std::collections::BTreeSet;

/// Sorted names. A look-up starts where the previous one ended. Keys of a snapshot ascend, so most
/// look-ups take two comparisons.
#[derive(Debug, Default)]
pub(crate) struct Ascending {
    names: Vec<Vec<u8>>,
    /// The first name that is not less than the last name looked up.
    at: Cell<usize>,
}

/// Number of names that are compared one by one before a binary search.
const STEPS: usize = 8;

impl From<BTreeSet<Vec<u8>>> for Ascending {
    fn from(names: BTreeSet<Vec<u8>>) -> Self {
        Self { names: names.into_iter().collect(), at: Cell::new(0) }
    }
}

impl Ascending {
    /// Whether it contains a name.
    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        let at = self.first_from(name);
        self.at.set(at);
        self.names.get(at).is_some_and(|found| found == name)
    }

    /// The position of the first name that is not less than this one.
    fn first_from(&self, name: &[u8]) -> usize {
        let is_before = |at: usize| self.names.get(at).is_some_and(|own| own.as_slice() < name);
        let at = self.at.get();
        if at > 0 && !is_before(at - 1) {
            return self.names.partition_point(|own| own.as_slice() < name);
        }
        let steps = (0..STEPS).take_while(|step| is_before(at + step)).count();
        match steps {
            STEPS => {
                let rest = self.names.get(at + STEPS..).unwrap_or(&[]);
                at + STEPS + rest.partition_point(|own| own.as_slice() < name)
            }
            steps => at + steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Look-ups in any order find the same as a set.
        #[test]
        fn finds_what_a_set_has(
            names in proptest::collection::btree_set("[ab]{0,4}", 0..40),
            asked in proptest::collection::vec("[ab]{0,4}", 0..80),
            is_sorted: bool,
        ) {
            let names: BTreeSet<Vec<u8>> = names.into_iter().map(String::into_bytes).collect();
            let mut asked = asked;
            if is_sorted {
                asked.sort();
            }
            let ascending = Ascending::from(names.clone());
            for name in asked {
                prop_assert_eq!(ascending.contains(name.as_bytes()), names.contains(name.as_bytes()));
            }
        }
    }
}
