//! The end of a connection: a service or a subset of it, in a datacenter or at a peer.

use super::entries::text;
use snapscope_objects::value::Node;

/// The namespace and partition of servers without Enterprise.
pub(super) const DEFAULT: &str = "default";

/// The identity of a target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) service: String,
    pub(crate) subset: String,
    pub(crate) namespace: String,
    pub(crate) partition: String,
    pub(crate) datacenter: String,
    pub(crate) peer: String,
}

impl Place {
    /// As named in a part of a config entry; missing parts are empty.
    pub(super) fn named(part: Node<'_>) -> Self {
        let get = |name: &str| text(Some(part), name);
        Self {
            service: get("Service"),
            subset: get("ServiceSubset"),
            namespace: get("Namespace"),
            partition: get("Partition"),
            datacenter: get("Datacenter"),
            peer: get("Peer"),
        }
    }

    /// This target with the changes of `other`.
    pub(super) fn changed(&self, other: &Self) -> Self {
        let mut place = self.clone();
        if !other.service.is_empty() && other.service != place.service {
            place.service.clone_from(&other.service);
            // The subset belonged to the previous service.
            place.subset.clear();
        }
        for (to, from) in [
            (&mut place.subset, &other.subset),
            (&mut place.partition, &other.partition),
            (&mut place.datacenter, &other.datacenter),
        ] {
            if !from.is_empty() {
                to.clone_from(from);
            }
        }
        if !other.namespace.is_empty() || !other.peer.is_empty() {
            place.namespace.clone_from(&other.namespace);
        }
        place.peer.clone_from(&other.peer);
        place
    }

    /// Fills in missing parts.
    pub(super) fn complete(mut self, datacenter: &str) -> Self {
        if self.peer.is_empty() {
            if self.datacenter.is_empty() {
                datacenter.clone_into(&mut self.datacenter);
            }
        } else {
            self.datacenter.clear();
            DEFAULT.clone_into(&mut self.partition);
        }
        for part in [&mut self.namespace, &mut self.partition] {
            if part.is_empty() {
                DEFAULT.clone_into(part);
            }
        }
        self
    }

    /// The key of the target in chains.
    pub(super) fn id(&self, has_partitions: bool) -> String {
        let Self { service, subset, namespace, partition, datacenter, peer } = self;
        if !peer.is_empty() {
            return format!("{service}.{namespace}.default.external.{peer}");
        }
        let prefix = if subset.is_empty() { String::new() } else { format!("{subset}.") };
        match has_partitions {
            true => format!("{prefix}{service}.{namespace}.{partition}.{datacenter}"),
            false => format!("{prefix}{service}.{namespace}.{datacenter}"),
        }
    }

    /// The name of the target in the mesh.
    pub(super) fn sni(&self, trust_domain: &str) -> String {
        let Self { service, subset, namespace, partition, datacenter, .. } = self;
        let prefix = if subset.is_empty() { String::new() } else { format!("{subset}.") };
        match partition.as_str() {
            "" | DEFAULT => {
                format!("{prefix}{service}.{namespace}.{datacenter}.internal.{trust_domain}")
            }
            partition => format!(
                "{prefix}{service}.{namespace}.{partition}.{datacenter}.internal-v1.{trust_domain}"
            ),
        }
    }
}

/// A target of a chain.
#[derive(Debug, Clone)]
pub(crate) struct Target<'e> {
    pub(crate) place: Place,
    /// The subset according to its resolver.
    pub(super) subset: Option<Node<'e>>,
    pub(super) sni: String,
    pub(super) name: String,
    pub(super) is_external: bool,
    pub(super) mesh_gateway: String,
    pub(super) dialed_directly: bool,
    /// Nanoseconds.
    pub(super) connect_timeout: i64,
    /// Whether the chain leads to it; others were only considered.
    pub(super) is_kept: bool,
}
