//! `catalog/`: nodes and services.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use crate::answer::{Answered, Found, list};
use snapscope_objects::json::Sink as _;

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("catalog/datacenters", datacenters)
        .bare()
        .any_datacenter()
        .tenancy(Tenancy::Ignored),
    Endpoint::writes(&["PUT"], "catalog/register"),
    Endpoint::writes(&["PUT"], "catalog/deregister"),
];

/// The servers' own datacenter. Snapshots do not record others.
fn datacenters(call: &Call<'_>) -> Answered {
    Ok(Found::json(0, list(|json| json.text(call.view.datacenter().as_bytes()))))
}
