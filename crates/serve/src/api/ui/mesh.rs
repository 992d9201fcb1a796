//! Which services name which upstreams: in their sidecars, and in the config entries of gateways.

use super::decision::Side;
use crate::api::gateways::mappings;
use crate::api::joined::row_at;
use crate::api::rows::each_row;
use crate::discovery_chain::{Basis, Entries, Overrides, compile};
use crate::state::View;
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;
use std::collections::{BTreeMap, BTreeSet};

/// The services of the mesh, and the upstreams that they name.
#[derive(Debug, Default)]
pub(super) struct Mesh {
    upstreams: BTreeMap<String, BTreeSet<String>>,
    /// For each upstream, the services that its chain leads to.
    reached: BTreeMap<String, BTreeSet<String>>,
    /// Services that are neither proxies nor gateways.
    typical: BTreeSet<String>,
    ingress: BTreeSet<String>,
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

impl Mesh {
    pub(super) fn of(view: &View<'_>, entries: &Entries) -> Self {
        let mut mesh = Self::default();
        let instances = view.catalog.of(b"").into_iter().flat_map(|nodes| nodes.services());
        for instance in instances {
            if let Some(row) = row_at(view, KindId::Instances, instance.at) {
                mesh.see_instance(&row);
            }
        }
        for mapping in mappings(view).iter().filter(|one| one.kind == "ingress-gateway") {
            mesh.add(lossy(&mapping.gateway), lossy(&mapping.service));
        }
        each_row(view, KindId::ConfigEntries, &mut |entry| {
            if entry.text("Kind") == b"bound-api-gateway" {
                let services = entry.get("Services").into_iter().flat_map(|all| all.members());
                for (service, _) in services {
                    mesh.add(lossy(entry.text("Name")), lossy(service));
                }
            }
        });
        let named: BTreeSet<String> = mesh.upstreams.values().flatten().cloned().collect();
        let basis = Basis {
            version: view.version(),
            datacenter: view.datacenter(),
            own_datacenter: view.datacenter(),
            trust_domain: "",
            overrides: Overrides::default(),
        };
        for name in named {
            let Ok(chain) = compile(&name, entries, &basis) else { continue };
            let places = chain.targets.values().map(|target| &target.place);
            let local = places.filter(|place| place.datacenter == view.datacenter());
            mesh.reached.insert(name, local.map(|place| place.service.clone()).collect());
        }
        mesh
    }

    fn add(&mut self, downstream: String, upstream: String) {
        self.upstreams.entry(downstream).or_default().insert(upstream);
    }

    fn see_instance(&mut self, row: &Row) {
        match row.text("ServiceKind") {
            b"" if row.text("ServiceName") != b"consul" => {
                self.typical.insert(lossy(row.text("ServiceName")));
            }
            b"ingress-gateway" => {
                self.ingress.insert(lossy(row.text("ServiceName")));
            }
            b"connect-proxy" => {
                let proxy = row.get("ServiceProxy");
                let text = |name: &str| proxy.and_then(|proxy| proxy.get(name)?.text());
                let downstream = lossy(text("DestinationServiceName").unwrap_or_default());
                let upstreams = proxy.and_then(|proxy| proxy.get("Upstreams"));
                for upstream in upstreams.into_iter().flat_map(|all| all.items()) {
                    let text = |name: &str| {
                        upstream.get(name).and_then(|text| text.text()).unwrap_or_default()
                    };
                    let is_query = text("DestinationType") == b"prepared_query";
                    if !is_query && text("DestinationPeer").is_empty() {
                        self.add(downstream.clone(), lossy(text("DestinationName")));
                    }
                }
            }
            _ => {}
        }
    }

    /// The services that a service names.
    pub(super) fn upstreams(&self, name: &str) -> BTreeSet<String> {
        self.upstreams.get(name).cloned().unwrap_or_default()
    }

    /// The services that name a service, or another one whose chain leads to it.
    pub(super) fn downstreams(&self, name: &str) -> BTreeSet<String> {
        let leads_there = |upstream: &String| {
            upstream == name
                || self.reached.get(upstream).is_some_and(|reached| reached.contains(name))
        };
        let pairs = self.upstreams.iter();
        let found = pairs.filter(|(_, upstreams)| upstreams.iter().any(leads_there));
        found.map(|(downstream, _)| downstream.clone()).collect()
    }

    /// The services that intentions can put on a side of another one.
    pub(super) fn candidates(&self, side: Side) -> impl Iterator<Item = &str> {
        // Services do not connect to ingress gateways.
        let ingress = (side == Side::Downstream).then_some(&self.ingress);
        self.typical.iter().chain(ingress.into_iter().flatten()).map(String::as_str)
    }
}
