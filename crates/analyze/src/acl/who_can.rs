//! Who may do something.

use super::error::AclError;
use super::login::LoginPath;
use super::model::Token;
use super::question::Question;
use super::resolver::Resolver;
use super::why::Decision;

/// Who may do something.
#[derive(Clone, Debug)]
pub struct WhoCan<'r> {
    /// The tokens that may, in the order of the file, and why.
    pub holders: Vec<(&'r Token, Decision<'r>)>,
    /// Tokens for which servers answer with an error.
    pub errors: Vec<(&'r Token, AclError)>,
    /// The logins that would make a token that may.
    pub logins: Vec<LoginPath<'r>>,
}

impl Resolver<'_> {
    /// All tokens that may do that, and the logins that would make one.
    ///
    /// # Errors
    /// When servers don't know the resource.
    pub fn who_can(&self, question: &Question<'_>) -> Result<WhoCan<'_>, AclError> {
        self.check_resource(question.resource())?;
        let mut order: Vec<(usize, &Token)> = self.model.tokens.iter().enumerate().collect();
        order.sort_by_key(|(_, token)| token.number);
        // Tokens with the same policies get the same answer.
        let mut known: Vec<Option<bool>> = vec![None; self.sets()];
        let mut holders = Vec::new();
        let mut errors = Vec::new();
        for (at, token) in order {
            let places = match self.sources_of(at) {
                Ok(places) => places,
                Err(e) => {
                    errors.push((token, e));
                    continue;
                }
            };
            let slot = self.set_of(at).and_then(|set| known.get_mut(set));
            let decide = || self.allowed(self.outcome(places, question).verdict, question);
            let allowed = match slot {
                Some(slot) => *slot.get_or_insert_with(decide),
                None => decide(),
            };
            if allowed {
                let outcome = self.outcome(places, question);
                holders.push((token, self.decision(&self.linked(at), outcome, question)));
            }
        }
        Ok(WhoCan { holders, errors, logins: self.login_paths(question) })
    }
}
