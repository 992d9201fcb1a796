//! Internal state of the servers: autopilot, table indexes, metadata, writes in flight.

use crate::schema::{Bytes, List, NanosText, NumberMap, Text};
use crate::wire_struct;

wire_struct! {
    /// The configuration of autopilot.
    struct AutopilotRef "Autopilot" {
        "CleanupDeadServers" cleanup_dead_servers: bool;
        "LastContactThreshold" last_contact_threshold: NanosText;
        "MaxTrailingLogs" max_trailing_logs: u64;
        "MinQuorum" min_quorum: u64;
        "ServerStabilizationTime" server_stabilization_time: NanosText;
        "RedundancyZoneTag" redundancy_zone_tag: Text<'a>;
        "DisableUpgradeMigration" disable_upgrade_migration: bool;
        "UpgradeVersionTag" upgrade_version_tag: Text<'a>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// The highest ModifyIndex of one table.
    struct IndexRef "Index" {
        "Key" key: Text<'a>;
        "Value" value: u64;
    }

    /// An internal key and value of the servers.
    struct SystemMetadataRef "SystemMetadata" {
        "Key" key: Text<'a>;
        "Value" value: Text<'a>, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Pieces of large writes that were in flight when the snapshot was taken.
    struct ChunkingStateRef "ChunkingState" {
        "ChunkMap" chunk_map: NumberMap<'a, List<'a, Option<ChunkInfoRef<'a>>>>;
    }

    /// Consul's `ChunkInfo`.
    struct ChunkInfoRef "ChunkInfo" {
        "OpNum" op_num: u64;
        "SequenceNum" sequence_num: u64;
        "NumChunks" num_chunks: u64;
        "Term" term: u64;
        "Data" data: Bytes<'a>;
    }
}
