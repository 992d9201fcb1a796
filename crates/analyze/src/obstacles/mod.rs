//! Finds what servers refuse in a snapshot, or panic on, before anything is sent to them.
//!
//! A server applies a snapshot record by record. The first record that it refuses ends the restore,
//! and a server that cannot finish a restore stops. The reasons are data here: record types and
//! kinds of config entries (tables in `snapscope-decode`, with first and last version), fields by
//! which its tables are indexed ([`FIELDS`]), and how records have to fit together
//! ([`STRUCTURES`]). Each row has the versions that refuse it, and the source.
//!
//! [`Obstacles`] reads a snapshot once, for all versions; [`ObstacleReport::of`] picks those of one server.

mod ca;
mod catalog;
mod classes;
mod fields;
mod fold;
mod nulls;
mod refusals;
mod report;
mod structures;
pub(crate) mod uuid;

pub use fields::{FIELDS, RequiredField, Requirement, Step};
pub use fold::Obstacles;
pub use refusals::Refusals;
pub use report::{Cause, Example, Obstacle, ObstacleReport, Server};
pub use structures::{STRUCTURES, Structure};
