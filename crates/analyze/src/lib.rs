#![doc = include_str!("../README.md")]
//!
//! A question is a [`Fold`]: it reads every record once, and the answers of several workers merge. [`fold`] runs it;
//! [`ordered`] maps records in order instead.

mod about;
pub mod acl;
pub mod api;
pub mod audit;
mod breakdown;
pub mod changes;
pub mod compare;
pub mod diff;
mod drivers;
mod hashed;
pub mod history;
mod identity;
mod inspect;
pub mod obstacles;
mod origin;
mod registration;
pub mod rows;
pub mod secrets;
pub mod series;
mod sketch;
mod top;
pub mod topology;
pub mod trend;
pub mod verify;
mod written_by;

pub use about::{About, Bytes, ClusterFacts, InFlight};
pub use breakdown::{Breakdown, BreakdownReport, By, Group};
pub use drivers::{Fold, Jobs, Outcome, Problem, Problems, Stop, fold, ordered};
pub use identity::{ClusterName, Identity};
pub use inspect::{GroupKeys, Inspect, Inspection, KeyDetails, KeyGroups, Tally, key_group};
pub use origin::{Origin, OriginFacts};
pub use registration::Registration;
pub use sketch::SizeSketch;
pub use top::{Largest, Top};
pub use written_by::{Evidence, Written, WrittenBy};
