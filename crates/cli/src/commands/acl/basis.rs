//! The assumptions behind answers: set by flags, printed with every answer.

use crate::times;
use clap::{Args, ValueEnum};
use snapscope_analyze::acl::{Basis, DefaultPolicy, Known, ResolverOptions, ServerVersion};
use snapscope_answers::acl::basis_members;
use snapscope_decode::GoTime;
use snapscope_objects::json::JsonText;

/// Facts that the caller knows better than the snapshot.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Assumptions")]
pub(crate) struct BasisArgs {
    /// The servers' datacenter [default: the most frequent one in the catalog]
    #[arg(long, value_name = "DC")]
    datacenter: Option<String>,
    /// The Consul version whose rules apply [default: the newest one that a server registered with]
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    consul_version: Option<ServerVersion>,
    /// The time at which expiry is evaluated [default: when the snapshot was taken]
    #[arg(long, value_name = "TIME", value_parser = times::parse)]
    at: Option<GoTime>,
    /// The policy where no rule applies; agent configuration, which snapshots do not record
    /// [default: deny]
    #[arg(long, value_enum, value_name = "deny|allow", hide_possible_values = true)]
    default_policy: Option<Fallback>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fallback {
    Deny,
    Allow,
}

fn parse_version(text: &str) -> Result<ServerVersion, String> {
    ServerVersion::parse(text).ok_or_else(|| "expected a version such as 1.21.4".to_owned())
}

impl BasisArgs {
    pub(crate) fn options(&self) -> ResolverOptions {
        ResolverOptions {
            datacenter: self.datacenter.clone(),
            version: self.consul_version,
            at: self.at,
            default_policy: match self.default_policy {
                Some(Fallback::Allow) => DefaultPolicy::Allow,
                Some(Fallback::Deny) | None => DefaultPolicy::Deny,
            },
        }
    }

    /// Whether the default policy was given.
    #[cfg(feature = "live")]
    pub(crate) const fn default_policy_is_given(&self) -> bool {
        self.default_policy.is_some()
    }

    pub(super) const fn default_known(&self) -> Known {
        if self.default_policy.is_some() { Known::Given } else { Known::Assumed }
    }

    /// The assumptions of an answer, in one line.
    pub(crate) fn line(&self, basis: &Basis) -> String {
        basis.words(self.default_policy.is_some(), times::rfc3339)
    }

    /// The same as members of an open object.
    pub(super) fn members(&self, basis: &Basis, json: &mut JsonText) {
        basis_members(basis, self.default_known(), json);
    }
}
