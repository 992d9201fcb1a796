//! `internal/federation-state`: the mesh gateways of federated datacenters.

use super::call::Call;
use super::endpoint::Endpoint;
use super::rows::{each_row, find_row};
use crate::answer::{Answered, Found, QueryMeta, list, object};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::KindId;
use snapscope_objects::value::Node;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("internal/federation-states", all),
    Endpoint::get("internal/federation-states/mesh-gateways", gateways),
    Endpoint::get("internal/federation-state/", one),
];

const TABLE: &str = "federation-states";

fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    call.require(Resource::Operator, Access::Read, None)?;
    let json = list(|json| {
        each_row(call.view, KindId::Federation, &mut |row| row.render(json));
    });
    Ok(Found::json(call.view.facts.index(TABLE), json))
}

fn one(call: &Call<'_>) -> Answered {
    let name = call.named(&call.bad_request_text("Missing datacenter name"))?;
    call.check_token()?;
    call.require(Resource::Operator, Access::Read, None)?;
    let found = find_row(call.view, KindId::Federation, |row| {
        row.text("Datacenter").eq_ignore_ascii_case(name.as_bytes())
    });
    let index = call.view.facts.index(TABLE);
    let Some(row) = found else {
        return Ok(Found { is_about_state: false, ..Found::nothing(index, 404) });
    };
    let json = object(|json| {
        let meta = QueryMeta { index, knows_leader: true, consistency: "", is_filtered: false };
        meta.write(json, call.view);
        json.key(b"State");
        row.render(json);
    });
    Ok(Found::json(index, json))
}

/// The gateways that the token may read, by datacenter.
fn gateways(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let mut is_filtered = false;
    let mut may_read = |gateway: &Node<'_>| {
        let text =
            |path: [&str; 2]| gateway.at(path).and_then(|text| text.text()).unwrap_or_default();
        let may = call.may_read(Resource::Node, text(["Node", "Node"]))
            && call.may_read(Resource::Service, text(["Service", "Service"]));
        is_filtered |= !may;
        may
    };
    let json = object(|json| {
        each_row(call.view, KindId::Federation, &mut |row| {
            let all = row.get("MeshGateways").into_iter().flat_map(|list| list.items());
            let readable: Vec<Node<'_>> = all.filter(&mut may_read).collect();
            if readable.is_empty() {
                return;
            }
            json.key(row.text("Datacenter"));
            json.begin_list();
            readable.iter().for_each(|gateway| gateway.render(json));
            json.end_list();
        });
    });
    Ok(Found::json(call.view.facts.index(TABLE), json).filtered(is_filtered))
}
