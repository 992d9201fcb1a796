//! Virtual IPs of services.

use crate::document::{Applied, Doc, NIL, Refused, list, raw, refused, text, uint};
use crate::machine::Machine;
use crate::table::{Table, key_of, peer_key};

const INDEX: &[u8] = b"service-virtual-ips";
const INDEX_IMPORTED: &[u8] = b"service-virtual-ips.imported";

/// First address of the range.
const START: [u8; 4] = [240, 0, 0, 0];
/// Offset of its end.
const END: [u8; 4] = [15, 255, 255, 254];

/// Prefix of an IPv4 address in 16 bytes.
const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// Config entries that keep a service's address.
const KEEPING_KINDS: &[&[u8]] = &[
    b"service-resolver",
    b"service-router",
    b"service-splitter",
    b"service-defaults",
    b"service-intentions",
];

pub(super) fn are_on(machine: &Machine) -> bool {
    machine.has_metadata(b"virtual-ips")
}

pub(super) fn are_on_for_gateways(machine: &Machine) -> bool {
    machine.has_metadata(b"virtual-ips-term-gateway")
}

fn key(peer: &[u8], name: &[u8]) -> Vec<u8> {
    key_of(&[peer_key(peer), name])
}

fn move_indexes(machine: &mut Machine, peer: &[u8]) {
    machine.move_index(INDEX);
    if !peer.is_empty() {
        machine.move_index(INDEX_IMPORTED);
    }
}

/// The address at an offset, as text.
fn address(ip: &[u8]) -> String {
    let offset = ip.last_chunk::<4>().copied().unwrap_or_default();
    let sum = u32::from_be_bytes(START).wrapping_add(u32::from_be_bytes(offset));
    std::net::Ipv4Addr::from(sum).to_string()
}

/// The address of a service; assigns one if necessary.
pub(super) fn assign(machine: &mut Machine, peer: &[u8], name: &[u8]) -> Result<String, Refused> {
    let key = key(peer, name);
    if let Some(body) = machine.get(Table::VirtualIps, &key) {
        return Ok(address(Doc::read(&body)?.text("IP")));
    }
    let ip = next_ip(machine)?;
    let body = record(machine, peer, name, &ip);
    machine.tables.put(Table::VirtualIps, &key, body.into());
    move_indexes(machine, peer);
    Ok(address(&ip))
}

/// The address that was released last, or else the next one. Servers remember only the last
/// released address.
fn next_ip(machine: &mut Machine) -> Result<Vec<u8>, Refused> {
    if let Some(free) = machine.get(Table::FreeIps, &[0]) {
        machine.tables.delete(Table::FreeIps, &[0]);
        return Ok(Doc::read(&free)?.text("IP").to_vec());
    }
    let counter = machine.get(Table::FreeIps, &[1]);
    let mut ip = match counter.as_deref().map(Doc::read).transpose()? {
        Some(counter) => counter.text("IP").to_vec(),
        None => [&MAPPED[..], &[0; 4]].concat(),
    };
    for byte in ip.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    if ip.ends_with(&END) {
        return refused("no virtual IP is left");
    }
    put_free(machine, &ip, true);
    Ok(ip)
}

fn put_free(machine: &mut Machine, ip: &[u8], is_counter: bool) {
    let mut row = Doc::default();
    row.set_text("IP", ip);
    row.set("IsCounter", vec![if is_counter { 0xc3 } else { 0xc2 }]);
    machine.put(Table::FreeIps, &[u8::from(is_counter)], &row);
}

fn record(machine: &Machine, peer: &[u8], name: &[u8], ip: &[u8]) -> Vec<u8> {
    let mut service_name = Doc::default();
    service_name.set_text("Name", name);
    let service = if machine.rules.peered_indexes() {
        let mut service = Doc::default();
        service.set_text("Peer", peer);
        service.set("ServiceName", service_name.bytes());
        service
    } else {
        service_name
    };
    let mut row = Doc::default();
    row.set_text("IP", ip);
    row.set("Service", service.bytes());
    if machine.rules.manual_ips() {
        row.set_nil("ManualIPs");
    }
    row.stamp(machine.index, machine.index);
    row.bytes()
}

/// Releases the address of a service that has lost its last instance, unless something else needs
/// it. The gateway `but_for` does not count.
pub(super) fn free(machine: &mut Machine, peer: &[u8], name: &[u8], but_for: Option<&[u8]>) {
    if !are_on(machine) || super::registered::exists(machine, peer, name) {
        return;
    }
    let has_entry =
        |kind: &&[u8]| machine.tables.contains(Table::ConfigEntries, &key_of(&[kind, name]));
    if KEEPING_KINDS.iter().any(has_entry) {
        return;
    }
    if are_on_for_gateways(machine)
        && super::gateways::is_behind_terminating(machine, name, but_for)
    {
        return;
    }
    let key = key(peer, name);
    let Some(body) = machine.get(Table::VirtualIps, &key) else { return };
    let Ok(row) = Doc::read(&body) else { return };
    machine.tables.delete(Table::VirtualIps, &key);
    put_free(machine, row.text("IP"), false);
    move_indexes(machine, peer);
}

/// Encodes an address as a tagged address.
pub(super) fn tagged(ip: &str, port: Vec<u8>) -> Vec<u8> {
    let mut out = Doc::default();
    out.set_text("Address", ip.as_bytes());
    out.set("Port", port);
    out.bytes()
}

/// Adds an address to a service's tagged addresses.
pub(super) fn tag(service: &mut Doc<'_>, name: &str, ip: &str, port: Vec<u8>) -> Applied {
    let mut addresses = Doc::read(service.raw("TaggedAddresses"))?;
    addresses.set(name, tagged(ip, port));
    let addresses = addresses.bytes();
    service.set("TaggedAddresses", addresses);
    Ok(())
}

/// The tag of a service's address at a terminating gateway.
fn gateway_tag(name: &[u8]) -> Option<String> {
    Some(format!("consul-virtual:{}", std::str::from_utf8(name).ok()?))
}

/// The addresses of the services behind a terminating gateway; assigns missing ones.
pub(super) fn gateway_addresses(
    machine: &mut Machine,
    names: &[Vec<u8>],
) -> Result<Vec<(String, String)>, Refused> {
    let mut addresses = Vec::new();
    for name in names {
        let ip = assign(machine, b"", name)?;
        addresses.extend(gateway_tag(name).map(|tag| (tag, ip)));
    }
    Ok(addresses)
}

/// Adds the addresses of the services behind it to a terminating gateway that is registered.
pub(super) fn tag_gateway(machine: &mut Machine, service: &mut Doc<'_>, name: &[u8]) -> Applied {
    if !are_on_for_gateways(machine) {
        return Ok(());
    }
    let Some(names) = super::gateways::configured_services(machine, name) else { return Ok(()) };
    for (tag_name, ip) in gateway_addresses(machine, &names)? {
        tag(service, &tag_name, &ip, uint(0))?;
    }
    Ok(())
}

/// Sets manual addresses; other services lose them.
pub(super) fn set_by_hand(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let service = request.doc("Service")?;
    let peer = service.text("Peer").to_vec();
    let key = key(&peer, service.doc("ServiceName")?.text("Name"));
    if !machine.tables.contains(Table::VirtualIps, &key) {
        return Ok(());
    }
    let new: Vec<&[u8]> = request.items("ManualIPs").into_iter().map(text).collect();
    for (other, body) in machine.tables.below(Table::VirtualIps, &[]) {
        if *other == *key {
            continue;
        }
        let mut row = Doc::read(&body)?;
        let old: Vec<&[u8]> = row.items("ManualIPs").into_iter().map(text).collect();
        let kept: Vec<Vec<u8>> =
            old.iter().filter(|ip| !new.contains(ip)).map(|ip| raw(ip)).collect();
        if kept.len() < old.len() {
            let kept = if kept.is_empty() { NIL.to_vec() } else { list(&kept) };
            row.set("ManualIPs", kept);
            row.set_uint("ModifyIndex", machine.index);
            machine.put(Table::VirtualIps, &other, &row);
        }
    }
    let Some(body) = machine.get(Table::VirtualIps, &key) else { return Ok(()) };
    let mut row = Doc::read(&body)?;
    row.set("ManualIPs", request.raw("ManualIPs").to_vec());
    row.set_uint("ModifyIndex", machine.index);
    machine.put(Table::VirtualIps, &key, &row);
    move_indexes(machine, &peer);
    Ok(())
}
