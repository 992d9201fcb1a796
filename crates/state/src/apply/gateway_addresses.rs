//! The addresses of services at the instances of their terminating gateways.

use super::virtual_ips::{are_on_for_gateways, free, gateway_addresses, tagged};
use crate::document::{Applied, Doc, uint};
use crate::machine::Machine;
use crate::table::{Link, Table, key_of};

/// Updates addresses after a change of a terminating gateway's configuration.
pub(super) fn update(machine: &mut Machine, gateway: &[u8], names: &[Vec<u8>]) -> Applied {
    if !are_on_for_gateways(machine) {
        return Ok(());
    }
    let addresses = gateway_addresses(machine, names)?;
    let old = super::gateways::configured_services(machine, gateway).unwrap_or_default();
    for key in machine.tables.linked(Link::ServiceName, &key_of(&[b"~", gateway])) {
        let Some(body) = machine.get(Table::Services, &key) else { continue };
        let service = Doc::read(&body)?;
        let mut tags = Doc::default();
        let before = service.doc("TaggedAddresses")?;
        for (name, value) in before.fields() {
            if let Ok(name) = std::str::from_utf8(name)
                && !name.starts_with("consul-virtual:")
            {
                tags.set(name, value.to_vec());
            }
        }
        for (tag_name, ip) in &addresses {
            tags.set(tag_name, tagged(ip, uint(0)));
        }
        super::services::set_tagged_addresses(machine, &key, tags.bytes())?;
    }
    for name in old.iter().filter(|name| !names.contains(name)) {
        if !super::registered::is_in_mesh(machine, name) {
            free(machine, b"", name, Some(gateway));
        }
    }
    Ok(())
}
