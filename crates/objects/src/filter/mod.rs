//! Consul's filter expressions: what its HTTP API takes as `?filter=` and its CLI as `-filter`.
//!
//! The language is that of go-bexpr 0.1.2, which all Consul versions in use have. Text becomes an
//! [`Expr`], and that together with the [`Shape`] of the objects it is about a [`Filter`]: a
//! selector that isn't there, and an operator or value that doesn't fit a field, are errors before
//! the first object is looked at.
//!
//! What surprises most:
//! - a selector through a list holds if it holds for *any* item, so `Checks.Status != passing` is
//!   not `not Checks.Status == passing`, and of an empty list nothing holds;
//! - a key that is not in a map is unequal to everything and `in` nothing, but it `matches` and
//!   does `not matches` every pattern;
//! - `is empty` is for lists and maps, never for text; `in` and `contains` look for a part of a
//!   text, an item of a list, a *key* of a map;
//! - values that are no names or numbers must be in `"..."` (with Go's escapes) or in backquotes.
//!
//! Unlike a server we let fields be selected that servers hide from filters (`CreateIndex`,
//! `Locality`, `Proxy.Config`, ...), and where one is absent it reads as its zero value.
//!
//! ```
//! use snapscope_objects::filter::Filter;
//! use snapscope_objects::kinds;
//!
//! let nodes = kinds::by_name("nodes").expect("a kind");
//! assert!(Filter::compile(r#"Meta.zone == a and not Node matches "^db-""#, &nodes.shape()).is_ok());
//! let error = Filter::compile("Meta.zone = a", &nodes.shape()).unwrap_err();
//! assert_eq!(error.at.start, 10);
//! ```

mod compile;
mod error;
mod evaluate;
mod expr;
mod go_number;
mod go_regex;
mod go_string;
mod parse;
mod parse_values;
mod print;
mod record;
mod shape;

pub use compile::Filter;
pub use error::FilterError;
pub use expr::{Expr, Match, Operator, Selector, Span};
pub use parse::{MAX_DEPTH, parse};
pub use record::RecordFilter;
pub use shape::{Field, Shape};
