//! Who may do something, and how.

use super::error::AclError;
use super::login::LoginPath;
use super::model::Token;
use super::question::Question;
use super::reasons::Reasons;
use super::resolver::Resolver;
use super::why::Decision;

/// Who may do something.
#[derive(Clone, Debug)]
pub struct WhoCan<'r> {
    /// The tokens that may, in the order of the file, and why.
    pub holders: Vec<(&'r Token, Decision<'r>)>,
    /// Tokens that get an error from servers.
    pub errors: Vec<(&'r Token, AclError)>,
    /// The logins that would create such a token.
    pub logins: Vec<LoginPath<'r>>,
}

impl Resolver<'_> {
    /// Returns all tokens that may do that, and the logins that would create one.
    ///
    /// # Errors
    /// If servers do not have the resource.
    pub fn who_can(&self, question: &Question<'_>) -> Result<WhoCan<'_>, AclError> {
        let reasons = Reasons::new(self);
        let mut holders = Vec::new();
        let mut errors = Vec::new();
        for holder in self.holders(question)? {
            match holder {
                Ok(holder) => {
                    holders.push((holder.token, reasons.decision_of(&holder, question)));
                }
                Err(error) => errors.push(error),
            }
        }
        Ok(WhoCan { holders, errors, logins: self.logins(question) })
    }

    /// The logins that would create such a token.
    #[must_use]
    pub fn logins(&self, question: &Question<'_>) -> Vec<LoginPath<'_>> {
        self.login_paths(question)
    }
}
