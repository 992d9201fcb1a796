//! Permissions, exports, proxies and links to HCP in the second catalog.

use super::finding::{Finding, Findings};
use super::messages::all;
use super::resource::{index_of, name_of};
use super::rule::AuditRule;
use super::rules::{MESH001, MESH002, MESH006, MESH011, MESH012, OPS016, PEER005};
use snapscope_decode::protobuf::{FieldValue, fields};
use snapscope_decode::records::ResourceRef;
use snapscope_objects::kind::KindId;
use std::collections::{BTreeMap, BTreeSet};

/// `ACTION_ALLOW` of permissions.
const ALLOW: u64 = 2;
/// `MUTUAL_TLS_MODE_PERMISSIVE` of proxies.
const PERMISSIVE: u64 = 2;
/// `ACCESS_LEVEL_GLOBAL_READ_WRITE` of a link.
const READ_WRITE: u64 = 1;

/// Partition, namespace and name.
type ScopedName = [Vec<u8>; 3];

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    id: Vec<u8>,
    number: u64,
    index: u64,
}

/// Workload identities and the permissions for them, until all are known.
#[derive(Debug, Default)]
pub(super) struct SecondCatalogRules {
    identities: BTreeMap<ScopedName, Seen>,
    permitted: BTreeMap<ScopedName, Seen>,
    /// Partitions and namespaces with permissions of their own. A partition's have no namespace.
    whole: BTreeSet<[Vec<u8>; 2]>,
}

/// A number field of a message; the last one stored counts.
fn number(message: &[u8], field: u32) -> u64 {
    let last = fields(message).map_while(Result::ok).filter(|stored| stored.number == field).last();
    match last.map(|stored| stored.value) {
        Some(FieldValue::Varint(n)) => n,
        _ => 0,
    }
}

/// Whether permissions allow everyone everything: the action and the permissions, by their numbers.
fn is_open(data: &[u8], action: u32, permissions: u32) -> bool {
    let is_limited = |permission| all(permission, 2).next().is_some();
    number(data, action) == ALLOW
        && all(data, permissions).filter(|permission| !is_limited(permission)).any(|permission| {
            // Neither an identity, nor a peer, nor a sameness group, nor exceptions.
            all(permission, 1).any(|source| {
                [1, 4, 5, 6].iter().all(|field| ResourceRef::part(source, *field).is_empty())
            })
        })
}

/// What a resource without a name of its own applies to.
fn scope([partition, namespace, _]: &ScopedName, of_partition: bool) -> String {
    let (word, name) =
        if of_partition { ("partition", partition) } else { ("namespace", namespace) };
    format!("{word} {:?}", String::from_utf8_lossy(name))
}

impl SecondCatalogRules {
    pub(super) fn resource(&mut self, record: u64, resource: &ResourceRef<'_>, out: &mut Findings) {
        let id = ResourceRef::part(resource.message, 1);
        let tenancy = ResourceRef::part(id, 4);
        let [partition, namespace] = [1, 2].map(|n| ResourceRef::part(tenancy, n).to_vec());
        let place = [partition, namespace, ResourceRef::part(id, 2).to_vec()];
        let seen = || {
            let (id, index) = (name_of(resource.message), index_of(resource));
            Seen { id, number: record, index }
        };
        let mut found = |rule: &'static AuditRule, message: String| {
            let Seen { id, number, index } = seen();
            out.add(Finding::new(rule, KindId::Resources, id, message).at(number, index));
        };
        let [group, _, kind] = resource.type_name();
        let (_, data) = resource.data();
        match (group.0, kind.0) {
            (b"auth", b"WorkloadIdentity") => {
                self.identities.insert(place, seen());
            }
            (b"auth", b"TrafficPermissions") => {
                let to = ResourceRef::part(ResourceRef::part(data, 1), 1);
                if is_open(data, 2, 3) {
                    let to = String::from_utf8_lossy(to);
                    found(&MESH002, format!("* => {to} is allowed"));
                }
                let [partition, namespace, _] = place;
                self.permitted.entry([partition, namespace, to.to_vec()]).or_insert_with(seen);
            }
            (b"auth", b"NamespaceTrafficPermissions" | b"PartitionTrafficPermissions") => {
                let of_partition = kind.0.starts_with(b"Partition");
                if is_open(data, 1, 2) {
                    let scope = scope(&place, of_partition);
                    found(&MESH001, format!("* => every workload identity of {scope} is allowed"));
                }
                let [partition, namespace, _] = place;
                let namespace = if of_partition { Vec::new() } else { namespace };
                self.whole.insert([partition, namespace]);
            }
            (b"mesh", b"ProxyConfiguration")
                if number(ResourceRef::part(data, 2), 3) == PERMISSIVE =>
            {
                found(&MESH006, "for the workloads of a proxy configuration".to_owned());
            }
            (b"multicluster", b"NamespaceExportedServices" | b"PartitionExportedServices") => {
                let consumers = all(data, 1).count();
                if consumers > 0 {
                    let scope = scope(&place, kind.0.starts_with(b"Partition"));
                    let message = format!("all services of {scope} go to {consumers} consumers");
                    found(&PEER005, message);
                }
            }
            (b"hcp", b"Link") if number(data, 5) == READ_WRITE => {
                found(&OPS016, "the link to HCP has read and write access".to_owned());
            }
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.identities.extend(other.identities);
        for (place, seen) in other.permitted {
            let first = self.permitted.entry(place).or_insert_with(|| seen.clone());
            *first = seen.min(first.clone());
        }
        self.whole.extend(other.whole);
    }

    pub(super) fn finish(self, out: &mut Findings) {
        let Self { identities, permitted, whole } = self;
        for (place, Seen { id, number, index }) in &identities {
            let [partition, namespace, _] = place;
            let of_all = [[partition.clone(), namespace.clone()], [partition.clone(), Vec::new()]];
            if !permitted.contains_key(place) && !of_all.iter().any(|of| whole.contains(of)) {
                let message = "no traffic permissions apply to it";
                let finding = Finding::new(&MESH011, KindId::Resources, id.clone(), message);
                out.add(finding.at(*number, *index));
            }
        }
        for (place, Seen { id, number, index }) in permitted {
            if !identities.contains_key(&place) {
                let [_, _, name] = place;
                let name = String::from_utf8_lossy(&name).into_owned();
                let message = format!("workload identity {name:?} does not exist");
                out.add(Finding::new(&MESH012, KindId::Resources, id, message).at(number, index));
            }
        }
    }
}
