//! Stored records as servers write them: a type byte and a value with every field of its struct.
//!
//! The submodules have one function per kind of record. They take what tests vary and fill in sensible values for all
//! other fields; [`Record::with`] changes any field afterwards.

pub mod acl;
pub mod catalog;
pub mod cluster;
pub mod config;
pub mod connect;
pub mod kv;
pub mod peering;

use crate::msgpack::Val;

/// The type byte of each record that a Community server writes to a snapshot.
pub mod kind {
    #![allow(missing_docs)]
    pub const REGISTER: u8 = 0;
    pub const KVS: u8 = 2;
    pub const SESSION: u8 = 3;
    pub const TOMBSTONE: u8 = 5;
    pub const COORDINATES: u8 = 6;
    pub const PREPARED_QUERY: u8 = 7;
    pub const AUTOPILOT: u8 = 9;
    pub const INTENTION: u8 = 12;
    pub const CONNECT_CA: u8 = 13;
    pub const CONNECT_CA_PROVIDER_STATE: u8 = 14;
    pub const CONNECT_CA_CONFIG: u8 = 15;
    pub const INDEX: u8 = 16;
    pub const ACL_TOKEN: u8 = 17;
    pub const ACL_POLICY: u8 = 19;
    pub const CONFIG_ENTRY: u8 = 22;
    pub const ACL_ROLE: u8 = 23;
    pub const ACL_BINDING_RULE: u8 = 25;
    pub const ACL_AUTH_METHOD: u8 = 27;
    pub const CHUNKING_STATE: u8 = 29;
    pub const FEDERATION_STATE: u8 = 30;
    pub const SYSTEM_METADATA: u8 = 31;
    pub const SERVICE_VIRTUAL_IP: u8 = 32;
    pub const FREE_VIRTUAL_IP: u8 = 33;
    pub const PEERING: u8 = 35;
    pub const PEERING_TRUST_BUNDLE: u8 = 38;
    pub const PEERING_SECRET: u8 = 40;

    /// The order in which a server writes the sections of a snapshot, by type byte.
    pub const SECTIONS: [u8; 26] = [
        SERVICE_VIRTUAL_IP,
        FREE_VIRTUAL_IP,
        REGISTER,
        COORDINATES,
        SESSION,
        ACL_TOKEN,
        ACL_POLICY,
        ACL_ROLE,
        ACL_BINDING_RULE,
        ACL_AUTH_METHOD,
        KVS,
        TOMBSTONE,
        PREPARED_QUERY,
        AUTOPILOT,
        INTENTION,
        CONNECT_CA,
        CONNECT_CA_PROVIDER_STATE,
        CONNECT_CA_CONFIG,
        CONFIG_ENTRY,
        FEDERATION_STATE,
        SYSTEM_METADATA,
        INDEX,
        PEERING,
        PEERING_TRUST_BUNDLE,
        PEERING_SECRET,
        CHUNKING_STATE,
    ];
}

/// One record of a state file.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The type byte.
    pub kind: u8,
    /// The value after it.
    pub body: Val,
}

impl Record {
    /// A record of any type and value.
    #[must_use]
    pub fn new(kind: u8, body: Val) -> Self {
        Self { kind, body }
    }

    /// Sets a field of the body. A field that the struct does not have is added, as by a newer server.
    ///
    /// # Panics
    /// If the body is not a map.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Val>) -> Self {
        set(&mut self.body, field, value.into());
        self
    }

    /// Removes a field of the body, as if an older server had written it.
    #[must_use]
    pub fn without(mut self, field: &str) -> Self {
        if let Val::Map(entries) = &mut self.body {
            entries.retain(|(key, _)| !is_key(key, field));
        }
        self
    }

    /// Appends the record's bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.kind);
        self.body.encode(out);
    }

    /// The record's bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

/// Sets a text key of a map. Keys stay sorted.
///
/// # Panics
/// If `map` is not a map.
pub fn set(map: &mut Val, field: &str, value: Val) {
    let Val::Map(entries) = map else { panic!("only maps have fields, not {map:?}") };
    if let Some(entry) = entries.iter_mut().find(|(key, _)| is_key(key, field)) {
        entry.1 = value;
        return;
    }
    let at = entries
        .iter()
        .position(|(key, _)| matches!(key, Val::Raw(k) if k.as_slice() > field.as_bytes()))
        .unwrap_or(entries.len());
    entries.insert(at, (field.into(), value));
}

fn is_key(key: &Val, field: &str) -> bool {
    matches!(key, Val::Raw(k) if k == field.as_bytes())
}

/// 32 bytes in place of a hash that a server would compute: a restore does not check them.
#[must_use]
pub(crate) fn fake_hash(of: &str) -> Val {
    use sha2::Digest;
    Val::Raw(sha2::Sha256::digest(of.as_bytes()).to_vec())
}
