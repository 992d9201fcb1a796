//! Which versions store which fields. A new version of Consul is a new row.
//!
//! Servers store every field of a struct, empty or not: a stored field indicates the versions that
//! have it, and a missing one the others. Derived from snapshots of 0.7.5, 1.0.7, 1.3.1, 1.5.1,
//! 1.7.7, 1.8.7, 1.10.11, 1.13.8, 1.14.7, 1.16.3, 1.17.3, 1.19.2, 1.20.4 and 1.21.4. A field may
//! have been added in any version between two of these, so a row has two ends, and the truth is
//! between them.

use snapscope_decode::{Kind, ServerVersion, VersionRange};

/// A field, and what it indicates about the version that wrote the record.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) kind: Kind,
    /// Its path.
    pub(super) path: &'static [&'static str],
    /// The versions that can have stored it.
    pub(super) present: VersionRange,
    /// The versions that can have omitted it.
    pub(super) absent: VersionRange,
}

/// Was added after `1.{after - 1}`, and exists in the first version given.
const fn came(
    kind: Kind,
    path: &'static [&'static str],
    after: u32,
    (minor, patch): (u32, u32),
) -> Trace {
    let absent = VersionRange { since: None, until: Some(ServerVersion::new(1, minor, patch)) };
    Trace { kind, path, present: VersionRange::since(1, after), absent }
}

/// Existed in all versions that have the record, and was removed in `1.{gone}`; `1.{last}` had it.
const fn went(kind: Kind, path: &'static [&'static str], last: u32, gone: u32) -> Trace {
    let absent = VersionRange::since(1, last + 1);
    Trace { kind, path, present: VersionRange::before(1, gone), absent }
}

/// Only some versions store it; its absence reveals nothing.
const fn only(kind: Kind, path: &'static [&'static str], present: VersionRange) -> Trace {
    Trace { kind, path, present, absent: VersionRange::ALL }
}

/// The first version that has it came with a minor version of 2, or after the newest version that
/// was read.
const fn newer(kind: Kind, path: &'static [&'static str], since: VersionRange) -> Trace {
    only(kind, path, since)
}

const REGISTER: Kind = Kind::REGISTER;
const QUERY: Kind = Kind::PREPARED_QUERY;
const TOKEN: Kind = Kind::ACL_TOKEN;

/// All rows.
pub(super) static TRACES: &[Trace] = &[
    Trace {
        kind: REGISTER,
        path: &["SkipNodeUpdate"],
        present: VersionRange { since: Some(ServerVersion::new(0, 8, 0)), until: None },
        absent: VersionRange { since: None, until: Some(ServerVersion::new(1, 0, 7)) },
    },
    came(REGISTER, &["Service", "Kind"], 1, (3, 1)),
    came(REGISTER, &["Service", "Weights"], 1, (3, 1)),
    only(REGISTER, &["Service", "ProxyDestination"], VersionRange::since(1, 1).until(1, 7)),
    came(REGISTER, &["CreateIndex"], 6, (7, 7)),
    came(REGISTER, &["Service", "TaggedAddresses"], 6, (7, 7)),
    came(REGISTER, &["Check", "Type"], 6, (7, 7)),
    came(REGISTER, &["Service", "SocketPath"], 9, (10, 11)),
    came(REGISTER, &["Check", "ExposedPort"], 9, (10, 11)),
    came(REGISTER, &["PeerName"], 11, (13, 8)),
    came(REGISTER, &["Check", "Definition", "OSService"], 14, (14, 7)),
    came(REGISTER, &["Locality"], 15, (16, 3)),
    came(REGISTER, &["Check", "Definition", "TCPUseTLS"], 15, (16, 3)),
    // Merged in March 2025 and backported to the versions maintained then (GH-22227, GH-22236):
    // 1.20, and the long-term releases of Enterprise since 1.18.
    came(REGISTER, &["Check", "Definition", "SessionName"], 18, (21, 4)),
    newer(REGISTER, &["Service", "Ports"], VersionRange::since(1, 22)),
    newer(REGISTER, &["Service", "AI"], VersionRange::since(1, 22)),
    came(Kind::SESSION, &["NodeChecks"], 6, (7, 7)),
    came(Kind::COORDINATE_BATCH_UPDATE, &["Partition"], 11, (13, 8)),
    came(Kind::AUTOPILOT, &["MinQuorum"], 6, (7, 7)),
    came(QUERY, &["Service", "Connect"], 1, (3, 1)),
    came(QUERY, &["Service", "ServiceMeta"], 4, (5, 1)),
    came(QUERY, &["Service", "Failover", "Targets"], 11, (13, 8)),
    only(QUERY, &["Service", "PeerName"], VersionRange::since(1, 11).until(1, 14)),
    came(QUERY, &["Service", "Peer"], 14, (14, 7)),
    came(QUERY, &["Service", "SamenessGroup"], 15, (16, 3)),
    came(QUERY, &["Service", "IncludeAll"], 18, (19, 2)),
    came(Kind::CONNECT_CA, &["ExternalTrustDomain"], 4, (5, 1)),
    came(Kind::CONNECT_CA, &["PrivateKeyType"], 6, (7, 7)),
    came(Kind::CONNECT_CA_CONFIG, &["State"], 6, (7, 7)),
    came(TOKEN, &["NodeIdentities"], 8, (8, 7)),
    came(TOKEN, &["TemplatedPolicies"], 17, (17, 3)),
    went(TOKEN, &["Rules"], 14, 16),
    went(Kind::ACL_POLICY, &["Syntax"], 14, 16),
    came(Kind::ACL_ROLE, &["NodeIdentities"], 8, (8, 7)),
    came(Kind::ACL_ROLE, &["TemplatedPolicies"], 17, (17, 3)),
    came(Kind::ACL_AUTH_METHOD, &["MaxTokenTTL"], 8, (8, 7)),
    came(Kind::ACL_BINDING_RULE, &["BindVars"], 17, (17, 3)),
    came(Kind::SERVICE_VIRTUAL_IP, &["ManualIPs"], 15, (16, 3)),
];

/// The versions that write records of these types, as far as their end is concerned; the table of
/// record types has the start. From 1.4 on all tokens are stored in the new system, whatever their
/// origin.
pub(super) static GONE: &[(Kind, VersionRange)] =
    &[(Kind::ACL, VersionRange::before(1, 4)), (Kind::ACL_BOOTSTRAP, VersionRange::before(1, 4))];

/// The number of fields of a type's struct in the first version that stores it. A map with fewer
/// fields was not written by a server, so its missing fields reveal nothing.
pub(super) const fn fewest_fields(kind: Kind) -> usize {
    match kind {
        Kind::REGISTER | Kind::PREPARED_QUERY => 9,
        Kind::SESSION | Kind::AUTOPILOT => 7,
        Kind::ACL_TOKEN | Kind::CONNECT_CA => 11,
        Kind::ACL_POLICY | Kind::ACL_ROLE | Kind::ACL_BINDING_RULE => 8,
        Kind::ACL_AUTH_METHOD => 6,
        Kind::CONNECT_CA_CONFIG => 5,
        Kind::SERVICE_VIRTUAL_IP => 4,
        _ => 2,
    }
}
