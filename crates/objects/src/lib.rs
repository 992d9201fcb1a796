#![doc = include_str!("../README.md")]
//!
//! [`render`] renders a record as Consul's JSON, driven by the schemas of
//! [`snapscope_decode::schema`]. [`raw`] renders its stored form without loss, and turns it back
//! into bytes. [`kinds`] is the table of object kinds (nodes, tokens, locks, ...). [`row`] turns
//! records into objects as the HTTP API shows them, and [`filter`] selects them with Consul's
//! filter language.
//!
//! ```
//! use snapscope_decode::frames_of;
//! use snapscope_objects::render;
//! use snapscope_objects::json::JsonText;
//!
//! let bytes = b"\x02\x83\xa5Flags\x2a\xa3Key\xa9app/color\xa5Value\xa4blue";
//! for frame in frames_of(bytes) {
//!     let mut json = JsonText::new();
//!     let problems = render::render_record(&frame?, render::Options::default(), &mut json);
//!     assert!(problems.is_empty());
//!     assert_eq!(json.as_bytes(), br#"{"Key":"app/color","Flags":42,"Value":"Ymx1ZQ=="}"#);
//! }
//! # Ok::<(), snapscope_decode::WireError>(())
//! ```

pub mod csv;
pub mod filter;
pub mod go_number;
pub mod json;
pub mod kind;
pub mod kinds;
mod nearest;
pub mod printable;
pub mod raw;
pub mod render;
pub mod row;
pub mod stored;
pub mod value;

pub use nearest::{nearest, nearest_name};
