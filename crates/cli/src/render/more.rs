//! The part of `inspect --more` that Consul's `inspect` does not have.

use super::bytes::byte_size;
use super::escape::one_line;
use super::json::{List, Members as _, Object};
use super::wrap::{lines, width};
use crate::terminal;
use crate::times::of_timestamp;
use jiff::Timestamp;
use snapscope_analyze::{ClusterFacts, Written};
use snapscope_archive::{Closing, InflatePath, Member, Server};
use snapscope_decode::ServerVersion;
use snapscope_objects::json::JsonText;
use std::fmt::Write as _;

fn taken(closing: &Closing) -> Option<Timestamp> {
    Timestamp::from_millisecond(closing.meta.as_ref()?.taken_ms()?).ok()
}

/// Seconds in the two largest units: `3d 4h`, `12m 5s`.
fn age(seconds: i64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let first = units.iter().position(|(size, _)| seconds >= *size).unwrap_or(3);
    let mut left = seconds;
    let mut parts = Vec::new();
    for (size, name) in units.iter().skip(first).take(2) {
        parts.push(format!("{}{name}", left / size));
        left %= size;
    }
    parts.join(" ")
}

fn server_line(server: &Server) -> String {
    let role = match server.suffrage {
        0 => "voter",
        1 => "nonvoter",
        _ => "staging",
    };
    format!("{} {} ({role})", server.address, server.id)
}

/// The versions with which servers registered, each with its servers.
fn versions(facts: &ClusterFacts) -> Vec<String> {
    let mut versions: Vec<&String> = facts.servers.values().collect();
    versions.sort();
    versions.dedup();
    versions
        .into_iter()
        .map(|version| {
            let nodes: Vec<&str> = facts
                .servers
                .iter()
                .filter(|(_, v)| *v == version)
                .map(|(node, _)| node.as_str())
                .collect();
            format!("{version} ({})", nodes.join(", "))
        })
        .collect()
}

/// The versions that can have written the snapshot, and the evidence.
fn written(written: &Written) -> Vec<String> {
    let evidence = written.evidence.iter().map(ToString::to_string);
    if written.contradictory {
        return std::iter::once("no version of Consul".to_owned()).chain(evidence).collect();
    }
    if !written.is_known() {
        return vec!["-".to_owned()];
    }
    std::iter::once(format!("Consul {}", written.versions)).chain(evidence).collect()
}

/// Column in which values start.
const INDENT: usize = 18;

pub(crate) fn pretty(closing: &Closing, facts: &ClusterFacts) -> String {
    let mut rows: Vec<(&str, Vec<String>)> = Vec::new();
    let unknown = || vec!["-".to_owned()];
    let or_unknown = |value: Option<String>| value.map_or_else(unknown, |v| vec![v]);
    let several = |values: Vec<String>| if values.is_empty() { unknown() } else { values };
    let time = taken(closing);
    rows.push(("Created", or_unknown(time.map(of_timestamp))));
    let age = time.map(|time| {
        let seconds = Timestamp::now().as_second() - time.as_second();
        if seconds < 0 {
            "in the future, according to this machine's clock".to_owned()
        } else {
            age(seconds)
        }
    });
    rows.push(("Age", or_unknown(age)));
    rows.push(("Datacenter", or_unknown(facts.datacenter.clone())));
    rows.push(("Consul", several(versions(facts))));
    rows.push(("Written by", written(&facts.written)));
    rows.push(("Cluster ID", or_unknown(facts.cluster_id.clone())));
    let servers = closing.meta.iter().flat_map(|m| &m.servers).map(server_line).collect();
    rows.push(("Raft servers", several(servers)));
    let index = |index: Option<u64>| or_unknown(index.map(|n| n.to_string()));
    rows.push(("Lowest index", index(facts.lowest_index)));
    rows.push(("Highest index", index(facts.highest_index)));
    let in_flight = facts.in_flight.iter().map(|w| {
        format!("write {}: {} of {} pieces, {}", w.operation, w.pieces, w.of, byte_size(w.bytes))
    });
    let in_flight: Vec<String> = in_flight.collect();
    rows.push(("In flight", if in_flight.is_empty() { vec!["nothing".into()] } else { in_flight }));
    let bytes = facts.bytes;
    rows.push((
        "Bytes",
        vec![format!(
            "{} content, {} field names, {} framing",
            byte_size(bytes.content),
            byte_size(bytes.names),
            byte_size(bytes.framing)
        )],
    ));
    rows.push(("Integrity", integrity(closing)));
    let mut text = String::from("\n");
    for (name, values) in rows {
        for (at, value) in values.iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            let value = one_line(value.as_bytes());
            let room = terminal::width().unwrap_or(usize::MAX);
            let most = room.saturating_sub(INDENT).max(20);
            for (at, part) in lines(&value, most).iter().enumerate() {
                let name = if at == 0 { name } else { "" };
                // A hash needs more room than the column of values may have.
                let indent = INDENT.min(room.saturating_sub(width(part)));
                let _ = match indent {
                    INDENT => writeln!(text, " {name:<17}{part}"),
                    less => writeln!(text, "{:less$}{part}", ""),
                };
            }
        }
    }
    text
}

fn integrity(closing: &Closing) -> Vec<String> {
    let integrity = &closing.integrity;
    let mut lines = vec![format!("{} ({})", integrity.verdict.name(), integrity.container.name())];
    lines.extend(integrity.members.iter().map(Member::words));
    if let Some(crc) = integrity.crc64 {
        let says = if crc.actual == crc.expected { "as" } else { "NOT as" };
        lines.push(format!("state.bin CRC-64 {:016x}, {says} meta.json says", crc.actual));
    }
    if let Some(gzip) = integrity.gzip {
        lines.push(format!(
            "gzip: {} compressed, {} inflated {}",
            byte_size(gzip.compressed),
            byte_size(gzip.inflated),
            gzip.path
        ));
    }
    lines.extend(integrity.findings.iter().map(ToString::to_string));
    lines
}

fn written_members(written: &Written, json: &mut JsonText) {
    let version = |version: Option<ServerVersion>| version.map(|version| version.to_string());
    let evidence = written.evidence.iter().map(|evidence| {
        Object(move |json: &mut JsonText| {
            json.member("Record", evidence.record).member("Message", &evidence.what);
            json.member("Since", version(evidence.versions.since));
            json.member("Until", version(evidence.versions.until));
        })
    });
    json.member("Since", version(written.versions.since));
    json.member("Until", version(written.versions.until));
    json.member("Contradictory", written.contradictory).member("Evidence", List(evidence));
}

fn integrity_members(closing: &Closing, json: &mut JsonText) {
    let integrity = &closing.integrity;
    let members = integrity.members.iter().map(|member| {
        Object(|json: &mut JsonText| {
            json.member("Name", &member.name).member("Size", member.size);
            json.member("SHA256", &member.sha256).member("Expected", member.expected.as_ref());
        })
    });
    let findings = integrity.findings.iter().map(|finding| {
        Object(|json: &mut JsonText| {
            json.member("Code", finding.code.name());
            json.member("Damage", finding.kind == snapscope_archive::FindingKind::Damage);
            json.member("Message", finding.to_string());
        })
    });
    let threads = |path: InflatePath| match path {
        InflatePath::Serial => 1,
        InflatePath::Parallel(threads) => threads,
    };
    let (crc, gzip) = (integrity.crc64, integrity.gzip);
    json.member("Verdict", integrity.verdict.name());
    json.member("Container", integrity.container.name()).member("Members", List(members));
    json.member("CRC64", crc.map(|crc| format!("{:016x}", crc.actual)));
    json.member("ExpectedCRC64", crc.map(|crc| format!("{:016x}", crc.expected)));
    json.member("CompressedBytes", gzip.map(|gzip| gzip.compressed));
    json.member("InflatedBytes", gzip.map(|gzip| gzip.inflated));
    json.member("InflateThreads", gzip.map(|gzip| threads(gzip.path)));
    json.member("Findings", List(findings));
}

/// Writes everything as members of an open object.
pub(crate) fn members(closing: &Closing, facts: &ClusterFacts, json: &mut JsonText) {
    let time = taken(closing);
    let servers = closing.meta.iter().flat_map(|m| &m.servers).map(|server| {
        Object(|json: &mut JsonText| {
            json.member("ID", &server.id).member("Address", &server.address);
            json.member("Suffrage", server.suffrage);
        })
    });
    let versions = facts.servers.iter().map(|(node, version)| {
        Object(move |json: &mut JsonText| {
            json.member("Node", node).member("Version", version);
        })
    });
    let in_flight = facts.in_flight.iter().map(|write| {
        Object(|json: &mut JsonText| {
            json.member("Operation", write.operation).member("Pieces", write.pieces);
            json.member("Of", write.of).member("Bytes", write.bytes);
        })
    });
    let bytes = |json: &mut JsonText| {
        json.member("Content", facts.bytes.content).member("FieldNames", facts.bytes.names);
        json.member("Framing", facts.bytes.framing);
    };
    json.member("Created", time.map(of_timestamp));
    json.member("AgeSeconds", time.map(|t| Timestamp::now().as_second() - t.as_second()));
    json.member("Datacenter", facts.datacenter.as_ref());
    json.member("ConsulVersions", List(versions));
    json.member("WrittenBy", Object(|json: &mut JsonText| written_members(&facts.written, json)));
    json.member("ClusterID", facts.cluster_id.as_ref());
    json.member("RaftServers", List(servers));
    json.member("LowestIndex", facts.lowest_index).member("HighestIndex", facts.highest_index);
    json.member("LastIndex", closing.header.as_ref().and_then(|h| h.last_index));
    json.member("InFlight", List(in_flight)).member("Bytes", Object(bytes));
    json.member("Integrity", Object(|json: &mut JsonText| integrity_members(closing, json)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_two_units() {
        for (seconds, text) in
            [(0, "0s"), (59, "59s"), (61, "1m 1s"), (3600, "1h 0m"), (200_000, "2d 7h")]
        {
            assert_eq!(age(seconds), text);
        }
    }
}
