//! Finds what is wrong in a snapshot: one table of rules ([`RULES`]), with one file per group.
//!
//! [`Audit`] is a [`Fold`](crate::Fold): it collects facts as records pass, and evaluates the rules
//! at the end. Findings have the rule and the object, named as in `list` and `diff`, and contain
//! secrets only if requested.

mod acl;
mod ca;
mod catalog;
mod certificate;
mod clock;
mod finding;
mod fold;
mod lasting;
mod log;
mod mesh;
mod messages;
mod ops;
mod options;
mod owner;
mod peer;
mod query;
mod report;
mod resource;
mod rule;
mod rules;
mod second_catalog;
mod secret;
mod subject;
mod texts;
mod vulnerabilities;

pub use ca::Validity;
pub use finding::Finding;
pub use fold::Audit;
pub use lasting::lasting_id;
pub use log::{LogAudit, LoggedWrite};
pub use options::AuditOptions;
pub use report::AuditReport;
pub use rule::{AuditRule, Severity};
pub use rules::RULES;
pub use subject::Subject;
