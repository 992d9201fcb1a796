//! The content of `meta.json`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::msgpack::Val;

/// The content of meta.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Raft's snapshot version: 1.
    pub version: u64,
    /// `<term>-<index>-<Unix ms>`.
    pub id: String,
    /// Raft index of the last log entry in the snapshot.
    pub index: u64,
    /// Its term.
    pub term: u64,
    /// The Raft configuration.
    pub servers: Vec<Server>,
    /// The index at which that configuration was set.
    pub configuration_index: u64,
    /// The size of state.bin according to meta.json; `None` for the true size.
    pub size: Option<u64>,
}

/// 2026-11-23T03:10:00Z in Unix milliseconds: the time at which generated snapshots claim to be taken.
pub const TAKEN_MS: u64 = 1_795_403_400_000;

impl Meta {
    /// The meta of a single server's snapshot at that index, in term 2.
    #[must_use]
    pub fn at(index: u64) -> Self {
        Self {
            version: 1,
            id: format!("2-{index}-{TAKEN_MS}"),
            index,
            term: 2,
            servers: vec![Server {
                suffrage: 0,
                id: "09a2ebf4-5609-c38a-5b04-5cfbc786e7c1".into(),
                address: "127.0.0.1:8300".into(),
            }],
            configuration_index: 1,
            size: None,
        }
    }

    /// The text of meta.json for a state file of `size` bytes: one line and a newline. Only the form in a
    /// raft directory has a `crc`.
    #[must_use]
    pub fn json(&self, size: u64, crc: Option<u64>) -> String {
        let peers =
            Val::Array(self.servers.iter().map(|s| s.address.as_str().into()).collect()).bytes();
        let servers: Vec<String> = self
            .servers
            .iter()
            .map(|s| {
                format!(
                    "{{\"Suffrage\":{},\"ID\":{},\"Address\":{}}}",
                    s.suffrage,
                    json!(s.id),
                    json!(s.address)
                )
            })
            .collect();
        // Written by hand, because a JSON map would sort the fields, unlike servers.
        let mut text = format!(
            "{{\"Version\":{},\"ID\":{},\"Index\":{},\"Term\":{},\"Peers\":\"{}\",\"Configuration\":{{\"Servers\":[{}]}},\"ConfigurationIndex\":{},\"Size\":{}",
            self.version,
            json!(self.id),
            self.index,
            self.term,
            STANDARD.encode(peers),
            servers.join(","),
            self.configuration_index,
            self.size.unwrap_or(size),
        );
        if let Some(crc) = crc {
            text.push_str(&format!(",\"CRC\":\"{}\"", STANDARD.encode(crc.to_be_bytes())));
        }
        text.push_str("}\n");
        text
    }
}

/// One server of the Raft configuration in meta.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// 0 voter, 1 nonvoter, 2 staging.
    pub suffrage: u64,
    /// The server's node ID.
    pub id: String,
    /// Its Raft address, `host:port`.
    pub address: String,
}
