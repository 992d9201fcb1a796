//! ACL policies and roles.

use super::acl_links::{check_identities, id_key, resolve};
use crate::document::{Applied, Doc, lower, refused, text};
use crate::machine::Machine;
use crate::table::{Link, Table, key_of};

const POLICIES: &[u8] = b"acl-policies";
const ROLES: &[u8] = b"acl-roles";

/// The policies that servers create themselves.
const BUILTIN: &[&[u8]] =
    &[b"00000000-0000-0000-0000-000000000001", b"00000000-0000-0000-0000-000000000002"];

pub(super) fn set_policies(machine: &mut Machine, request: &[u8]) -> Applied {
    for policy in Doc::read(request)?.items("Policies") {
        let mut policy = Doc::read(policy)?;
        has_own_name(machine, &policy, Link::PolicyName)?;
        machine.upsert(Table::Policies, &id_key(&policy), &mut policy, POLICIES)?;
    }
    Ok(())
}

pub(super) fn delete_policies(machine: &mut Machine, request: &[u8]) -> Applied {
    for id in Doc::read(request)?.items("PolicyIDs") {
        let id = text(id);
        let key = key_of(&[id]);
        if BUILTIN.contains(&id) && machine.tables.contains(Table::Policies, &key) {
            return refused("built-in policies can't be deleted");
        }
        machine.remove(Table::Policies, &key, POLICIES);
    }
    Ok(())
}

pub(super) fn set_roles(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let may_miss = request.is_true("AllowMissingLinks");
    for role in request.items("Roles") {
        let mut role = Doc::read(role)?;
        has_own_name(machine, &role, Link::RoleName)?;
        resolve(machine, &mut role, "Policies", Table::Policies, may_miss)?;
        check_identities(&role)?;
        machine.upsert(Table::Roles, &id_key(&role), &mut role, ROLES)?;
    }
    Ok(())
}

pub(super) fn delete_roles(machine: &mut Machine, request: &[u8]) -> Applied {
    for id in Doc::read(request)?.items("RoleIDs") {
        machine.remove(Table::Roles, &key_of(&[text(id)]), ROLES);
    }
    Ok(())
}

fn has_own_name(machine: &Machine, doc: &Doc<'_>, link: Link) -> Applied {
    if doc.text("ID").is_empty() || doc.text("Name").is_empty() {
        return refused("it has no ID or name");
    }
    let key = id_key(doc);
    if machine.tables.linked(link, &lower(doc.text("Name"))).iter().any(|other| **other != *key) {
        return refused("another object has this name");
    }
    Ok(())
}
