//! The object that `--object` names.

use crate::kinds::compared_named;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds::of;

/// A requested object, in the terms of lines: its kind and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requested(Vec<u8>);

impl Requested {
    /// Reads `TYPE/ID`. The type may have any name that other commands accept.
    pub(super) fn new(given: &str) -> Self {
        let (kind, rest) = given.split_at(given.find('/').unwrap_or(given.len()));
        let kinds = compared_named(kind).unwrap_or_default();
        let kind = match kinds.as_slice() {
            // Record types without their own object kind have names of their own.
            [only] if only.id != KindId::Records => only.object_name(),
            _ => kind,
        };
        Self([kind.as_bytes(), rest.as_bytes()].concat())
    }

    /// Whether it is this object, or a folder with this object.
    pub(super) fn is_at_or_above(&self, object: &[u8]) -> bool {
        is_at_or_below(object, &self.0)
    }

    /// Whether a tree with this name can contain the object.
    pub(super) fn is_in_tree(&self, tree: &[u8]) -> bool {
        self.0.starts_with(tree)
    }

    /// Whether a key is the requested object, or below it.
    pub(super) fn include(&self, key: &[u8]) -> bool {
        let kind = of(KindId::Kv).object_name().as_bytes();
        let requested = self.0.strip_prefix(kind).and_then(|rest| rest.strip_prefix(b"/"));
        requested.is_some_and(|requested| is_at_or_below(key, requested))
    }
}

/// Whether a name is `above`, or below it as a file is below its folder.
fn is_at_or_below(name: &[u8], above: &[u8]) -> bool {
    name.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || above.ends_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_below_their_folders() {
        let folder = Requested::new("keys/app/a");
        for (key, is_included) in
            [("app/a", true), ("app/a/b", true), ("app/ab", false), ("app", false)]
        {
            assert_eq!(folder.include(key.as_bytes()), is_included, "{key}");
        }
        assert!(Requested::new("kv/app/").include(b"app/x"));
        assert!(!Requested::new("service/app").include(b"app"));
        assert!(folder.is_in_tree(b"kv/app/") && !folder.is_in_tree(b"kv/b"));
    }
}
