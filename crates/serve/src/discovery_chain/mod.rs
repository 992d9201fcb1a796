//! Discovery chains: the routes of connections to a service, compiled from config entries.
//!
//! A chain is a graph. A router leads to splitters and resolvers, a splitter to splitters and
//! resolvers, a resolver to a target and its failover targets. [`compile`] assembles it
//! (`compiler`, `resolver`), then checks and simplifies it (`graph`). [`Chain::write`] writes it in
//! the form of a server version.

mod chain;
mod compiler;
mod customized;
mod entries;
mod graph;
mod graph_node;
mod header_modifiers;
mod incompatible;
mod resolver;
mod target;

pub(crate) use chain::VirtualIps;
pub(crate) use compiler::{Basis, compile};
pub(crate) use customized::Overrides;
pub(crate) use entries::Entries;

use snapscope_decode::VersionRange;

/// Since then, splits are shown as the config entry defines them.
const DEFINITIONS: VersionRange = VersionRange::since(1, 10);
/// Since then, resolvers have load balancers.
const LOAD_BALANCERS: VersionRange = VersionRange::since(1, 9);
/// Since then, a chain says whether it results only from defaults.
const DEFAULTS: VersionRange = VersionRange::since(1, 11);
/// Since then, a chain has the metadata of its service.
const META: VersionRange = VersionRange::since(1, 12);
/// Since then, targets have the connect timeout of their resolvers, and say how proxies dial them.
const DETAILED_TARGETS: VersionRange = VersionRange::since(1, 15);
/// Since then, a chain has the extensions of Envoy.
const EXTENSIONS: VersionRange = VersionRange::since(1, 15);
/// Since then, a chain has the virtual IPs of its service.
const VIRTUAL_IPS: VersionRange = VersionRange::since(1, 17);
