//! ACL tokens.

use super::acl_links::{check_identities, has_method, resolve};
use crate::document::{Applied, Doc, lower, refused, text};
use crate::machine::{Machine, is_current};
use crate::table::{Link, Table};

const INDEX: &[u8] = b"acl-tokens";
const BOOTSTRAP: &[u8] = b"acl-token-bootstrap";
const ANONYMOUS: &[u8] = b"00000000-0000-0000-0000-000000000002";

/// The stored form of tokens.
#[derive(Default)]
struct Options {
    cas: bool,
    may_miss_links: bool,
    needs_privileges: bool,
    is_replicated: bool,
}

pub(super) fn set(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let options = Options {
        cas: request.is_true("CAS"),
        may_miss_links: request.is_true("AllowMissingLinks"),
        needs_privileges: request.is_true("ProhibitUnprivileged"),
        is_replicated: request.is_true("FromReplication"),
    };
    for token in request.items("Tokens") {
        set_one(machine, Doc::read(token)?, &options)?;
    }
    Ok(())
}

pub(super) fn bootstrap(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let done = machine.index_of(BOOTSTRAP);
    if done > 0 && request.uint("ResetIndex") != done {
        return refused("ACLs are bootstrapped already");
    }
    set_one(machine, request.doc("Token")?, &Options::default())?;
    machine.move_index(BOOTSTRAP);
    Ok(())
}

fn set_one(machine: &mut Machine, mut token: Doc<'_>, options: &Options) -> Applied {
    if token.text("SecretID").is_empty() || token.text("AccessorID").is_empty() {
        return refused("the token has no ID");
    }
    if options.is_replicated && token.is_true("Local") {
        return refused("local tokens are not replicated");
    }
    let key = token.text("SecretID").to_vec();
    let before = machine.get(Table::Tokens, &key);
    let before = before.as_deref().map(Doc::read).transpose()?;
    let at = before.as_ref().map(|before| before.uint("ModifyIndex"));
    if options.cas && !is_current(token.uint("ModifyIndex"), at) {
        return Ok(());
    }
    let missing = options.may_miss_links;
    let policies = resolve(machine, &mut token, "Policies", Table::Policies, missing)?;
    let roles = resolve(machine, &mut token, "Roles", Table::Roles, missing)?;
    let method = token.text("AuthMethod");
    if !method.is_empty() && !options.is_replicated && !has_method(machine, method) {
        return refused("the token's auth method doesn't exist");
    }
    check_identities(&token)?;
    let identities = ["ServiceIdentities", "NodeIdentities", "TemplatedPolicies"];
    let has_identity = identities.iter().any(|field| !token.items(field).is_empty());
    if options.needs_privileges && policies + roles == 0 && !has_identity {
        return refused("the token would have no privileges");
    }
    if let Some(before) = &before {
        let accessor = before.text("AccessorID");
        if !accessor.is_empty() && accessor != token.text("AccessorID") {
            return refused("a token's accessor can't be changed");
        }
    }
    token.stamp_over(before.as_ref(), machine.index);
    machine.put(Table::Tokens, &key, &token);
    machine.move_index(INDEX);
    Ok(())
}

pub(super) fn delete(machine: &mut Machine, request: &[u8]) -> Applied {
    for accessor in Doc::read(request)?.items("TokenIDs") {
        let accessor = text(accessor);
        if accessor == ANONYMOUS {
            return refused("the anonymous token can't be deleted");
        }
        for key in machine.tables.linked(Link::TokenAccessor, &lower(accessor)) {
            machine.remove(Table::Tokens, &key, INDEX);
        }
    }
    Ok(())
}

/// Deletes the tokens of an auth method.
pub(super) fn delete_of_method(machine: &mut Machine, method: &[u8]) {
    for key in machine.tables.linked(Link::TokenMethod, &lower(method)) {
        machine.remove(Table::Tokens, &key, INDEX);
    }
}
