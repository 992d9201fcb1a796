//! The page in the browser: its files, who may open it, and the data that it shows.
//!
//! On a shared machine everybody can reach a loopback address. So the page is opened by an address with a secret that the
//! server prints at its start; the browser gets a cookie in exchange, and the secret is spent. What the page shows is limited
//! to the rights of the Consul token that the reader gives; the server keeps it, and the browser never has it again.

mod ask;
mod data;
mod facts;
mod files;
mod reply;
mod rights;
mod session;

pub(crate) use ask::Ask;
pub(crate) use data::{Point, difference, respond, series};
pub(crate) use facts::PageFacts;
pub(crate) use files::{INDEX, file, is_view};
pub(crate) use reply::{Reply, secured};
pub(crate) use session::Sessions;
