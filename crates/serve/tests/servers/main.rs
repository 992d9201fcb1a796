//! Answers of real servers, requested again: 9,721 requests to a Consul 1.21.4 and 8,810 to a
//! 1.8.7, recorded right after a snapshot was taken (`replay`); a running 1.8.7 next to ours
//! (`beside`); and Consul's own command line (`command_line`).
//!
//! `SNAPSCOPE_REPLAY=ROW` prints how answers in rows that start with ROW differ.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod beside;
mod chains;
mod client;
mod command_line;
mod compare;
mod exceptions;
mod limits;
mod recording;
mod replay;
mod snapshot;
mod templates;
mod tls;
mod waits;

use snapscope_archive::Source;
use snapscope_serve::{Listening, Served, Server, Settings};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::channel;
use std::thread;

/// Serves a snapshot until the process ends.
fn served(source: Source, settings: Settings) -> SocketAddr {
    let (send, address) = channel();
    thread::spawn(move || {
        let listening = Listening::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let server = Server::bind(&listening, settings).unwrap();
        send.send(server.address().unwrap()).unwrap();
        let find = Box::new(move || Ok(source.clone()));
        server.run(vec![Served { name: None, find }], &mut |_| {}).unwrap();
    });
    address.recv().unwrap()
}
