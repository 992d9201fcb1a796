//! What answers rest on: things that are not in every snapshot, or not in any.

use super::model::AclModel;
use super::version::ServerVersion;
use snapscope_decode::{GoTime, VersionRange};

/// What happens where no rule says anything. It is agent configuration and in no snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DefaultPolicy {
    /// Nothing is allowed.
    #[default]
    Deny,
    /// Everything is, `acl` aside.
    Allow,
}

/// What the asker knows better than the snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolverOptions {
    /// The servers' datacenter.
    pub datacenter: Option<String>,
    /// The servers' version.
    pub version: Option<ServerVersion>,
    /// The time for which expired tokens are told from others.
    pub at: Option<GoTime>,
    /// What happens where no rule says anything.
    pub default_policy: DefaultPolicy,
}

/// Where a fact is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The asker gave it.
    Given,
    /// The snapshot says so.
    Found,
    /// It follows from what the snapshot stores.
    Concluded,
    /// Nobody says anything; this is assumed.
    Assumed,
}

/// What answers rest on, and where that is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The servers' datacenter. Without one, whatever is bound to datacenters doesn't count.
    pub datacenter: Option<String>,
    /// Where it is from.
    pub datacenter_known: Known,
    /// The servers' version: if they were of several, or can have been, the newest.
    pub version: ServerVersion,
    /// The versions they can have been of.
    pub versions: VersionRange,
    /// Where it is from.
    pub version_known: Known,
    /// The time for which expired tokens are told from others. Without one, none has expired.
    pub at: Option<GoTime>,
    /// Where it is from.
    pub at_known: Known,
    /// What happens where no rule says anything.
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
        // Servers before 1.7 don't register their version.
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

    /// Whether something bound to these datacenters counts.
    pub(super) fn in_scope(&self, datacenters: &[Box<str>]) -> bool {
        datacenters.is_empty() || datacenters.iter().any(|d| self.is_local(d))
    }

    pub(super) fn is_local(&self, datacenter: &str) -> bool {
        self.datacenter.as_deref() == Some(datacenter)
    }

    pub(super) fn has_passed(&self, time: GoTime) -> bool {
        self.at.is_some_and(|at| (time.seconds, time.nanos) < (at.seconds, at.nanos))
    }
}
