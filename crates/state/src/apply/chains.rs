//! Checks discovery chains: servers refuse to write or delete an entry if that would break one.

use super::config_entry::Entry;
use crate::chain_links::{CHAIN_KINDS, INGRESS, related};
use crate::document::{Applied, Doc, Refused, refused};
use crate::machine::Machine;
use crate::table::{Link, Table, key_of};
use snapscope_decode::wire::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Protocols whose requests can be routed and split.
const HTTP_LIKE: &[&[u8]] = &[b"http", b"http2", b"grpc"];

/// Maximum number of services along a chain; real chains are far shorter.
const DEPTH: usize = 100;

/// The entries as they would be after the write.
struct Proposed<'m, 'e> {
    machine: &'m Machine,
    kind: &'e [u8],
    name: &'e [u8],
    entry: Option<&'e Doc<'e>>,
}

/// Checks the chains that contain an entry as they would be with it, or without it if it is
/// deleted.
pub(super) fn check(
    machine: &Machine,
    kind: &[u8],
    name: &[u8],
    entry: Option<&Doc<'_>>,
) -> Applied {
    let proposed = Proposed { machine, kind, name, entry };
    let mut chains = BTreeSet::new();
    let mut gateways = BTreeSet::new();
    match kind {
        b"proxy-defaults" => {
            for kind in CHAIN_KINDS {
                chains.extend(proposed.names(kind));
            }
            gateways.extend(proposed.names(INGRESS));
        }
        b"service-defaults" => proposed.linked(&mut chains, &mut gateways),
        INGRESS if entry.is_some() => {
            gateways.insert(name.to_vec());
        }
        kind if CHAIN_KINDS.contains(&kind) => proposed.linked(&mut chains, &mut gateways),
        _ => return Ok(()),
    }
    for gateway in &gateways {
        if let Some(body) = proposed.get(INGRESS, gateway) {
            chains.extend(related(INGRESS, &Doc::read(&body)?));
        }
    }
    let mut protocols = BTreeMap::new();
    for chain in chains {
        let compiled = proposed.compile(&chain)?;
        protocols.insert(chain, compiled);
    }
    for gateway in &gateways {
        let Some(body) = proposed.get(INGRESS, gateway) else { continue };
        for listener in Doc::read(&body)?.items("Listeners") {
            let listener = Doc::read(listener)?;
            for service in listener.items("Services") {
                let Some(chain) = protocols.get(Doc::read(service)?.text("Name")) else { continue };
                let bound = listener.text("Protocol");
                // A gateway that is written itself must fit. Otherwise, a service that is neither
                // routed nor split may have any protocol below TCP.
                let may_differ = kind != INGRESS && bound == b"tcp" && chain.is_resolved;
                if chain.protocol != bound && !may_differ {
                    return refused("a service has another protocol than the gateway's listener");
                }
            }
        }
    }
    Ok(())
}

impl Proposed<'_, '_> {
    /// The bytes of an entry.
    fn get(&self, kind: &[u8], name: &[u8]) -> Option<Vec<u8>> {
        if kind == self.kind && name == self.name {
            return self.entry.map(Doc::bytes);
        }
        let body = self.machine.get(Table::ConfigEntries, &key_of(&[kind, name]))?;
        Some(Entry::of_record(&body).ok()?.entry.bytes())
    }

    /// The names of all entries of a kind.
    fn names(&self, kind: &[u8]) -> Vec<Vec<u8>> {
        let rows = self.machine.tables.below(Table::ConfigEntries, &key_of(&[kind]));
        let names =
            rows.iter().filter_map(|(_, body)| Some(Entry::of_record(body).ok()?.name().to_vec()));
        names.collect()
    }

    /// The chains of the service, and of the services that lead to it.
    fn linked(&self, chains: &mut BTreeSet<Vec<u8>>, gateways: &mut BTreeSet<Vec<u8>>) {
        chains.insert(self.name.to_vec());
        for key in self.machine.tables.linked(Link::LeadsTo, self.name) {
            let Some(body) = self.machine.get(Table::ConfigEntries, &key) else { continue };
            let Ok(entry) = Entry::of_record(&body) else { continue };
            if entry.kind == INGRESS {
                gateways.insert(entry.name().to_vec());
            } else if entry.kind != self.kind || entry.name() != self.name {
                chains.insert(entry.name().to_vec());
            }
        }
    }

    fn protocol(&self, service: &[u8]) -> Vec<u8> {
        let text = |body: Option<Vec<u8>>, read: fn(&Doc<'_>) -> Vec<u8>| {
            body.and_then(|body| Doc::read(&body).ok().map(|doc| read(&doc)))
                .filter(|protocol| !protocol.is_empty())
        };
        text(self.get(b"service-defaults", service), |doc| doc.text("Protocol").to_vec())
            .or_else(|| {
                text(self.get(b"proxy-defaults", b"global"), |doc| match doc.value("Config") {
                    Value::Map(config) => match config.find(b"protocol") {
                        Ok(Some(Value::Raw(protocol))) => protocol.to_vec(),
                        _ => Vec::new(),
                    },
                    _ => Vec::new(),
                })
            })
            .unwrap_or_else(|| b"tcp".to_vec())
    }

    /// Follows a service's chain to its ends.
    fn compile(&self, service: &[u8]) -> Result<Chain, Refused> {
        let protocol = self.protocol(service);
        let is_routed = self.get(b"service-router", service).is_some();
        let mut walk = Walk { proposed: self, protocol: &protocol, is_split: false };
        let mut seen = BTreeSet::new();
        if let Some(router) = self.get(b"service-router", service) {
            for route in Doc::read(&router)?.items("Routes") {
                let route = Doc::read(route)?;
                let destination = route.doc("Destination")?;
                let name = match destination.text("Service") {
                    b"" => service,
                    name => name,
                };
                walk.service(name, destination.text("ServiceSubset"), &mut seen, 0)?;
            }
        }
        walk.service(service, b"", &mut seen, 0)?;
        if (is_routed || walk.is_split) && !HTTP_LIKE.contains(&protocol.as_slice()) {
            return refused("the protocol permits no routing or splitting");
        }
        let is_resolved = !is_routed && self.get(b"service-splitter", service).is_none();
        Ok(Chain { protocol, is_resolved })
    }
}

/// The result of following a service's chain.
struct Chain {
    protocol: Vec<u8>,
    /// Whether it starts with the service itself, without a router or splitter.
    is_resolved: bool,
}

/// A walk along a chain.
struct Walk<'p, 'm, 'e> {
    proposed: &'p Proposed<'m, 'e>,
    protocol: &'p [u8],
    is_split: bool,
}

impl Walk<'_, '_, '_> {
    /// A service, which may be split.
    fn service(
        &mut self,
        name: &[u8],
        subset: &[u8],
        seen: &mut BTreeSet<Vec<u8>>,
        depth: usize,
    ) -> Applied {
        if depth > DEPTH {
            return refused("services lead to each other in a circle");
        }
        // Requests that are routed to a subset are not split.
        let splitter = self.proposed.get(b"service-splitter", name).filter(|_| subset.is_empty());
        let Some(splitter) = splitter else { return self.resolve(name, subset, depth) };
        self.is_split = true;
        self.same_protocol(name)?;
        if !seen.insert(name.to_vec()) {
            return Ok(());
        }
        for split in Doc::read(&splitter)?.items("Splits") {
            let split = Doc::read(split)?;
            let other = match split.text("Service") {
                b"" => name,
                other => other,
            };
            if other == name {
                self.resolve(name, split.text("ServiceSubset"), depth + 1)?;
            } else {
                self.service(other, split.text("ServiceSubset"), seen, depth + 1)?;
            }
        }
        Ok(())
    }

    /// A service that is resolved.
    fn resolve(&mut self, name: &[u8], subset: &[u8], depth: usize) -> Applied {
        if depth > DEPTH {
            return refused("services redirect to each other in a circle");
        }
        self.same_protocol(name)?;
        let Some(resolver) = self.proposed.get(b"service-resolver", name) else {
            return if subset.is_empty() { Ok(()) } else { refused("the subset doesn't exist") };
        };
        let resolver = Doc::read(&resolver)?;
        if !resolver.is_nil("Redirect") {
            let redirect = resolver.doc("Redirect")?;
            let other = match redirect.text("Service") {
                b"" => name,
                other => other,
            };
            let elsewhere = ["Datacenter", "Namespace", "Peer", "Partition"];
            let is_elsewhere = elsewhere.iter().any(|field| !redirect.text(field).is_empty());
            if other != name {
                return self.resolve(other, redirect.text("ServiceSubset"), depth + 1);
            }
            if is_elsewhere {
                return Ok(());
            }
        }
        let subset = match subset {
            b"" => resolver.text("DefaultSubset"),
            subset => subset,
        };
        if !subset.is_empty() && !has_member(&resolver.doc("Subsets")?, subset) {
            return refused("the subset doesn't exist");
        }
        for (_, way) in resolver.doc("Failover")?.fields() {
            let other = Doc::read(way)?.text("Service").to_vec();
            if !other.is_empty() && other != name {
                self.same_protocol(&other)?;
            }
        }
        Ok(())
    }

    fn same_protocol(&self, name: &[u8]) -> Applied {
        if self.proposed.protocol(name) == self.protocol {
            return Ok(());
        }
        refused("the services of a chain have different protocols")
    }
}

fn has_member(map: &Doc<'_>, name: &[u8]) -> bool {
    map.fields().any(|(key, _)| key == name)
}
