use crate::agreement::{check, check_plain, check_threaded, zlib};
use crate::random::Random;
use flate2::write::GzEncoder;
use flate2::{Compression, FlushCompress, GzBuilder, Status};
use std::io::Write;

fn gzip(plain: &[u8], level: u32) -> Vec<u8> {
    let mut e = GzEncoder::new(Vec::new(), Compression::new(level));
    e.write_all(plain).unwrap();
    e.finish().unwrap()
}

fn samples() -> Vec<Vec<u8>> {
    let mut r = Random::new(99);
    let mut mixed = r.text(60_000);
    mixed.extend(r.bytes(70_000));
    mixed.extend(std::iter::repeat_n(b'x', 200_000));
    mixed.extend(r.text(300_000));
    vec![vec![], vec![0], r.text(100), r.text(400_000), r.bytes(200_000), vec![7; 900_000], mixed]
}

#[test]
fn zlib_rs_at_every_level() {
    for plain in samples() {
        for level in 0..=9 {
            check_plain(gzip(&plain, level), &plain);
        }
    }
}

#[test]
fn small_files_at_every_level_against_the_reference() {
    let mut r = Random::new(3);
    for n in [0, 1, 2, 10, 1000, 20_000] {
        let plain = r.text(n);
        for level in [0, 1, 3, 6, 9] {
            assert!(check_threaded(gzip(&plain, level)).output == plain);
        }
    }
}

#[test]
fn flushes_of_every_kind() {
    let mut r = Random::new(4);
    for flush in [FlushCompress::Sync, FlushCompress::Full, FlushCompress::Partial] {
        let mut c = flate2::Compress::new(Compression::new(6), false);
        let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        let mut plain = vec![];
        for i in 0..120 {
            let part = r.text(i * 40);
            out.reserve(part.len() * 2 + 1000);
            assert_eq!(c.compress_vec(&part, &mut out, flush).unwrap(), Status::Ok);
            plain.extend(part);
        }
        out.reserve(1000);
        assert_eq!(
            c.compress_vec(&[], &mut out, FlushCompress::Finish).unwrap(),
            Status::StreamEnd
        );
        let mut crc = flate2::Crc::new();
        crc.update(&plain);
        out.extend(crc.sum().to_le_bytes());
        out.extend((plain.len() as u32).to_le_bytes());
        check_plain(out.clone(), &plain);
        assert!(check(out).output == plain);
    }
}

#[test]
fn values_that_are_gzip_files_themselves() {
    let mut r = Random::new(8);
    let mut plain = vec![];
    for _ in 0..20 {
        let level = 1 + r.below(9) as u32;
        let value = r.text(30_000);
        plain.extend(gzip(&value, level));
        plain.extend(r.text(5000));
    }
    for level in [0, 1, 6, 9] {
        check_plain(gzip(&plain, level), &plain);
        check_plain(gzip(&gzip(&plain, level), 0), &gzip(&plain, level));
    }
}

#[test]
fn headers_as_flate2_builds_them() {
    let mut e = GzBuilder::new()
        .filename("state.bin")
        .comment("a comment")
        .extra(vec![1, 2, 3])
        .mtime(77)
        .write(Vec::new(), Compression::fast());
    e.write_all(b"hello").unwrap();
    let data = e.finish().unwrap();
    assert_eq!(check(data).output, b"hello");
}

/// The files in `corpus/`. Its README says which encoder wrote each.
#[test]
fn the_corpus() {
    let mut seen = 0;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "gz") {
            continue;
        }
        let data = std::fs::read(&path).unwrap();
        let (plain, failed) = zlib(&data);
        assert!(!failed, "{path:?}");
        check_plain(data.clone(), &plain);
        check_threaded(data);
        seen += 1;
    }
    assert!(seen >= 10, "{seen} files in {folder}");
}

/// Large files named in the environment, for manual runs.
#[test]
#[ignore = "needs INFLATE_FILES"]
fn files_given() {
    let files = std::env::var("INFLATE_FILES").unwrap();
    for file in files.split_whitespace() {
        let data = std::fs::read(file).unwrap();
        let (plain, failed) = zlib(&data);
        assert!(!failed, "{file}");
        check_plain(data, &plain);
    }
}
