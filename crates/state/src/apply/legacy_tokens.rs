//! Tokens of the system before 1.4, while servers accepted them.

use crate::document::{Applied, Doc, NIL, raw, refused, uint};
use crate::machine::{Machine, unknown_operation};
use crate::table::Table;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest as _};

const INDEX: &[u8] = b"acl-tokens";

/// The stored form of the zero time.
const NO_TIME: [u8; 15] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// The fields that an old token fills; all others are empty.
const KEPT: &[&str] = &["SecretID", "Description", "Type", "Rules"];

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let acl = request.doc("ACL")?;
    match request.text("Op") {
        b"set" | b"force-set" => set(machine, &acl),
        b"delete" => {
            machine.remove(Table::Tokens, acl.text("ID"), INDEX);
            Ok(())
        }
        _ => unknown_operation(),
    }
}

fn set(machine: &mut Machine, acl: &Doc<'_>) -> Applied {
    let key = acl.text("ID").to_vec();
    if key.is_empty() {
        return refused("the token has no ID");
    }
    let before = machine.get(Table::Tokens, &key);
    let before = before.as_deref().map(Doc::read).transpose()?;
    if before.as_ref().is_some_and(|before| before.text("Type").is_empty()) {
        return refused("the token does not belong to the system before 1.4");
    }
    let accessor = before.as_ref().map_or(&[][..], |before| before.text("AccessorID")).to_vec();
    let mut token = empty_like(machine)?;
    token.set_text("AccessorID", &accessor);
    token.set_text("SecretID", &key);
    token.set_text("Description", acl.text("Name"));
    token.set_text("Type", acl.text("Type"));
    token.set_text("Rules", acl.text("Rules"));
    let mut hash = Blake2b::<U32>::new();
    for part in [acl.text("Name"), acl.text("Type"), acl.text("Rules"), b"global"] {
        hash.update(part);
    }
    token.set_text("Hash", &hash.finalize());
    token.stamp_over(before.as_ref(), machine.index);
    machine.put(Table::Tokens, &key, &token);
    machine.move_index(INDEX);
    Ok(())
}

/// An empty token with the fields of other tokens.
fn empty_like(machine: &Machine) -> Result<Doc<'static>, crate::document::Refused> {
    let mut token = Doc::default();
    let Some(like) = machine.tables.example(Table::Tokens) else {
        return refused("the fields of a token are unknown without another token");
    };
    for (name, _) in Doc::read(like)?.fields() {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let empty = match name {
            "AccessorID" | "AuthMethod" | "Hash" => raw(b""),
            name if KEPT.contains(&name) => raw(b""),
            "CreateTime" => raw(&NO_TIME),
            "ExpirationTTL" | "CreateIndex" | "ModifyIndex" => uint(0),
            "Local" => vec![0xc2],
            _ => NIL.to_vec(),
        };
        token.set(name, empty);
    }
    Ok(token)
}
