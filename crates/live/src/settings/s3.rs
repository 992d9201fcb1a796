//! A bucket of S3.

use crate::client::Secret;

/// A bucket of S3 or a compatible store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// Prefix of object names; a slash is appended.
    pub key_prefix: String,
    /// The region.
    pub region: Option<String>,
    /// An endpoint other than Amazon's.
    pub endpoint: Option<String>,
    /// Whether the bucket is in the path instead of the host name.
    pub path_style: bool,
    /// Fixed credentials: key ID, secret, session token.
    pub credentials: Option<(String, Secret, Option<Secret>)>,
    /// A role to assume.
    pub role: Option<RoleSettings>,
    /// Server-side encryption.
    pub encryption: Option<S3Encryption>,
    /// The fixed key of all snapshots, without the prefix; it excludes retention.
    pub static_name: Option<String>,
}

impl S3Settings {
    /// The part of its objects' keys before the last slash.
    #[must_use]
    pub fn folder(&self) -> &str {
        match &self.static_name {
            None => &self.key_prefix,
            Some(key) => key.rsplit_once('/').map_or("", |(folder, _)| folder),
        }
    }
}

/// An AWS role to assume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSettings {
    /// The role.
    pub arn: String,
    /// The session's name in AWS's logs.
    pub session_name: Option<String>,
    /// A file with the web identity token.
    pub web_identity_token_file: String,
    /// Another endpoint of STS.
    pub sts_endpoint: Option<String>,
}

/// Server-side encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum S3Encryption {
    /// With S3's own keys.
    Aes256,
    /// With a KMS key; `None` is the account's own.
    Kms(Option<String>),
}
