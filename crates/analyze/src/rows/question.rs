//! Which objects are asked for.

use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::row::Row;
use std::collections::BTreeSet;

/// Which objects are asked for, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// What is called so: by its id, or by another name it has, or by a beginning of one that no
    /// other's begins with.
    Named(Vec<u8>),
    /// Those of these ids.
    Ids(BTreeSet<Vec<u8>>),
    /// All whose ids begin so.
    Under(Vec<u8>),
}

/// Which objects are asked for.
#[derive(Debug, Clone)]
pub struct Question {
    /// Their kind.
    pub kind: &'static ObjectKind,
    /// Which of them.
    pub wanted: Wanted,
    /// The cluster's own, or imported ones.
    pub peers: PeerSelection,
}

/// How well an object fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// By its id.
    Id,
    /// By another name.
    Name,
    /// By the beginning of a name.
    Beginning,
}

impl Question {
    /// How well an object fits, if it does.
    #[must_use]
    pub fn fit(&self, row: &Row) -> Option<Fit> {
        match &self.wanted {
            Wanted::Ids(ids) => ids.contains(&row.id()).then_some(Fit::Id),
            Wanted::Under(prefix) => row.id().starts_with(prefix).then_some(Fit::Id),
            Wanted::Named(name) => {
                let mut names = row.names().into_iter();
                // The first one is the id, if it has any.
                if row.id() == *name {
                    return Some(Fit::Id);
                }
                let mut fit = None;
                if names.any(|known| {
                    if known.starts_with(name) && !self.kind.traits.keyed && !name.is_empty() {
                        fit = Some(Fit::Beginning);
                    }
                    known.as_ref() == name.as_slice()
                }) {
                    fit = Some(Fit::Name);
                }
                fit
            }
        }
    }

    /// Whether an id that stands in a record is worth a look at the rest.
    #[must_use]
    pub fn may(&self, id: &[u8]) -> bool {
        match &self.wanted {
            Wanted::Named(name) => name == id,
            Wanted::Ids(ids) => ids.contains(id),
            Wanted::Under(prefix) => id.starts_with(prefix),
        }
    }

    /// Whether a tombstone may tell of one of the objects: its own, or that of what it begins with.
    #[must_use]
    pub fn may_concern(&self, tombstone: &[u8]) -> bool {
        match &self.wanted {
            Wanted::Named(name) => name.starts_with(tombstone),
            Wanted::Ids(ids) => ids.iter().any(|id| id.starts_with(tombstone)),
            Wanted::Under(prefix) => tombstone.starts_with(prefix) || prefix.starts_with(tombstone),
        }
    }
}
