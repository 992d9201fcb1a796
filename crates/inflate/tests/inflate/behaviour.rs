use crate::agreement::{Way, open, read_all};
use crate::random::Random;
use crate::writer::{Token, Writer};
use snapscope_inflate::{ErrorKind, Options, ParallelGunzip, Path, ReadAt, run};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn stream(seed: u64, blocks: usize) -> Writer {
    let mut random = Random::new(seed);
    let mut w = Writer::default();
    w.random_member(&mut random, blocks, 8000);
    w
}

#[test]
fn buffers_of_every_size_give_the_same_bytes() {
    let w = stream(1, 30);
    let data = Arc::new(w.bytes);
    for way in [Way::Serial, Way::Rehearsed(2048), Way::Threads(2, 2048)] {
        for buffer in [1, 7, 100, 1000, 65_536, (128 << 10) - 1, 128 << 10, 1 << 20, 3 << 20] {
            let (out, error, _) = read_all(open(&data, way), buffer);
            assert!(error.is_none() && out == w.plain, "{way:?}, buffers of {buffer}");
        }
        // Mixed, through `Read` too.
        let (mut reader, mut random) = (open(&data, way), Random::new(2));
        let mut out = vec![];
        loop {
            let n = [1, 300, 5000, 140_000, 200_000, 400_000][random.below(6)];
            let mut chunk = vec![0; n];
            let got = if random.one_in(2) {
                reader.read(&mut chunk).unwrap()
            } else {
                reader.fill(&mut chunk).unwrap()
            };
            if got == 0 {
                break;
            }
            out.extend_from_slice(&chunk[..got]);
        }
        assert!(out == w.plain, "{way:?}");
    }
}

#[test]
fn run_hands_everything_on_and_stops_when_told() {
    let w = stream(3, 30);
    let data = Arc::new(w.bytes);
    let options = Options { threads: 2, segment: 4096, ..Options::default() };
    let mut out = vec![];
    let summary = run(data.clone(), &options, |b| {
        out.extend_from_slice(b);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(out == w.plain);
    assert_eq!((summary.members, summary.output), (1, w.plain.len() as u64));
    let mut calls = 0;
    run(data, &options, |_| {
        calls += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(calls, 1);
}

#[test]
fn most_segments_of_an_ordinary_file_are_found() {
    let mut random = Random::new(4);
    let mut w = Writer::default();
    w.header(&mut random, 0);
    for i in 0..200 {
        let t = w.random_tokens(&mut random, 3000);
        w.dynamic(&mut random, &t, i == 199);
    }
    w.trailer();
    let segment = 16 << 10;
    let segments = w.bytes.len() / segment;
    let (_, _, summary) = read_all(open(&Arc::new(w.bytes), Way::Rehearsed(segment)), 1 << 20);
    assert!(summary.spliced as usize >= segments - 2, "{} of {segments}", summary.spliced);
}

#[test]
fn small_sources_and_one_thread_are_serial() {
    let w = stream(6, 20);
    let data = Arc::new(w.bytes);
    let path = |threads, segment| {
        let options = Options { threads, segment, ..Options::default() };
        ParallelGunzip::new(data.clone(), &options).unwrap().path()
    };
    assert_eq!(path(2, 1 << 20), Path::Serial);
    assert_eq!(path(1, 256), Path::Serial);
    assert_eq!(path(2, 256), Path::Parallel { threads: 2 });
}

/// A source that counts, waits, fails or lies about its size.
struct Odd {
    data: Vec<u8>,
    size: u64,
    fail_at: u64,
    /// Maximum number of bytes per read.
    at_most: usize,
    reads: AtomicU64,
}

impl Odd {
    fn new(data: Vec<u8>) -> Self {
        let size = data.len() as u64;
        Self { data, size, fail_at: u64::MAX, at_most: usize::MAX, reads: AtomicU64::new(0) }
    }
}

impl ReadAt for Odd {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let n = self.reads.fetch_add(1, Ordering::Relaxed);
        if n % 3 == 1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let end = buf.len().min(self.at_most);
        if offset + end as u64 > self.fail_at {
            let left = self.fail_at.saturating_sub(offset) as usize;
            if left == 0 {
                return Err(io::Error::other("bad sector"));
            }
            return self.data.read_at(&mut buf[..left.min(end)], offset);
        }
        self.data.read_at(&mut buf[..end], offset)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }
}

fn read_odd(
    odd: Odd,
    rehearse: bool,
    threads: usize,
) -> (Vec<u8>, Option<snapscope_inflate::InflateError>) {
    let options = Options { threads, segment: 4096, ..Options::default() };
    let reader = if rehearse {
        ParallelGunzip::rehearse(Arc::new(odd), &options)
    } else {
        ParallelGunzip::new(Arc::new(odd), &options)
    };
    let (out, error, _) = read_all(reader.unwrap(), 150_000);
    (out, error)
}

#[test]
fn short_and_interrupted_reads() {
    for (rehearse, threads) in [(true, 1), (false, 1), (false, 3)] {
        let w = stream(6, 20);
        let mut odd = Odd::new(w.bytes);
        odd.at_most = 501;
        let (out, error) = read_odd(odd, rehearse, threads);
        assert!(error.is_none() && out == w.plain);
    }
}

#[test]
fn a_failing_read_is_an_error_after_what_came_before() {
    for (rehearse, threads) in [(true, 1), (false, 1), (false, 3)] {
        let w = stream(7, 30);
        let mut odd = Odd::new(w.bytes.clone());
        odd.fail_at = w.bytes.len() as u64 / 2;
        let (out, error) = read_odd(odd, rehearse, threads);
        assert!(w.plain.starts_with(&out));
        let error = error.unwrap();
        assert!(matches!(error.kind, ErrorKind::Io(_)), "{error}");
        assert_eq!(error.output, out.len() as u64);
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::Other);
    }
}

#[test]
fn a_source_that_is_shorter_or_longer_than_it_says() {
    for (rehearse, threads) in [(true, 1), (false, 1), (false, 3)] {
        let w = stream(8, 30);
        let mut odd = Odd::new(w.bytes.clone());
        odd.size = w.bytes.len() as u64 / 2;
        let (out, error) = read_odd(odd, rehearse, threads);
        assert!(error.is_none() && out == w.plain);
        let half = w.bytes.len() / 2;
        let mut odd = Odd::new(w.bytes[..half].to_vec());
        odd.size = w.bytes.len() as u64;
        let (out, error) = read_odd(odd, rehearse, threads);
        assert!(w.plain.starts_with(&out));
        let error = error.unwrap();
        assert!(matches!(error.kind, ErrorKind::UnexpectedEnd));
        assert_eq!(error.bit_offset, half as u64 * 8);
    }
}

#[test]
fn a_fatal_error_comes_again() {
    let w = stream(9, 10);
    let half = w.bytes.len() / 2;
    let data = Arc::new(w.bytes[..half].to_vec());
    let mut reader = open(&data, Way::Threads(2, 1024));
    let mut chunk = vec![0; 1 << 20];
    let mut errors = 0;
    while errors < 3 {
        match reader.fill(&mut chunk) {
            Ok(n) => assert!(n > 0 && errors == 0),
            Err(_) => errors += 1,
        }
    }
    assert_eq!(
        io::Error::from(reader.fill(&mut chunk).unwrap_err()).kind(),
        io::ErrorKind::UnexpectedEof
    );
}

#[test]
fn dropping_the_reader_stops_its_threads_at_once() {
    let w = stream(10, 200);
    let mut data = w.bytes.clone();
    for _ in 0..3 {
        data.extend_from_within(..);
    }
    let data = Arc::new(data);
    for n in [0, 1, 100_000] {
        let mut reader = open(&data, Way::Threads(4, 64 << 10));
        let mut chunk = vec![0; n];
        reader.fill(&mut chunk).unwrap();
        let begun = Instant::now();
        drop(reader);
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        // Nobody holds the source any more.
        assert_eq!(Arc::strong_count(&data), 1);
    }
}

#[test]
fn a_segment_of_nothing_but_matches_waits_half_decoded() {
    // Two bits a match: 16 bytes of tokens per compressed byte, 1032 bytes of output.
    let mut random = Random::new(11);
    let mut w = Writer::default();
    w.header(&mut random, 0);
    let tokens: Vec<Token> = std::iter::once(Token::Literal(b'z'))
        .chain((0..20_000).map(|_| Token::Match(258, 1)))
        .collect();
    let mut l = vec![0u8; 286];
    (l[b'z' as usize], l[256], l[285]) = (2, 2, 1);
    for i in 0..4 {
        w.dynamic_header(&mut random, &l, &[1], i == 3);
        w.tokens(&tokens, &l, &[1]);
    }
    w.trailer();
    let data = Arc::new(w.bytes);
    for way in [Way::Serial, Way::Rehearsed(1024), Way::Threads(3, 1024)] {
        let (out, error, summary) = read_all(open(&data, way), 1 << 20);
        assert!(error.is_none() && out == w.plain, "{way:?}: {error:?}");
        // With threads it depends on who is first.
        if matches!(way, Way::Rehearsed(_)) {
            assert!(summary.spliced > 0);
        }
    }
    // The same with next to no memory.
    let options = Options { threads: 3, segment: 1 << 20, memory: 1 };
    let (out, error, _) = read_all(ParallelGunzip::new(data, &options).unwrap(), 1 << 20);
    assert!(error.is_none() && out == w.plain);
}
