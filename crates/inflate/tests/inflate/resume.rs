//! Resuming after damage finds the rest of the stream, and returns no byte that is not in it.

use snapscope_inflate::{UNKNOWN, resume};
use std::io::Write as _;

fn text(size: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut n = 7u32;
    while text.len() < size {
        n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let word = n >> 20;
        write!(text, "key/{word}/{} = {:x};", word % 37, n >> 9).unwrap();
    }
    text
}

#[test]
fn behind_damage_the_rest_is_decoded() {
    let plain = text(1_500_000);
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(&plain).unwrap();
    let stream = encoder.finish().unwrap();
    for part in 1..5 {
        let mut damaged = stream.clone();
        let at = damaged.len() * part / 6;
        for byte in &mut damaged[at..at + 200] {
            *byte = 0xff;
        }
        let mut rest = Vec::new();
        let bits = damaged.len() as u64 * 8;
        let mut take = |bytes: &[u16]| {
            rest.extend_from_slice(bytes);
            Ok(())
        };
        let resumed = resume(&damaged, at as u64 * 8 + 1600, bits, &mut take).unwrap().unwrap();
        assert!(resumed.is_whole && resumed.end <= bits && resumed.end > bits - 8);
        let expected = &plain[plain.len() - rest.len()..];
        let known = rest.iter().zip(expected).filter(|(byte, _)| **byte != UNKNOWN);
        assert!(known.clone().all(|(byte, expected)| *byte == u16::from(*expected)));
        let share = known.count() as f64 / rest.len() as f64;
        // Blocks have some 60 KB; not much more than one is lost at each damaged place.
        assert!(rest.len() > plain.len() * (6 - part) / 6 - 150_000, "{}", rest.len());
        // A byte is known if its copies lead back to a literal after the gap. That depends on the
        // compressor, and no decoder can recover more. This text repeats itself far more than real
        // states.
        assert!(share > 0.3, "{share}");
    }
}

#[test]
fn noise_holds_no_stream() {
    let mut seed = 5u64;
    let noise: Vec<u8> = (0..200_000)
        .map(|_| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as u8
        })
        .collect();
    let found = resume(&noise, 0, noise.len() as u64 * 8, &mut |_| Ok(())).unwrap();
    assert_eq!(found, None);
}
