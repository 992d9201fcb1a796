//! Rows of `event`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
