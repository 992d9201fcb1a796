//! Which services call which: intentions, upstreams of proxies, gateways, and the routes between services.
//!
//! [`Topology`] is a [`Fold`](crate::Fold). Names are those of services; a proxy counts as the service that it is for.

mod fold;
mod link;

pub use fold::{Topology, TopologyReport};
pub use link::{LinkKind, ServiceLink};
