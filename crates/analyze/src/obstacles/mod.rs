//! What servers refuse in a snapshot, or panic on: found before anything is sent to them.
//!
//! A server applies a snapshot record by record. The first one it can't take ends the restore, and a
//! server that can't finish a restore stops. What it can't take is data here: record types and kinds of
//! config entries (tables in `snapscope-decode`, with both ends), fields its tables are indexed by
//! ([`FIELDS`]), and how records have to fit together ([`STRUCTURES`]). Each row says which versions refuse
//! it, and where that is known from.
//!
//! [`Obstacles`] reads a snapshot once, for all versions; [`ObstacleReport::of`] picks those of one server.

mod ca;
mod catalog;
mod classes;
mod fields;
mod fold;
mod nulls;
mod report;
mod structures;
pub(crate) mod uuid;

pub use fields::{FIELDS, Form, RequiredField, Step};
pub use fold::Obstacles;
pub use report::{Cause, Example, Obstacle, ObstacleReport, Server};
pub use structures::{STRUCTURES, Structure};
