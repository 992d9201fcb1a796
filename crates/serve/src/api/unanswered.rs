//! Endpoints that compile many config entries, or serve Consul's own page. They are not supported
//! here.

use super::call::Call;
use super::endpoint::Endpoint;
use crate::answer::{Answered, Refused};
use snapscope_decode::VersionRange;

pub(super) static ROWS: &[Endpoint] = &[
    unanswered("discovery-chain/").methods(&["GET", "POST"]),
    unanswered("exported-services").versions(EXPORTED),
    unanswered("internal/ui/nodes"),
    unanswered("internal/ui/node/"),
    unanswered("internal/ui/services"),
    unanswered("internal/ui/gateway-services-nodes/"),
    unanswered("internal/ui/gateway-intentions/"),
    unanswered("internal/ui/service-topology/"),
    unanswered("internal/ui/catalog-overview"),
    unanswered("internal/ui/exported-services"),
];

/// `exported-services`
const EXPORTED: VersionRange = VersionRange::since(1, 17);

const fn unanswered(path: &'static str) -> Endpoint {
    Endpoint::get(path, refused).bare().without_options()
}

fn refused(_: &Call<'_>) -> Answered {
    Err(Refused::early(501, "snapscope: this is not answered from a snapshot"))
}
