//! A bucket of S3.

use crate::client::Secret;

/// A bucket of S3 or of something that speaks like it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// What object names begin with; a slash is put behind it.
    pub key_prefix: String,
    /// The region.
    pub region: Option<String>,
    /// Another endpoint than Amazon's.
    pub endpoint: Option<String>,
    /// Whether the bucket stands in the path instead of the host name.
    pub path_style: bool,
    /// Fixed credentials: key ID, secret, session token.
    pub credentials: Option<(String, Secret, Option<Secret>)>,
    /// A role to take on.
    pub role: Option<RoleSettings>,
    /// How the server encrypts what it stores.
    pub encryption: Option<S3Encryption>,
    /// The one key all snapshots have, without the prefix; there is no retention then.
    pub static_name: Option<String>,
}

impl S3Settings {
    /// What the keys of its objects have in front of their last slash.
    #[must_use]
    pub fn folder(&self) -> &str {
        match &self.static_name {
            None => &self.key_prefix,
            Some(key) => key.rsplit_once('/').map_or("", |(folder, _)| folder),
        }
    }
}

/// A role of AWS to take on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSettings {
    /// The role.
    pub arn: String,
    /// What the session is called in AWS's own logs.
    pub session_name: Option<String>,
    /// A file with the token that proves who we are.
    pub web_identity_token_file: String,
    /// Another endpoint of the service that gives the credentials.
    pub sts_endpoint: Option<String>,
}

/// How the server encrypts what it stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum S3Encryption {
    /// With S3's own keys.
    Aes256,
    /// With a key of KMS; `None` is the account's own.
    Kms(Option<String>),
}
