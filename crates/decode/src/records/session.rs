//! Sessions.

use crate::schema::{List, Nanos, Text};
use crate::wire_struct;

wire_struct! {
    /// A session, which holds locks and dies with its checks or its TTL.
    struct SessionRef "Session" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
        "Node" node: Text<'a>;
        "LockDelay" lock_delay: Nanos;
        "Behavior" behavior: Text<'a>;
        "TTL" ttl: Text<'a>;
        "NodeChecks" node_checks: List<'a, Text<'a>>;
        "ServiceChecks" service_checks: List<'a, ServiceCheckRef<'a>>;
        "Checks" checks: List<'a, Text<'a>>, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `ServiceCheck`.
    struct ServiceCheckRef "ServiceCheck" {
        "ID" id: Text<'a>;
        "Namespace" namespace: Text<'a>;
    }
}
