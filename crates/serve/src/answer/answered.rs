//! What a handler returns.

use super::found::Found;
use super::refused::Refused;

/// What a handler returns.
pub(crate) type Answered = Result<Found, Refused>;
