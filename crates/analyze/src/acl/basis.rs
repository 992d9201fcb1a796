//! The assumptions of answers: facts that only some snapshots record, or none.

use super::model::AclModel;
use super::version::ServerVersion;
use snapscope_decode::{GoTime, VersionRange};

/// The policy where no rule applies. It is agent configuration, which snapshots do not record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefaultPolicy {
    /// Nothing is allowed.
    #[default]
    Deny,
    /// Everything is allowed, except `acl`.
    Allow,
}

/// Facts that the caller knows better than the snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolverOptions {
    /// The servers' datacenter.
    pub datacenter: Option<String>,
    /// The servers' version.
    pub version: Option<ServerVersion>,
    /// The time at which expiry is evaluated.
    pub at: Option<GoTime>,
    /// The policy where no rule applies.
    pub default_policy: DefaultPolicy,
}

/// The source of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The caller.
    Given,
    /// The snapshot.
    Found,
    /// Derived from the fields that the snapshot stores.
    Concluded,
    /// Unknown, so this is assumed.
    Assumed,
}

/// The assumptions of answers, and their sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The servers' datacenter. Without one, links that are bound to datacenters do not apply.
    pub datacenter: Option<String>,
    /// Its source.
    pub datacenter_known: Known,
    /// The servers' version: if they had several, or may have had several, the newest.
    pub version: ServerVersion,
    /// The versions that they may have had.
    pub versions: VersionRange,
    /// Its source.
    pub version_known: Known,
    /// The time at which expiry is evaluated. Without one, no token has expired.
    pub at: Option<GoTime>,
    /// Its source.
    pub at_known: Known,
    /// The policy where no rule applies.
    pub default_policy: DefaultPolicy,
}

impl Basis {
    pub(super) fn of(model: &AclModel, options: ResolverOptions) -> Self {
        fn pick<T>(given: Option<T>, found: Option<T>) -> (Option<T>, Known) {
            match (given, found) {
                (Some(x), _) => (Some(x), Known::Given),
                (None, Some(x)) => (Some(x), Known::Found),
                (None, None) => (None, Known::Assumed),
            }
        }
        let (datacenter, datacenter_known) =
            pick(options.datacenter, model.datacenter().map(str::to_owned));
        let (version, version_known) = pick(options.version, model.server_versions().last());
        // Servers before 1.7 do not register their version.
        let written = model.written();
        let (version, version_known, versions) = match version {
            Some(version) => (version, version_known, VersionRange::only(version)),
            None if written.is_known() => {
                (written.versions.newest(), Known::Concluded, written.versions)
            }
            None => (ServerVersion::NEWEST_KNOWN, version_known, VersionRange::ALL),
        };
        let (at, at_known) = pick(options.at, model.taken);
        Self {
            datacenter,
            datacenter_known,
            version,
            versions,
            version_known,
            at,
            at_known,
            default_policy: options.default_policy,
        }
    }

    /// Whether something bound to these datacenters applies.
    pub(super) fn in_scope(&self, datacenters: &[Box<str>]) -> bool {
        datacenters.is_empty() || datacenters.iter().any(|d| self.is_local(d))
    }

    pub(super) fn is_local(&self, datacenter: &str) -> bool {
        self.datacenter.as_deref() == Some(datacenter)
    }

    /// Whether a time has passed.
    #[must_use]
    pub fn has_passed(&self, time: GoTime) -> bool {
        self.at.is_some_and(|at| (time.seconds, time.nanos) < (at.seconds, at.nanos))
    }
}
