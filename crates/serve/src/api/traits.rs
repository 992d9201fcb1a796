//! Traits of an endpoint's answers.

use crate::answer::Heads;

/// Traits that all answers of an endpoint share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    /// The headers about the state that they have.
    pub(crate) heads: Heads,
    /// Whether they name their consistency.
    pub(crate) says_consistency: bool,
    /// Whether they can wait for an index.
    pub(crate) blocks: bool,
}
