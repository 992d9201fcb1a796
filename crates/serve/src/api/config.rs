//! Rows of `config`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
