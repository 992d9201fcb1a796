//! Why each of many tokens may do something.

use super::holders::Holder;
use super::linked::Linked;
use super::question::Question;
use super::resolver::Resolver;
use super::rules::title;
use super::why::{Decision, Origin};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// The deciding rule of a token, in one line.
#[derive(Clone, Debug)]
pub struct FirstReason<'r> {
    /// The rule in HCL: `key_prefix "app/"`.
    pub title: String,
    /// Its source; of several, the first.
    pub origin: Option<Origin<'r>>,
}

/// Why tokens may do something.
///
/// A role may have thousands of links, and thousands of tokens may have the role. So the rules that
/// result from a token's links are kept for other tokens with the same links, up to a limit.
#[derive(Debug)]
pub struct Reasons<'r> {
    resolver: &'r Resolver<'r>,
    kept: RefCell<Kept<'r>>,
}

/// Links that were resolved, by the first token that has them.
#[derive(Debug, Default)]
struct Kept<'r> {
    links: HashMap<usize, Rc<[Linked<'r>]>>,
    /// Number of all links.
    count: usize,
}

/// Maximum number of links that are kept; each takes about a hundred bytes.
const MOST: usize = 100_000;

impl<'r> Reasons<'r> {
    /// The reasons of tokens of a snapshot.
    #[must_use]
    pub fn new(resolver: &'r Resolver<'r>) -> Self {
        Self { resolver, kept: RefCell::default() }
    }

    fn linked(&self, at: usize) -> Rc<[Linked<'r>]> {
        let alike = self.resolver.alike(at);
        let mut kept = self.kept.borrow_mut();
        if let Some(known) = kept.links.get(&alike) {
            return Rc::clone(known);
        }
        let linked: Rc<[Linked<'r>]> = self.resolver.linked(at).into();
        if kept.count + linked.len() > MOST {
            *kept = Kept::default();
        }
        kept.count += linked.len();
        kept.links.insert(alike, Rc::clone(&linked));
        linked
    }

    /// Whether the token may do that, with every rule that decides it.
    #[must_use]
    pub fn decision_of(&self, holder: &Holder<'r>, question: &Question<'_>) -> Decision<'r> {
        let linked = self.linked(holder.at);
        let with_name = holder.with_name.iter().filter_map(|at| linked.get(*at));
        self.resolver.decision(with_name, holder.outcome, question)
    }

    /// The deciding rule in short; `None` if the default policy decided.
    #[must_use]
    pub fn first_reason(&self, holder: &Holder<'r>) -> Option<FirstReason<'r>> {
        let hit = holder.outcome.hit?;
        let origin = holder.first.and_then(|(place, rule)| {
            let linked = self.linked(holder.at);
            let Linked { source, via, .. } = linked.get(place)?;
            Some(Origin { source: *source, rule, via: Arc::clone(via) })
        });
        Some(FirstReason { title: title(hit.kind, hit.scope, hit.name), origin })
    }
}
