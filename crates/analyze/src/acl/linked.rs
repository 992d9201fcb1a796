//! The links of tokens, resolved for answers with reasons.

use super::effective::{PolicySource, Via};
use super::resolver::Resolver;
use std::sync::Arc;

/// The rules that apply to a token, with their positions and links.
#[derive(Debug)]
pub(super) struct Linked<'r> {
    pub(super) at: usize,
    pub(super) source: PolicySource<'r>,
    pub(super) via: Arc<[Via<'r>]>,
}

impl Resolver<'_> {
    /// The rules that apply to a token, in merge order.
    pub(super) fn linked(&self, at: usize) -> Vec<Linked<'_>> {
        let effective = self.effective(at);
        let places = self.places(&effective);
        let linked = effective.counted.into_iter().zip(places);
        linked
            .map(|(counted, at)| Linked {
                at,
                source: self.directory.source(counted.key),
                via: counted.via.into(),
            })
            .collect()
    }
}
