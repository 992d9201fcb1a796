//! One program, a module per subject.
//!
//! * `encoders`: the output of real compressors, all levels and strategies
//! * `blocks`: streams written block by block, every type and every unusual code
//! * `damage`: truncation and flips
//! * `members`: several members, headers, trailing bytes, checksums
//! * `behaviour`: buffers, memory, cancellation, failing sources
//! * `mutations`: a bounded run of what `examples/inflate_soak.rs` does at length

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]

mod agreement;
mod behaviour;
mod blocks;
mod damage;
mod encoders;
mod members;
mod mutations;
mod random;
mod reference;
mod resume;
mod soak;
mod writer;
