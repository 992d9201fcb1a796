//! `internal/ui/exported-services`: the services exported to a peer.

use super::summary::{SIDECARS_COUNT, Summaries, flag};
use crate::answer::{Answered, Found, Refused, list};
use crate::api::call::Call;
use crate::api::exported::exported;
use crate::api::rows::find_row;
use snapscope_analyze::acl::Resource;
use snapscope_objects::kind::KindId;

/// The services exported to a peer. Servers do not count instances here.
pub(super) fn services(call: &Call<'_>) -> Answered {
    call.check_token()?;
    let view = call.view;
    let peer = call.query().text("peer");
    if peer.is_empty() {
        return Err(Refused::new(500, "must provide PeerName"));
    }
    let is_it = |peering: &snapscope_objects::row::Row| peering.text("Name") == peer.as_bytes();
    let Some(peering) = find_row(view, KindId::Peerings, is_it) else {
        return Ok(Found::json(view.facts.index("peering"), b"[]".to_vec()));
    };
    let modified = peering.get("ModifyIndex").and_then(|index| index.uint()).unwrap_or(1);
    let mut is_filtered = false;
    let mut summaries = Summaries::new(view);
    for (service, consumers) in exported(view) {
        if !consumers.peers.contains(peer.as_bytes()) {
            continue;
        }
        if call.may_read(Resource::Service, &service) {
            let summary = summaries.of(&service, b"");
            summary.datacenter = view.datacenter().as_bytes().to_vec();
        } else {
            is_filtered = true;
        }
    }
    let json = list(|json| {
        summaries.write(json, view, &|json, _| {
            if view.is(SIDECARS_COUNT) {
                flag(json, "ConnectedWithProxy", false);
                flag(json, "ConnectedWithGateway", false);
            }
        });
    });
    let index = modified.max(view.facts.index("config-entries"));
    Ok(Found::json(index, json).filtered(is_filtered))
}
