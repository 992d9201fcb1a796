//! Selects the error that servers report if a text has several: the first one in the first field of
//! their struct.

use super::super::resource::RuleKind;
use super::position::RuleError;
use super::rule::Scope;

/// When a server detects an error, earliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// While it searches the items of a field: an invalid first key.
    Keys,
    /// While it decodes a field.
    Values {
        /// The field.
        field: usize,
        /// `key "a" {...}` is decoded before `key {...}`.
        inner: bool,
    },
    /// While it validates the decoded rules.
    Levels {
        /// The field.
        field: usize,
        /// As above.
        inner: bool,
    },
}

/// The error that servers report, of those seen so far.
#[derive(Debug, Default)]
pub(super) struct Earliest(Option<(Stage, RuleError)>);

impl Earliest {
    /// Adds an error. Of errors in one stage the first one counts.
    pub(super) fn add(&mut self, stage: Stage, error: RuleError) {
        if self.0.as_ref().is_none_or(|(earlier, _)| stage < *earlier) {
            self.0 = Some((stage, error));
        }
    }

    pub(super) fn into_error(self) -> Option<RuleError> {
        self.0.map(|(_, error)| error)
    }
}

/// The fields of servers' struct of rules, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Revision,
    Rules(RuleKind, Scope),
}

impl Field {
    pub(super) fn place(self) -> usize {
        match self {
            Self::Id => 0,
            Self::Revision => 1,
            Self::Rules(kind, scope) => kind.spec().place + usize::from(scope == Scope::Prefix),
        }
    }

    /// Its keyword.
    pub(super) fn word(self) -> String {
        match self {
            Self::Id => "id".to_owned(),
            Self::Revision => "revision".to_owned(),
            Self::Rules(kind, Scope::Exact) => kind.keyword().to_owned(),
            Self::Rules(kind, Scope::Prefix) => format!("{}_prefix", kind.keyword()),
        }
    }
}
