//! `internal/ui/services`: summaries of all services.

use super::summary::{SIDECARS_COUNT, Summaries, flag};
use crate::answer::{Answered, Found, list};
use crate::api::call::Call;
use crate::api::gateways::{Mapping, mappings};
use crate::api::joined::{Checked, Kept, PEERING, checked_shape, highest};
use crate::api::rows::filter;
use crate::api::services::peer_of;
use snapscope_analyze::acl::Resource;
use std::collections::BTreeSet;

/// The tables whose index is used.
const TABLES: &[&str] = &["nodes", "services", "checks"];

/// The services of the cluster and its peers, or of one peer.
pub(super) fn all(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let view = call.view;
    let filter = filter(call, &checked_shape())?;
    let peer = peer_of(call);
    let mut kept = Kept::new(call, Some(filter));
    let mut summaries = Summaries::new(view);
    let mut with_proxy: BTreeSet<(Vec<u8>, Vec<u8>)> = BTreeSet::new();
    for (of, nodes) in view.catalog.peers() {
        if !peer.is_empty() && of != peer {
            continue;
        }
        for instance in nodes.services() {
            let Some(one) = Checked::at(view, nodes, *instance) else { continue };
            let Some(object) = one.object() else { continue };
            if !kept.holds(object) || !kept.may(one.node(), one.service()) {
                continue;
            }
            let proxy = object.at(["Service", "Proxy", "DestinationServiceName"]);
            let destination = proxy.and_then(|name| name.text()).unwrap_or_default();
            if one.text("Service", "Kind") == b"connect-proxy" {
                with_proxy.insert((destination.to_vec(), of.to_vec()));
            }
            summaries.add(of, &one);
        }
    }
    let links = readable_links(call, &mut kept, &peer);
    let is_filtered = kept.is_filtered;
    for link in &links {
        if let Some(gateway) = summaries.all.get_mut(&(link.gateway.clone(), Vec::new())) {
            gateway.associated += 1;
        }
    }
    let has_instances: BTreeSet<&[u8]> = summaries
        .all
        .iter()
        .filter(|((_, peer), summary)| peer.is_empty() && summary.instances > 0)
        .map(|((name, _), _)| name.as_slice())
        .collect();
    let with_gateway: BTreeSet<&[u8]> = links
        .iter()
        .filter(|link| has_instances.contains(link.gateway.as_slice()))
        .map(|link| link.service.as_slice())
        .collect();
    let json = list(|json| {
        summaries.write(json, view, &|json, key| {
            if view.is(SIDECARS_COUNT) {
                flag(json, "ConnectedWithProxy", with_proxy.contains(key));
                let has_gateway = key.1.is_empty() && with_gateway.contains(key.0.as_slice());
                flag(json, "ConnectedWithGateway", has_gateway);
            }
        });
    });
    // Servers use the cluster's own indexes even for a peer's services.
    let own = highest(view, b"", TABLES);
    let index = match peer.is_empty() && view.is(SIDECARS_COUNT) {
        true => {
            let peerings = if view.is(PEERING) { view.facts.index("peering") } else { 1 };
            own.max(view.facts.index("gateway-services")).max(peerings)
        }
        false => own,
    };
    Ok(Found::json(index, json).filtered(is_filtered))
}

/// Which services are behind which gateways, as far as the token may read them.
fn readable_links(call: &Call<'_>, kept: &mut Kept<'_>, peer: &[u8]) -> Vec<Mapping> {
    if !peer.is_empty() || !call.view.is(SIDECARS_COUNT) {
        return Vec::new();
    }
    let all = mappings(call.view);
    let before = all.len();
    let links: Vec<Mapping> =
        all.into_iter().filter(|link| call.may_read(Resource::Service, &link.service)).collect();
    kept.is_filtered |= links.len() < before;
    links
}
