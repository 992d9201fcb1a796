use crate::agreement::{Way, check, check_plain, check_threaded, open, read_all};
use crate::random::Random;
use crate::writer::Writer;
use snapscope_inflate::ErrorKind;
use std::sync::Arc;

#[test]
fn several_members_with_every_header() {
    for seed in 0..64 {
        let mut random = Random::new(seed);
        let mut w = Writer::default();
        for _ in 0..1 + random.below(6) {
            let blocks = 1 + random.below(4);
            w.random_member(&mut random, blocks, 700);
        }
        let plain = std::mem::take(&mut w.plain);
        let outcome = check_threaded(w.bytes);
        assert!(outcome.error.is_none());
        assert!(outcome.output == plain);
    }
}

#[test]
fn members_larger_than_segments() {
    let mut random = Random::new(5);
    let mut w = Writer::default();
    for _ in 0..5 {
        w.random_member(&mut random, 12, 9000);
    }
    let plain = std::mem::take(&mut w.plain);
    check_plain(w.bytes, &plain);
}

#[test]
fn a_name_longer_than_segments() {
    let mut random = Random::new(5);
    let mut w = Writer::default();
    w.bytes.extend([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0]);
    w.bytes.extend(std::iter::repeat_n(b'n', 5000));
    w.raw(&[0]);
    for i in 0..8 {
        let t = w.random_tokens(&mut random, 500);
        w.dynamic(&mut random, &t, i == 7);
    }
    w.trailer();
    check_threaded(w.bytes);
}

#[test]
fn trailing_bytes_are_told() {
    let mut random = Random::new(5);
    let mut w = Writer::default();
    w.random_member(&mut random, 5, 500);
    for tail in [&[0u8][..], &[0; 600], b"garbage", &[0x1f], &[0x1f, 0x8c, 8]] {
        let mut data = w.bytes.clone();
        data.extend_from_slice(tail);
        let outcome = check_threaded(data.clone());
        assert_eq!(outcome.trailing, Some(w.bytes.len() as u64));
        let (_, _, summary) = read_all(open(&Arc::new(data), Way::Serial), 1 << 17);
        let trailing = summary.trailing.unwrap();
        assert_eq!(trailing.start, tail[..tail.len().min(16)]);
        assert_eq!(summary.compressed, w.bytes.len() as u64);
    }
    // Two bytes of a member are one that is damaged.
    let mut data = w.bytes.clone();
    data.extend([0x1f, 0x8b]);
    let outcome = check_threaded(data);
    assert!(matches!(outcome.error, Some((ErrorKind::UnexpectedEnd, _))));
}

#[test]
fn reading_goes_on_behind_a_wrong_checksum() {
    let mut random = Random::new(5);
    let mut w = Writer::default();
    let mut ends = vec![];
    for _ in 0..3 {
        w.random_member(&mut random, 6, 900);
        ends.push((w.bytes.len(), w.plain.len()));
    }
    w.bytes[ends[0].0 - 8] ^= 1;
    w.bytes[ends[1].0 - 1] ^= 1;
    check(w.bytes.clone());
    let data = Arc::new(w.bytes);
    for way in [Way::Serial, Way::Rehearsed(256), Way::Threads(3, 512)] {
        for size in [100, 1 << 17] {
            let mut reader = open(&data, way);
            let (mut out, mut errors, mut chunk) = (vec![], vec![], vec![0; size]);
            loop {
                match reader.fill(&mut chunk) {
                    Ok(0) => break,
                    Ok(n) => out.extend_from_slice(&chunk[..n]),
                    Err(e) => {
                        assert!(e.kind.is_recoverable());
                        errors.push((e.bit_offset, out.len()));
                    }
                }
            }
            assert!(out == w.plain);
            assert_eq!(
                errors,
                [((ends[0].0 - 8) as u64 * 8, ends[0].1), ((ends[1].0 - 4) as u64 * 8, ends[1].1)]
            );
            assert_eq!((reader.summary().members, reader.summary().mismatches), (3, 2));
        }
    }
}

#[test]
fn what_is_no_gzip() {
    for data in [&b"\x1f"[..], b"PK\x03\x04", b"\x1f\x8b", b"\x1f\x8b\x07", b"\x1f\x8b\x08\xe0"] {
        let mut data = data.to_vec();
        check(data.clone());
        data.resize(40, 0);
        check(data);
    }
}
