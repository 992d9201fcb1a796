//! Links of tokens and roles to policies and roles: by ID, with the name at the time of the write.

use crate::document::{Applied, Doc, list, refused};
use crate::machine::Machine;
use crate::table::{Table, key_of};

/// Sets the names in the links of a field. Returns how many targets exist.
pub(super) fn resolve(
    machine: &Machine,
    doc: &mut Doc<'_>,
    field: &str,
    table: Table,
    may_be_missing: bool,
) -> Result<usize, crate::document::Refused> {
    let mut links = Vec::new();
    let mut found = 0;
    for link in doc.items(field) {
        let mut link = Doc::read(link)?;
        if link.text("ID").is_empty() {
            return refused("a link has no ID");
        }
        match machine.get(table, &key_of(&[link.text("ID")])) {
            Some(body) => {
                let name = Doc::read(&body)?.text("Name").to_vec();
                link.set_text("Name", &name);
                found += 1;
            }
            None if may_be_missing => {}
            None => return refused("a linked object doesn't exist"),
        }
        links.push(link.bytes());
    }
    if !links.is_empty() {
        doc.set(field, list(&links));
    }
    Ok(found)
}

/// Checks that identities have names.
pub(super) fn check_identities(doc: &Doc<'_>) -> Applied {
    for (field, names) in [
        ("ServiceIdentities", &["ServiceName"][..]),
        ("NodeIdentities", &["NodeName", "Datacenter"]),
    ] {
        for identity in doc.items(field) {
            let identity = Doc::read(identity)?;
            if names.iter().any(|name| identity.text(name).is_empty()) {
                return refused("an identity has no name");
            }
        }
    }
    Ok(())
}

/// Whether an auth method exists; unknown if the version omits methods from snapshots.
pub(super) fn has_method(machine: &Machine, name: &[u8]) -> bool {
    machine.rules.one_auth_method() || machine.tables.contains(Table::AuthMethods, &key_of(&[name]))
}

/// The key of a record with this ID.
pub(super) fn id_key(doc: &Doc<'_>) -> Vec<u8> {
    key_of(&[doc.text("ID")])
}
