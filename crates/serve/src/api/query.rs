//! Rows of `query`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
