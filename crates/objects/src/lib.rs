//! What people mean by the records of a snapshot.
//!
//! [`shape`] renders a record as Consul's JSON, driven by the schemas of
//! [`snapscope_decode::schema`]; [`raw`] renders it as it is stored, without loss, and makes the
//! bytes again.
//!
//! ```
//! use snapscope_decode::frames_of;
//! use snapscope_objects::{json::JsonText, shape};
//!
//! let bytes = b"\x02\x83\xa5Flags\x2a\xa3Key\xa9app/color\xa5Value\xa4blue";
//! for frame in frames_of(bytes) {
//!     let mut json = JsonText::new();
//!     let problems = shape::render_record(&frame?, shape::Options::default(), &mut json);
//!     assert!(problems.is_empty());
//!     assert_eq!(json.as_bytes(), br#"{"Key":"app/color","Flags":42,"Value":"Ymx1ZQ=="}"#);
//! }
//! # Ok::<(), snapscope_decode::WireError>(())
//! ```

pub mod json;
pub mod raw;
pub mod shape;
