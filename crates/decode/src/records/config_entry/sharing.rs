//! Services shared with partitions and peers.

use crate::schema::{List, Map, Text};
use crate::wire_struct;

wire_struct! {
    /// A `exported-services` config entry.
    struct ExportedServicesEntryRef "exported-services" as "exported-services" {
        "Name" name: Text<'a>;
        "Services" services: List<'a, ExportedServiceRef<'a>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `ExportedService`.
    struct ExportedServiceRef "ExportedService" {
        "Name" name: Text<'a>;
        "Namespace" namespace: Text<'a>, omit_empty;
        "Consumers" consumers: List<'a, ServiceConsumerRef<'a>>, omit_empty;
    }

    /// Consul's `ServiceConsumer`.
    struct ServiceConsumerRef "ServiceConsumer" {
        "Partition" partition: Text<'a>, omit_empty;
        "Peer" peer: Text<'a>, omit_empty;
        "SamenessGroup" sameness_group: Text<'a>, omit_empty;
    }

    /// A `sameness-group` config entry.
    struct SamenessGroupEntryRef "sameness-group" as "sameness-group" {
        "Name" name: Text<'a>;
        "DefaultForFailover" default_for_failover: bool, omit_empty;
        "IncludeLocal" include_local: bool, omit_empty;
        "Members" members: List<'a, SamenessGroupMemberRef<'a>>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `SamenessGroupMember`.
    struct SamenessGroupMemberRef "SamenessGroupMember" {
        "Partition" partition: Text<'a>, omit_empty;
        "Peer" peer: Text<'a>, omit_empty;
    }
}
