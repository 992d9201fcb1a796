//! An opened snapshot.

mod facts;
mod open;
mod view;
mod workers;

pub use open::{OpenFailed, Report};
pub(crate) use open::{Opened, Ready};
pub(crate) use view::View;
pub(crate) use workers::{Gone, Workers};
