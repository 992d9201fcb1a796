//! `internal/federation-state`: the mesh gateways of federated datacenters.

use super::call::Call;
use super::endpoint::Endpoint;
use super::rows::{each_row, find_row};
use crate::answer::{Answered, Found, list, object};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::value::Node;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("internal/federation-states", all),
    Endpoint::get("internal/federation-states/mesh-gateways", gateways),
    Endpoint::get("internal/federation-state/", one),
];

/// The text about a missing name began with the name of the status.
const BAD_REQUEST_PREFIX: VersionRange = VersionRange::before(1, 10);
/// Answers say how they were found.
const MORE_META: VersionRange = VersionRange::since(1, 11);

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
    let prefix = if call.view.is(BAD_REQUEST_PREFIX) { "Bad request: " } else { "" };
    let name = call.named(&format!("{prefix}Missing datacenter name"))?;
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
        meta(json, call, index);
        json.key(b"State");
        row.render(json);
    });
    Ok(Found::json(index, json))
}

/// What servers say of the answer within it.
fn meta(json: &mut JsonText, call: &Call<'_>, index: u64) {
    json.key(b"Index");
    json.uint(index);
    json.key(b"LastContact");
    json.uint(0);
    json.key(b"KnownLeader");
    json.bool(true);
    json.key(b"ConsistencyLevel");
    json.text(b"");
    if call.view.is(MORE_META) {
        json.key(b"NotModified");
        json.bool(false);
        json.key(b"Backend");
        json.uint(0);
        json.key(b"ResultsFilteredByACLs");
        json.bool(false);
    }
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
