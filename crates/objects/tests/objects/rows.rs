//! Rows of fixtures, for the other tests.

use snapscope_decode::frames_of;
use snapscope_decode::wire::Cursor;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::by_name;
use snapscope_objects::row::{Reader, Row, RowOptions};
use snapscope_testkit::fixtures;

/// The bytes of a fixture's records, after the header of its state.
pub(crate) fn records(snap: &str) -> Vec<u8> {
    let state = fixtures::state_of(&fixtures::read(snap));
    let mut cursor = Cursor::new(&state);
    cursor.skip().unwrap();
    state[cursor.at()..].to_vec()
}

pub(crate) fn kind(name: &str) -> &'static ObjectKind {
    by_name(name).unwrap_or_else(|| panic!("no kind {name}"))
}

/// All rows of a kind, made by two readers that are merged.
pub(crate) fn rows(records: &[u8], name: &str, options: &RowOptions) -> Vec<Row> {
    let mut all = Vec::new();
    let mut one = Reader::new(kind(name), options.clone());
    let mut other = Reader::new(kind(name), options.clone());
    for (at, frame) in frames_of(records).enumerate() {
        let reader = if at % 3 == 0 { &mut other } else { &mut one };
        let problems = reader.frame(&frame.unwrap(), &mut |row| all.push(row.clone()));
        assert!(problems.is_empty(), "{problems:?}");
    }
    one.merge(other);
    one.finish(&mut |row| all.push(row.clone()));
    all
}
