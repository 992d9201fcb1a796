//! Sets and maps of values that are already hashes.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::sync::LazyLock;

/// Uses a hash as its own hash.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// For maps whose keys are hashes.
pub(crate) type ByHash = BuildHasherDefault<Itself>;

/// A set of hashes.
pub(crate) type HashedSet = HashSet<u64, ByHash>;

/// One for the whole process, so that the sets of several workers can be merged.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A hash that nobody can predict.
pub(crate) fn hash_of(value: impl Hash) -> u64 {
    HASHER.hash_one(value)
}
