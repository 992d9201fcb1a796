//! Decides who may do what, from tokens, policies and roles.
//!
//! [`AclModel`] collects a snapshot's ACL objects. [`Resolver`] answers questions about them with
//! the semantics of the server version that wrote the snapshot, including apparent mistakes: an
//! answer that differs from the server's is a bug. `fixtures/*/*.oracle` hold answers of real
//! servers.
//!
//! From a token to a decision: its links and those of its roles, combined and narrowed to the
//! servers' datacenter (`effective`); their rules, parsed once ([`parse_rules`]) or generated
//! ([`PolicySource`] other than `Policy`); the rules that concern a question, merged (`decide`);
//! and if none does, the default policy.
//!
//! ```
//! use snapscope_analyze::acl::{AclModel, Question, Resolver, ResolverOptions};
//! use snapscope_decode::frames_of;
//!
//! // A policy (type 19) and a token (type 17) that links to it, as they are stored.
//! let mut records = b"\x13\x83\xa2ID\xa2p1\xa4Name\xa3app\xa5Rules\xda\x00\x26".to_vec();
//! records.extend(br#"key_prefix "app/" { policy = "write" }"#);
//! records.extend(b"\x11\x82\xaaAccessorID\xa2t1\xa8Policies\x91\x81\xa2ID\xa2p1");
//! let mut model = AclModel::default();
//! for frame in frames_of(&records) {
//!     model.add(&frame?)?;
//! }
//!
//! let resolver = Resolver::new(&model, ResolverOptions::default());
//! let question = Question::parse("key", "write", "app/color")?;
//! assert!(resolver.check("t1", &question)?);
//! let decision = resolver.can("t1", &question)?;
//! let reason = decision.reason.expect("a rule decides");
//! let origin = &reason.origins[0];
//! assert_eq!(reason.title(), r#"key_prefix "app/""#);
//! assert_eq!(origin.source.to_string(), r#"policy "app""#);
//! assert_eq!((origin.rule.place.line, origin.via[0].to_string()), (1, "the token".to_owned()));
//! assert_eq!(resolver.who_can(&question)?.holders.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod authorize;
mod basis;
mod bind_name;
mod builtin;
mod decide;
mod effective;
mod error;
mod explain;
mod holders;
mod joined;
mod linked;
mod login;
mod model;
mod named;
mod parsed;
mod protected;
mod question;
mod reasons;
mod resolver;
mod resource;
mod rules;
mod version;
mod who_can;
mod why;
mod words;

pub use basis::{Basis, DefaultPolicy, Known, ResolverOptions};
pub use builtin::{Template, node_identity_text, service_identity_text};
pub use decide::{RulePart, Verdict};
pub use effective::{LeftOut, LeftOutLink, PolicySource, Via};
pub use error::AclError;
pub use explain::{Decided, EffectiveRule, Explanation, Warning};
pub use holders::Holder;
pub use login::LoginPath;
pub use model::{
    AclModel, AuthMethod, BindingRule, Grants, Id, Link, NodeIdentity, Policy, Role,
    ServiceIdentity, TemplatedPolicy, Token,
};
pub use named::{UnknownToken, accessor_of_secret_id};
pub use parsed::ParsedPolicies;
pub use protected::protecting;
pub use question::{Access, Question, QuestionError};
pub use reasons::{FirstReason, Reasons};
pub use resolver::Resolver;
pub use resource::{Resource, RuleKind};
pub use rules::{
    AccessLevel, Level, Name, Position, Rule, RuleError, RuleSet, Scope, Syntax, parse_rules,
};
pub(crate) use version::ACCESSORS;
pub use version::ServerVersion;
pub use who_can::WhoCan;
pub use why::{Decision, Origin, Reason};
