//! Links of discovery chains: which services a config entry leads to.

use crate::document::Doc;

/// Kinds whose entries make a chain more than a single service.
pub(crate) const CHAIN_KINDS: &[&[u8]] =
    &[b"service-router", b"service-splitter", b"service-resolver"];

pub(crate) const INGRESS: &[u8] = b"ingress-gateway";

/// Whether entries of a kind lead to services in chains.
pub(crate) fn is_linking(kind: &[u8]) -> bool {
    CHAIN_KINDS.contains(&kind) || kind == INGRESS
}

/// The other services that an entry leads to.
pub(crate) fn related(kind: &[u8], entry: &Doc<'_>) -> Vec<Vec<u8>> {
    let docs =
        |items: Vec<&[u8]>| -> Vec<Vec<u8>> { items.into_iter().map(<[u8]>::to_vec).collect() };
    let mut names = Vec::new();
    let mut add = |doc: &Doc<'_>, field: &str| {
        let name = doc.text(field);
        if !name.is_empty() && name != b"*" {
            names.push(name.to_vec());
        }
    };
    match kind {
        INGRESS => {
            for listener in docs(entry.items("Listeners")) {
                let services =
                    Doc::read(&listener).map_or(Vec::new(), |l| docs(l.items("Services")));
                services.iter().flat_map(|s| Doc::read(s)).for_each(|s| add(&s, "Name"));
            }
        }
        b"service-router" => {
            for route in docs(entry.items("Routes")) {
                if let Ok(route) = Doc::read(&route)
                    && let Ok(destination) = route.doc("Destination")
                {
                    add(&destination, "Service");
                }
            }
        }
        b"service-splitter" => {
            let splits = docs(entry.items("Splits"));
            splits.iter().flat_map(|s| Doc::read(s)).for_each(|s| add(&s, "Service"));
        }
        _ => {
            if let Ok(redirect) = entry.doc("Redirect") {
                add(&redirect, "Service");
            }
            if let Ok(failover) = entry.doc("Failover") {
                for (_, way) in failover.fields() {
                    if let Ok(way) = Doc::read(way) {
                        add(&way, "Service");
                    }
                }
            }
        }
    }
    names
}
