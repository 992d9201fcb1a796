//! Rows of `connect`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
