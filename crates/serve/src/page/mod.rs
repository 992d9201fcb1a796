//! The browser page: its files, access to it, and its data.
//!
//! On a shared machine everyone can reach a loopback address. Therefore the server prints a URL
//! with a secret when it starts. The browser exchanges the secret for a cookie, and the secret
//! cannot be used again. The page shows only what the reader's Consul token may read; the server
//! keeps that token and never returns it to the browser.

mod ask;
mod data;
mod facts;
mod files;
mod reply;
mod rights;
mod session;

pub(crate) use ask::Ask;
pub(crate) use data::{Point, difference, respond, timeline};
pub(crate) use facts::PageFacts;
pub(crate) use files::{INDEX, file, is_view};
pub(crate) use reply::{Reply, secured};
pub(crate) use session::Sessions;
