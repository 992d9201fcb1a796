//! Checks whether a snapshot is sound: the file, every record, and how records fit together.
//!
//! [`Verify`] reads each record once. Finding duplicates in a section that is out of order would
//! mean keeping every name, so a second pass ([`FindRepeated`]) does that.

mod container;
mod dropped;
mod entries;
mod finding;
mod fold;
mod indexes;
mod key;
mod obstacle;
mod order;
mod owned;
mod references;
mod repeated;
mod rules;
mod text;

pub use finding::{At, Finding, Findings};
pub use fold::{Depth, Verified, Verify, VerifyOptions};
pub use repeated::FindRepeated;
pub use rules::{Level, RULES, Rule};
