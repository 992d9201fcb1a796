//! An object to apply, and the verdict about it.

use super::Live;
use snapscope_analyze::api::written::{Object, compared, id, row};
use snapscope_analyze::compare::{Comparer, Difference};
use snapscope_objects::kind::KindId;

/// An object to apply.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Its kind, one of [`WRITTEN`](snapscope_analyze::api::written::WRITTEN).
    pub kind: KindId,
    /// The object. For a deletion, any state that identifies it.
    pub object: Object,
    /// Whether it is to be deleted.
    pub delete: bool,
    /// When the snapshot's state was written; 0 if unknown.
    pub index: u64,
    /// Why it cannot be written, if that is already known.
    pub refused: Option<String>,
    /// What the cluster must have for it to be written.
    pub expected: Expected,
    /// Whether it is only here because another one needs it.
    pub is_needed: bool,
    /// Its number in the folder of an earlier run.
    pub step: Option<usize>,
}

impl Desired {
    /// An object that is applied regardless of the cluster's state.
    #[must_use]
    pub const fn new(kind: KindId, object: Object, index: u64) -> Self {
        Self {
            kind,
            object,
            delete: false,
            index,
            refused: None,
            expected: Expected::Anything,
            is_needed: false,
            step: None,
        }
    }
}

/// The required state of the cluster for an object to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// Anything.
    Anything,
    /// The unchanged state that an earlier plan saw; `None` for a missing object.
    Unchanged(Option<Live>),
    /// This state, whenever it was written; `None` for no object.
    State(Option<Object>),
}

/// What a plan decides about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is written or deleted.
    Do(Action),
    /// The cluster has it already.
    Equal,
    /// The cluster's state is kept on the caller's request, for this reason.
    Kept(String),
    /// The cluster's state is not the expected one: why.
    Conflict(String),
    /// It cannot be written: why.
    Cannot(String),
}

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The cluster does not have it.
    Create,
    /// The cluster has another state of it.
    Change,
    /// It is deleted.
    Delete,
}

impl Action {
    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Delete => "delete",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn by_word(word: &str) -> Option<Self> {
        [Self::Create, Self::Change, Self::Delete].into_iter().find(|action| action.word() == word)
    }
}

impl Verdict {
    /// Its name.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Do(action) => action.word(),
            Self::Equal => "equal",
            Self::Kept(_) => "kept",
            Self::Conflict(_) => "conflict",
            Self::Cannot(_) => "cannot",
        }
    }

    /// Why, for those that need a reason.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Kept(why) | Self::Conflict(why) | Self::Cannot(why) => Some(why),
            Self::Do(_) | Self::Equal => None,
        }
    }
}

/// An object, with the decision about it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The object.
    pub wanted: Desired,
    /// What the cluster has in its place.
    pub live: Option<Live>,
    /// The decision.
    pub verdict: Verdict,
    /// Whether the cluster's state was written after the snapshot's.
    pub is_newer: bool,
}

impl Planned {
    /// Its name for people.
    #[must_use]
    pub fn id(&self) -> String {
        id(self.wanted.kind, &self.wanted.object)
    }

    /// What is done with it, if anything.
    #[must_use]
    pub const fn action(&self) -> Option<Action> {
        match self.verdict {
            Verdict::Do(action) => Some(action),
            _ => None,
        }
    }

    /// The differences between the cluster's state and the written one.
    #[must_use]
    pub fn difference(&self, comparer: &Comparer) -> Option<Difference> {
        let kind = self.wanted.kind;
        let row = |object: &Object| row(kind, &compared(kind, object));
        let live = self.live.as_ref().map(|live| row(&live.object));
        let wanted = (!self.wanted.delete).then(|| row(&self.wanted.object));
        comparer.difference(live.as_ref(), wanted.as_ref())
    }
}

/// What callers can choose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// Keep a state that was written after the snapshot's.
    pub keep_newer: bool,
    /// Only create what the cluster does not have.
    pub if_missing: bool,
    /// Write regardless of the cluster's state.
    pub overwrite: bool,
}

/// How the write of an object ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// The cluster has it; the ID that it chose.
    Done(Option<String>),
    /// It was changed after the plan was made, and not written, with the reason.
    Conflict(String),
    /// The cluster refused it, with the reason.
    Refused(String),
}
