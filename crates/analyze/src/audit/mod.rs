//! What is wrong in a snapshot: one table of rules ([`RULES`]), one file per group of them.
//!
//! [`Audit`] is a [`Fold`](crate::Fold): it collects what rules need while records pass by, and
//! decides at the end, when all is known. Findings name the rule and the object, as `list` and
//! `diff` name it, and never hold a secret unless that was asked for.

mod acl;
mod ca;
mod catalog;
mod certificate;
mod clock;
mod finding;
mod fold;
mod mesh;
mod messages;
mod ops;
mod peer;
mod query;
mod resource;
mod rule;
mod rules;
mod secret;
mod texts;
mod vulnerabilities;

pub use finding::Finding;
pub use fold::{Audit, AuditOptions, AuditReport};
pub use rule::{AuditRule, Severity};
pub use rules::RULES;
