//! Discovery chains: where connections to a service go, compiled from config entries.
//!
//! A chain is a graph. A router leads to splitters and resolvers, a splitter to splitters and resolvers, a resolver to
//! a target, with the targets to which it fails over. [`compile`] assembles it (`compiler`, `resolver`), checks and
//! simplifies it (`graph`), and [`Chain::write`] shows it as servers of a version do.

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

/// Names have partitions; targets are shown with their mesh gateways wherever they are.
const PARTITIONS: VersionRange = VersionRange::since(1, 11);
/// Splits are shown as the config entry defines them.
const DEFINITIONS: VersionRange = VersionRange::since(1, 10);
/// Resolvers can balance load.
const LOAD_BALANCERS: VersionRange = VersionRange::since(1, 9);
/// A chain says whether nothing but defaults made it.
const DEFAULTS: VersionRange = VersionRange::since(1, 11);
/// A chain has the metadata of its service.
const META: VersionRange = VersionRange::since(1, 12);
/// Targets have the time of their resolvers, and say how proxies dial them.
const DETAILED_TARGETS: VersionRange = VersionRange::since(1, 15);
/// A chain has the extensions for Envoy.
const EXTENSIONS: VersionRange = VersionRange::since(1, 15);
/// A chain has the virtual IPs of its service.
const VIRTUAL_IPS: VersionRange = VersionRange::since(1, 17);
