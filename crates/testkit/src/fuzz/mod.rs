//! Bodies of fuzz targets: functions that take any bytes and assert what must hold for all of them.
//!
//! The test command runs each on a limited number of seeded inputs ([`run`]); libFuzzer runs them without end (the
//! workspace's `fuzz` folder). A body panics if an assertion fails, and must return quickly for small inputs.

mod container;
mod gzip;
mod raft;
mod raw;
mod records;
mod shape;
mod walker;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::damage::{bit_flips, deletions, insertions, substitutions};
use crate::random::SplitMix64;

pub use container::container;
pub use gzip::gzip;
pub use raft::{commands, raft_db, wal_segment};
pub use raw::{raw_json, raw_round_trip};
pub use records::{typed_records, values};
pub use shape::shape;
pub use walker::{splitter, walker};

/// A fuzz target: its name, its body, and the kind of its seeds.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is also that of libFuzzer's binary.
    pub name: &'static str,
    /// What must hold for any bytes.
    pub body: fn(&[u8]),
    /// The kind of its valid inputs.
    pub seeds: Seeds,
}

/// The kinds of valid inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeds {
    /// Whole files: archives, tars, bare states.
    Files,
    /// The bytes of a state.bin.
    States,
    /// The bytes of single records.
    Records,
    /// JSON of `decode --raw`.
    RawJson,
    /// bbolt files.
    Databases,
    /// Segments of raft-wal.
    Segments,
    /// Commands of log entries.
    Commands,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "container", body: container, seeds: Seeds::Files },
    Target { name: "gzip", body: gzip, seeds: Seeds::Files },
    Target { name: "walker", body: walker, seeds: Seeds::States },
    Target { name: "splitter", body: splitter, seeds: Seeds::States },
    Target { name: "typed_records", body: typed_records, seeds: Seeds::Records },
    Target { name: "values", body: values, seeds: Seeds::Records },
    Target { name: "shape", body: shape, seeds: Seeds::Records },
    Target { name: "raw_round_trip", body: raw_round_trip, seeds: Seeds::Records },
    Target { name: "raw_json", body: raw_json, seeds: Seeds::RawJson },
    Target { name: "raft_db", body: raft_db, seeds: Seeds::Databases },
    Target { name: "wal_segment", body: wal_segment, seeds: Seeds::Segments },
    Target { name: "commands", body: commands, seeds: Seeds::Commands },
];

/// The bytes of a failing input, for a message.
fn shown(data: &[u8]) -> String {
    let end = data.len().min(400);
    let more = if end < data.len() { format!("... {} bytes", data.len()) } else { String::new() };
    format!("{}{more}", data[..end].escape_ascii())
}

/// Calls a body with `rounds` inputs: the seeds, damaged copies of them, joined pieces of two, and random bytes.
///
/// # Panics
/// If an assertion fails. The message contains the target and the input.
pub fn run(target: &Target, seeds: &[Vec<u8>], rounds: usize, seed: u64) {
    let give = |data: &[u8]| {
        let done = catch_unwind(AssertUnwindSafe(|| (target.body)(data)));
        assert!(done.is_ok(), "target {} fails for {}", target.name, shown(data));
    };
    give(&[]);
    seeds.iter().for_each(|data| give(data));
    let mut random = SplitMix64::new(seed);
    for round in 0..rounds {
        let noise = || {
            let mut random = SplitMix64::new(seed ^ round as u64);
            let mut bytes = vec![0; random.index(200)];
            random.fill(&mut bytes);
            bytes
        };
        let base = if seeds.is_empty() { noise() } else { random.pick(seeds).clone() };
        let changed = match random.below(10) {
            0..=2 => bit_flips(&base, 1, random.next_u64()).next(),
            3..=4 => substitutions(&base, 1, random.next_u64()).next(),
            5 => insertions(&base, 1, random.next_u64()).next(),
            6 => deletions(&base, 1, random.next_u64()).next(),
            _ => None,
        };
        let mut data = match changed {
            Some(damaged) => damaged.bytes,
            None if random.percent(30) => noise(),
            None if random.percent(50) => base[..random.index(base.len() + 1)].to_vec(),
            None => {
                let other = if seeds.is_empty() { noise() } else { random.pick(seeds).clone() };
                let (a, b) = (random.index(base.len() + 1), random.index(other.len() + 1));
                [&base[..a], &other[b..]].concat()
            }
        };
        // Often there is more than one kind of damage.
        for _ in 0..random.below(4) {
            let damaged = substitutions(&data, 1, random.next_u64()).next();
            if let Some(damaged) = damaged {
                data = damaged.bytes;
            }
        }
        give(&data);
    }
}
