//! `connect/ca/`: the certificate authority of the mesh.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::rows::{each_row, text_member};
use crate::answer::{Answered, Body, Found, Media, Refused, object};
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::{Kind, Record, VersionRange};
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::KindId;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("connect/ca/roots", roots).tenancy(Tenancy::Ignored),
    Endpoint::get("agent/connect/ca/roots", roots_of_agent).bare_errors().tenancy(Tenancy::Ignored),
    Endpoint::get("connect/ca/configuration", configuration).bare().methods(&["GET", "PUT"]),
    Endpoint::get("agent/connect/ca/leaf/", leaf).bare().without_options(),
    Endpoint::with(&["POST"], "agent/connect/authorize", |_| Err(Refused::not_in_a_snapshot())),
];

/// Until then, roots had the index of the configuration, and no header about the leader.
const WITH_CONFIGURATION: VersionRange = VersionRange::before(1, 10);

const TABLE: &str = "connect-ca-roots";

fn roots(call: &Call<'_>) -> Answered {
    if call.query().has("pem") {
        match go_bool(&call.query().text("pem")) {
            Some(true) => return Ok(certificates(call)),
            Some(false) => {}
            None => {
                let text = "The 'pem' query parameter must be a boolean value";
                return Err(call.bad_request(text));
            }
        }
    }
    Ok(found(call))
}

fn found(call: &Call<'_>) -> Found {
    let facts = call.view.facts;
    if call.view.is(WITH_CONFIGURATION) {
        let index = facts.index(TABLE).max(configuration_index(call));
        return Found { knows_leader: false, ..Found::json(index, json(call)) };
    }
    Found::json(facts.index(TABLE), json(call))
}

/// The index of the configuration's last change.
fn configuration_index(call: &Call<'_>) -> u64 {
    match call.view.spool.records(Kind::CONNECT_CA_CONFIG).next().map(|frame| frame.record()) {
        Some(Ok(Record::CaConfig(config))) => config.modify_index,
        _ => 0,
    }
}

/// Agents answer from a cache.
fn roots_of_agent(call: &Call<'_>) -> Answered {
    Ok(found(call).header("x-cache", "MISS"))
}

fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn json(call: &Call<'_>) -> Vec<u8> {
    let mut active = Vec::new();
    each_row(call.view, KindId::CaRoots, &mut |root| {
        if root.get("Active").is_some_and(|active| {
            matches!(active.json(), snapscope_objects::value::Json::Bool(true))
        }) {
            active = root.text("ID").to_vec();
        }
    });
    object(|json| {
        text_member(json, "ActiveRootID", &active);
        text_member(json, "TrustDomain", trust_domain(call.view));
        json.key(b"Roots");
        json.begin_list();
        each_row(call.view, KindId::CaRoots, &mut |root| {
            json.begin_object();
            super::rows::write_with(json, root.object(), &mut |_, name, _| {
                matches!(name, b"SigningCert" | b"SigningKey")
            });
            json.end_object();
        });
        json.end_list();
    })
}

fn certificates(call: &Call<'_>) -> Found {
    let mut pem = Vec::new();
    each_row(call.view, KindId::CaRoots, &mut |root| {
        pem.extend_from_slice(root.text("RootCert"));
        let between = root.get("IntermediateCerts").into_iter().flat_map(|list| list.items());
        between.filter_map(|one| one.text()).for_each(|one| pem.extend_from_slice(one));
    });
    Found { is_about_state: false, ..Found::of(200, Media::Pem, Body::Bytes(pem), 0) }
}

/// A leaf certificate would have to be signed by the CA.
fn leaf(call: &Call<'_>) -> Answered {
    call.check_token()?;
    call.require(Resource::Service, Access::Write, Some(&call.rest))?;
    Err(Refused::not_in_a_snapshot())
}

/// The mesh's trust domain: the cluster's ID followed by `consul`.
pub(super) fn trust_domain(view: &View<'_>) -> String {
    let config = view.spool.records(Kind::CONNECT_CA_CONFIG).next();
    match config.map(|frame| frame.record()) {
        Some(Ok(Record::CaConfig(config))) if !config.cluster_id.is_empty() => {
            format!("{}.consul", config.cluster_id.lossy())
        }
        _ => String::new(),
    }
}

/// The settings of the provider, including secrets.
fn configuration(call: &Call<'_>) -> Answered {
    call.check_token()?;
    call.require(Resource::Operator, Access::Write, None)?;
    let mut found = None;
    each_row(call.view, KindId::CaConfig, &mut |config| {
        let json = object(|json| {
            super::rows::write_with(json, config.object(), &mut |_, name, _| name == b"ClusterID");
        });
        found = Some(json);
    });
    let json = found.ok_or_else(|| Refused::new(500, "CA not configured"))?;
    Ok(Found::json(0, json))
}
