//! Answers as Consul's servers give them.

mod answered;
mod found;
mod head;
mod heads;
mod json;
mod pages;
mod query_meta;
mod refused;

pub(crate) use answered::Answered;
pub(crate) use found::{Body, Found, Media};
pub(crate) use head::{Answer, finish};
pub(crate) use heads::Heads;
pub(crate) use json::{list, number_member, object, text_member};
pub(crate) use pages::{PAGE, Pages};
pub(crate) use query_meta::QueryMeta;
pub(crate) use refused::Refused;
