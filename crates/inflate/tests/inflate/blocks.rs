use crate::agreement::{check, check_plain, check_threaded};
use crate::random::Random;
use crate::writer::{Token, Writer};

#[test]
fn random_streams_of_every_block_type() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let mut w = Writer::default();
        let (blocks, size) = (1 + random.below(12), 1 + random.below(1500));
        w.random_member(&mut random, blocks, size);
        let plain = std::mem::take(&mut w.plain);
        let outcome = if seed % 8 == 0 { check_threaded(w.bytes) } else { check(w.bytes) };
        assert!(outcome.error.is_none(), "seed {seed}: {:?}", outcome.error);
        assert!(outcome.output == plain, "seed {seed}");
    }
}

#[test]
fn large_random_streams() {
    for seed in 0..6 {
        let mut random = Random::new(1000 + seed);
        let mut w = Writer::default();
        w.random_member(&mut random, 60, 9000);
        let plain = std::mem::take(&mut w.plain);
        check_plain(w.bytes, &plain);
    }
}

fn member(write: impl FnOnce(&mut Writer, &mut Random)) -> Writer {
    let mut random = Random::new(7);
    let mut w = Writer::default();
    w.header(&mut random, 0);
    write(&mut w, &mut random);
    w.trailer();
    w
}

#[test]
fn no_output_at_all() {
    check(member(|w, _| w.stored(&[], true)).bytes);
    check(member(|w, _| w.fixed(&[], true)).bytes);
    check(member(|w, r| w.dynamic(r, &[], true)).bytes);
    check_threaded(
        member(|w, r| {
            for _ in 0..2000 {
                w.stored(&[], false);
                w.fixed(&[], false);
                w.dynamic(r, &[], false);
            }
            w.fixed(&[], true);
        })
        .bytes,
    );
}

#[test]
fn only_stored_blocks() {
    check_threaded(
        member(|w, r| {
            for i in 0..30 {
                w.stored(&r.bytes(i * 137), false);
            }
            w.stored(&r.bytes(65535), true);
        })
        .bytes,
    );
}

#[test]
fn one_huge_block_over_many_segments() {
    let w = member(|w, r| {
        let t = w.random_tokens(r, 200_000);
        w.dynamic(r, &t, true);
    });
    check_threaded(w.bytes);
}

#[test]
fn stored_values_that_are_deflate_streams_themselves() {
    // Every segment of the outer stream begins inside a stored block that holds dynamic blocks.
    let w = member(|w, r| {
        for _ in 0..12 {
            let mut inner = Writer::default();
            while inner.bytes.len() < 20_000 {
                let t = inner.random_tokens(r, 400);
                inner.dynamic(r, &t, false);
            }
            let n = inner.bytes.len().min(65_535);
            w.stored(&inner.bytes[..n], false);
            let t = w.random_tokens(r, 300);
            w.dynamic(r, &t, false);
        }
        w.fixed(&[], true);
    });
    check_threaded(w.bytes);
}

#[test]
fn an_invalid_block_inside_a_plausible_guess_stays_a_guess() {
    let w = member(|w, r| {
        for _ in 0..20 {
            let mut inner = Writer::default();
            let t = inner.random_tokens(r, 300);
            inner.dynamic(r, &t, false);
            inner.put(0b110, 3);
            inner.raw(&r.bytes(500));
            w.stored(&inner.bytes, false);
            let t = w.random_tokens(r, 100);
            w.dynamic(r, &t, false);
        }
        w.stored(&[], true);
    });
    let outcome = check_threaded(w.bytes);
    assert!(outcome.error.is_none());
}

#[test]
fn matches_as_long_and_as_far_as_they_get() {
    let w = member(|w, r| {
        let literals: Vec<Token> = r.bytes(32768).into_iter().map(Token::Literal).collect();
        w.fixed(&literals, false);
        let far: Vec<Token> = (0..3000).map(|i| Token::Match(258, 32768 - i % 5)).collect();
        w.dynamic(r, &far, false);
        let near: Vec<Token> = (1..600).map(|i| Token::Match(3 + i % 256, 1 + i % 40)).collect();
        w.dynamic(r, &near, true);
    });
    check_threaded(w.bytes);
}

#[test]
fn a_match_before_the_first_byte() {
    for n in [0usize, 1, 5, 100, 5000, 32766] {
        for block in 0..3 {
            let w = member(|w, r| {
                let t: Vec<Token> = r.bytes(n).into_iter().map(Token::Literal).collect();
                match block {
                    0 => {
                        w.stored(&r.bytes(n), false);
                        w.fixed(&[Token::Match(5, n + 1)], true);
                    }
                    1 => {
                        w.fixed(&t, false);
                        w.dynamic(
                            r,
                            &[Token::Literal(1), Token::Match(258, (n + 2).min(32768))],
                            true,
                        );
                    }
                    _ => {
                        let mut t = t.clone();
                        t.push(Token::Match(3, n + 1));
                        t.push(Token::Literal(9));
                        w.dynamic(r, &t, true);
                    }
                }
            });
            let outcome = check_threaded(w.bytes);
            assert!(
                matches!(outcome.error, Some((snapscope_inflate::ErrorKind::DistanceTooFar, _))),
                "{:?}",
                outcome.error
            );
        }
    }
}

#[test]
fn degenerate_codes() {
    // One distance code.
    check(
        member(|w, r| {
            let t: Vec<Token> = [Token::Literal(b'a')]
                .into_iter()
                .chain((0..50).map(|_| Token::Match(10, 1)))
                .collect();
            w.dynamic(r, &t, true);
        })
        .bytes,
    );
    // A distance code of one bit whose other value occurs; no distance code, but a length.
    for distances in [vec![1u8], vec![0u8]] {
        let w = member(|w, r| {
            let mut l = vec![0u8; 286];
            (l[b'a' as usize], l[256], l[257]) = (1, 2, 2);
            w.dynamic_header(r, &l, &distances, true);
            // 'a', a length of 3, and the bit 1.
            w.put(0b0, 1);
            w.put(0b11, 2);
            w.put(1, 1);
            w.raw(&r.bytes(20));
        });
        let outcome = check(w.bytes);
        assert!(matches!(outcome.error, Some((snapscope_inflate::ErrorKind::DistanceSymbol, _))));
    }
    // A literal code that has only the end.
    for bit in 0..2 {
        let w = member(|w, r| {
            let mut l = vec![0u8; 257];
            l[256] = 1;
            w.dynamic_header(r, &l, &[0], true);
            w.put(bit, 1);
        });
        check(w.bytes);
    }
}

#[test]
fn invalid_codes_in_headers() {
    // Random lengths are mostly invalid. All three must agree on which are, and where.
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let w = member(|w, _| {
            let n = 257 + random.below(30);
            let limit = 1 + random.below(15);
            let mut l: Vec<u8> = (0..n)
                .map(|_| if random.one_in(8) { 1 + random.below(limit) as u8 } else { 0 })
                .collect();
            if !random.one_in(5) {
                l[256] = 1 + random.below(15) as u8;
            }
            let d: Vec<u8> = (0..1 + random.below(30))
                .map(|_| if random.one_in(3) { 1 + random.below(5) as u8 } else { 0 })
                .collect();
            w.dynamic_header(&mut random, &l, &d, true);
            let tail = random.bytes(30);
            w.raw(&tail);
        });
        check(w.bytes);
    }
    // And random bits instead of the header.
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let w = member(|w, _| {
            w.put(0b101, 3);
            let tail = random.bytes(100);
            for b in tail {
                w.put(b.into(), 8);
            }
        });
        check(w.bytes);
    }
}

#[test]
fn fixed_symbols_that_mean_nothing() {
    for symbol in [286usize, 287] {
        let w = member(|w, _| {
            w.put(0b011, 3);
            w.put(((symbol - 280 + 0b1100_0000) as u8).reverse_bits().into(), 8);
            w.raw(&[0; 40]);
        });
        check(w.bytes);
    }
    for distance in [30usize, 31] {
        let w = member(|w, _| {
            w.put(0b011, 3);
            w.put((0b0011_0000u8 + 65).reverse_bits().into(), 8);
            w.put(0b100_0000, 7);
            w.put(((distance << 3) as u8).reverse_bits().into(), 5);
            w.raw(&[0; 40]);
        });
        check(w.bytes);
    }
}
