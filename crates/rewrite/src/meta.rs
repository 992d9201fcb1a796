//! A `meta.json` for a state that came without one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use snapscope_decode::wire::encode;

/// The `meta.json` of a snapshot at `index`, derived from the state alone. A restore uses only its
/// index: a cluster keeps its own term and servers.
#[must_use]
pub fn made_meta(index: u64) -> Map<String, Value> {
    // The time is unknown.
    let object = json!({
        "Version": 1,
        "ID": format!("1-{index}-0"),
        "Index": index,
        "Term": 1,
        "Peers": peers([].into_iter()),
        "Configuration": {"Servers": []},
        "ConfigurationIndex": 0,
        "Size": 0,
    });
    match object {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// The `Peers` of a `meta.json`: the addresses of voters, as Raft encodes them.
#[must_use]
pub fn peers<'a>(voters: impl ExactSizeIterator<Item = &'a [u8]>) -> String {
    let mut list = Vec::new();
    encode::list_head(voters.len() as u64, &mut list);
    voters.for_each(|address| encode::raw(address, &mut list));
    BASE64.encode(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_archive::Meta;

    #[test]
    fn it_does_not_contradict_itself() {
        let text = serde_json::to_vec(&made_meta(978)).unwrap();
        let meta = Meta::parse(&text).unwrap();
        assert_eq!(meta.index, 978);
        assert_eq!(meta.contradictions(), Vec::<String>::new());
    }

    #[test]
    fn peers_are_encoded_as_raft_does() {
        assert_eq!(peers([].into_iter()), "kA==");
        assert_eq!(peers([&b"127.0.0.1:18502"[..]].into_iter()), "ka8xMjcuMC4wLjE6MTg1MDI=");
    }
}
