//! IDs composed of fields.

use super::declare::text;
use crate::value::{Json, Node};
use snapscope_decode::records::peer_prefix;

/// Writes the text (or number) of some fields separated by `/`; empty ones are left out from the
/// second on.
pub(crate) fn fields(object: Node<'_>, names: &[&str], out: &mut Vec<u8>) {
    for (at, name) in names.iter().enumerate() {
        let value = object.at(name.split('.')).map(|node| node.json());
        let text = match value {
            Some(Json::Text(text) | Json::Bytes(text)) => text.to_vec(),
            Some(Json::Uint(n)) => n.to_string().into_bytes(),
            _ => Vec::new(),
        };
        if at > 0 && !text.is_empty() {
            out.push(b'/');
        }
        out.extend_from_slice(&text);
    }
}

/// Writes `peer:NAME/` if the object was imported from a peer.
pub(crate) fn peer(object: Node<'_>, field: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&peer_prefix(text(object, field)));
}
