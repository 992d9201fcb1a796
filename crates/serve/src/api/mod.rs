//! The endpoints.
//!
//! [`AREAS`] is the table of all of them: a file for each area, with its rows and their handlers.

mod acl;
mod agent;
mod ca;
mod call;
mod catalog;
mod config;
mod connect;
mod endpoint;
mod event;
mod json_body;
mod kv;
mod operator;
mod query;
mod respond;
mod route;
mod rows;
mod session;
mod snapshot;
mod status;
mod traits;
mod txn;

pub(crate) use call::Call;
pub(crate) use respond::{early_status, respond};

use endpoint::Endpoint;

/// The rows of all areas.
static AREAS: &[&[Endpoint]] = &[
    acl::ROWS,
    agent::ROWS,
    ca::ROWS,
    catalog::ROWS,
    config::ROWS,
    connect::ROWS,
    event::ROWS,
    kv::ROWS,
    operator::ROWS,
    query::ROWS,
    session::ROWS,
    snapshot::ROWS,
    status::ROWS,
    txn::ROWS,
];
