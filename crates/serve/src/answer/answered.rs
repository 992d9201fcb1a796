//! The result of a handler.

use super::found::Found;
use super::refused::Refused;

/// The result of a handler.
pub(crate) type Answered = Result<Found, Refused>;
