//! Renders answers.

pub(crate) mod bytes;
pub(crate) mod damage;
pub(crate) mod escape;
pub(crate) mod extract;
pub(crate) mod findings;
mod fit;
pub(crate) mod incomplete;
pub(crate) mod json;
pub(crate) mod long_table;
pub(crate) mod more;
pub(crate) mod redact;
#[cfg(feature = "live")]
pub(crate) mod restore;
pub(crate) mod row_writer;
pub(crate) mod sarif;
pub(crate) mod sparkline;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod tabwriter;
pub(crate) mod wrap;
