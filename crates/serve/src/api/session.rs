//! Rows of `session`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
