//! Ids made of fields.

use super::declare::text;
use crate::value::{Json, Node};

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
    let peer = text(object, field);
    if !peer.is_empty() {
        out.extend_from_slice(b"peer:");
        out.extend_from_slice(peer);
        out.push(b'/');
    }
}
