//! Rows of `operator`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
