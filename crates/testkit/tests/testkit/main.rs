//! The test kit's own tests, in one program: its encoder and archives against independent readers, its records
//! against what real servers wrote, its generated snapshots against a real server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation)]

mod archive;
mod encoder;
mod fixtures;
mod generate;
mod real_server;
