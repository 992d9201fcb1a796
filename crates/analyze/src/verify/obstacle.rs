//! Obstacles as findings.

use super::finding::{At, Findings};
use super::rules::{CHECK_SPELLING, OBSTACLE};
use crate::obstacles::{Cause, ObstacleReport, Server};
use crate::origin::OriginFacts;
use snapscope_decode::ServerVersion;

/// One version of each generation of servers, for a snapshot from unknown servers.
const GENERATIONS: [&str; 7] = ["0.7.5", "1.0.7", "1.5.1", "1.8.7", "1.12.9", "1.14.7", "1.21.4"];

/// The servers that all must refuse a record for a finding: the requested one, the newest of those
/// that wrote the snapshot, or a selection of versions.
pub(super) fn servers(named: Option<Server>, wrote: OriginFacts) -> Vec<Server> {
    if let Some(server) = named {
        return vec![server];
    }
    let newest = wrote
        .servers
        .into_values()
        .filter_map(|text| Some((ServerVersion::parse(&text)?, Server::parse(&text)?)))
        .max_by_key(|(version, _)| *version);
    match newest {
        Some((_, server)) => vec![server],
        None => GENERATIONS.iter().filter_map(|text| Server::parse(text)).collect(),
    }
}

/// Adds everything that all of these servers refuse, and spellings that only other ones refuse.
pub(super) fn findings(report: &ObstacleReport, servers: &[Server], found: &mut Findings) {
    // Messages name the last server, which is the newest.
    let Some(server) = servers.last() else { return };
    for obstacle in &report.found {
        let first = obstacle.examples.first();
        let at = first.map(|e| At { number: e.number, offset: e.offset, kind: e.kind });
        if !servers.iter().all(|server| obstacle.stops(server)) {
            if obstacle.cause.is_spelling() {
                found.add(&CHECK_SPELLING, at, || obstacle.describe(server));
                found.count_more(&CHECK_SPELLING, obstacle.records - 1);
            }
            continue;
        }
        found.add(&OBSTACLE, at, || {
            let what = obstacle.describe(server);
            match obstacle.cause {
                // It names the server; the advice is for operators of a live cluster.
                Cause::RecordType(_) | Cause::EntryKind(_) => what,
                _ => {
                    format!("Consul {} refuses {what}; {}", server.text, obstacle.cause.advice())
                }
            }
        });
    }
}
