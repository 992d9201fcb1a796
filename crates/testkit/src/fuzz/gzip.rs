//! Reads any bytes as gzip, and compares with flate2's own reader.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use snapscope_archive::{Container, OpenOptions, Source, open};

/// Any bytes after a gzip header, and any bytes compressed: if flate2's reader accepts them, the gzip layer reports no
/// damage and returns as many bytes.
pub fn gzip(data: &[u8]) {
    check(data);
    check(&[b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", data].concat());
    // Intact gzip of a state with these bytes as its records.
    let state = [b"\x81\xa9LastIndex\x07", data].concat();
    let (first, second) = state.split_at(state.len() / 2);
    let members = [crate::archive::gzip(first, 1), crate::archive::gzip(second, 6)].concat();
    let codes = check(&members);
    let of_gzip =
        |code: &&str| matches!(*code, "gzip-data" | "gzip-crc" | "gzip-length" | "truncated");
    assert!(!codes.iter().any(of_gzip), "{codes:?}");
}

fn check(data: &[u8]) -> Vec<&'static str> {
    let options = OpenOptions { threads: 1, ..OpenOptions::default() };
    let mut blocks = open(&Source::Memory(data.into()), &options).expect("memory can be opened");
    blocks.by_ref().for_each(drop);
    let closing = blocks.finish();
    let findings: Vec<_> = closing.integrity.damage().map(|f| f.code.name()).collect();
    let Some(report) = closing.integrity.gzip else { return findings };
    assert_ne!(closing.integrity.container, Container::State);
    let mut theirs = Vec::new();
    let mut decoder = MultiGzDecoder::new(data).take(64 << 20);
    let good = decoder.read_to_end(&mut theirs).is_ok();
    let of_gzip = ["gzip-data", "gzip-crc", "gzip-length", "gzip-header", "truncated"];
    let complained = findings.iter().any(|code| of_gzip.contains(code));
    // If reading ended early for another reason, the rest was not examined.
    let whole = report.compressed == data.len() as u64;
    if good && whole {
        assert!(!complained, "{findings:?}");
        assert_eq!(report.inflated, theirs.len() as u64);
    }
    if !good && whole && !complained {
        assert!(findings.contains(&"trailing-bytes"), "flate2 refuses it, we say {findings:?}");
    }
    findings
}
