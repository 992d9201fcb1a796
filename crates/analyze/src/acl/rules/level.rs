//! Access levels in rules.

use std::cmp::Ordering;
use std::fmt;

/// A level. `Write` includes `List`, which includes `Read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccessLevel {
    /// Nothing.
    Deny,
    /// Reading.
    Read,
    /// Reading and listing; only in rules for keys.
    List,
    /// Everything.
    Write,
}

impl AccessLevel {
    /// Consul's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Read => "read",
            Self::List => "list",
            Self::Write => "write",
        }
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A level as written: `WRITE` is enforced like `write`, but merged differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Level {
    /// What is enforced.
    pub access: AccessLevel,
    /// Whether it is in lower case, which merging requires.
    pub lower_case: bool,
}

impl Level {
    /// A level in lower case.
    #[must_use]
    pub const fn of(access: AccessLevel) -> Self {
        Self { access, lower_case: true }
    }

    /// Reads a word in any case.
    #[must_use]
    pub fn parse(word: &[u8]) -> Option<Self> {
        let known = [AccessLevel::Deny, AccessLevel::Read, AccessLevel::List, AccessLevel::Write];
        let access = known.into_iter().find(|l| l.word().as_bytes().eq_ignore_ascii_case(word))?;
        Some(Self { access, lower_case: access.word().as_bytes() == word })
    }

    /// The strength of a level when rules of one name are merged: deny beats write beats list beats
    /// read beats any other word, which includes `WRITE`.
    const fn strength(level: Option<Self>) -> u8 {
        match level {
            Some(Self { access, lower_case: true }) => match access {
                AccessLevel::Deny => 4,
                AccessLevel::Write => 3,
                AccessLevel::List => 2,
                AccessLevel::Read => 1,
            },
            _ => 0,
        }
    }

    /// Whether `new` replaces `old`, which came first.
    pub(crate) fn replaces(new: Option<Self>, old: Option<Self>) -> bool {
        Self::strength(new).cmp(&Self::strength(old)) == Ordering::Greater
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lower_case {
            return f.write_str(self.access.word());
        }
        write!(f, "{} (not in lower case)", self.access)
    }
}
