//! Whether a snapshot is sound: the file, every record, and how records fit each other.
//!
//! [`Verify`] looks at each record once. What it can't know in one pass without keeping every name, which
//! records of a disordered section are there twice, a second pass ([`FindRepeated`]) tells.

mod container;
mod dropped;
mod entries;
mod finding;
mod fold;
mod indexes;
mod key;
mod obstacle;
mod order;
mod references;
mod repeated;
mod rules;
mod text;

pub use finding::{At, Finding, Findings};
pub use fold::{Depth, Verified, Verify, VerifyOptions};
pub use repeated::FindRepeated;
pub use rules::{Level, RULES, Rule, rule};
