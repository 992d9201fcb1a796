//! Answers as Consul's servers give them.

mod found;
mod head;
mod json;
mod pages;
mod refused;

pub(crate) use found::{Body, Found, Media};
pub(crate) use head::{Answer, Heads, finish};
pub(crate) use json::{list, object};
pub(crate) use pages::Pages;
pub(crate) use refused::Refused;

/// What a handler returns.
pub(crate) type Answered = Result<Found, Refused>;
