//! Rows of `catalog`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
