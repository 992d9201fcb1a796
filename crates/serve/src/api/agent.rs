//! Rows of `agent`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
