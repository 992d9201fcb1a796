//! `catalog/nodes`, `catalog/node/`, `catalog/node-services/`.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::joined::{Kept, has_pairs, index_of, meta_pairs, row_at, service_at};
use super::near::Near;
use super::rows::filter;
use crate::answer::{Answered, Found, list, object};
use crate::state::NodeAt;
use snapscope_analyze::acl::Resource;
use snapscope_decode::VersionRange;
use snapscope_decode::records::NodeServiceRef;
use snapscope_decode::schema::WireStruct;
use snapscope_objects::filter::{Filter, Shape};
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::row::Row;
use snapscope_objects::value::Tape;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("catalog/nodes", all).says_consistency().tenancy(Tenancy::OnlyPartition),
    Endpoint::get("catalog/node/", with_services).says_consistency(),
    Endpoint::get("catalog/node-services/", services).says_consistency().versions(LISTS),
];

/// `catalog/node-services/`
const LISTS: VersionRange = VersionRange::since(1, 7);
/// Since then, nodes and their services have indexes of their own.
const NODE_INDEXES: VersionRange = VersionRange::since(1, 11);

fn all(call: &Call<'_>) -> Answered {
    let filter = filter(call, &kinds::of(KindId::Nodes).shape())?;
    call.check_token()?;
    let view = call.view;
    let pairs = meta_pairs(call);
    let mut kept = Kept::new(call, Some(filter));
    let mut rows: Vec<Row> = Vec::new();
    for node in view.catalog.of(b"").map_or(&[][..], |nodes| nodes.nodes()) {
        let Some(row) = row_at(view, KindId::Nodes, node.at) else { continue };
        if has_pairs(row.get("Meta"), &pairs) && kept.keeps(row.text("Node"), None, row.object()) {
            rows.push(row);
        }
    }
    Near::sort(Near::of(call).as_ref(), &mut rows, |row| row.text("Node"));
    let json = list(|json| rows.iter().for_each(|row| row.render(json)));
    let index = index_of(view, b"", "nodes").unwrap_or(1);
    Ok(Found::json(index, json).filtered(kept.is_filtered))
}

/// A node and its services, as far as the token may read them.
struct Readable {
    node: Option<Row>,
    services: Vec<Tape>,
    index: u64,
    is_filtered: bool,
}

impl Readable {
    fn of(call: &Call<'_>) -> Result<Self, crate::answer::Refused> {
        let name = call.named("Missing node name")?;
        let view = call.view;
        let shape = Shape::Struct(<NodeServiceRef<'static> as WireStruct<'static>>::schema());
        let filter = filter(call, &shape)?;
        call.check_token()?;
        let node = view.catalog.of(b"").and_then(|nodes| nodes.named(name.as_bytes()));
        let index = index(call, node);
        let Some(at) = node else {
            return Ok(Self { node: None, services: Vec::new(), index, is_filtered: false });
        };
        if !call.may_read(Resource::Node, &at.name) {
            return Ok(Self { node: None, services: Vec::new(), index, is_filtered: true });
        }
        let (services, is_filtered) = services_of(call, at, &filter);
        let node = row_at(view, KindId::Nodes, at.at);
        Ok(Self { node, services, index, is_filtered })
    }
}

fn services_of(call: &Call<'_>, node: &NodeAt, filter: &Filter) -> (Vec<Tape>, bool) {
    let mut is_filtered = false;
    let mut services: Vec<Tape> = Vec::new();
    for at in &node.services {
        let Some(tape) = service_at(call.view, *at) else { continue };
        let Some(service) = tape.root() else { continue };
        let name = service.get("Service").and_then(|name| name.text()).unwrap_or_default();
        if !call.may_read(Resource::Service, name) {
            is_filtered = true;
        } else if filter.holds(service) {
            services.push(tape);
        }
    }
    (services, is_filtered)
}

fn index(call: &Call<'_>, node: Option<&NodeAt>) -> u64 {
    let view = call.view;
    if !view.is(NODE_INDEXES) {
        let highest =
            ["nodes", "services"].iter().filter_map(|name| index_of(view, b"", name)).max();
        return node.and(highest).unwrap_or(1);
    }
    let of_node = node.and_then(|node| {
        let name = String::from_utf8_lossy(&node.name);
        index_of(view, b"", &format!("node.{name}"))
    });
    of_node.or_else(|| index_of(view, b"", "node_last_extinction")).unwrap_or(1)
}

fn with_services(call: &Call<'_>) -> Answered {
    let Readable { node, services, index, is_filtered } = Readable::of(call)?;
    let Some(node) = node else {
        return Ok(Found::json(index, b"null".to_vec()).filtered(is_filtered));
    };
    let json = object(|json| {
        json.key(b"Node");
        node.render(json);
        json.key(b"Services");
        json.begin_object();
        for service in services.iter().filter_map(Tape::root) {
            json.key(service.get("ID").and_then(|id| id.text()).unwrap_or_default());
            service.render(json);
        }
        json.end_object();
    });
    Ok(Found::json(index, json).filtered(is_filtered))
}

fn services(call: &Call<'_>) -> Answered {
    let Readable { node, services, index, is_filtered } = Readable::of(call)?;
    let json = object(|json| {
        json.key(b"Node");
        match &node {
            Some(node) => node.render(json),
            None => json.null(),
        }
        json.key(b"Services");
        // With a filter, a missing node has an empty list.
        let has_list =
            is_filtered && call.view.is(NODE_INDEXES) && !call.query().text("filter").is_empty();
        if node.is_none() && !has_list {
            json.null();
            return;
        }
        json.begin_list();
        services.iter().filter_map(Tape::root).for_each(|service| service.render(json));
        json.end_list();
    });
    Ok(Found::json(index, json).filtered(is_filtered))
}
