//! What is found: where it is, what it is, and how sure that is.

use std::ops::Range;

/// What a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SecretClass {
    /// A private key.
    PrivateKey,
    /// A key to a cloud's API.
    CloudKey,
    /// A token of a service that marks its tokens.
    ServiceToken,
    /// A token of Vault or Terraform.
    HashiCorpToken,
    /// A JSON web token.
    Jwt,
    /// A URL or connection string with a password.
    ConnectionString,
    /// A value whose name in a configuration says that it is a password or key.
    Assigned,
    /// A value whose own key or field says so.
    Named,
    /// A value that looks generated; nothing says what for.
    Random,
}

/// How sure it is that it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It may well be something else.
    Guess,
    /// Its name says so, and it looks so.
    Likely,
    /// Its format says so.
    Sure,
}

/// A secret that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub class: SecretClass,
    /// How sure that is.
    pub certainty: Certainty,
    /// Where it stands in the text; if it was wrapped in base64, the wrapping.
    pub range: Range<usize>,
    /// Whether it was wrapped in base64.
    pub wrapped: bool,
    /// What may be shown of it.
    pub excerpt: String,
}
