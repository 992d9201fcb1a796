//! `internal/ui/service-topology/`: the services that a service connects to, and those that connect to it.

use super::decision::{Decision, Intentions, Side};
use super::mesh::Mesh;
use super::summary::{Summaries, flag};
use crate::answer::{Answered, Found, Refused, object, text_member};
use crate::api::call::Call;
use crate::api::discovery_chain::entries;
use crate::api::intentions;
use crate::api::joined::{Checked, Kept};
use crate::api::rows::each_row;
use crate::api::services::of_mesh;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use std::collections::{BTreeMap, BTreeSet};

/// The tables whose index counts.
const TABLES: &[&str] = &["nodes", "services", "checks"];

/// The kinds of services that are shown; proxies count for their services.
const SHOWN: [&[u8]; 3] = [b"", b"ingress-gateway", b"api-gateway"];

/// Services on one side of another one, by name, with the reason why they are there.
type Neighbours = BTreeMap<String, &'static str>;

/// The reason for a service that a proxy or a gateway names.
const REGISTERED: &str = "proxy-registration";

/// Returns the neighbours of a service.
pub(super) fn topology(call: &Call<'_>) -> Answered {
    let name = call.named("Missing service name")?;
    if !call.query().has("kind") {
        return Err(Refused::early(400, "Missing service kind"));
    }
    let kind = call.query().text("kind");
    if !matches!(kind.as_str(), "" | "ingress-gateway") {
        return Err(Refused::early(400, format!("Unsupported service kind {kind:?}")));
    }
    call.check_token()?;
    call.require(Resource::Service, Access::Read, Some(name.as_bytes()))?;
    let view = call.view;
    let entries = entries(view);
    let mesh = Mesh::of(view, &entries);
    let all = intentions::ordered(view);
    let modes = if kind.is_empty() { modes(call, &name) } else { BTreeSet::new() };
    let is_transparent = |modes: &BTreeSet<Vec<u8>>| modes.contains(&b"transparent"[..]);

    let [above, below] =
        [Side::Upstream, Side::Downstream].map(|side| Intentions::about(call, &all, &name, side));

    let mut upstreams = registered(mesh.upstreams(&name));
    // Only a service that intercepts connections reaches others that it does not name.
    if is_transparent(&modes) {
        add_intended(&mesh, &above, &name, Side::Upstream, &mut upstreams);
    }
    let mut downstreams = registered(mesh.downstreams(&name));
    add_intended(&mesh, &below, &name, Side::Downstream, &mut downstreams);
    downstreams.retain(|downstream, reason| {
        *reason == REGISTERED || is_transparent(&self::modes(call, downstream))
    });

    let mut kept = Kept::new(call, None);
    let sides = [("Upstreams", &above, &upstreams), ("Downstreams", &below, &downstreams)];
    let lists: Vec<Vec<u8>> = sides
        .iter()
        .map(|(_, intentions, neighbours)| list(call, &mut kept, intentions, neighbours))
        .collect();
    let is_filtered = kept.is_filtered;
    let json = object(|json| {
        let protocol = match kind.is_empty() {
            true => entries.protocol(&name),
            false => gateway_protocol(call, &name),
        };
        text_member(json, "Protocol", protocol);
        flag(json, "TransparentProxy", modes.len() == 1 && is_transparent(&modes));
        for ((member, ..), list) in sides.iter().zip(&lists) {
            json.key(member.as_bytes());
            json.rendered(list);
        }
        flag(json, "FilteredByACLs", is_filtered);
    });
    Ok(Found::json(index(call, !downstreams.is_empty()), json).filtered(is_filtered))
}

fn registered(names: BTreeSet<String>) -> Neighbours {
    names.into_iter().map(|name| (name, REGISTERED)).collect()
}

/// Adds the services that intentions connect.
fn add_intended(
    mesh: &Mesh,
    intentions: &Intentions<'_>,
    name: &str,
    side: Side,
    neighbours: &mut Neighbours,
) {
    for candidate in mesh.candidates(side) {
        if candidate.eq_ignore_ascii_case(name) || neighbours.contains_key(candidate) {
            continue;
        }
        let decision = Decision::of(intentions, candidate, true);
        if decision.is_allowed {
            neighbours.insert(candidate.to_owned(), decision.source());
        }
    }
}

/// Returns the modes of the sidecars and terminating gateways of a service.
fn modes(call: &Call<'_>, name: &str) -> BTreeSet<Vec<u8>> {
    let Some(nodes) = call.view.catalog.of(b"") else { return BTreeSet::new() };
    let (proxies, _) = of_mesh(call, b"", name, TABLES);
    let all = proxies.into_iter().filter_map(|instance| Checked::at(call.view, nodes, instance));
    all.map(|one| {
        let mode = one.object().and_then(|object| object.at(["Service", "Proxy", "Mode"]));
        mode.and_then(|mode| mode.text()).unwrap_or_default().to_vec()
    })
    .collect()
}

/// The neighbours on a side in short, with the decisions of intentions.
fn list(
    call: &Call<'_>,
    kept: &mut Kept<'_>,
    intentions: &Intentions<'_>,
    neighbours: &Neighbours,
) -> Vec<u8> {
    let view = call.view;
    let mut summaries = Summaries::new(view);
    if let Some(nodes) = view.catalog.of(b"") {
        for neighbour in neighbours.keys() {
            let plain = nodes.instances(neighbour.as_bytes()).iter().copied();
            let (of_mesh, _) = of_mesh(call, b"", neighbour, TABLES);
            for instance in plain.chain(of_mesh) {
                let Some(one) = Checked::at(view, nodes, instance) else { continue };
                if kept.may(one.node(), one.service()) {
                    summaries.add_once(&one);
                }
            }
        }
    }
    summaries.retain_kinds(&SHOWN);
    crate::answer::list(|json: &mut JsonText| {
        summaries.write(json, view, &|json, (neighbour, _)| {
            let neighbour = String::from_utf8_lossy(neighbour);
            let source = neighbours.get(&*neighbour).copied().unwrap_or("");
            text_member(json, "Source", source);
            json.key(b"Intention");
            let decision = Decision::of(intentions, &neighbour, false);
            decision.write(json, intentions.default_allows);
        });
    })
}

/// Returns the protocol of most listeners of an ingress gateway; empty if it has no config entry.
fn gateway_protocol(call: &Call<'_>, name: &str) -> String {
    let mut found = String::new();
    each_row(call.view, KindId::ConfigEntries, &mut |row| {
        let is_it = row.text("Kind") == b"ingress-gateway"
            && row.text("Name").eq_ignore_ascii_case(name.as_bytes());
        if !is_it {
            return;
        }
        let listeners: Vec<bool> = row
            .get("Listeners")
            .into_iter()
            .flat_map(|listeners| listeners.items())
            .map(|listener| {
                let protocol = listener.get("Protocol").and_then(|text| text.text());
                matches!(protocol.unwrap_or_default(), b"http" | b"http2" | b"grpc")
            })
            .collect();
        let of_requests = listeners.iter().filter(|has_requests| **has_requests).count();
        found = if of_requests * 2 > listeners.len() { "http" } else { "tcp" }.to_owned();
    });
    found
}

/// The index of everything that counts.
fn index(call: &Call<'_>, has_downstreams: bool) -> u64 {
    let facts = call.view.facts;
    let tables = facts.highest(&["mesh-topology", "gateway-services", "config-entries"]);
    // Servers compile the chains of downstreams, and look at all peerings with them.
    let mut peerings = 0;
    if has_downstreams {
        each_row(call.view, KindId::Peerings, &mut |row| {
            let modified = row.get("ModifyIndex").and_then(|index| index.uint());
            peerings = peerings.max(modified.unwrap_or(0));
        });
    }
    tables.max(peerings)
}
