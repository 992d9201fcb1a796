//! Virtual IPs of services.

use crate::schema::{FieldError, Ip, List, Nested, Text};
use crate::wire::Value;
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

impl<'a> ServiceVirtualIpRef<'a> {
    /// The name of the service. Before peering, `Service` was a `ServiceName` itself.
    ///
    /// # Errors
    /// If a field on the way to it has the wrong type.
    pub fn service_name(&self) -> Result<&'a [u8], FieldError> {
        let service = self.service.get()?;
        let name = service.service_name.get()?.name.0;
        let former = service.rest.iter().flatten().find_map(|entry| match entry {
            (Value::Raw(b"Name"), Value::Raw(former)) => Some(former),
            _ => None,
        });
        Ok(former.filter(|_| name.is_empty()).unwrap_or(name))
    }
}

#[cfg(test)]
mod tests {
    use crate::frames_of;

    #[test]
    fn a_virtual_ip_from_before_peering_has_the_name_of_its_service() {
        let former = b"\x20\x81\xa7Service\x81\xa4Name\xa3web";
        let now = b"\x20\x81\xa7Service\x82\xa4Peer\xa0\xabServiceName\x81\xa4Name\xa3web";
        for bytes in [&former[..], now] {
            let record = frames_of(bytes).next().unwrap().unwrap().record().unwrap();
            assert_eq!(record.identity().unwrap(), b"web");
        }
    }
}
