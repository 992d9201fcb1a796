//! A `meta.json` for a state that came without one.

use serde_json::{Map, Value, json};

/// The `meta.json` of a snapshot at `index`, derived from the state alone. A restore uses only its
/// index: a cluster keeps its own term and servers.
#[must_use]
pub fn made_meta(index: u64) -> Map<String, Value> {
    // The time is unknown. An empty list of addresses, as Raft encodes it, is "kA==".
    let object = json!({
        "Version": 1,
        "ID": format!("1-{index}-0"),
        "Index": index,
        "Term": 1,
        "Peers": "kA==",
        "Configuration": {"Servers": []},
        "ConfigurationIndex": 0,
        "Size": 0,
    });
    match object {
        Value::Object(object) => object,
        _ => Map::new(),
    }
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
}
