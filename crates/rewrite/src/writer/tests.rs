use super::*;
use proptest::prelude::*;
use snapscope_archive::{Closing, Meta, OpenOptions, Source, Verdict, open};
use snapscope_testkit::snapshot::Meta as TestMeta;
use std::io::Cursor;

fn meta_of(servers: usize) -> Map<String, Value> {
    let mut meta = TestMeta::at(978);
    let server = meta.servers[0].clone();
    meta.servers = vec![server; servers];
    Meta::parse(meta.json(5, Some(9)).as_bytes()).unwrap().object
}

fn written(
    meta: &Map<String, Value>,
    state: &[u8],
    pieces: usize,
    level: u8,
    threads: usize,
) -> Vec<u8> {
    let threads = NonZeroUsize::new(threads).unwrap();
    let options = WriteOptions { level: Level::new(level).unwrap(), threads };
    let mut writer = SnapshotWriter::begin(Cursor::new(Vec::new()), meta, &options).unwrap();
    for piece in state.chunks(pieces.max(1)) {
        writer.append(piece).unwrap();
    }
    let (file, written) = writer.finish().unwrap();
    assert_eq!(written.state_size, state.len() as u64);
    assert_eq!(written.file_size, file.get_ref().len() as u64);
    file.into_inner()
}

fn read(file: &[u8]) -> (Vec<u8>, Closing) {
    let mut blocks = open(&Source::Memory(file.into()), &OpenOptions::default()).unwrap();
    let mut state = blocks.header().map(|h| h.bytes.clone()).unwrap_or_default();
    for block in blocks.by_ref() {
        block.frames().for_each(|frame| state.extend(frame.bytes));
    }
    (state, blocks.finish())
}

/// A state of about this size that compresses like real ones.
fn state_of(size: usize) -> Vec<u8> {
    let mut state = state_header(978);
    let mut n = 0u32;
    while state.len() < size {
        n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.extend(b"\x10\x82\xa3Key\xa4");
        state.extend(n.to_be_bytes());
        state.extend(b"\xa5Value\x07");
    }
    state
}

#[test]
fn headers_are_those_of_servers() {
    for index in [0, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, u64::from(u32::MAX), 1 << 32] {
        assert_eq!(state_header(index), snapscope_testkit::snapshot::header(index), "{index}");
    }
}

#[test]
fn what_is_written_is_read_as_verified_whatever_its_size() {
    let meta = meta_of(3);
    // Where a block of tar ends, and where a gzip member does.
    for size in [0, 500, 501, 502, 512, 513, (1 << 20) - 600, 1 << 20, (1 << 20) + 1, 3 << 20] {
        let state = state_of(size);
        let file = written(&meta, &state, 70_000, 6, 2);
        let (back, closing) = read(&file);
        assert!(back == state, "{size}");
        assert_eq!(closing.integrity.verdict, Verdict::Verified);
        assert_eq!(closing.integrity.findings, [], "{size}");
        let object = closing.meta.unwrap().object;
        assert!(!object.contains_key("CRC"));
        assert_eq!(object["Size"], state.len() as u64);
    }
}

#[test]
fn meta_json_keeps_its_room_where_the_size_is_shorter_than_could_be() {
    // The end of meta.json comes to lie on both sides of a block's end, and of a stored block's.
    for servers in (0..24).chain(500..520) {
        let meta = meta_of(servers);
        let (_, closing) = read(&written(&meta, &state_of(40), 1, 1, 1));
        assert_eq!(closing.integrity.findings, [], "{servers}");
        assert_eq!(closing.meta.unwrap().servers.len(), servers);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_bytes_depend_on_the_input_alone(
        size in 0..2_500_000usize,
        pieces in 1..3_000_000usize,
        level in 0..=9u8,
        threads in 1..6usize,
    ) {
        let meta = meta_of(1);
        let state = state_of(size);
        let file = written(&meta, &state, 1 << 16, level, 1);
        prop_assert!(written(&meta, &state, pieces, level, threads) == file);
        let (back, closing) = read(&file);
        prop_assert!(back == state);
        prop_assert_eq!(closing.integrity.findings, []);
    }
}

#[test]
fn what_can_not_be_compressed_is_written_too() {
    let mut state = state_header(1);
    let mut seed = 9u64;
    while state.len() < 2_300_000 {
        let mut value = Vec::new();
        while value.len() < 60_000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            value.extend(seed.to_be_bytes());
        }
        state.extend(b"\x10\x81\xa3Key\xda");
        state.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        state.extend(value);
    }
    let (back, closing) = read(&written(&meta_of(1), &state, 999_999, 9, 3));
    assert!(back == state);
    assert_eq!(closing.integrity.findings, []);
}
