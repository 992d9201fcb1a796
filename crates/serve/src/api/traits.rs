//! What the answers of an endpoint are like.

use crate::answer::Heads;

/// What the answers of an endpoint are like, whatever they say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    /// Which headers about the state they have.
    pub(crate) heads: Heads,
    /// Whether they name their consistency.
    pub(crate) says_consistency: bool,
    /// Whether they wait for an index.
    pub(crate) blocks: bool,
}
