//! `meta.json`: Raft's description of a snapshot.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Map, Value};
use snapscope_decode::wire;

/// Raft's description of a snapshot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Meta {
    /// Version of the format; 1 in all known snapshots.
    pub version: u64,
    /// `<term>-<index>-<Unix ms>`.
    pub id: String,
    /// Raft index up to which the state goes.
    pub index: u64,
    /// Raft term.
    pub term: u64,
    /// Addresses of the servers in the old form: base64 of a msgpack list.
    pub peers: String,
    /// The servers of the cluster.
    pub servers: Vec<Server>,
    /// Raft index at which the list of servers last changed.
    pub configuration_index: u64,
    /// Size of `state.bin`.
    pub size: i64,
    /// CRC-64 of `state.bin`; only in a raft directory.
    pub crc: Option<u64>,
    /// The JSON object itself, with fields of newer versions.
    pub object: Map<String, Value>,
}

/// A server of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Server {
    /// 0 is a voter, 1 is not, 2 will become one.
    pub suffrage: u64,
    /// The server's node ID.
    #[serde(rename = "ID")]
    pub id: String,
    /// Its address, host and port.
    pub address: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Stored {
    version: u64,
    #[serde(rename = "ID")]
    id: String,
    index: u64,
    term: u64,
    peers: Option<String>,
    configuration: Configuration,
    configuration_index: u64,
    size: i64,
    #[serde(rename = "CRC")]
    crc: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    servers: Option<Vec<Server>>,
}

/// The fields of every `meta.json`.
const FIELDS: [&str; 8] =
    ["Version", "ID", "Index", "Term", "Peers", "Configuration", "ConfigurationIndex", "Size"];

impl Meta {
    /// Parses a `meta.json`; white space may follow the object.
    ///
    /// # Errors
    /// If the bytes are not such JSON: what is wrong, as text.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let object: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|e| format!("it is not a JSON object: {e}"))?;
        let stored: Stored = serde_json::from_value(Value::Object(object.clone()))
            .map_err(|e| format!("a field is invalid: {e}"))?;
        let crc = match stored.crc {
            None => None,
            Some(text) => Some(
                BASE64
                    .decode(&text)
                    .ok()
                    .and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?)))
                    .ok_or_else(|| format!("CRC {text:?} is not the base64 of 8 bytes"))?,
            ),
        };
        Ok(Self {
            version: stored.version,
            id: stored.id,
            index: stored.index,
            term: stored.term,
            peers: stored.peers.unwrap_or_default(),
            servers: stored.configuration.servers.unwrap_or_default(),
            configuration_index: stored.configuration_index,
            size: stored.size,
            crc,
            object,
        })
    }

    /// Returns when the snapshot was taken, in milliseconds since 1970: the last part of its ID; 0
    /// there means that it is not known.
    #[must_use]
    pub fn taken_ms(&self) -> Option<i64> {
        self.id_parts().map(|(_, _, ms)| ms).filter(|ms| *ms > 0)
    }

    fn id_parts(&self) -> Option<(u64, u64, i64)> {
        let mut parts = self.id.split('-');
        let term = parts.next()?.parse().ok()?;
        let index = parts.next()?.parse().ok()?;
        let ms = parts.next()?.parse().ok().filter(|ms| *ms >= 0)?;
        parts.next().is_none().then_some((term, index, ms))
    }

    /// Returns its contradictions. Nothing protects the `meta.json` of a raft folder, so facts that
    /// it holds twice are compared.
    #[must_use]
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        for field in FIELDS {
            if !self.object.contains_key(field) {
                found.push(format!("{field} is missing"));
            }
        }
        if self.version > 1 {
            found.push(format!("Version is {}, expected 0 or 1", self.version));
        }
        if self.version == 0 && !self.servers.is_empty() {
            found.push("Version is 0, but has a Configuration".to_owned());
        }
        let servers = self.object.get("Configuration").and_then(|c| c.get("Servers"));
        for server in servers.and_then(Value::as_array).into_iter().flatten() {
            for field in ["Suffrage", "ID", "Address"] {
                if server.get(field).is_none() {
                    found.push(format!("{field} of a server is missing"));
                }
            }
        }
        match self.id_parts() {
            None => found.push(format!("ID {:?} is not TERM-INDEX-MILLISECONDS", self.id)),
            Some((term, index, _)) => {
                if term != self.term {
                    found.push(format!("Term is {}, but the ID says {term}", self.term));
                }
                if index != self.index {
                    found.push(format!("Index is {}, but the ID says {index}", self.index));
                }
            }
        }
        if self.configuration_index > self.index {
            found.push(format!(
                "ConfigurationIndex {} is above Index {}",
                self.configuration_index, self.index
            ));
        }
        if let Some(server) = self.servers.iter().find(|s| s.suffrage > 2) {
            found.push(format!("server {} has suffrage {}", server.id, server.suffrage));
        }
        if !self.peers.is_empty() {
            match self.peer_addresses() {
                None => found.push("Peers is not the base64 of a list of addresses".to_owned()),
                Some(peers) => {
                    let mut voters: Vec<&[u8]> = self
                        .servers
                        .iter()
                        .filter(|s| s.suffrage == 0)
                        .map(|s| s.address.as_bytes())
                        .collect();
                    let mut peers: Vec<&[u8]> = peers.iter().map(Vec::as_slice).collect();
                    voters.sort_unstable();
                    peers.sort_unstable();
                    if voters != peers {
                        found.push("Peers and the voters of Configuration differ".to_owned());
                    }
                }
            }
        }
        found
    }

    /// Returns the addresses in `Peers`.
    #[must_use]
    pub fn peer_addresses(&self) -> Option<Vec<Vec<u8>>> {
        let bytes = BASE64.decode(&self.peers).ok()?;
        let mut cursor = wire::Cursor::new(&bytes);
        let wire::Value::Array(items) = cursor.value().ok()? else { return None };
        if !cursor.rest().is_empty() {
            return None;
        }
        items.map(|item| Some(item.ok()?.as_raw()?.to_vec())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"Version":1,"ID":"2-978-1795403316736","Index":978,"Term":2,"Peers":"ka8xMjcuMC4wLjE6MTg1MDI=","Configuration":{"Servers":[{"Suffrage":0,"ID":"8fea43fa","Address":"127.0.0.1:18502"}]},"ConfigurationIndex":1,"Size":1107102,"CRC":"WXFkUovXzjo="}"#;

    #[test]
    fn reads_what_raft_writes() {
        let meta = Meta::parse(format!("{GOOD}\n \n").as_bytes()).unwrap();
        assert_eq!((meta.index, meta.term, meta.size), (978, 2, 1_107_102));
        assert_eq!(meta.crc, Some(0x5971_6452_8bd7_ce3a));
        assert_eq!(meta.taken_ms(), Some(1_795_403_316_736));
        assert_eq!(meta.peer_addresses(), Some(vec![b"127.0.0.1:18502".to_vec()]));
        assert_eq!(meta.contradictions(), Vec::<String>::new());
    }

    #[test]
    fn says_what_contradicts_itself() {
        for (from, to, says) in [
            ("\"Index\":978", "\"Index\":979", "Index is 979, but the ID says 978"),
            ("\"Term\":2", "\"Term\":3", "Term is 3, but the ID says 2"),
            ("\"Version\"", "\"Vertion\"", "Version is missing"),
            ("\"Version\":1", "\"Version\":9", "Version is 9"),
            ("\"Version\":1", "\"Version\":0", "Version is 0"),
            ("\"Address\"", "\"Addrezz\"", "Address of a server is missing"),
            ("127.0.0.1:18502", "127.0.0.1:18503", "differ"),
            ("2-978-", "2-978+", "is not TERM-INDEX"),
            ("\"Suffrage\":0", "\"Suffrage\":7", "suffrage 7"),
        ] {
            let meta = Meta::parse(GOOD.replace(from, to).as_bytes()).unwrap();
            let found = meta.contradictions().join("; ");
            assert!(found.contains(says), "{says}: {found}");
        }
        assert!(Meta::parse(b"[]").is_err());
        assert!(Meta::parse(GOOD.replace("WXFk", "WX").as_bytes()).is_err());
    }
}
