//! `internal/ui/`: the endpoints of Consul's own page.

mod decision;
mod exported;
mod gateways;
mod mesh;
mod nodes;
mod overview;
mod services;
mod summary;
mod topology;

use super::endpoint::Endpoint;
use crate::answer::Refused;
use snapscope_decode::VersionRange;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("internal/ui/nodes", nodes::all),
    Endpoint::get("internal/ui/node/", nodes::one),
    Endpoint::get("internal/ui/services", services::all),
    Endpoint::get("internal/ui/gateway-services-nodes/", gateways::services).versions(GATEWAYS),
    Endpoint::get("internal/ui/gateway-intentions/", gateways::intentions).versions(INTENTIONS),
    Endpoint::get("internal/ui/service-topology/", topology::topology).versions(TOPOLOGY),
    Endpoint::get("internal/ui/catalog-overview", overview::overview).bare().versions(OVERVIEW),
    Endpoint::get("internal/ui/exported-services", exported::services).versions(PEERING),
    Endpoint::get("internal/ui/metrics-proxy/", |_| Err(Refused::early(404, "UI is not enabled")))
        .bare()
        .without_options()
        .versions(METRICS),
];

/// Servers forward these requests to the metrics provider.
const METRICS: VersionRange = VersionRange::since(1, 9);

/// The kinds of gateways at the edge of the mesh.
const GATEWAYS: VersionRange = VersionRange::since(1, 8);
const INTENTIONS: VersionRange = VersionRange::since(1, 9);
const TOPOLOGY: VersionRange = VersionRange::since(1, 9);
const OVERVIEW: VersionRange = VersionRange::since(1, 13);
const PEERING: VersionRange = super::joined::PEERING;
