//! Answers as sentences, the same wherever they are shown. Names in them come from a snapshot and
//! are not escaped.

use super::basis::{Basis, DefaultPolicy, Known};
use super::effective::{LeftOut, Via};
use super::explain::{EffectiveRule, Warning};
use super::login::LoginPath;
use super::rules::Scope;
use super::why::Origin;
use snapscope_decode::GoTime;
use std::fmt;

impl Via<'_> {
    /// All links through which something came to a token: `linked by the token and through role
    /// "dev"`.
    #[must_use]
    pub fn all_words(via: &[Self]) -> String {
        let links: Vec<String> = via.iter().map(Self::words).collect();
        links.join(" and ")
    }
}

impl Origin<'_> {
    /// Its policy, its place and the links to it: `policy "app" (line 3, column 1), through role
    /// "dev"`.
    #[must_use]
    pub fn words(&self) -> String {
        let place = match self.rule.place.line {
            0 => String::new(),
            _ => format!(" ({})", self.rule.place),
        };
        format!("{}{place}, {}", self.source, Via::all_words(&self.via))
    }
}

impl EffectiveRule<'_> {
    /// What it grants: `write, intentions read`.
    #[must_use]
    pub fn grants(&self) -> String {
        let policy = self.access.map_or("no effect", |access| access.word());
        match self.intentions {
            Some(intentions) => format!("{policy}, intentions {intentions}"),
            None => policy.to_owned(),
        }
    }
}

impl fmt::Display for LeftOut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no rights through {}: {}", self.via, self.link)
    }
}

impl fmt::Display for Warning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::CacheBug { scope, name, sources, changes_first } => {
                let all: Vec<String> = sources.iter().map(ToString::to_string).collect();
                let prefix = if *scope == Scope::Prefix { "_prefix" } else { "" };
                write!(
                    f,
                    "{} disagree about service{prefix} {:?}",
                    all.join(" and "),
                    name.lossy()
                )?;
                match (changes_first, sources.first()) {
                    (true, Some(first)) => write!(
                        f,
                        "; servers may then apply the others' rules to tokens with only {first}, until \
                         leadership changes"
                    ),
                    _ => f.write_str("; the first one decides, so no other token is affected"),
                }
            }
            Warning::NoEffect { rule, source } => write!(
                f,
                "{} of {source} has no effect: this level must be in lower case",
                rule.title()
            ),
            Warning::NotLowerCase { rule, source } => write!(
                f,
                "{} of {source} is not in lower case: any other rule for the same name overrides it, \
                 and it grants no intentions",
                rule.title()
            ),
        }
    }
}

impl fmt::Display for LoginPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.rule;
        write!(
            f,
            "Auth method {:?} creates such a token through binding rule {} ({} {:?}): ",
            self.method.name, rule.id, rule.bind_type, rule.bind_name
        )?;
        match &*rule.selector {
            "" => f.write_str("any login")?,
            selector => write!(f, "logins where {selector}")?,
        }
        f.write_str(if self.depends_on_name { ", if the login produces that name." } else { "." })
    }
}

impl DefaultPolicy {
    /// Its name in an agent's configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Allow => "allow",
        }
    }
}

const fn origin(known: Known) -> &'static str {
    match known {
        Known::Given => "given",
        Known::Found => "from the snapshot",
        Known::Concluded => "derived from the fields that the snapshot stores",
        Known::Assumed => "assumed",
    }
}

impl Basis {
    /// The assumptions of an answer, and the flags that change them. `policy_is_given` says whether
    /// the caller gave the default policy; `time` displays a time.
    #[must_use]
    pub fn words(&self, policy_is_given: bool, time: impl Fn(GoTime) -> String) -> String {
        let datacenter = match &self.datacenter {
            Some(name) => format!("datacenter {name:?} ({})", origin(self.datacenter_known)),
            None => "no datacenter (the snapshot names none; set --datacenter)".to_owned(),
        };
        let at = match self.at {
            Some(at) => {
                let known = match self.at_known {
                    Known::Found => "when the snapshot was taken",
                    other => origin(other),
                };
                format!("{} ({known})", time(at))
            }
            None => "a time at which no token has expired (assumed; set --at)".to_owned(),
        };
        let version = match self.version_known {
            Known::Assumed => "assumed; --consul-version",
            Known::Concluded => "derived from the fields it stores; set --consul-version",
            other => origin(other),
        };
        let shown = match self.version_known {
            Known::Concluded => self.versions.to_string(),
            _ => self.version.to_string(),
        };
        let policy = match policy_is_given {
            true => "given",
            false => "assumed; snapshots do not record it; set --default-policy",
        };
        format!(
            "For Consul {shown} ({version}), {datacenter}, at {at}, default policy {} ({policy}).",
            self.default_policy.word(),
        )
    }
}
