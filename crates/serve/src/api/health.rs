//! `health/`: checks, and instances with their checks.

use super::call::Call;
use super::central_config::CentralConfig;
use super::endpoint::Endpoint;
use super::joined::{
    Checked, Kept, checked_shape, checks_of, has_pairs, index_of, meta_pairs, row_at, tags_of,
    with_cache, write,
};
use super::near::Near;
use super::rows::filter;
use super::services::{index_of_service, merged_index, of_mesh, peer_of, unseen};
use crate::answer::{Answered, Found, Refused, list};
use crate::state::{InstanceAt, NodeAt};
use snapscope_analyze::acl::Resource;
use snapscope_decode::VersionRange;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::row::Row;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("health/node/", of_node).says_consistency(),
    Endpoint::get("health/checks/", of_service).says_consistency(),
    Endpoint::get("health/state/", in_state).says_consistency(),
    Endpoint::get("health/service/", instances).says_consistency().bare_errors().versions(STREAMED),
    Endpoint::get("health/service/", instances).says_consistency().versions(ASKED),
    Endpoint::get("health/connect/", connect).says_consistency().bare_errors().versions(STREAMED),
    Endpoint::get("health/connect/", connect).says_consistency().versions(ASKED),
];

/// Since then, agents subscribe to the health of services.
pub(super) const STREAMED: VersionRange = VersionRange::since(1, 10);
/// The versions before that.
pub(super) const ASKED: VersionRange = VersionRange::before(1, 10);
/// Since then, the case of states is ignored.
const FOLDED_STATES: VersionRange = VersionRange::since(1, 9);
/// Sameness groups. Servers without Enterprise refuse them.
const SAMENESS: VersionRange = VersionRange::since(1, 16);

/// The tables whose index is used for a service that never existed.
const TABLES: &[&str] = &["nodes", "services", "checks"];

fn of_node(call: &Call<'_>) -> Answered {
    let name = call.named("Missing node name")?;
    let node = call.view.catalog.of(b"").and_then(|nodes| nodes.named(name.as_bytes()));
    checks(call, node.into_iter(), &|_| true, false)
}

fn of_service(call: &Call<'_>) -> Answered {
    let name = call.named("Missing service name")?;
    let nodes = call.view.catalog.of(b"");
    let is_meant = |check: &Row| check.text("ServiceName").eq_ignore_ascii_case(name.as_bytes());
    let mut found =
        checks(call, nodes.into_iter().flat_map(|nodes| nodes.nodes()), &is_meant, true)?;
    if call.query().has("node-meta") {
        found.index = index_of_service(call, b"", &name, &["nodes", "services", "checks"]);
    }
    Ok(found)
}

fn in_state(call: &Call<'_>) -> Answered {
    let state = call.named("Missing check state")?;
    let nodes = call.view.catalog.of(b"");
    let is_meant = |check: &Row| state == "any" || is_state(call, check.text("Status"), &state);
    checks(call, nodes.into_iter().flat_map(|nodes| nodes.nodes()), &is_meant, true)
}

/// Whether a check is in a state.
fn is_state(call: &Call<'_>, status: &[u8], state: &str) -> bool {
    match call.view.is(FOLDED_STATES) {
        true => status.eq_ignore_ascii_case(state.as_bytes()),
        false => status == state.as_bytes(),
    }
}

/// Checks on nodes. Requests may select them by node metadata, and sort them by distance.
fn checks<'n>(
    call: &Call<'_>,
    nodes: impl Iterator<Item = &'n NodeAt>,
    is_meant: &dyn Fn(&Row) -> bool,
    selects_nodes: bool,
) -> Answered {
    let view = call.view;
    let filter = filter(call, &kinds::of(KindId::Checks).shape())?;
    call.check_token()?;
    let pairs = if selects_nodes { meta_pairs(call) } else { Vec::new() };
    let mut kept = Kept::new(call, Some(filter));
    let mut rows: Vec<Row> = Vec::new();
    for node in nodes {
        let has_meta = || {
            let own = row_at(view, KindId::Nodes, node.at);
            own.is_some_and(|own| has_pairs(own.get("Meta"), &pairs))
        };
        if !pairs.is_empty() && !has_meta() {
            continue;
        }
        for check in checks_of(view, node).into_iter().filter(|check| is_meant(check)) {
            let service = Some(check.text("ServiceName")).filter(|name| !name.is_empty());
            if kept.keeps(check.text("Node"), service, check.object()) {
                rows.push(check);
            }
        }
    }
    let near = Near::of(call).filter(|_| selects_nodes);
    Near::sort(near.as_ref(), &mut rows, |row| row.text("Node"));
    let json = list(|json| rows.iter().for_each(|row| row.render(json)));
    let index = index_of(view, b"", "checks").unwrap_or(1);
    Ok(Found::json(index, json).filtered(kept.is_filtered))
}

fn instances(call: &Call<'_>) -> Answered {
    let name = call.named("Missing service name")?;
    let peer = peer_of(call);
    let nodes = call.view.catalog.of(&peer);
    let found = nodes.map_or(&[][..], |nodes| nodes.instances(name.as_bytes()));
    if call.view.is(STREAMED) {
        only_passing(call)?;
    }
    call.check_token()?;
    if call.view.is(SAMENESS) && call.query().has("sg") {
        return Err(Refused::new(500, "sameness groups are not supported in consul CE"));
    }
    let index = index_of_service(call, &peer, &name, TABLES);
    Ok(with_cache(call, checked(call, &peer, found, index)?))
}

fn connect(call: &Call<'_>) -> Answered {
    let name = call.named("Missing service name")?;
    let peer = peer_of(call);
    call.check_token()?;
    if !call.may_read(Resource::Service, name.as_bytes()) {
        return match call.view.is(STREAMED) {
            true => Err(Refused::new(403, "Permission denied")),
            false => Ok(unseen()),
        };
    }
    let (found, index) = of_mesh(call, &peer, &name, TABLES);
    checked(call, &peer, &found, index)
}

/// Instances with their checks.
pub(super) fn checked(call: &Call<'_>, peer: &[u8], found: &[InstanceAt], index: u64) -> Answered {
    call.check_token()?;
    let only_passing = only_passing(call)?;
    let central = CentralConfig::asked(call);
    let index = merged_index(call, central.as_ref(), found, index);
    let filter = filter(call, &checked_shape())?;
    let (pairs, tags) = (meta_pairs(call), tags_of(call));
    let mut kept = Kept::new(call, Some(filter));
    let mut all: Vec<Checked> = Vec::new();
    for instance in found {
        let nodes = call.view.catalog.of(peer);
        let Some(mut one) = nodes.and_then(|nodes| Checked::at(call.view, nodes, *instance)) else {
            continue;
        };
        if let Some(central) = &central {
            one = one.merged(central);
        }
        let Some(object) = one.object() else { continue };
        let is_meant = has_pairs(one.node_meta(), &pairs) && one.has_tags(&tags);
        let is_kept = is_meant && kept.keeps(one.node(), Some(one.service()), object);
        if is_kept && (!only_passing || one.is_passing()) {
            all.push(one);
        }
    }
    Near::sort(Near::of(call).as_ref(), &mut all, Checked::node);
    let json = list(|json| all.iter().for_each(|one| write(json, &one.tape)));
    Ok(Found::json(index, json).filtered(kept.is_filtered))
}

/// `?passing`
fn only_passing(call: &Call<'_>) -> Result<bool, Refused> {
    if !call.query().has("passing") {
        return Ok(false);
    }
    match call.query().text("passing").as_str() {
        "" | "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(Refused::early(400, "Invalid value for ?passing")),
    }
}
