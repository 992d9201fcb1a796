//! Questions without an answer.

use super::resource::Resource;
use super::rules::{RuleError, quote};
use super::version::ServerVersion;

/// Why there is neither yes nor no, regardless of the default policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AclError {
    /// The snapshot has no such token.
    #[error("no token has the accessor {accessor}")]
    UnknownToken {
        /// The requested accessor.
        accessor: String,
    },
    /// The token has expired; servers treat it as missing.
    #[error("the token {accessor} has expired")]
    Expired {
        /// Its accessor.
        accessor: String,
    },
    /// A policy's rules cannot be parsed, which breaks every token that it applies to.
    #[error(
        "cannot parse the rules of {policy}, so servers answer no request with this token: {error}"
    )]
    UnreadablePolicy {
        /// The policy, in words.
        policy: String,
        /// Its name, as servers put it into their error.
        name: String,
        /// What is wrong with its rules.
        error: RuleError,
    },
    /// The behaviour of servers for an unknown template is undefined.
    #[error(
        "unknown template {template:?} in Consul {version}; the behaviour of a server is undefined"
    )]
    UnknownTemplate {
        /// The template.
        template: String,
        /// The version.
        version: ServerVersion,
    },
    /// The version has no such resource.
    #[error("Consul {version} does not have the resource {resource}")]
    UnknownResource {
        /// The resource.
        resource: Resource,
        /// The version.
        version: ServerVersion,
    },
}

impl AclError {
    /// Returns a server's answer: HTTP status and text; `None` where that is undefined, or where the
    /// server fails without an answer.
    #[must_use]
    pub fn server_answer(&self) -> Option<(u16, String)> {
        match self {
            Self::UnknownToken { .. } | Self::Expired { .. } => {
                Some((403, "ACL not found".to_owned()))
            }
            Self::UnreadablePolicy { name, error, .. } => {
                let (name, reason) = (quote(name.as_bytes()), error.server.as_deref()?);
                let text =
                    format!("failed to parse the ACL policies: failed to parse {name}: {reason}");
                Some((500, text))
            }
            Self::UnknownResource { resource, .. } => {
                Some((400, format!("Invalid ACL resource requested: \"{resource}\"")))
            }
            Self::UnknownTemplate { .. } => None,
        }
    }
}
