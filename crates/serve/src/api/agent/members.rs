//! `agent/members`: the nodes in the gossip pool, which have the check `serfHealth`.

use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::rows::{number_member, text_member};
use snapscope_analyze::acl::Resource;
use snapscope_decode::records::RegisterRef;
use snapscope_decode::{Kind, Record};
use snapscope_objects::json::{JsonText, Sink as _};

/// The check that nodes in the gossip pool have.
const SERF_HEALTH: &[u8] = b"serfHealth";
/// The states of Serf.
const ALIVE: u64 = 1;
const FAILED: u64 = 4;
/// The default port of gossip. Snapshots do not record it.
const SERF_PORT: u64 = 8301;

pub(super) fn members(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let mut is_filtered = false;
    let json = list(|json| {
        for frame in call.view.spool.records(Kind::REGISTER) {
            let Ok(Record::Register(register)) = frame.record() else { continue };
            let Some(status) = serf_status(&register) else { continue };
            if call.may_read(Resource::Node, register.node.0) {
                json.begin_object();
                write(json, call, &register, status);
                json.end_object();
            } else {
                is_filtered = true;
            }
        }
    });
    Ok(Found::json(0, json).filtered(is_filtered))
}

/// The node's state, if the record is its check.
fn serf_status(register: &RegisterRef<'_>) -> Option<u64> {
    let check = register.check.get().ok()??;
    if check.check_id.0 != SERF_HEALTH || !register.peer_name.is_empty() {
        return None;
    }
    Some(if check.status.0 == b"critical" { FAILED } else { ALIVE })
}

/// The fields of a member. Tags are derived from the catalog.
pub(super) fn write(json: &mut JsonText, call: &Call<'_>, register: &RegisterRef<'_>, status: u64) {
    let facts = call.view.facts;
    let server = facts.server_nodes.iter().find(|node| node.name.as_bytes() == register.node.0);
    text_member(json, "Name", register.node.0);
    text_member(json, "Addr", register.address.0);
    number_member(json, "Port", SERF_PORT);
    json.key(b"Tags");
    json.begin_object();
    match server {
        Some(server) => {
            if call.view.authorizer.is_on() {
                text_member(json, "acls", "1");
            }
            text_member(json, "build", format!("{}:", server.fact("version").unwrap_or("")));
            text_member(json, "dc", register.datacenter.0);
            text_member(json, "id", register.id.0);
            text_member(json, "port", server.port.to_string());
            text_member(json, "raft_vsn", server.fact("raft_version").unwrap_or("3"));
            text_member(json, "role", "consul");
            text_member(json, "vsn", server.fact("protocol_version").unwrap_or("2"));
        }
        None => {
            let version = register.node_meta.get("consul-version").ok().flatten();
            if let Some(version) = version {
                text_member(json, "build", [version.0, b":"].concat());
            }
            text_member(json, "dc", register.datacenter.0);
            text_member(json, "id", register.id.0);
            text_member(json, "role", "node");
        }
    }
    json.end_object();
    number_member(json, "Status", status);
    for (name, number) in [
        ("ProtocolMin", 1),
        ("ProtocolMax", 5),
        ("ProtocolCur", 2),
        ("DelegateMin", 2),
        ("DelegateMax", 5),
        ("DelegateCur", 4),
    ] {
        number_member(json, name, number);
    }
}

/// The record of a node's check, with its state.
pub(super) fn member_of<'c>(call: &'c Call<'c>, name: &str) -> Option<(RegisterRef<'c>, u64)> {
    call.view.spool.records(Kind::REGISTER).find_map(|frame| match frame.record() {
        Ok(Record::Register(register)) if register.node.0 == name.as_bytes() => {
            let status = serf_status(&register)?;
            Some((register, status))
        }
        _ => None,
    })
}
