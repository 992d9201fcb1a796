//! Mutated small streams: what `examples/inflate_soak.rs` runs for hours and `mutations.rs` for
//! seconds. Also included there by path.

use crate::agreement::{Way, check_against, open};
use crate::random::Random;
use crate::reference;
use crate::writer::Writer;
use flate2::{Decompress, FlushDecompress, Status};
use sha2::{Digest as _, Sha256};
use snapscope_inflate::HashQueue;
use std::io::Write;
use std::sync::Arc;

/// Streams to mutate.
pub struct Soak {
    seeds: Vec<Vec<u8>>,
    out: Vec<u8>,
    zlib_out: Vec<u8>,
}

const HEADER: usize = 10;

impl Soak {
    pub fn new() -> Self {
        let mut seeds = vec![];
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let mut w = Writer::default();
            w.header(&mut random, 0);
            let (blocks, size) = (1 + random.below(8), 1 + random.below(300));
            for i in 0..blocks {
                w.random_block(&mut random, i + 1 == blocks, size);
            }
            w.trailer();
            if w.bytes.len() < 4000 {
                seeds.push(w.bytes);
            }
        }
        for level in 0..10 {
            let plain = Random::new(level).text(2500);
            let mut e =
                flate2::write::GzEncoder::new(vec![], flate2::Compression::new(level as u32));
            e.write_all(&plain).unwrap();
            seeds.push(e.finish().unwrap());
        }
        Self { seeds, out: vec![0; 4 << 20], zlib_out: vec![0; 4 << 20] }
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let mut data = self.seeds[random.below(self.seeds.len())].clone();
        for _ in 0..random.below(4) {
            // The header stays intact, so that the stream is reached.
            let at = HEADER + random.below(data.len() - HEADER);
            match random.below(8) {
                0..=2 => data[at] ^= 1 << random.below(8),
                3 => data[at] = random.next() as u8,
                4 => data.truncate(at.max(HEADER + 1)),
                5 => {
                    let other = &self.seeds[random.below(self.seeds.len())];
                    let from = HEADER + random.below(other.len() - HEADER);
                    data.truncate(at);
                    data.extend_from_slice(&other[from..]);
                }
                6 => {
                    let n = 1 + random.below(20);
                    let bytes = random.bytes(n);
                    data.splice(at..at, bytes);
                }
                _ => {
                    let n = (1 + random.below(20)).min(data.len() - at);
                    data.drain(at..at + n);
                }
            }
            if data.len() <= HEADER + 1 {
                data.resize(HEADER + 2, 0);
            }
        }
        data
    }

    /// One execution: compares the crate with zlib-rs, serially or (mostly) ahead. Returns whether
    /// the mutant was still a valid stream. Panics on a difference.
    pub fn execute(&mut self, seed: u64) -> bool {
        let mut random = Random::new(seed);
        let data = self.mutate(&mut random);
        let mut zlib = Decompress::new(false);
        let status = zlib.decompress(&data[HEADER..], &mut self.zlib_out, FlushDecompress::Finish);
        let (n, read) = (zlib.total_out() as usize, zlib.total_in() as usize);
        let valid = matches!(status, Ok(Status::StreamEnd));
        if n == self.zlib_out.len() {
            // A bomb: rare, and its end shows nothing new.
            return valid;
        }
        let data = Arc::new(data);
        let way =
            if random.one_in(4) { Way::Serial } else { Way::Rehearsed(256 + random.below(600)) };
        let mut reader = open(&data, way);
        // Every other execution also hashes, in pieces of any size.
        let hashes = Arc::new(HashQueue::new(usize::MAX));
        let mut sha = Sha256::new();
        for _ in 0..random.below(2) * 5 {
            let n = random.below(700);
            let piece = random.bytes(n);
            sha.update(&piece);
            hashes.push(piece);
        }
        reader.hash_beside(Arc::clone(&hashes));
        let mut got = 0;
        let error = loop {
            match reader.fill(&mut self.out[got..]) {
                Ok(0) => break None,
                Ok(k) => got += k,
                Err(e) => break Some(e),
            }
        };
        assert!(hashes.finish()[..] == sha.finalize()[..], "seed {seed}: another hash");
        // A trailer and perhaps other members follow the stream, which zlib does not read here.
        assert!(got >= n, "seed {seed}: {got} bytes, zlib-rs {n}: {error:?}");
        assert!(self.out[..n] == self.zlib_out[..n], "seed {seed}: other bytes");
        if valid {
            if let Some(e) = &error {
                assert!(
                    e.bit_offset >= (HEADER + read) as u64 * 8,
                    "seed {seed}: {e} inside a valid stream of {read} bytes"
                );
            }
        } else {
            let e = error.unwrap_or_else(|| panic!("seed {seed}: no error, zlib-rs {status:?}"));
            assert_eq!((got, e.output), (n, n as u64), "seed {seed}: {e}, zlib-rs {status:?}");
        }
        // Sometimes the exact position.
        if random.one_in(50) {
            let expected = reference::gunzip(&data);
            check_against(&data, &expected, way, 1 << 17);
            check_against(&data, &expected, Way::Threads(2, 300), 1 << 17);
        }
        valid
    }
}
