//! Who may do what: from tokens, policies and roles to decisions.

mod rules;
mod version;

pub use rules::{
    AccessLevel, Form, Level, Name, Place, Rule, RuleError, RuleKind, RuleSet, Syntax, parse_rules,
};
pub use version::ServerVersion;
