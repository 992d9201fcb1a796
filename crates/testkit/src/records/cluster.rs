//! Facts about the cluster: autopilot, indexes, metadata, federation, chunked writes.

use super::catalog::{Check, Node, Service};
use super::{Record, kind};
use crate::msgpack::{Val, structure, time};
use crate::shapes::{ConsulVersion, build};

/// Autopilot's configuration with its defaults.
#[must_use]
pub fn autopilot(version: ConsulVersion, index: u64) -> Record {
    let fields = vec![
        ("CleanupDeadServers", true.into()),
        ("LastContactThreshold", 200_000_000u64.into()),
        ("MaxTrailingLogs", 250u64.into()),
        ("ServerStabilizationTime", 10_000_000_000u64.into()),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::AUTOPILOT, build("Autopilot", version, fields))
}

/// The last index at which a table changed.
#[must_use]
pub fn index(table: &str, value: u64) -> Record {
    Record::new(kind::INDEX, structure([("Key", table.into()), ("Value", value.into())]))
}

/// System metadata: a fact on which the servers agreed.
#[must_use]
pub fn system_metadata(version: ConsulVersion, key: &str, value: &str, index: u64) -> Record {
    let fields = vec![
        ("Key", key.into()),
        ("Value", value.into()),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::SYSTEM_METADATA, build("SystemMetadata", version, fields))
}

/// The mesh gateways of a datacenter, for federation through them.
#[must_use]
pub fn federation_state(
    version: ConsulVersion,
    datacenter: &str,
    gateways: &[(Node, Service, Vec<Check>)],
    index: u64,
) -> Record {
    let gateways: Vec<Val> = gateways
        .iter()
        .map(|(node, service, checks)| {
            let fields = vec![
                ("ID", node.id.as_str().into()),
                ("Node", node.name.as_str().into()),
                ("Address", node.address.as_str().into()),
                ("Datacenter", node.datacenter.as_str().into()),
                ("CreateIndex", node.create_index.into()),
                ("ModifyIndex", node.modify_index.into()),
            ];
            structure([
                ("Node", build("Node", version, fields)),
                ("Service", service.value(version, "")),
                ("Checks", Val::Array(checks.iter().map(|c| c.value(version, node)).collect())),
            ])
        })
        .collect();
    let fields = vec![
        ("Datacenter", datacenter.into()),
        ("MeshGateways", if gateways.is_empty() { Val::Nil } else { Val::Array(gateways) }),
        ("UpdatedAt", time(super::acl::CREATED, 0, -1)),
        ("PrimaryModifyIndex", index.into()),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    let state = build("FederationState", version, fields);
    let request = vec![("Op", "upsert".into()), ("State", state)];
    Record::new(kind::FEDERATION_STATE, build("FederationStateRequest", version, request))
}

/// The chunking state without a large write in progress, which ends nearly every snapshot.
#[must_use]
pub fn chunking_state_idle() -> Record {
    Record::new(kind::CHUNKING_STATE, structure([("ChunkMap", Val::Map(vec![]))]))
}

/// The chunking state with the given chunks of one write in progress; missing chunks are nil.
#[must_use]
pub fn chunking_state(operation: u64, term: u64, chunks: &[Option<&[u8]>]) -> Record {
    let list = chunks
        .iter()
        .enumerate()
        .map(|(number, data)| {
            data.map_or(Val::Nil, |data| {
                structure([
                    ("OpNum", operation.into()),
                    ("SequenceNum", (number as u64).into()),
                    ("NumChunks", (chunks.len() as u64).into()),
                    ("Term", term.into()),
                    ("Data", data.into()),
                ])
            })
        })
        .collect();
    let map = Val::Map(vec![(operation.into(), Val::Array(list))]);
    Record::new(kind::CHUNKING_STATE, structure([("ChunkMap", map)]))
}
