//! The services behind gateways, a table that servers derive from the config entries.

use super::config_entry::{self, Entry};
use crate::document::{Doc, lower};
use crate::machine::Machine;
use crate::rows::{Body, Key};
use crate::same::same;
use crate::table::{Link, Table, connect_name, key_of};
use crate::touched::SERVERS;
use snapscope_decode::Kind;

const INDEX: &[u8] = b"gateway-services";
/// Why the index may differ after a snapshot.
const UNSURE: &str = "a snapshot does not say whether a service was registered after the config entry of a gateway that has \
                      both its name and a wildcard";
/// The wildcard for all services.
const ANY: &[u8] = b"*";

const INGRESS: &[u8] = b"ingress-gateway";
const TERMINATING: &[u8] = b"terminating-gateway";

/// A service behind a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mapping {
    gateway: Vec<u8>,
    service: Vec<u8>,
    port: u64,
    is_ingress: bool,
    is_from_wildcard: bool,
    /// `service`, `destination` or empty.
    service_kind: Vec<u8>,
    /// The remaining configuration.
    rest: Vec<u8>,
}

impl Mapping {
    fn key(&self) -> Vec<u8> {
        key_of(&[&self.gateway, &self.service, self.port.to_string().as_bytes()])
    }

    fn bytes(&self) -> Vec<u8> {
        let mut row = Doc::default();
        row.set_text("Gateway", &self.gateway);
        row.set_text("Service", &self.service);
        row.set_uint("Port", self.port);
        row.set_uint("IsIngress", u64::from(self.is_ingress));
        row.set_uint("IsFromWildcard", u64::from(self.is_from_wildcard));
        row.set_text("ServiceKind", &self.service_kind);
        row.set_text("Rest", &self.rest);
        row.bytes()
    }

    fn read(body: &[u8]) -> Option<Self> {
        let row = Doc::read(body).ok()?;
        Some(Self {
            gateway: row.text("Gateway").to_vec(),
            service: row.text("Service").to_vec(),
            port: row.uint("Port"),
            is_ingress: row.uint("IsIngress") == 1,
            is_from_wildcard: row.uint("IsFromWildcard") == 1,
            service_kind: row.text("ServiceKind").to_vec(),
            rest: row.text("Rest").to_vec(),
        })
    }
}

fn of_service(machine: &Machine, service: &[u8]) -> Vec<(Key, Mapping)> {
    let keys = machine.tables.linked(Link::GatewayService, &lower(service));
    let read = |key: Key| {
        let mapping = Mapping::read(&machine.get(Table::Gateways, &key)?)?;
        Some((key, mapping))
    };
    keys.into_iter().filter_map(read).collect()
}

/// The mappings that a gateway's config entry defines.
fn configured(machine: &Machine, entry: &Entry<'_>) -> Vec<Mapping> {
    let is_ingress = entry.kind == INGRESS;
    let doc = &entry.entry;
    let gateway = doc.text("Name").to_vec();
    let mut mappings = Vec::new();
    let mut add = |service: &[u8], port, service_kind: Vec<u8>, rest: Vec<u8>| {
        let (gateway, service) = (gateway.clone(), service.to_vec());
        let is_from_wildcard = false;
        mappings.push(Mapping {
            gateway,
            service,
            port,
            is_ingress,
            is_from_wildcard,
            service_kind,
            rest,
        });
    };
    if is_ingress {
        for listener in doc.items("Listeners") {
            let Ok(listener) = Doc::read(listener) else { continue };
            for service in listener.items("Services") {
                let Ok(service) = Doc::read(service) else { continue };
                let rest = [listener.raw("Protocol"), service.raw("Hosts")].concat();
                add(service.text("Name"), listener.uint("Port"), Vec::new(), rest);
            }
        }
    } else {
        for service in doc.items("Services") {
            let Ok(service) = Doc::read(service) else { continue };
            let rest: Vec<u8> =
                ["CAFile", "CertFile", "KeyFile", "SNI"].map(|field| service.raw(field)).concat();
            let kind = kind_of(machine, service.text("Name"));
            add(service.text("Name"), 0, kind, rest);
        }
    }
    mappings
}

/// The kind of a service behind a gateway.
fn kind_of(machine: &Machine, service: &[u8]) -> Vec<u8> {
    if machine.rules.wildcards_cover_all() {
        return Vec::new();
    }
    if super::registered::exists(machine, b"", service) {
        return b"service".to_vec();
    }
    let key = key_of(&[b"service-defaults", service]);
    let is_destination = machine
        .get(Table::ConfigEntries, &key)
        .is_some_and(|body| config_entry::destination(&body).is_some());
    if is_destination { b"destination".to_vec() } else { Vec::new() }
}

/// The services in a terminating gateway's config entry.
pub(super) fn configured_services(machine: &Machine, gateway: &[u8]) -> Option<Vec<Vec<u8>>> {
    let body = machine.get(Table::ConfigEntries, &key_of(&[TERMINATING, gateway]))?;
    let entry = Entry::of_record(&body).ok()?;
    Some(service_names(&entry.entry))
}

/// The services in a terminating gateway's entry.
pub(super) fn service_names(entry: &Doc<'_>) -> Vec<Vec<u8>> {
    let name = |service: &[u8]| Some(Doc::read(service).ok()?.text("Name").to_vec());
    entry.items("Services").into_iter().filter_map(name).collect()
}

/// Updates the mappings after a gateway's configuration is written.
pub(super) fn configure(machine: &mut Machine, entry: &Entry<'_>) {
    let is_ingress = entry.kind == INGRESS;
    let name = entry.entry.text("Name").to_vec();
    let field = if is_ingress { "Listeners" } else { "Services" };
    let before = machine.get(Table::ConfigEntries, &key_of(&[&entry.kind, &name]));
    let before = before.as_deref().and_then(|body| Entry::of_record(body).ok());
    if before.is_some_and(|before| same(before.entry.raw(field), entry.entry.raw(field))) {
        return;
    }
    let mappings = configured(machine, entry);
    if mappings.is_empty() && machine.rules.empty_gateways_stay() {
        return;
    }
    forget(machine, &name);
    if is_ingress && machine.rules.topology() {
        super::topology::gateway_is_gone(machine, &name);
    }
    for mapping in mappings {
        if mapping.service == ANY {
            cover_all(machine, &mapping);
        } else {
            store(machine, mapping);
        }
    }
    machine.move_index(INDEX);
}

/// Removes the mappings of a gateway whose configuration is deleted.
pub(super) fn is_deleted(machine: &mut Machine, kind: &[u8], name: &[u8]) {
    forget(machine, name);
    machine.move_index(INDEX);
    if kind == INGRESS && machine.rules.topology() {
        super::topology::gateway_is_gone(machine, name);
    }
}

/// Removes all mappings of a gateway.
fn forget(machine: &mut Machine, gateway: &[u8]) {
    for key in machine.tables.linked(Link::Gateway, &lower(gateway)) {
        machine.unsure_mappings.remove(&*key);
        machine.tables.delete(Table::Gateways, &key);
    }
}

/// Notes that the effect on a mapping may differ from the servers'.
fn is_used(machine: &mut Machine, key: &[u8]) {
    if machine.unsure_mappings.remove(key) {
        machine.is_inexact(Kind::INDEX, UNSURE);
    }
}

/// Maps a gateway to all existing services.
fn cover_all(machine: &mut Machine, wildcard: &Mapping) {
    let mut names = Vec::new();
    for (_, body) in machine.tables.rows(Table::Services) {
        let Ok(service) = Doc::read(body) else { continue };
        let is_local = service.text("PeerName").is_empty();
        let name = service.text("Service");
        if is_local && service.text("Kind").is_empty() && name != SERVERS {
            names.push((name.to_vec(), wildcard.service_kind.clone()));
        }
    }
    names.sort();
    names.dedup();
    if !machine.rules.wildcards_cover_all() {
        names.retain(|(name, _)| covers(machine, wildcard, name, None, b""));
        for (_, body) in machine.tables.below(Table::ConfigEntries, &key_of(&[b"service-defaults"]))
        {
            names.extend(
                config_entry::destination(&body).map(|name| (name, b"destination".to_vec())),
            );
        }
    }
    for (name, service_kind) in names {
        let mapping =
            Mapping { service: name, service_kind, is_from_wildcard: true, ..wildcard.clone() };
        // Mappings by name take precedence.
        if !machine.tables.contains(Table::Gateways, &mapping.key()) {
            store(machine, mapping);
        }
    }
    store(machine, wildcard.clone());
}

/// Whether a gateway's wildcard covers a service: one in the mesh for ingress, one that is not for
/// terminating gateways. `new` is an instance that is about to be stored.
fn covers(
    machine: &Machine,
    wildcard: &Mapping,
    name: &[u8],
    new: Option<&Doc<'_>>,
    kind: &[u8],
) -> bool {
    if wildcard.is_ingress {
        super::registered::is_in_mesh(machine, name)
            || new.is_some_and(|new| connect_name(new).is_some())
    } else {
        has_plain_instance(machine, name)
            || new.is_some_and(|new| connect_name(new).is_none())
            || kind == b"destination"
    }
}

fn has_plain_instance(machine: &Machine, name: &[u8]) -> bool {
    let keys = machine.tables.linked(Link::ServiceName, &key_of(&[b"~", name]));
    let is_plain = |body: Body| {
        let doc = Doc::read(&body).ok();
        doc.is_some_and(|doc| !doc.doc("Connect").is_ok_and(|connect| connect.is_true("Native")))
    };
    keys.iter().filter_map(|key| machine.get(Table::Services, key)).any(is_plain)
}

fn store(machine: &mut Machine, mapping: Mapping) {
    let key = mapping.key();
    let existing = machine.get(Table::Gateways, &key).and_then(|body| Mapping::read(&body));
    if existing.as_ref() == Some(&mapping) {
        return;
    }
    machine.tables.put(Table::Gateways, &key, mapping.bytes().into());
    machine.move_index(INDEX);
    if mapping.is_ingress && mapping.service != ANY && machine.rules.topology() {
        super::topology::gateway_leads_to(machine, &mapping.gateway, &mapping.service);
    }
}

/// Updates the mappings after a service is registered.
pub(super) fn service_is_there(machine: &mut Machine, name: &[u8], service: Option<&Doc<'_>>) {
    wildcards(machine, name, service, b"service");
    if !machine.rules.wildcards_cover_all() {
        named(machine, name, b"service");
    }
}

/// Maps gateways to a service that their wildcard covers.
pub(super) fn wildcards(
    machine: &mut Machine,
    name: &[u8],
    service: Option<&Doc<'_>>,
    kind: &[u8],
) {
    for (_, wildcard) in of_service(machine, ANY) {
        let is_old = machine.rules.wildcards_cover_all();
        if !is_old && !covers(machine, &wildcard, name, service, kind) {
            continue;
        }
        let service_kind = if is_old { Vec::new() } else { kind.to_vec() };
        let service = name.to_vec();
        let mapping = Mapping { service, service_kind, is_from_wildcard: true, ..wildcard };
        is_used(machine, &mapping.key());
        store(machine, mapping);
    }
}

/// Stores the kind of a service in its first gateway mapping.
pub(super) fn named(machine: &mut Machine, name: &[u8], kind: &[u8]) {
    if let Some((_, mapping)) = of_service(machine, name).into_iter().next() {
        let service_kind = kind.to_vec();
        store(machine, Mapping { service: name.to_vec(), service_kind, ..mapping });
    }
}

/// Removes wildcard mappings after a service loses its last instance, in old versions.
pub(super) fn service_is_gone(machine: &mut Machine, name: &[u8]) {
    for (key, mapping) in of_service(machine, name) {
        is_used(machine, &key);
        if mapping.is_from_wildcard {
            machine.tables.delete(Table::Gateways, &key);
            machine.move_index(INDEX);
        }
    }
}

/// Updates the mappings after a service loses an instance or stops being a destination.
pub(super) fn clean_up(machine: &mut Machine, name: &[u8], destination_is_gone: bool) {
    let is_destination = !destination_is_gone
        && machine
            .get(Table::ConfigEntries, &key_of(&[b"service-defaults", name]))
            .is_some_and(|body| config_entry::destination(&body).is_some());
    let in_mesh = super::registered::is_in_mesh(machine, name);
    let is_plain = has_plain_instance(machine, name);
    for (key, mapping) in of_service(machine, name) {
        if !mapping.is_from_wildcard {
            let kind = kind_of(machine, &mapping.service);
            named(machine, &mapping.service, &kind);
            continue;
        }
        let stays = if mapping.is_ingress { in_mesh } else { is_plain || is_destination };
        if stays {
            continue;
        }
        machine.tables.delete(Table::Gateways, &key);
        machine.move_index(INDEX);
        if mapping.is_ingress && machine.rules.topology() {
            super::topology::gateway_leads_no_more_to(machine, &mapping.gateway, &mapping.service);
        }
    }
}

/// Updates the mappings after a service becomes a destination outside of the mesh, or stops being
/// one.
pub(super) fn destination_changes(machine: &mut Machine, name: &[u8], is_gone: bool) {
    let kind = kind_of(machine, name);
    let kind: &[u8] = match kind.as_slice() {
        b"" if !is_gone => b"destination",
        b"destination" if is_gone => b"",
        other => other,
    };
    wildcards(machine, name, None, kind);
    if is_gone {
        clean_up(machine, name, true);
    }
    named(machine, name, kind);
}

/// Whether a terminating gateway leads to a service.
pub(super) fn is_behind_terminating(
    machine: &Machine,
    name: &[u8],
    but_for: Option<&[u8]>,
) -> bool {
    of_service(machine, name)
        .iter()
        .any(|(_, mapping)| !mapping.is_ingress && but_for != Some(mapping.gateway.as_slice()))
}

/// Gateway and service of an ingress mapping that is not a wildcard.
pub(super) fn ingress(_: &[u8], body: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mapping = Mapping::read(body)?;
    let is_shown = mapping.is_ingress && mapping.service != ANY;
    is_shown.then_some((mapping.gateway, mapping.service))
}

/// Derives the rows from a snapshot's records, as servers do.
pub(crate) fn rebuild(machine: &mut Machine) {
    let moved_at = machine.index_of(INDEX);
    for kind in [INGRESS, TERMINATING] {
        for (_, body) in machine.tables.below(Table::ConfigEntries, &key_of(&[kind])) {
            let Ok(entry) = Entry::of_record(&body) else { continue };
            let configured_at = entry.entry.uint("ModifyIndex");
            let mappings = configured(machine, &entry);
            let wildcard = mappings.iter().find(|mapping| mapping.service == ANY).cloned();
            for mapping in mappings {
                if mapping.service == ANY {
                    cover_all(machine, &mapping);
                    mark_since(machine, &mapping.gateway, configured_at);
                } else {
                    let kind = service_kind_since(machine, &mapping, configured_at);
                    store(machine, Mapping { service_kind: kind, ..mapping });
                }
            }
            if let Some(wildcard) = wildcard.filter(|_| machine.rules.wildcards_cover_all()) {
                registered_since(machine, &wildcard, configured_at, moved_at);
            }
        }
    }
}

/// In old versions, a registration replaces a mapping by name with that of the wildcard. `moved_at`
/// is the index of the table, which such a replacement moves.
fn registered_since(machine: &mut Machine, wildcard: &Mapping, configured_at: u64, moved_at: u64) {
    for key in machine.tables.linked(Link::Gateway, &lower(&wildcard.gateway)) {
        let mapping = machine.get(Table::Gateways, &key).and_then(|body| Mapping::read(&body));
        let named = mapping.filter(|own| !own.is_from_wildcard && own.service != ANY);
        let Some(Mapping { service, .. }) = named else { continue };
        if is_registered_since(machine, &service, configured_at) {
            store(machine, Mapping { service, is_from_wildcard: true, ..wildcard.clone() });
        } else if moved_at > configured_at
            && machine.index_of(&[b"service.", &*service].concat()) > configured_at
        {
            // The instance may be gone.
            machine.unsure_mappings.insert(key.to_vec());
        }
    }
}

/// Whether an instance of a service that is neither a proxy nor a gateway was registered or changed after an index.
fn is_registered_since(machine: &Machine, service: &[u8], index: u64) -> bool {
    let keys = machine.tables.linked(Link::ServiceName, &key_of(&[b"~", service]));
    let is_since = |body: Body| {
        Doc::read(&body).is_ok_and(|service| {
            service.text("Kind").is_empty() && service.uint("ModifyIndex") > index
        })
    };
    keys.iter().filter_map(|key| machine.get(Table::Services, key)).any(is_since)
}

/// Does the same for all services that a gateway's wildcard covers.
fn mark_since(machine: &mut Machine, gateway: &[u8], configured_at: u64) {
    for key in machine.tables.linked(Link::Gateway, &lower(gateway)) {
        let mapping = machine.get(Table::Gateways, &key).and_then(|body| Mapping::read(&body));
        let Some(mapping) = mapping.filter(|mapping| mapping.is_from_wildcard) else { continue };
        let service_kind = service_kind_since(machine, &mapping, configured_at);
        store(machine, Mapping { service_kind, ..mapping });
    }
}

/// The kind that a registration after the configuration has set.
fn service_kind_since(machine: &Machine, mapping: &Mapping, configured_at: u64) -> Vec<u8> {
    if machine.rules.wildcards_cover_all() {
        return Vec::new();
    }
    let keys = machine.tables.linked(Link::ServiceName, &key_of(&[b"~", &mapping.service]));
    let is_since = |body: Body| {
        Doc::read(&body).is_ok_and(|service| service.uint("ModifyIndex") > configured_at)
    };
    if keys.iter().filter_map(|key| machine.get(Table::Services, key)).any(is_since) {
        return b"service".to_vec();
    }
    mapping.service_kind.clone()
}
