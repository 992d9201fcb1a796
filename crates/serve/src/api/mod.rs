//! The endpoints.
//!
//! [`AREAS`] is the table of all endpoints. Each area has a file with its rows and their handlers.

mod acl;
mod agent;
mod behind;
mod ca;
mod call;
mod catalog;
mod central_config;
mod config;
mod coordinate;
mod discovery_chain;
mod endpoint;
mod event;
mod exported;
mod federation;
mod gateways;
mod health;
mod intentions;
mod joined;
mod json_body;
mod kv;
mod near;
mod nodes;
mod operator;
mod peering;
mod query;
mod respond;
mod route;
mod rows;
mod services;
mod session;
mod snapshot;
mod status;
mod traits;
mod txn;
mod ui;
mod usage;

pub(crate) use call::Call;
pub(crate) use respond::{early_status, respond};

use endpoint::Endpoint;

/// The rows of all areas.
static AREAS: &[&[Endpoint]] = &[
    acl::ROWS,
    agent::ROWS,
    behind::ROWS,
    ca::ROWS,
    catalog::ROWS,
    config::ROWS,
    coordinate::ROWS,
    discovery_chain::ROWS,
    event::ROWS,
    exported::ROWS,
    federation::ROWS,
    health::ROWS,
    intentions::ROWS,
    kv::ROWS,
    nodes::ROWS,
    operator::ROWS,
    peering::ROWS,
    query::ROWS,
    services::ROWS,
    session::ROWS,
    snapshot::ROWS,
    status::ROWS,
    txn::ROWS,
    ui::ROWS,
    usage::ROWS,
];
