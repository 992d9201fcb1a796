//! `operator/`: the operation of the servers.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use super::rows::{each_row, number_member, text_member, write_with};
use crate::answer::{Answered, Found, Refused, object};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;
use snapscope_objects::json::Sink as _;
use snapscope_objects::kind::KindId;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("operator/raft/configuration", raft).bare().tenancy(Tenancy::Ignored),
    Endpoint::writes(&["DELETE"], "operator/raft/peer"),
    Endpoint::writes(&["POST"], "operator/raft/transfer-leader").versions(TRANSFERS),
    Endpoint::get("operator/autopilot/configuration", autopilot)
        .bare()
        .tenancy(Tenancy::Ignored)
        .methods(&["GET", "PUT"]),
    Endpoint::get("operator/autopilot/health", not_here).bare(),
    Endpoint::get("operator/autopilot/state", not_here).bare().versions(STATES),
    Endpoint::get("operator/keyring", keyring).bare().methods(&["GET", "POST", "PUT", "DELETE"]),
];

const STATES: VersionRange = VersionRange::since(1, 9);
const TRANSFERS: VersionRange = VersionRange::since(1, 14);
/// Until then, a denied keyring was a server error.
const SILENT_KEYRING: VersionRange = VersionRange::before(1, 9);
/// Since then, answers have the last index of each server.
const LAST_INDEX: VersionRange = VersionRange::since(1, 16);

fn read_operator(call: &Call<'_>) -> Result<(), Refused> {
    call.check_token()?;
    call.require(Resource::Operator, Access::Read, None)
}

/// Raft's configuration. Snapshots record neither the leader nor the servers' progress.
fn raft(call: &Call<'_>) -> Answered {
    read_operator(call)?;
    let facts = call.view.facts;
    let json = object(|json| {
        json.key(b"Servers");
        json.begin_list();
        for server in facts.servers() {
            let node = facts.server_nodes.iter().find(|node| node.id == server.id);
            json.begin_object();
            text_member(json, "ID", &server.id);
            text_member(json, "Node", node.map_or("(unknown)", |node| &node.name));
            text_member(json, "Address", &server.address);
            json.key(b"Leader");
            json.bool(false);
            let version = node.and_then(|node| node.fact("raft_version")).unwrap_or("3");
            text_member(json, "ProtocolVersion", version);
            json.key(b"Voter");
            json.bool(server.suffrage == 0);
            if call.view.is(LAST_INDEX) {
                number_member(json, "LastIndex", facts.meta.as_ref().map_or(0, |meta| meta.index));
            }
            json.end_object();
        }
        json.end_list();
        number_member(json, "Index", 0);
    });
    Ok(Found::json(0, json))
}

fn autopilot(call: &Call<'_>) -> Answered {
    read_operator(call)?;
    let mut found = None;
    each_row(call.view, KindId::Autopilot, &mut |settings| {
        found = Some(object(|json| {
            write_with(json, settings.object(), &mut |json, name, value| {
                let is_time = matches!(name, b"LastContactThreshold" | b"ServerStabilizationTime");
                let nanos = value.uint().and_then(|nanos| i64::try_from(nanos).ok());
                match nanos.filter(|_| is_time) {
                    Some(nanos) => {
                        let text = snapscope_objects::json::duration_text(nanos);
                        json.key(name);
                        json.text(text.as_bytes());
                        true
                    }
                    None => false,
                }
            });
        }));
    });
    let json = found.ok_or_else(|| Refused::new(500, "autopilot config not found"))?;
    Ok(Found::json(0, json))
}

fn not_here(call: &Call<'_>) -> Answered {
    read_operator(call)?;
    Err(Refused::not_in_a_snapshot())
}

fn keyring(call: &Call<'_>) -> Answered {
    call.check_token()?;
    if call.view.is(SILENT_KEYRING) && !call.may_read(Resource::Keyring, b"") {
        return Err(Refused::new(500, "Reading keyring denied by ACLs"));
    }
    call.require(Resource::Keyring, Access::Read, None)?;
    Err(Refused::not_in_a_snapshot())
}
