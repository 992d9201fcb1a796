//! Rows of object kinds in one pass over a snapshot, for lists, exports and searches.
//!
//! [`read`] passes the rows of some kinds to a [`Sink`], which turns them into pages on worker
//! threads. The pages come in the order of the snapshot, and those of joins last. [`kept`] does the
//! same for one kind and a closure.
//!
//! ```
//! use snapscope_analyze::Jobs;
//! use snapscope_analyze::rows::kept;
//! use snapscope_archive::{OpenOptions, Source, open};
//! use snapscope_objects::kinds;
//! use snapscope_objects::row::RowOptions;
//! use std::ops::ControlFlow;
//!
//! let state = b"\x81\xa9LastIndex\x07\x02\x83\xa5Flags\x2a\xa3Key\xa9app/color\xa5Value\xa4blue";
//! let blocks = open(&Source::Memory(state.as_slice().into()), &OpenOptions::default())?;
//! let kv = kinds::by_name("kv").expect("a kind");
//! let mut keys = Vec::new();
//! let outcome = kept(
//!     blocks,
//!     Jobs::default(),
//!     kv,
//!     &RowOptions::default(),
//!     |_| true,
//!     |row| Some(row.id_text()),
//!     |key| {
//!         keys.push(key);
//!         Ok(ControlFlow::Continue(()))
//!     },
//! )?;
//! assert_eq!(keys, ["app/color"]);
//! assert_eq!(outcome.problems.count, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod kept;
mod pass;
mod question;

pub use kept::kept;
pub use pass::{RowsOf, Sink, read};
pub use question::{Fit, IdQuery, Question};
