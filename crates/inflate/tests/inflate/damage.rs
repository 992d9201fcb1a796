use crate::agreement::{Way, check, check_against};
use crate::random::Random;
use crate::reference;
use crate::writer::Writer;
use std::sync::Arc;

fn small(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut w = Writer::default();
    w.random_member(&mut random, 4, 60);
    w.random_member(&mut random, 3, 60);
    w.bytes
}

#[test]
fn truncation_at_every_byte() {
    for seed in 0..12 {
        let data = small(seed);
        for n in 1..data.len() {
            check(data[..n].to_vec());
        }
    }
}

#[test]
fn a_flip_of_every_bit() {
    for seed in 20..28 {
        let data = small(seed);
        for bit in 0..data.len() * 8 {
            let mut damaged = data.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            check(damaged);
        }
    }
}

#[test]
fn flips_and_cuts_in_larger_streams() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let mut w = Writer::default();
        w.random_member(&mut random, 8, 3000);
        let mut data = w.bytes;
        for _ in 0..1 + random.below(3) {
            let at = random.below(data.len());
            data[at] ^= 1 << random.below(8);
        }
        if random.one_in(3) {
            let n = 1 + random.below(data.len());
            data.truncate(n);
        }
        let expected = reference::gunzip(&data);
        let data = Arc::new(data);
        for way in [Way::Serial, Way::Rehearsed(700), Way::Threads(2, 1000), Way::Threads(4, 4000)]
        {
            check_against(&data, &expected, way, 150_000);
        }
    }
}
