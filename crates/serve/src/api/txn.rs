//! Rows of `txn`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
