//! Virtual IPs of services.

use crate::schema::{Ip, List, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// The virtual IP of a service. `IP` is an offset to 240.0.0.0.
    struct ServiceVirtualIpRef "ServiceVirtualIP" {
        "Service" service: Nested<'a, PeeredServiceNameRef<'a>>;
        "IP" ip: Ip<'a>;
        "ManualIPs" manual_ips: List<'a, Text<'a>>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `PeeredServiceName`.
    struct PeeredServiceNameRef "PeeredServiceName" {
        "ServiceName" service_name: Nested<'a, ServiceNameRef<'a>>;
        "Peer" peer: Text<'a>;
    }

    /// Consul's `ServiceName`.
    struct ServiceNameRef "ServiceName" {
        "Name" name: Text<'a>;
    }

    /// A virtual IP that is free again, or the counter of those handed out.
    struct FreeVirtualIpRef "FreeVirtualIP" {
        "IP" ip: Ip<'a>;
        "IsCounter" is_counter: bool;
    }
}
