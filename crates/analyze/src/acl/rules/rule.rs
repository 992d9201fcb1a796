//! One rule.

use super::super::resource::RuleKind;
use super::level::Level;
use super::name::Name;
use super::position::Position;
use std::fmt;

/// Whether a rule is for one name or a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Only that name; also the form of rules without names.
    Exact,
    /// All names that start with it (`_prefix`).
    Prefix,
}

/// One rule of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub kind: RuleKind,
    /// For one name or for all that begin with it.
    pub scope: Scope,
    /// The name; empty for kinds without names.
    pub name: Name,
    /// Its level.
    pub level: Level,
    /// `intentions` of a service rule.
    pub intentions: Option<Level>,
    /// Its position in the text.
    pub place: Position,
}

impl Rule {
    /// Its target in HCL: `key_prefix "app/"`.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.kind, self.scope, &self.name)
    }
}

/// The HCL form of such a rule.
pub(crate) fn title(kind: RuleKind, scope: Scope, name: &Name) -> String {
    if !kind.has_names() {
        return kind.keyword().to_owned();
    }
    let suffix = if scope == Scope::Prefix { "_prefix" } else { "" };
    format!("{}{suffix} {:?}", kind.keyword(), name.lossy())
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.kind.has_names() {
            return write!(f, "{} = \"{}\"", self.kind.keyword(), self.level);
        }
        write!(f, "{} {{ policy = \"{}\"", self.title(), self.level)?;
        if let Some(level) = self.intentions {
            write!(f, " intentions = \"{level}\"")?;
        }
        f.write_str(" }")
    }
}
