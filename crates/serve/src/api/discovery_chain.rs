//! `discovery-chain/`: the route of connections to a service.

use super::ca::trust_domain;
use super::call::Call;
use super::endpoint::Endpoint;
use super::joined::with_cache;
use super::json_body::first_value;
use super::rows::{each_row, find_row};
use crate::answer::{Answered, Found, Refused, object};
use crate::discovery_chain::{Basis, Entries, Overrides, VirtualIps, compile};
use crate::state::View;
use serde_json::Value;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::json::{Sink as _, duration_nanos};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

pub(super) static ROWS: &[Endpoint] =
    &[Endpoint::get("discovery-chain/", chain).says_consistency().answers(&["GET", "POST"])];

/// The modes of mesh gateways.
const MODES: [&str; 4] = ["", "none", "local", "remote"];

fn chain(call: &Call<'_>) -> Answered {
    let name = call.named(&call.bad_request_text("Missing chain name"))?;
    let overrides = match call.request.method.as_str() {
        "POST" => overrides(call)?,
        _ => Overrides::default(),
    };
    call.check_token()?;
    call.require(Resource::Service, Access::Read, Some(name.as_bytes()))?;
    let view = call.view;
    let entries = entries(view);
    let from = call.query().text("compile-dc");
    let basis = Basis {
        version: view.version(),
        datacenter: if from.is_empty() { view.datacenter() } else { &from },
        own_datacenter: view.datacenter(),
        trust_domain: &trust_domain(view),
        overrides,
    };
    let chain = compile(&name, &entries, &basis)
        .map_err(|incompatible| Refused::new(500, incompatible.0))?;
    let peerings = chain.peers.iter().filter_map(|peer| {
        let is_it = |row: &Row| row.text("Name") == peer.as_bytes();
        find_row(view, KindId::Peerings, is_it)?.get("ModifyIndex")?.uint()
    });
    let index = peerings.max().unwrap_or(0).max(view.facts.index("config-entries"));
    let json = object(|json| {
        json.key(b"Chain");
        chain.write(json, virtual_ips(view, &name).as_ref());
    });
    Ok(with_cache(call, Found::json(index, json)))
}

/// Returns the config entries of a snapshot that chains depend on.
pub(super) fn entries(view: &View<'_>) -> Entries {
    let mut entries = Entries::default();
    each_row(view, KindId::ConfigEntries, &mut |row| entries.add(row));
    entries
}

/// Parses the overrides in the body of a request.
fn overrides(call: &Call<'_>) -> Result<Overrides, Refused> {
    let bad = |why: &str| call.bad_request(&format!("Request decoding failed: {why}"));
    if call.request.body.is_empty() {
        return Err(bad("EOF"));
    }
    let body = first_value(&call.request.body).map_err(|error| bad(&error.to_string()))?;
    let mesh_gateway = text(member(&body, "OverrideMeshGateway"), "Mode");
    if !MODES.contains(&mesh_gateway.as_str()) {
        return Err(Refused::early(400, "Invalid OverrideMeshGateway.Mode parameter"));
    }
    let connect_timeout = match member(&body, "OverrideConnectTimeout") {
        Some(Value::String(text)) if !text.is_empty() => {
            duration_nanos(text).ok_or_else(|| bad(&format!("time: invalid duration {text:?}")))?
        }
        Some(Value::Number(number)) => number.as_i64().unwrap_or(0),
        _ => 0,
    };
    let protocol = text(Some(&body), "OverrideProtocol");
    Ok(Overrides { mesh_gateway, protocol, connect_timeout })
}

/// Returns a member of an object. Servers ignore the case of names.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut members = value.as_object()?.iter();
    members.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(value: Option<&Value>, name: &str) -> String {
    let found = value.and_then(|value| member(value, name)).and_then(Value::as_str);
    found.unwrap_or("").to_owned()
}

/// Returns the virtual IPs of a service, if it has any.
fn virtual_ips(view: &View<'_>, service: &str) -> Option<VirtualIps> {
    let mut found: Option<VirtualIps> = None;
    each_row(view, KindId::VirtualIps, &mut |row| {
        if row.text("Service").eq_ignore_ascii_case(service.as_bytes()) {
            let ips = found.get_or_insert_default();
            ips.automatic.push(row.text("VirtualIP").to_vec());
            let manual = row.get("ManualIPs").into_iter().flat_map(|ips| ips.items());
            ips.manual.extend(manual.filter_map(|ip| Some(ip.text()?.to_vec())));
        }
    });
    found
}
