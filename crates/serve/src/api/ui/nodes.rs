//! `internal/ui/nodes`, `internal/ui/node/`: nodes with their services and checks.

use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::joined::{PEERING, highest, row_at, stored_checks_of, stored_service_at};
use crate::api::rows::filter;
use crate::api::services::peer_of;
use crate::state::NodeAt;
use snapscope_analyze::acl::Resource;
use snapscope_decode::records::NodeServiceRef;
use snapscope_decode::schema::WireStruct;
use snapscope_objects::filter::Shape;
use snapscope_objects::json::{JsonText, Sink};
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::value::{Node, Tape};

/// The tables whose index is used.
const TABLES: &[&str] = &["nodes", "services", "checks"];

/// The fields of a node that are shown.
const OWN: &[&str] = &["ID", "Node", "Partition", "PeerName", "Address", "TaggedAddresses", "Meta"];

/// All nodes; those of peers follow the cluster's own.
pub(super) fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let filter = filter(call, &shape())?;
    let view = call.view;
    let mut is_filtered = false;
    let json = list(|json| {
        for (_, nodes) in view.catalog.peers() {
            for node in nodes.nodes() {
                let Some(whole) = whole(call, node) else { continue };
                let Some(object) = whole.root() else { continue };
                if !filter.holds(object) {
                    continue;
                }
                if call.may_read(Resource::Node, &node.name) {
                    is_filtered |= write(json, call, object);
                } else {
                    is_filtered = true;
                }
            }
        }
    });
    let of_peers = view.catalog.peers().into_iter().map(|(peer, _)| highest(view, peer, TABLES));
    let peerings = if view.is(PEERING) { view.facts.index("peering") } else { 1 };
    let index = of_peers.max().unwrap_or(1).max(peerings);
    Ok(Found::json(index, json).filtered(is_filtered))
}

/// A node by its name.
pub(super) fn one(call: &Call<'_>) -> Answered {
    let name = call.named("Missing node name")?;
    call.check_token()?;
    let peer = peer_of(call);
    let node = call.view.catalog.of(&peer).and_then(|nodes| nodes.named(name.as_bytes()));
    let readable = node.filter(|node| call.may_read(Resource::Node, &node.name));
    let whole = readable.and_then(|node| whole(call, node));
    let Some(object) = whole.as_ref().and_then(Tape::root) else {
        return Ok(Found { is_about_state: false, ..Found::nothing(0, 404) });
    };
    let mut json = JsonText::new();
    let is_filtered = write(&mut json, call, object);
    let index = highest(call.view, &peer, TABLES);
    Ok(Found::json(index, json.into_bytes()).filtered(is_filtered))
}

/// A node with its services and checks.
fn whole(call: &Call<'_>, node: &NodeAt) -> Option<Tape> {
    let view = call.view;
    let own = row_at(view, KindId::Nodes, node.at)?;
    let mut tape = Tape::new();
    tape.begin_object();
    for name in OWN {
        if let Some(value) = own.get(name) {
            tape.key(name.as_bytes());
            value.render(&mut tape);
        }
    }
    tape.key(b"Services");
    tape.begin_list();
    for service in node.services.iter().filter_map(|at| stored_service_at(view, *at)) {
        if let Some(service) = service.root() {
            service.render(&mut tape);
        }
    }
    tape.end_list();
    tape.key(b"Checks");
    tape.begin_list();
    for check in &stored_checks_of(view, node) {
        if let Some(check) = check.root() {
            check.render(&mut tape);
        }
    }
    tape.end_list();
    tape.end_object();
    Some(tape)
}

/// Writes a node without objects that the token may not read; returns whether any were left out.
fn write(json: &mut JsonText, call: &Call<'_>, node: Node<'_>) -> bool {
    let mut is_filtered = false;
    json.begin_object();
    for (name, value) in node.members() {
        json.key(name);
        let field = match name {
            b"Services" => "Service",
            b"Checks" => "ServiceName",
            _ => {
                value.render(json);
                continue;
            }
        };
        json.begin_list();
        for item in value.items() {
            let service = item.get(field).and_then(|name| name.text()).unwrap_or_default();
            if service.is_empty() || call.may_read(Resource::Service, service) {
                item.render(json);
            } else {
                is_filtered = true;
            }
        }
        json.end_list();
    }
    json.end_object();
    is_filtered
}

/// The shape of a node for filters.
fn shape() -> Shape {
    let service = Shape::Struct(<NodeServiceRef<'static> as WireStruct<'static>>::schema());
    let checks = kinds::of(KindId::Checks).shape();
    Shape::Fields(vec![
        ("ID", Shape::Text),
        ("Node", Shape::Text),
        ("PeerName", Shape::Text),
        ("Address", Shape::Text),
        ("TaggedAddresses", Shape::text_map()),
        ("Meta", Shape::text_map()),
        ("Services", Shape::List(Box::new(service))),
        ("Checks", Shape::List(Box::new(checks))),
    ])
}
