//! Prepared queries.

use crate::schema::{List, Map, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A prepared query.
    struct PreparedQueryRef "PreparedQuery" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
        "Session" session: Text<'a>;
        "Token" token: Text<'a>;
        "Template" template: Nested<'a, QueryTemplateOptionsRef<'a>>;
        "Service" service: Nested<'a, ServiceQueryRef<'a>>;
        "DNS" dns: Nested<'a, QueryDnsOptionsRef<'a>>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `QueryTemplateOptions`.
    struct QueryTemplateOptionsRef "QueryTemplateOptions" {
        "Type" type_: Text<'a>;
        "Regexp" regexp: Text<'a>;
        "RemoveEmptyTags" remove_empty_tags: bool;
    }

    /// Consul's `ServiceQuery`.
    struct ServiceQueryRef "ServiceQuery" {
        "Service" service: Text<'a>;
        "SamenessGroup" sameness_group: Text<'a>;
        "Failover" failover: Nested<'a, QueryFailoverOptionsRef<'a>>;
        "IncludeAll" include_all: bool;
        "OnlyPassing" only_passing: bool;
        "IgnoreCheckIDs" ignore_check_ids: List<'a, Text<'a>>;
        "Near" near: Text<'a>;
        "Tags" tags: List<'a, Text<'a>>;
        "NodeMeta" node_meta: Map<'a, Text<'a>>;
        "ServiceMeta" service_meta: Map<'a, Text<'a>>;
        "Connect" connect: bool;
        "Peer" peer: Text<'a>;
        "PeerName" peer_name: Text<'a>;
    }

    /// Consul's `QueryFailoverOptions`.
    struct QueryFailoverOptionsRef "QueryFailoverOptions" {
        "SkipLocalDatacenter" skip_local_datacenter: bool;
        "NearestN" nearest_n: i64;
        "Datacenters" datacenters: List<'a, Text<'a>>;
        "Targets" targets: List<'a, QueryFailoverTargetRef<'a>>;
    }

    /// Consul's `QueryFailoverTarget`.
    struct QueryFailoverTargetRef "QueryFailoverTarget" {
        "Peer" peer: Text<'a>;
        "Datacenter" datacenter: Text<'a>;
    }

    /// Consul's `QueryDNSOptions`.
    struct QueryDnsOptionsRef "QueryDNSOptions" {
        "TTL" ttl: Text<'a>;
    }
}
