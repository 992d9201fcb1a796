//! Names and IDs that only one object can have, in addition to the sort keys of records.

use super::finding::{At, Findings};
use super::rules::{NODE_ID, REPEATED_NAME, Rule};
use crate::hashed::{ByHash, hash_of};
use crate::registration::Registration;
use snapscope_decode::records::Record;
use std::collections::HashMap;

/// The first object with a name.
#[derive(Debug, Clone, Copy)]
struct Owner {
    /// The hash of its other name.
    id: u64,
    number: u64,
}

/// The owner of each name, by the name's hash. It has to see all records in order.
#[derive(Debug, Default)]
pub(super) struct Owned {
    owners: HashMap<u64, Owner, ByHash>,
    /// The name being built.
    name: Vec<u8>,
}

/// Ends each part of a name.
const SEPARATOR: u8 = 0;

/// A name in one namespace.
struct Name<'a> {
    rule: &'static Rule,
    of: &'static str,
    parts: &'a [&'a [u8]],
}

impl Owned {
    pub(super) fn record(
        &mut self,
        at: At,
        record: &Record<'_>,
        registration: Option<&Registration<'_>>,
        found: &mut Findings,
    ) {
        let mut own = |of, parts: &[&[u8]], id: &[u8]| {
            self.own(at, &Name { rule: &REPEATED_NAME, of, parts }, id, found);
        };
        match record {
            Record::AclPolicy(policy) => own("policy name", &[policy.name.0], policy.id.0),
            Record::AclRole(role) => own("role name", &[role.name.0], role.id.0),
            Record::AclToken(token) if !token.accessor_id.is_empty() => {
                let accessor = token.accessor_id.0.to_ascii_lowercase();
                own("AccessorID", &[&accessor], token.secret_id.0);
            }
            Record::Intention(intention) => {
                let (from, to) = (intention.source_name.0, intention.destination_name.0);
                let spaces = [intention.source_ns.0, intention.destination_ns.0];
                own("intention", &[spaces[0], from, spaces[1], to], intention.id.0);
            }
            // The first registration of a node is the node's.
            Record::Register(register)
                if !register.id.is_empty()
                    && registration.is_some_and(|r| r.service.is_none() && r.check.is_none()) =>
            {
                let id = register.id.0.to_ascii_lowercase();
                let parts = [register.peer_name.0, &id];
                let name = Name { rule: &NODE_ID, of: "node ID", parts: &parts };
                self.own(at, &name, &register.node.0.to_ascii_lowercase(), found);
            }
            _ => {}
        }
    }

    /// Takes a name and the object's other identity: two records of the same object are a different
    /// finding.
    fn own(&mut self, at: At, name: &Name<'_>, id: &[u8], found: &mut Findings) {
        let Name { rule, of, parts } = *name;
        self.name.clear();
        for part in parts {
            self.name.extend_from_slice(part);
            self.name.push(SEPARATOR);
        }
        let id = hash_of(id);
        let owner = self.owners.entry(hash_of((of, self.name.as_slice())));
        let owner = *owner.or_insert(Owner { id, number: at.number });
        if owner.id != id {
            found.add(rule, Some(at), || {
                let parts: Vec<_> = parts.iter().filter(|part| !part.is_empty()).copied().collect();
                let name = String::from_utf8_lossy(&parts.join(&b'/')).into_owned();
                format!("the {of} {name:?} is also that of record {}", owner.number)
            });
        }
    }

    /// Only if one of the two workers saw everything.
    pub(super) fn merge(&mut self, other: Self) {
        self.owners.extend(other.owners);
    }
}
