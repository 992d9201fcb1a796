//! `status/`: the leader and the servers.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use crate::answer::{Answered, Found, list};
use snapscope_archive::Server;
use snapscope_objects::json::{JsonText, Sink as _};

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("status/leader", leader).bare().tenancy(Tenancy::Ignored),
    Endpoint::get("status/peers", peers).bare().tenancy(Tenancy::Ignored),
];

/// The suffrage of voting servers in Raft's configuration.
const VOTER: u64 = 0;

fn leader(call: &Call<'_>) -> Answered {
    Ok(Found::json(0, leader_of(call.view.facts.servers())))
}

fn peers(call: &Call<'_>) -> Answered {
    Ok(Found::json(0, peers_of(call.view.facts.servers())))
}

/// Snapshots do not record the leader. Clients want to know whether one exists, so the first voter
/// suffices.
pub(super) fn leader_of(servers: &[Server]) -> Vec<u8> {
    let mut json = JsonText::new();
    let voter = servers.iter().find(|server| server.suffrage == VOTER);
    json.text(voter.map_or("", |server| server.address.as_str()).as_bytes());
    json.into_bytes()
}

pub(super) fn peers_of(servers: &[Server]) -> Vec<u8> {
    list(|json| servers.iter().for_each(|server| json.text(server.address.as_bytes())))
}
