//! Every way through the crate gives the result of the reference and of zlib-rs: the same bytes, or
//! the same error at the same bit after the same bytes.

use crate::reference::{self, Outcome};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use snapscope_inflate::{
    DEFAULT_WAITING, HashQueue, InflateError, Options, PARALLEL_SEGMENTS, ParallelGunzip, Path,
    Summary,
};
use std::io::Read;
use std::sync::Arc;

/// How a source is read.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Serial,
    /// Deterministically ahead on one thread, with segments of this size in bytes.
    Rehearsed(usize),
    /// With threads, and segments of this size in bytes.
    Threads(usize, usize),
}

pub fn open(data: &Arc<Vec<u8>>, way: Way) -> ParallelGunzip {
    let source = Arc::clone(data);
    match way {
        Way::Serial => ParallelGunzip::new(source, &Options { threads: 1, ..Options::default() }),
        Way::Rehearsed(segment) => {
            ParallelGunzip::rehearse(source, &Options { segment, ..Options::default() })
        }
        Way::Threads(threads, segment) => {
            ParallelGunzip::new(source, &Options { threads, segment, ..Options::default() })
        }
    }
    .unwrap()
}

/// Reads to the end or the first error, in buffers of `buffer` bytes; the decoders hash the output.
pub fn read_all(
    mut reader: ParallelGunzip,
    buffer: usize,
) -> (Vec<u8>, Option<InflateError>, Summary) {
    let mut out = Vec::new();
    let mut chunk = vec![0x55; buffer];
    let hashes = Arc::new(HashQueue::new(DEFAULT_WAITING));
    reader.hash_beside(Arc::clone(&hashes));
    let error = loop {
        match reader.fill(&mut chunk) {
            Ok(0) => break None,
            Ok(n) => {
                out.extend_from_slice(&chunk[..n]);
                hashes.push(chunk[..n].to_vec());
            }
            Err(e) => break Some(e),
        }
    };
    assert!(hashes.finish()[..] == Sha256::digest(&out)[..], "the hash of {} bytes", out.len());
    (out, error, reader.summary().clone())
}

/// The result of zlib-rs: bytes, and whether there was an error.
pub fn zlib(data: &[u8]) -> (Vec<u8>, bool) {
    let mut decoder = MultiGzDecoder::new(data);
    let mut out = Vec::new();
    let mut chunk = vec![0; 32 << 10];
    loop {
        match decoder.read(&mut chunk) {
            Ok(0) => return (out, false),
            Ok(n) => out.extend_from_slice(&chunk[..n]),
            Err(_) => return (out, true),
        }
    }
}

/// Compares one way with the reference.
pub fn check_against(data: &Arc<Vec<u8>>, expected: &Outcome, way: Way, buffer: usize) {
    let (out, error, summary) = read_all(open(data, way), buffer);
    assert!(
        out == expected.output,
        "{way:?}: output differs: {} bytes, expected {}, first at {:?}; error {error:?}, expected {:?}",
        out.len(),
        expected.output.len(),
        out.iter().zip(&expected.output).position(|(a, b)| a != b),
        expected.error
    );
    match (&error, &expected.error) {
        (None, None) => {
            assert_eq!(summary.members, expected.members, "{way:?}");
            assert_eq!(summary.trailing.map(|t| t.offset), expected.trailing, "{way:?}");
        }
        (Some(e), Some((kind, bit))) => {
            assert_eq!(
                (format!("{:?}", e.kind), e.bit_offset, e.output),
                (format!("{kind:?}"), *bit, out.len() as u64),
                "{way:?}"
            );
        }
        _ => panic!("{way:?}: error {error:?}, expected {:?}", expected.error),
    }
    assert_eq!(summary.output, out.len() as u64);
}

/// Compares all of them; for small inputs, because the reference is slow.
pub fn check(data: Vec<u8>) -> Outcome {
    let expected = reference::gunzip(&data);
    let (bytes, failed) = zlib(&data);
    assert!(expected.output.starts_with(&bytes), "zlib-rs gives other bytes");
    assert_eq!(
        failed,
        expected.error.is_some() || expected.trailing.is_some(),
        "zlib-rs {failed}, reference {:?}",
        expected.error
    );
    if !failed {
        assert_eq!(bytes.len(), expected.output.len());
    }
    let data = Arc::new(data);
    check_against(&data, &expected, Way::Serial, 128 << 10);
    check_against(&data, &expected, Way::Serial, 1000);
    check_against(&data, &expected, Way::Rehearsed(256), 128 << 10);
    check_against(&data, &expected, Way::Rehearsed(1024), 4096);
    expected
}

/// The same with real threads too.
pub fn check_threaded(data: Vec<u8>) -> Outcome {
    let expected = check(data.clone());
    let data = Arc::new(data);
    for (threads, segment) in [(2, 256), (3, 1024), (4, 4096)] {
        let way = Way::Threads(threads, segment);
        let path = open(&data, way).path();
        assert_eq!(
            path == Path::Parallel { threads },
            data.len() >= segment * PARALLEL_SEGMENTS as usize,
            "{} bytes in segments of {segment}",
            data.len()
        );
        check_against(&data, &expected, way, 200 << 10);
    }
    expected
}

/// For large inputs whose plain bytes are known.
pub fn check_plain(data: Vec<u8>, plain: &[u8]) {
    let data = Arc::new(data);
    let ways = [
        (Way::Serial, 1 << 20),
        (Way::Rehearsed(4096), 300_000),
        (Way::Threads(2, 4096), 1 << 20),
        (Way::Threads(3, 64 << 10), 256 << 10),
        (Way::Threads(2, 1 << 20), 77),
    ];
    for (way, buffer) in ways {
        let (out, error, _) = read_all(open(&data, way), buffer);
        assert!(error.is_none(), "{way:?}: {error:?}");
        assert!(out == plain, "{way:?}: {} bytes, expected {}", out.len(), plain.len());
    }
}
