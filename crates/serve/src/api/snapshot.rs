//! Rows of `snapshot`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
