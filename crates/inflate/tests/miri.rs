//! Small tests for Miri, which checks the pointers of the inner loops and the threads:
//! `cargo +nightly miri test -p snapscope-inflate --test miri`.

#![allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::cast_possible_truncation)]

#[path = "inflate/random.rs"]
mod random;
#[path = "inflate/writer.rs"]
mod writer;

use snapscope_inflate::{MIN_SEGMENT, Options, ParallelGunzip, Path};
use std::sync::Arc;

/// Miri needs minutes for one.
const SEEDS: u64 = if cfg!(miri) { 1 } else { 100 };

fn stream(seed: u64) -> writer::Writer {
    let mut random = random::Random::new(seed);
    let mut w = writer::Writer::default();
    w.random_member(&mut random, 8, 250);
    w
}

fn read(mut reader: ParallelGunzip, buffer: usize) -> Vec<u8> {
    let (mut out, mut chunk) = (vec![], vec![0; buffer]);
    loop {
        match reader.fill(&mut chunk) {
            Ok(0) | Err(_) => return out,
            Ok(n) => out.extend_from_slice(&chunk[..n]),
        }
    }
}

#[test]
fn every_way_gives_the_bytes() {
    for seed in 0..SEEDS {
        let w = stream(seed);
        let data = Arc::new(w.bytes);
        let options = Options { threads: 2, segment: MIN_SEGMENT, ..Options::default() };
        let serial = Options { threads: 1, ..options.clone() };
        let reader = ParallelGunzip::new(data.clone(), &serial).unwrap();
        assert!(read(reader, 128 << 10) == w.plain);
        let reader = ParallelGunzip::rehearse(data.clone(), &options).unwrap();
        assert!(read(reader, 5000) == w.plain);
        let reader = ParallelGunzip::new(data, &options).unwrap();
        assert!(seed > 0 || reader.path() == Path::Parallel { threads: 2 });
        assert!(read(reader, 128 << 10) == w.plain);
    }
}

#[test]
fn damage_stays_in_bounds() {
    let w = stream(3);
    let mut random = random::Random::new(4);
    for _ in 0..SEEDS {
        let mut bytes = w.bytes.clone();
        let at = 10 + random.below(bytes.len() - 10);
        bytes[at] ^= 1 << random.below(8);
        bytes.truncate(at + random.below(bytes.len() - at) + 1);
        let options = Options { segment: MIN_SEGMENT, ..Options::default() };
        let reader = ParallelGunzip::rehearse(Arc::new(bytes), &options).unwrap();
        // Other tests check the bytes; this one checks that no access is out of bounds.
        read(reader, 128 << 10);
    }
}
