//! Malformed records: no question about them panics.

use crate::rows::records;
use snapscope_decode::{Kind, frames_of};
use snapscope_objects::filter::RecordFilter;
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::kinds::KINDS;
use snapscope_objects::row::{Reader, Row, RowOptions};
use snapscope_testkit::fixtures;
use snapscope_testkit::random::SplitMix64;

fn look_at(row: &Row) {
    let _ = (row.id(), row.names(), row.to_json());
    for column in row.kind.table(true) {
        let _ = column.cell(row.object()).text();
    }
}

#[test]
fn changed_bytes_never_panic() {
    let mut random = SplitMix64::new(7);
    let expressions = [
        "Meta.zone == a",
        "Node != \"\"",
        "Key matches \"a\" or Value is empty",
        "Name contains a",
    ];
    let mut asked: Vec<RecordFilter> =
        expressions.iter().map(|text| RecordFilter::compile(text, None).unwrap()).collect();
    for version in fixtures::versions() {
        let found = ["small-a", "small-c"].map(|name| format!("consul-{version}/{name}.snap"));
        let found = found.iter().find(|name| fixtures::exists(name)).expect("one of them");
        let records = records(found);
        let options = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
        let mut readers: Vec<Reader> =
            KINDS.iter().map(|kind| Reader::new(kind, options.clone())).collect();
        for frame in frames_of(&records).map(Result::unwrap) {
            let mut bytes = frame.bytes.to_vec();
            for _ in 0..=random.below(3) {
                let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
                bytes[at] = random.next_u64().to_le_bytes()[0];
            }
            for changed in frames_of(&bytes).map_while(Result::ok) {
                for reader in &mut readers {
                    reader.frame(&changed, &mut look_at);
                }
                for filter in &mut asked {
                    filter.holds(&changed);
                }
            }
        }
        for reader in readers {
            reader.finish(&mut look_at);
        }
    }
}

#[test]
fn a_record_that_is_no_map_is_a_problem_and_no_row() {
    for kind in KINDS {
        for record in kind.from {
            // No record has a bool as its body.
            let bytes = [record.0, 0xc3];
            let frame = frames_of(&bytes).next().unwrap().unwrap();
            let mut reader = Reader::new(kind, RowOptions::default());
            let mut rows = 0;
            let problems = reader.frame(&frame, &mut |_| rows += 1);
            // Nothing is known about Enterprise's records that could be wrong.
            if record.0 < Kind::FIRST_ENTERPRISE {
                assert_eq!((problems.len(), rows), (1, 0), "{} {record}", kind.name);
            }
        }
    }
}
