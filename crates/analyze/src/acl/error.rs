//! Questions without an answer.

use super::resource::Resource;
use super::rules::RuleError;
use super::version::ServerVersion;

/// Why there is neither yes nor no. The default policy plays no part in these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AclError {
    /// The snapshot holds no such token.
    #[error("no token has the accessor {accessor}")]
    UnknownToken {
        /// What was asked for.
        accessor: String,
    },
    /// The token has expired; servers treat it as if it were not there.
    #[error("the token {accessor} has expired")]
    Expired {
        /// Its accessor.
        accessor: String,
    },
    /// A policy's rules can't be read, which spoils every token it counts for.
    #[error(
        "the rules of {policy} can't be read, so nothing the token asks for is answered: {error}"
    )]
    UnreadablePolicy {
        /// The policy, in words.
        policy: String,
        /// Its name, as servers put it into their error.
        name: String,
        /// What is wrong with its rules.
        error: RuleError,
    },
    /// What servers do with a template they don't know is not defined.
    #[error(
        "there is no template {template:?} in Consul {version}; what a server does then is not defined"
    )]
    UnknownTemplate {
        /// The template.
        template: String,
        /// The version asked for.
        version: ServerVersion,
    },
    /// The version has no such resource.
    #[error("Consul {version} knows no resource {resource}")]
    UnknownResource {
        /// What was asked about.
        resource: Resource,
        /// The version asked for.
        version: ServerVersion,
    },
}

impl AclError {
    /// What a server answers: HTTP status and the start of its text. `None` where that is not
    /// defined.
    #[must_use]
    pub fn server_answer(&self) -> Option<(u16, String)> {
        match self {
            Self::UnknownToken { .. } | Self::Expired { .. } => {
                Some((403, "ACL not found".to_owned()))
            }
            Self::UnreadablePolicy { name, .. } => {
                Some((500, format!("failed to parse the ACL policies: failed to parse {name:?}")))
            }
            Self::UnknownResource { resource, .. } => {
                Some((400, format!("Invalid ACL resource requested: \"{resource}\"")))
            }
            Self::UnknownTemplate { .. } => None,
        }
    }
}
