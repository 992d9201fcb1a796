#![doc = include_str!("../README.md")]

pub mod acl;
pub mod audit;
pub mod diff;
pub mod field_change;
pub mod history;
mod incomplete;
pub mod inspect;
pub mod series;
pub mod times;

pub use incomplete::{Incomplete, Names};
