//! The testkit's own tests, in one program: its encoder and archives, compared with independent
//! readers; its records, compared with what real servers wrote; its generated snapshots, restored
//! into a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation)]

mod archive;
mod encoder;
mod fixtures;
mod generate;
mod real_server;
