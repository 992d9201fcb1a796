//! One rule.

use super::level::Level;
use super::name::Name;
use super::place::Place;
use std::fmt;

/// The kind of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// `acl = "..."`
    Acl,
    /// `keyring = "..."`
    Keyring,
    /// `mesh = "..."`
    Mesh,
    /// `operator = "..."`
    Operator,
    /// `peering = "..."`
    Peering,
    /// `agent` and `agent_prefix`
    Agent,
    /// `event` and `event_prefix`
    Event,
    /// `identity` and `identity_prefix`
    Identity,
    /// `key` and `key_prefix`
    Key,
    /// `node` and `node_prefix`
    Node,
    /// `query` and `query_prefix`
    Query,
    /// `service` and `service_prefix`
    Service,
    /// `session` and `session_prefix`
    Session,
}

impl RuleKind {
    /// All of them; those without names first.
    pub const ALL: [Self; 13] = [
        Self::Acl,
        Self::Keyring,
        Self::Mesh,
        Self::Operator,
        Self::Peering,
        Self::Agent,
        Self::Event,
        Self::Identity,
        Self::Key,
        Self::Node,
        Self::Query,
        Self::Service,
        Self::Session,
    ];

    /// Its keyword.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Acl => "acl",
            Self::Keyring => "keyring",
            Self::Mesh => "mesh",
            Self::Operator => "operator",
            Self::Peering => "peering",
            Self::Agent => "agent",
            Self::Event => "event",
            Self::Identity => "identity",
            Self::Key => "key",
            Self::Node => "node",
            Self::Query => "query",
            Self::Service => "service",
            Self::Session => "session",
        }
    }

    /// Whether its rules have names; the others are one word for the whole cluster.
    #[must_use]
    pub const fn has_names(self) -> bool {
        !matches!(self, Self::Acl | Self::Keyring | Self::Mesh | Self::Operator | Self::Peering)
    }
}

/// Whether a rule is for one name or a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
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
    pub form: Form,
    /// The name; empty for kinds without names.
    pub name: Name,
    /// Its level.
    pub level: Level,
    /// `intentions` of a service rule.
    pub intentions: Option<Level>,
    /// Its position in the text.
    pub place: Place,
}

impl Rule {
    /// Its target in HCL: `key_prefix "app/"`.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.kind, self.form, &self.name)
    }
}

/// The HCL form of such a rule.
pub(crate) fn title(kind: RuleKind, form: Form, name: &Name) -> String {
    if !kind.has_names() {
        return kind.keyword().to_owned();
    }
    let suffix = if form == Form::Prefix { "_prefix" } else { "" };
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
