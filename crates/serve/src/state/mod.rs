//! An opened snapshot.

mod catalog;
mod facts;
mod open;
mod reading;
mod view;
mod workers;

pub(crate) use catalog::{InstanceAt, NodeAt, Nodes};
pub(crate) use facts::Facts;
pub use open::{Access, OpenFailed, Report};
pub(crate) use open::{Opened, Ready};
pub(crate) use view::View;
pub(crate) use workers::{Gone, Workers};
