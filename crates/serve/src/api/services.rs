//! `catalog/services`, `catalog/service/`, `catalog/connect/`.

use super::call::Call;
use super::central_config::CentralConfig;
use super::endpoint::Endpoint;
use super::gateways::mappings;
use super::joined::{
    Kept, has_pairs, has_tags, highest, index_of, meta_pairs, row_at, tags_of, with_cache,
};
use super::near::Near;
use super::rows::{filter, write_with};
use crate::answer::{Answered, Found, list, object};
use crate::request::Consistency;
use crate::state::InstanceAt;
use snapscope_analyze::acl::Resource;
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::row::Row;
use snapscope_objects::value::Json;
use std::collections::BTreeMap;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("catalog/services", names).says_consistency(),
    Endpoint::get("catalog/service/", instances).says_consistency(),
    Endpoint::get("catalog/connect/", connect).says_consistency(),
];

/// Since then, names of services can be filtered.
const FILTERED_NAMES: VersionRange = VersionRange::since(1, 13);
/// Since then, answers have the locality of instances.
const LOCALITY: VersionRange = VersionRange::since(1, 17);
/// Since then, names of services also need permission to read their nodes.
const NODES_COUNT: VersionRange = VersionRange::since(1, 11);

fn names(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let view = call.view;
    let filter = match view.is(FILTERED_NAMES) {
        true => Some(filter(call, &kinds::of(KindId::Instances).shape())?),
        false => None,
    };
    let pairs = meta_pairs(call);
    let mut is_filtered = false;
    let mut tags: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
    let instances = view.catalog.of(b"").into_iter().flat_map(|nodes| nodes.services());
    for instance in instances {
        let Some(row) = row_at(view, KindId::Instances, instance.at) else { continue };
        let name = row.text("ServiceName");
        let holds = filter.as_ref().is_none_or(|filter| filter.holds(row.object()));
        if !has_pairs(row.get("NodeMeta"), &pairs) || !holds {
            continue;
        }
        let may = call.may_read(Resource::Service, name)
            && (!view.is(NODES_COUNT) || call.may_read(Resource::Node, row.text("Node")));
        if !may {
            is_filtered = true;
            continue;
        }
        let known = tags.entry(name.to_vec()).or_default();
        for tag in row.get("ServiceTags").into_iter().flat_map(|tags| tags.items()) {
            let tag = tag.text().unwrap_or_default();
            if !known.iter().any(|known| known == tag) {
                known.push(tag.to_vec());
            }
        }
    }
    let json = object(|json| {
        for (name, tags) in &tags {
            json.key(name);
            json.begin_list();
            tags.iter().for_each(|tag| json.text(tag));
            json.end_list();
        }
    });
    let tables: &[&str] = match pairs.is_empty() {
        true => &["services"],
        false => &["services", "nodes"],
    };
    let found = Found::json(highest(view, b"", tables), json).filtered(is_filtered);
    Ok(with_cache(call, found))
}

fn instances(call: &Call<'_>) -> Answered {
    let name = call.named("Missing service name")?;
    call.check_token()?;
    let peer = peer_of(call);
    let nodes = call.view.catalog.of(&peer);
    let found = nodes.map_or(&[][..], |nodes| nodes.instances(name.as_bytes()));
    let index = index_of_service(call, &peer, &name, &["nodes", "services"]);
    Ok(with_cache(call, rows(call, found, index)?))
}

fn connect(call: &Call<'_>) -> Answered {
    let name = call.named("Missing service name")?;
    call.check_token()?;
    let peer = peer_of(call);
    if !call.may_read(Resource::Service, name.as_bytes()) {
        return Ok(unseen());
    }
    let (found, index) = of_mesh(call, &peer, &name, &["nodes", "services"]);
    rows(call, &found, index)
}

/// The requested peer.
pub(super) fn peer_of(call: &Call<'_>) -> Vec<u8> {
    if call.view.is(super::joined::PEERING) {
        call.query().text("peer").into_bytes()
    } else {
        Vec::new()
    }
}

/// The answer of servers for a service that the token may not see, without a look at the state.
pub(super) fn unseen() -> Found {
    let found = Found::json(1, b"[]".to_vec());
    Found { knows_leader: false, consistency: Some(Consistency::Leader), ..found }
}

/// The index of a service. For a missing one it is the index at which the last service disappeared,
/// or else that of the tables.
pub(super) fn index_of_service(call: &Call<'_>, peer: &[u8], name: &str, tables: &[&str]) -> u64 {
    let nodes = call.view.catalog.of(peer);
    let first = nodes.and_then(|nodes| nodes.instances(name.as_bytes()).first().copied());
    let own = first.and_then(|instance| {
        // Indexes are stored under the name as it was registered.
        let row = row_at(call.view, KindId::Instances, instance.at)?;
        let name = String::from_utf8_lossy(row.text("ServiceName")).into_owned();
        index_of(call.view, peer, &format!("service.{name}"))
    });
    let last = || index_of(call.view, peer, "service_last_extinction").filter(|_| first.is_none());
    own.or_else(last).unwrap_or_else(|| highest(call.view, peer, tables))
}

/// The instances that accept mesh connections for a service: its sidecars, then terminating
/// gateways. Also returns the index.
pub(super) fn of_mesh(
    call: &Call<'_>,
    peer: &[u8],
    name: &str,
    tables: &[&str],
) -> (Vec<InstanceAt>, u64) {
    let nodes = call.view.catalog.of(peer);
    let sidecars = nodes.map_or(&[][..], |nodes| nodes.connect(name.as_bytes()));
    let mut found: Vec<InstanceAt> = sidecars.to_vec();
    let mut of_gateways = 0;
    let all = if peer.is_empty() { mappings(call.view) } else { Vec::new() };
    for mapping in all {
        let is_it = mapping.kind == "terminating-gateway"
            && mapping.service.eq_ignore_ascii_case(name.as_bytes());
        if is_it {
            of_gateways = of_gateways.max(mapping.modify_index);
            found.extend(nodes.map_or(&[][..], |nodes| nodes.instances(&mapping.gateway)));
        }
    }
    let index = connect_index(call, peer, name, &found, tables);
    (found, index.max(of_gateways))
}

/// The index of merged instances: that of config entries counts if they apply to any of them.
pub(super) fn merged_index(
    call: &Call<'_>,
    central: Option<&CentralConfig>,
    found: &[InstanceAt],
    index: u64,
) -> u64 {
    let applies = |instance: &InstanceAt| {
        let row = row_at(call.view, KindId::Instances, instance.at);
        row.is_some_and(|row| CentralConfig::applies_to(row.text("ServiceKind")))
    };
    match central.is_some() && found.iter().any(applies) {
        true => index.max(call.view.facts.index("config-entries")),
        false => index,
    }
}

/// Returns an instance merged with the config entries that apply to it. Servers forget its node on the way.
fn merged(central: &CentralConfig, row: &Row) -> Row {
    let forget = |instance: &mut serde_json::Value| {
        for (name, empty) in [
            ("ID", "".into()),
            ("Address", "".into()),
            ("Datacenter", "".into()),
            ("TaggedAddresses", serde_json::Value::Null),
            ("NodeMeta", serde_json::Value::Null),
        ] {
            if let Some(member) = instance.get_mut(name) {
                *member = empty;
            }
        }
    };
    let tape = central.merged(row.object(), &["ServiceProxy"], &["ServiceName"], forget);
    row.copied(|copy| *copy = tape)
}

/// The highest index of the services that instances belong to.
fn connect_index(
    call: &Call<'_>,
    peer: &[u8],
    name: &str,
    found: &[InstanceAt],
    tables: &[&str],
) -> u64 {
    let index = |instance: &InstanceAt| {
        let row = row_at(call.view, KindId::Instances, instance.at)?;
        let name = String::from_utf8_lossy(row.text("ServiceName"));
        index_of(call.view, peer, &format!("service.{name}"))
    };
    let highest = found.iter().filter_map(index).max();
    highest.unwrap_or_else(|| index_of_service(call, peer, name, tables))
}

/// Writes an instance. Missing metadata is written as an empty object, as servers do.
fn write(json: &mut JsonText, call: &Call<'_>, row: &Row) {
    json.begin_object();
    write_with(json, row.object(), &mut |json, name, value| {
        let is_missing = name == b"ServiceMeta" && matches!(value.json(), Json::Null);
        if is_missing {
            json.key(name);
            json.begin_object();
            json.end_object();
        }
        is_missing
    });
    if call.view.is(LOCALITY) && row.get("ServiceLocality").is_none() {
        json.key(b"ServiceLocality");
        json.null();
    }
    json.end_object();
}

fn rows(call: &Call<'_>, found: &[InstanceAt], index: u64) -> Answered {
    let central = CentralConfig::asked(call);
    let index = merged_index(call, central.as_ref(), found, index);
    let filter = filter(call, &kinds::of(KindId::Instances).shape())?;
    let (pairs, tags) = (meta_pairs(call), tags_of(call));
    let mut kept = Kept::new(call, Some(filter));
    let mut rows: Vec<Row> = Vec::new();
    for instance in found {
        let Some(mut row) = row_at(call.view, KindId::Instances, instance.at) else { continue };
        if let Some(central) = &central
            && CentralConfig::applies_to(row.text("ServiceKind"))
        {
            row = merged(central, &row);
        }
        let is_meant =
            has_pairs(row.get("NodeMeta"), &pairs) && has_tags(row.get("ServiceTags"), &tags);
        if is_meant && kept.keeps(row.text("Node"), Some(row.text("ServiceName")), row.object()) {
            rows.push(row);
        }
    }
    Near::sort(Near::of(call).as_ref(), &mut rows, |row| row.text("Node"));
    let json = list(|json| rows.iter().for_each(|row| write(json, call, row)));
    Ok(Found::json(index, json).filtered(kept.is_filtered))
}
