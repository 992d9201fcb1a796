//! Rows of `acl`.

use super::endpoint::Endpoint;

pub(super) static ROWS: &[Endpoint] = &[];
