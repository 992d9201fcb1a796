//! `decode --raw` loses nothing: an independent encoder restores each record's bytes from its line.
//! Typed records have what independent decoders find.

mod rebuild;
mod typed;

use crate::support::{Fixture, all, run, split, write};
use proptest::prelude::*;
use rebuild::{Rebuild, rebuilt, rebuilt_header};
use snapscope_decode::records::record_schema;
use snapscope_decode::{Frame, Kind, frames_of};
use snapscope_objects::json::JsonText;
use snapscope_objects::{raw, render};
use snapscope_testkit::fixtures;
use snapscope_testkit::{Archive, Record, SnapshotSpec, Val};

fn raw_lines(fixture: &Fixture) -> Vec<Vec<u8>> {
    let ran = run(["decode", "--raw", fixture.path.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", fixture.name);
    ran.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(<[u8]>::to_vec).collect()
}

/// The whole of state.bin is restored, including the header.
#[test]
fn every_state_is_rebuilt_byte_for_byte() {
    for fixture in all() {
        let state = fixture.state();
        let lines = raw_lines(&fixture);
        let records = split(&state);
        assert_eq!(lines.len(), records.len() + 1, "{}", fixture.name);
        let mut whole = rebuilt_header(&lines[0]);
        for (line, (kind, bytes)) in lines[1..].iter().zip(&records) {
            let made = rebuilt(line);
            assert!(made == *bytes, "{} type {kind}: {}", fixture.name, line.escape_ascii());
            // The product's own encoder agrees.
            let json: serde_json::Value = serde_json::from_slice(line).unwrap();
            let mut ours = vec![*kind];
            raw::encode(&json["Data"], &mut ours).unwrap();
            assert!(ours == *bytes, "{} type {kind}", fixture.name);
            // These contain plain values: nothing that a server wrote needs the last escape.
            assert!(!line.windows(10).any(|w| w == b"\"$msgpack\""), "{}", fixture.name);
            whole.extend_from_slice(&made);
        }
        assert!(whole == state, "{}", fixture.name);
    }
}

fn any_val() -> impl Strategy<Value = Val> {
    let leaf = prop_oneof![
        Just(Val::Nil),
        any::<bool>().prop_map(Val::Bool),
        any::<i64>().prop_map(Val::Int),
        (any::<i64>(), 0u32..64).prop_map(|(n, shift)| Val::Int(n >> shift)),
        (any::<u64>(), 0u32..64).prop_map(|(n, shift)| Val::Uint(n >> shift)),
        any::<u32>().prop_map(|bits| Val::F32(f32::from_bits(bits))),
        any::<u64>().prop_map(|bits| Val::F64(f64::from_bits(bits))),
        (any::<i32>()).prop_map(|n| Val::F64(f64::from(n))),
        ".{0,40}".prop_map(Val::from),
        "[$A-Za-z]{0,8}".prop_map(Val::from),
        proptest::collection::vec(any::<u8>(), 0..70).prop_map(Val::Raw),
    ];
    leaf.prop_recursive(5, 64, 20, |inner| {
        let key = prop_oneof![8 => "[$A-Za-z]{0,6}".prop_map(Val::from), 1 => inner.clone()];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..20).prop_map(Val::Array),
            proptest::collection::vec((key, inner), 0..20).prop_map(Val::Map),
        ]
    })
}

/// The stored names of all fields, so that random records reach the typed code.
fn field_names() -> Vec<String> {
    let mut names = Vec::new();
    for number in 0..=255 {
        if let Some(schema) = record_schema(Kind(number)) {
            names.extend(schema.fields.iter().map(|f| f.stored.to_owned()));
        }
    }
    names.sort();
    names.dedup();
    names
}

fn line_of(frame: &Frame<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    raw::render(&mut frame.cursor(), 128, &mut json).unwrap();
    json.into_bytes()
}

fn check_record(record: &Record) {
    let bytes = record.bytes();
    let frames: Vec<_> = frames_of(&bytes).collect::<Result<_, _>>().unwrap();
    let [frame] = frames.as_slice() else { panic!("{} records", frames.len()) };
    assert_eq!((frame.kind.0, frame.bytes), (record.kind, bytes.as_slice()));
    let line = line_of(frame);
    serde_json::from_slice::<serde_json::Value>(&line).expect("valid JSON");
    let mut made = vec![record.kind];
    Rebuild::new(&line).value(&mut made);
    assert!(made == bytes, "{}", line.escape_ascii());
    // Typed or not, it is rendered as valid JSON, and reading it as a struct never panics.
    let mut json = JsonText::new();
    let _ = render::render_record(frame, render::Options::default(), &mut json);
    serde_json::from_slice::<serde_json::Value>(json.as_bytes()).expect("valid JSON");
    let _ = frame.record();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_record_of_any_type_is_rebuilt(kind in any::<u8>(), body in any_val()) {
        check_record(&Record::new(kind, body));
    }

    #[test]
    fn records_with_known_fields_of_any_content_are_rebuilt(
        kind in proptest::sample::select(
            (0..=255).filter(|n| Kind(*n).info().is_some()).collect::<Vec<u8>>()),
        fields in proptest::collection::vec(
            (proptest::sample::select(field_names()), any_val()), 0..12),
    ) {
        let body = fields.into_iter().map(|(name, value)| (Val::from(name), value)).collect();
        check_record(&Record::new(kind, Val::Map(body)));
    }

    /// Forms that Consul's writer does not choose are kept too: any msgpack.
    #[test]
    fn any_msgpack_is_rebuilt(bytes in proptest::collection::vec(any::<u8>(), 1..120)) {
        if let Some(Ok(frame)) = frames_of(&bytes).next() {
            let mut made = vec![frame.kind.0];
            Rebuild::new(&line_of(&frame)).value(&mut made);
            prop_assert_eq!(made, frame.bytes);
        }
    }
}

/// Random records of every known type, through the binary.
#[test]
fn random_records_survive_the_binary() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut records = Vec::new();
    for kind in 0..=255u8 {
        let body = any_val().new_tree(&mut runner).unwrap().current();
        records.push(Record::new(kind, body));
    }
    let spec = SnapshotSpec::new(records);
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &spec.snap());
    let ran = run(["decode", "--raw", path.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let mut made = Vec::new();
    for (number, line) in ran.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty()).enumerate() {
        made.extend(if number == 0 { rebuilt_header(line) } else { rebuilt(line) });
    }
    assert!(made == spec.state());
}

/// A value that is nested deeper than is rendered is shown as base64.
#[test]
fn what_is_nested_too_deep_is_not_lost() {
    let mut body = Val::from("bottom");
    for _ in 0..300 {
        body = Val::Array(vec![body]);
    }
    let spec = SnapshotSpec::new(vec![Record::new(200, body)]);
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &spec.snap());
    for depth in ["1", "128", "1000"] {
        let ran = run(["decode", "--raw", "--max-depth", depth, path.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        let line = ran.stdout.split(|b| *b == b'\n').nth(1).unwrap();
        assert_eq!(rebuilt(line), spec.records[0].bytes());
    }
}

/// Each container gives frames with the same bytes at the same offsets.
#[test]
fn frames_say_where_they_stand() {
    use snapscope_archive::{OpenOptions, Source, open};
    for fixture in all() {
        let state = fixture.state();
        let archive = Archive::of_files(&fixture.meta(), &state);
        let expected = split(&state);
        for bytes in [state.clone(), archive.tar(), archive.snap()] {
            for threads in [1, 4] {
                let options = OpenOptions { threads, ..OpenOptions::default() };
                let mut blocks = open(&Source::Memory(bytes.clone().into()), &options).unwrap();
                let mut number = 0;
                for block in blocks.by_ref() {
                    for frame in block.frames() {
                        assert_eq!(frame.bytes, expected[number].1);
                        let at = frame.offset as usize;
                        assert_eq!(&state[at..at + frame.bytes.len()], frame.bytes);
                        number += 1;
                        assert_eq!(frame.number, number as u64);
                    }
                }
                assert_eq!(number, expected.len());
                assert_eq!(blocks.finish().records, number as u64);
            }
        }
    }
    assert!(!fixtures::raft_dirs().is_empty());
}
