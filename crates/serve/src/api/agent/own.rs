//! `agent/self` and `agent/version`.

use super::members::{member_of, write};
use super::rights::read_agent;
use crate::answer::{Answered, Found, object};
use crate::api::call::Call;
use crate::api::rows::text_member;
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};

/// Since then, the configuration names the primary datacenter.
const PRIMARY: VersionRange = VersionRange::since(1, 9);
/// Since then, the configuration has the server's build date.
const BUILD_DATES: VersionRange = VersionRange::since(1, 11);
/// What servers answer if they were built without a date. Snapshots do not record it.
const NO_DATE: &str = "1970-01-01T00:00:01Z";

/// What clients need to know about an agent: its datacenter, name and version.
pub(super) fn own(call: &Call<'_>) -> Answered {
    read_agent(call)?;
    let (view, facts) = (call.view, call.view.facts);
    let server = facts.server_nodes.first();
    let name = facts.server_name();
    let json = object(|json| {
        json.key(b"Config");
        json.begin_object();
        text_member(json, "Datacenter", view.datacenter());
        if view.is(PRIMARY) {
            text_member(json, "PrimaryDatacenter", view.datacenter());
        }
        text_member(json, "NodeName", name);
        text_member(json, "NodeID", server.map_or("", |server| &server.id));
        text_member(json, "Revision", "");
        json.key(b"Server");
        json.bool(true);
        text_member(json, "Version", view.version().to_string());
        if view.is(BUILD_DATES) {
            text_member(json, "BuildDate", NO_DATE);
        }
        json.end_object();
        json.key(b"Stats");
        write_stats(json, call);
        json.key(b"Member");
        json.begin_object();
        if let Some((register, status)) = member_of(call, name) {
            write(json, call, &register, status);
        }
        json.end_object();
        json.key(b"Meta");
        write_meta(json, call, name);
    });
    Ok(Found::json(0, json))
}

/// The statistics that a snapshot has, which are texts.
fn write_stats(json: &mut JsonText, call: &Call<'_>) {
    let facts = call.view.facts;
    let acl = if call.view.authorizer.is_on() { "enabled" } else { "disabled" };
    let version = call.view.version().to_string();
    let mut groups = vec![
        ("build", vec![("version", version)]),
        ("consul", vec![("acl", acl.to_owned()), ("server", "true".to_owned())]),
    ];
    if let Some(meta) = &facts.meta {
        let [index, term] = [meta.index, meta.term].map(|number| number.to_string());
        let peers = facts.servers().len().saturating_sub(1).to_string();
        let raft = vec![
            ("applied_index", index.clone()),
            ("last_snapshot_index", index),
            ("last_snapshot_term", term),
            ("num_peers", peers),
        ];
        groups.push(("raft", raft));
    }
    json.begin_object();
    for (name, texts) in groups {
        json.key(name.as_bytes());
        json.begin_object();
        texts.iter().for_each(|(name, text)| text_member(json, name, text));
        json.end_object();
    }
    json.end_object();
}

/// The metadata of the server's node.
fn write_meta(json: &mut JsonText, call: &Call<'_>, name: &str) {
    json.begin_object();
    if let Some((register, _)) = member_of(call, name) {
        let mut pairs: Vec<_> = register.node_meta.iter().flatten().collect();
        pairs.sort_by_key(|(key, _)| key.0);
        for (key, value) in pairs {
            json.key(key.0);
            json.text(value.0);
        }
    }
    json.end_object();
}

pub(super) fn version(call: &Call<'_>) -> Answered {
    let facts = call.view.facts;
    let build = facts.server_nodes.first().and_then(|server| server.fact("version"));
    let build = build.map_or_else(|| call.view.version().to_string(), str::to_owned);
    let json = object(|json| {
        text_member(json, "SHA", "");
        text_member(json, "BuildDate", NO_DATE);
        text_member(json, "HumanVersion", build);
        text_member(json, "FIPS", "");
    });
    Ok(Found::json(0, json))
}
