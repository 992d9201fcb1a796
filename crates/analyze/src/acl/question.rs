//! Questions: may a token do this?

use super::resource::Resource;
use std::fmt;

/// The access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Reading.
    Read,
    /// Listing keys below the segment.
    List,
    /// Writing.
    Write,
    /// Deleting all keys that start with the segment.
    WritePrefix,
}

impl Access {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::List, Self::Write, Self::WritePrefix];

    /// Its name in questions.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Write => "write",
            Self::WritePrefix => "write-prefix",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A question that servers refuse (400).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuestionError {
    /// Unknown resource; names are lower case.
    #[error("unknown resource {0:?}; {hint}", hint = hint(.0, Resource::ALL.iter().map(|r| r.word()), &Resource::words()))]
    Resource(String),
    /// Unknown access.
    #[error(
        "unknown access {access:?}; {hint}",
        hint = hint(access, Access::ALL.iter().map(|a| a.word()), "read, write, or for keys list or write-prefix")
    )]
    Access {
        /// The resource.
        resource: Resource,
        /// The access, as written.
        access: String,
    },
    /// Only keys can be listed or deleted by prefix.
    #[error("{access} applies only to key, not to {resource}")]
    OnlyKeys {
        /// The resource.
        resource: Resource,
        /// The access that does not apply.
        access: Access,
    },
}

/// The word that was meant, or else all there are.
fn hint<'w>(given: &str, words: impl Iterator<Item = &'w str>, all: &str) -> String {
    match snapscope_objects::nearest(given, words) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None => format!("expected one of {all}"),
    }
}

impl QuestionError {
    /// Returns a server's answer, with status 400.
    #[must_use]
    pub fn server_answer(&self) -> String {
        match self {
            Self::Resource(name) => format!("Invalid ACL resource requested: {name:?}"),
            Self::Access { resource, access } => {
                format!("Invalid access level for {resource} resource: {access}")
            }
            Self::OnlyKeys { resource, access } => {
                format!("Invalid access level for {resource} resource: {access}")
            }
        }
    }
}

/// A question: may a token do this?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question<'a> {
    resource: Resource,
    access: Access,
    segment: &'a [u8],
}

impl<'a> Question<'a> {
    /// A question. A segment may have any bytes, as keys do.
    ///
    /// # Errors
    /// If the access does not apply to the resource.
    pub fn new(
        resource: Resource,
        access: Access,
        segment: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Result<Self, QuestionError> {
        let for_all = matches!(access, Access::Read | Access::Write);
        if !for_all && resource != Resource::Key {
            return Err(QuestionError::OnlyKeys { resource, access });
        }
        Ok(Self { resource, access, segment: segment.as_ref() })
    }

    /// Parses a question. The resource must be in lower case, the access may be in any.
    ///
    /// # Errors
    /// If servers would refuse it.
    pub fn parse(resource: &str, access: &str, segment: &'a str) -> Result<Self, QuestionError> {
        let found = Resource::ALL.iter().find(|r| r.word() == resource);
        let resource = *found.ok_or_else(|| QuestionError::Resource(resource.to_owned()))?;
        let found = Access::ALL.into_iter().find(|a| a.word().eq_ignore_ascii_case(access));
        let access =
            found.ok_or_else(|| QuestionError::Access { resource, access: access.to_owned() })?;
        Self::new(resource, access, segment)
    }

    /// The resource.
    #[must_use]
    pub const fn resource(&self) -> Resource {
        self.resource
    }

    /// The access.
    #[must_use]
    pub const fn access(&self) -> Access {
        self.access
    }

    /// The segment.
    #[must_use]
    pub const fn segment(&self) -> &'a [u8] {
        self.segment
    }
}
