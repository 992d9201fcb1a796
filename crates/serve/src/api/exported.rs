//! `exported-services`: services that are exported to others.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::joined::row_at;
use super::rows::{each_row, text_member};
use crate::answer::{Answered, Found, list};
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static ROWS: &[Endpoint] = &[Endpoint::get("exported-services", all)
    .bare_errors()
    .any_datacenter()
    .tenancy(Tenancy::OnlyPartition)
    .versions(LIST)];

const LIST: VersionRange = VersionRange::since(1, 17);

/// The consumers of a service.
#[derive(Debug, Clone, Default)]
pub(super) struct Consumers {
    pub(super) peers: BTreeSet<Vec<u8>>,
    pub(super) partitions: BTreeSet<Vec<u8>>,
}

/// All exported services. Wildcards are replaced with the services in the catalog.
pub(super) fn exported(view: &View<'_>) -> BTreeMap<Vec<u8>, Consumers> {
    let mut all: BTreeMap<Vec<u8>, Consumers> = BTreeMap::new();
    each_row(view, KindId::ConfigEntries, &mut |entry| {
        if entry.text("Kind") != b"exported-services" {
            return;
        }
        for service in entry.get("Services").into_iter().flat_map(|services| services.items()) {
            let name = service.get("Name").and_then(|name| name.text()).unwrap_or_default();
            let names = match name {
                b"*" => typical(view),
                // The servers themselves are never exported.
                b"consul" => Vec::new(),
                name => vec![name.to_vec()],
            };
            for name in names {
                let known = all.entry(name).or_default();
                for consumer in service.get("Consumers").into_iter().flat_map(|all| all.items()) {
                    let text = |field: &str| {
                        consumer.get(field).and_then(|text| text.text()).unwrap_or_default()
                    };
                    for (field, to) in
                        [("Peer", &mut known.peers), ("Partition", &mut known.partitions)]
                    {
                        if !text(field).is_empty() {
                            to.insert(text(field).to_vec());
                        }
                    }
                }
            }
        }
    });
    all.retain(|_, consumers| !consumers.peers.is_empty() || !consumers.partitions.is_empty());
    all
}

/// The names of services that are neither proxies nor gateways.
fn typical(view: &View<'_>) -> Vec<Vec<u8>> {
    let instances = view.catalog.of(b"").into_iter().flat_map(|nodes| nodes.services());
    let rows = instances.filter_map(|instance| row_at(view, KindId::Instances, instance.at));
    let names: BTreeSet<Vec<u8>> = rows
        .filter(|row| row.text("ServiceKind").is_empty() && row.text("ServiceName") != b"consul")
        .map(|row| row.text("ServiceName").to_vec())
        .collect();
    names.into_iter().collect()
}

fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    call.require(Resource::Mesh, Access::Read, None)?;
    let json = list(|json| {
        for (service, consumers) in exported(call.view) {
            json.begin_object();
            text_member(json, "Service", &service);
            json.key(b"Consumers");
            json.begin_object();
            write_names(json, "Peers", &consumers.peers);
            write_names(json, "Partitions", &consumers.partitions);
            json.end_object();
            json.end_object();
        }
    });
    Ok(Found::json(call.view.facts.index("config-entries"), json))
}

fn write_names(json: &mut JsonText, name: &str, names: &BTreeSet<Vec<u8>>) {
    if names.is_empty() {
        return;
    }
    json.key(name.as_bytes());
    json.begin_list();
    names.iter().for_each(|name| json.text(name));
    json.end_list();
}
