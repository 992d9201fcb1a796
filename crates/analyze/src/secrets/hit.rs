//! A hit: its position, its type, and the confidence.

use std::ops::Range;

/// The class of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SecretClass {
    /// A private key.
    PrivateKey,
    /// A key for a cloud API.
    CloudKey,
    /// A token of a service with recognisable tokens.
    ServiceToken,
    /// A token of Vault or Terraform.
    HashiCorpToken,
    /// A JSON web token.
    Jwt,
    /// A URL or connection string with a password.
    ConnectionString,
    /// A value whose name in a configuration indicates a password or key.
    Assigned,
    /// A value whose own key or field name indicates a secret.
    Named,
    /// A value that looks generated, without any other hint.
    Random,
}

/// The confidence that it is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It may be something else.
    Guess,
    /// Its name indicates it, and it looks like a secret.
    Likely,
    /// Its format shows it.
    Sure,
}

/// A secret that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub class: SecretClass,
    /// The confidence.
    pub certainty: Certainty,
    /// Its position in the text; if it was encoded in base64, that of the encoded text.
    pub range: Range<usize>,
    /// Whether it was encoded in base64.
    pub wrapped: bool,
    /// Its visible part.
    pub excerpt: String,
}
