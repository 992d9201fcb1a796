//! The tokens that may do something.

use super::decide::Outcome;
use super::error::AclError;
use super::model::Token;
use super::question::Question;
use super::resolver::Resolver;
use super::rules::Rule;
use std::sync::Arc;

/// A token that may do something.
#[derive(Clone, Debug)]
pub struct Holder<'r> {
    /// The token.
    pub token: &'r Token,
    pub(super) at: usize,
    pub(super) outcome: Outcome<'r>,
    /// The first deciding rule: an index into the rules that apply to the token.
    pub(super) first: Option<(usize, &'r Rule)>,
    /// Those that have rules of the name that decided.
    pub(super) with_name: Arc<[usize]>,
}

/// The result for tokens with the same policies.
#[derive(Clone)]
struct Answer<'r> {
    allowed: bool,
    outcome: Outcome<'r>,
    first: Option<(usize, &'r Rule)>,
    with_name: Arc<[usize]>,
}

impl Resolver<'_> {
    /// The tokens that may do that, in the order of the file, one after the other, and those for which
    /// servers answer with an error.
    ///
    /// # Errors
    /// If servers do not have the resource.
    pub fn holders<'r, 'q>(
        &'r self,
        question: &'q Question<'q>,
    ) -> Result<impl Iterator<Item = Result<Holder<'r>, (&'r Token, AclError)>>, AclError> {
        self.check_resource(question.resource())?;
        let mut order: Vec<(usize, &Token)> = self.model.tokens.iter().enumerate().collect();
        order.sort_by_key(|(_, token)| token.number);
        // Tokens with the same policies get the same answer.
        let mut known: Vec<Option<Answer<'r>>> = vec![None; self.sets()];
        Ok(order.into_iter().filter_map(move |(at, token)| {
            let places = match self.sources_of(at) {
                Ok(places) => places,
                Err(e) => return Some(Err((token, e))),
            };
            let answer = || {
                let outcome = self.outcome(places, question);
                let allowed = self.allowed(outcome.verdict, question);
                let hit = outcome.hit.filter(|_| allowed);
                let first = hit.and_then(|hit| self.first_origin(places, hit));
                let with_name = hit.map_or_else(Arc::default, |hit| self.with_name(places, hit));
                Answer { allowed, outcome, first, with_name }
            };
            let slot = self.set_of(at).and_then(|set| known.get_mut(set));
            let Answer { allowed, outcome, first, with_name } = match slot {
                Some(slot) => slot.get_or_insert_with(answer).clone(),
                None => answer(),
            };
            allowed.then_some(Ok(Holder { token, at, outcome, first, with_name }))
        }))
    }
}
