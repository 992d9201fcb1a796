//! Vault's storage: a subtree of keys whose values are encrypted by Vault.

use std::collections::BTreeSet;

/// Keys in the storage of every initialised Vault, under its prefix.
const MARKS: [&str; 2] = ["core/seal-config", "core/keyring"];
/// Folders that Vault encrypts, or uses for its own housekeeping.
const FOLDERS: [&str; 7] = ["core/", "logical/", "sys/", "auth/", "audit/", "wal/", "index/"];

/// Finds where in the key space Vaults keep their data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultRoots {
    roots: BTreeSet<Vec<u8>>,
}

impl VaultRoots {
    /// Looks at a key.
    pub fn see(&mut self, key: &[u8]) {
        // All marks end like this; most keys do not.
        if !matches!(key.last(), Some(b'g')) {
            return;
        }
        for mark in MARKS {
            if let Some(root) = key.strip_suffix(mark.as_bytes())
                && (root.is_empty() || root.ends_with(b"/"))
            {
                self.roots.insert(root.to_vec());
            }
        }
    }

    /// Merges the result of another worker.
    pub fn merge(&mut self, other: Self) {
        self.roots.extend(other.roots);
    }

    /// Whether the key is Vault's.
    #[must_use]
    pub fn holds(&self, key: &[u8]) -> bool {
        // A root ends with a slash, or is empty.
        let slashes = key.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at + 1);
        std::iter::once(0).chain(slashes).any(|at| {
            let (root, rest) = key.split_at(at);
            FOLDERS.iter().any(|f| rest.starts_with(f.as_bytes())) && self.roots.contains(root)
        })
    }

    /// The prefixes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.roots.iter().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_is_known_by_its_marks() {
        let mut roots = VaultRoots::default();
        for key in ["app/x", "vault/core/ads/1", "prod/vault/core/keyring", "core-keyring"] {
            roots.see(key.as_bytes());
        }
        assert!(roots.holds(b"prod/vault/logical/1234/secret"));
        assert!(!roots.holds(b"prod/vault/notes"));
        assert!(!roots.holds(b"vault/core/ads/1"));
    }
}
