//! Consul's filter expressions, as in `?filter=` of its HTTP API and `-filter` of its CLI.
//!
//! The language is that of go-bexpr 0.1.2, which all current Consul versions use. Text becomes an
//! [`Expr`]. Together with the [`Shape`] of its objects that becomes a [`Filter`]: unknown
//! selectors, and operators or values that do not fit a field, are errors before the first object
//! is read.
//!
//! The most surprising rules:
//! - a selector through a list matches if *any* item matches, so `Checks.Status != passing` differs
//!   from `not Checks.Status == passing`, and nothing matches an empty list;
//! - a key that is missing from a map is unequal to everything and `in` nothing, but it both
//!   `matches` and `not matches` every pattern;
//! - `is empty` works on lists and maps, never on text; `in` and `contains` look for a part of a
//!   text, an item of a list, or a *key* of a map;
//! - values other than names and numbers must be in `"..."` (with Go's escapes) or in backquotes.
//!
//! Unlike servers, this module allows fields that servers hide from filters (`CreateIndex`,
//! `Locality`, `Proxy.Config`, ...); an absent one is its zero value.
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
mod foreign;
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
