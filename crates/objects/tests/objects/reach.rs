//! Every stored object can be listed, and lists are consistent.

use crate::rows::{kind, records, rows};
use snapscope_decode::{Kind, frames_of};
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::{CellValue, PeerSelection};
use snapscope_objects::kinds::KINDS;
use snapscope_objects::row::RowOptions;
use snapscope_objects::value::Projection;
use snapscope_testkit::fixtures;
use std::collections::BTreeSet;

fn all() -> RowOptions {
    RowOptions { peers: PeerSelection::All, ..RowOptions::default() }
}

fn snaps() -> Vec<Vec<u8>> {
    let root = fixtures::root();
    fixtures::all_snapshots()
        .iter()
        .map(|path| records(path.strip_prefix(&root).unwrap().to_str().unwrap()))
        .collect()
}

#[test]
fn every_record_is_some_row_or_for_decode_only() {
    // Shown only by decode: settings of the servers, keys of the CA, writes in progress.
    let decode_only = [
        Kind::ACL_BOOTSTRAP,
        Kind::AUTOPILOT,
        Kind::CONNECT_CA_PROVIDER_STATE,
        Kind::CONNECT_CA_CONFIG,
        Kind::CHUNKING_STATE,
        Kind::PEERING_SECRET,
    ];
    for records in snaps() {
        let mut records_seen = 0;
        let mut rows_made = 0;
        for frame in frames_of(&records) {
            let frame = frame.unwrap();
            if decode_only.contains(&frame.kind) {
                continue;
            }
            records_seen += 1;
            // Objects of the second catalog are also resources.
            let again = |name: &str| name == "keys" || name.starts_with("v2-");
            let of = KINDS.iter().filter(|k| k.is_direct() && !again(k.name));
            rows_made += of
                .map(|kind| {
                    let mut reader = snapscope_objects::row::Reader::new(kind, all());
                    let mut made = 0;
                    reader.frame(&frame, &mut |_| made += 1);
                    made
                })
                .sum::<usize>();
        }
        // The join makes a row of each legacy intention.
        let legacy =
            frames_of(&records).filter(|f| f.as_ref().unwrap().kind == Kind::INTENTION).count();
        assert_eq!(rows_made + legacy, records_seen);
    }
}

#[test]
fn ids_are_unique_and_fields_partial() {
    for records in snaps() {
        for kind in KINDS {
            let whole = rows(&records, kind.name, &all());
            let ids: BTreeSet<Vec<u8>> = whole.iter().map(|row| row.id()).collect();
            assert_eq!(ids.len(), whole.len(), "{}", kind.name);
            assert!(ids.iter().all(|id| !id.is_empty()), "{}", kind.name);
            // Rows with only the requested fields show the same.
            let columns = kind.table(true);
            let options = RowOptions { projection: kind.projection(&columns, None), ..all() };
            let partial = rows(&records, kind.name, &options);
            assert_eq!(partial.len(), whole.len());
            for (whole, partial) in whole.iter().zip(&partial) {
                assert_eq!(whole.id(), partial.id());
                assert_eq!(whole.names(), partial.names());
                for column in &columns {
                    assert_eq!(
                        column.cell(whole.object()),
                        column.cell(partial.object()),
                        "{} {}",
                        kind.name,
                        column.name()
                    );
                }
            }
            // Everything that is shown can be selected.
            let shape = kind.shape();
            for row in &whole {
                for (name, _) in row.object().members() {
                    let name = String::from_utf8_lossy(name).into_owned();
                    let known = shape.member(name.as_bytes()).is_some()
                        || ["KeyBase64", "Rules", "Type", "Syntax"].contains(&name.as_str());
                    assert!(known, "{}.{name}", kind.name);
                }
            }
        }
    }
}

#[test]
fn imported_objects_are_apart() {
    let records = records("consul-1.21.4/small-a.snap");
    let count = |name: &str, peers: PeerSelection| {
        rows(&records, name, &RowOptions { peers, projection: Projection::All }).len()
    };
    for name in ["nodes", "instances", "checks", "services"] {
        let local = count(name, PeerSelection::Local);
        let every = count(name, PeerSelection::All);
        let named: usize = ["peer-accepts", "peer-dials", "peer-pending"]
            .iter()
            .map(|peer| count(name, PeerSelection::Named((*peer).to_owned())))
            .sum();
        assert!(every > local, "{name}");
        assert_eq!(local + named, every, "{name}");
    }
}

#[test]
fn columns_are_found_by_name_or_selector() {
    let records = records("consul-1.21.4/small-a.snap");
    let nodes = kind("nodes");
    let find = |name: &str| nodes.column(&nodes.shape(), name);
    let zone = find("Meta.zone").unwrap();
    let zones: BTreeSet<Vec<u8>> = rows(&records, "nodes", &all())
        .iter()
        .map(|row| zone.cell(row.object()).text().into_owned())
        .collect();
    assert!(zones.contains(&b"a"[..]) && zones.contains(&b""[..]));
    assert_eq!(find("NODE").unwrap().name(), "node");
    assert!(find("Unheard").unwrap_err().to_string().contains("TaggedAddresses"));
    assert!(find("nodes").unwrap_err().to_string().ends_with("did you mean \"node\"?"));
    assert!(find("Node or x").is_err());
    let order = |a: CellValue<'_>, b: CellValue<'_>| a.order(&b);
    assert!(order(CellValue::Int(-1), CellValue::Uint(u64::MAX)).is_lt());
    assert!(order(CellValue::Nothing, CellValue::Bool(false)).is_lt());
}

#[test]
fn locks_name_their_sessions() {
    for records in snaps() {
        let locks = rows(&records, "locks", &all());
        let filter = Filter::compile("Session != \"\"", &kind("kv").shape()).unwrap();
        let held: Vec<Vec<u8>> = rows(&records, "kv", &all())
            .iter()
            .filter(|row| filter.holds(row.object()))
            .map(|row| row.id())
            .collect();
        assert_eq!(locks.iter().map(|row| row.id()).collect::<Vec<_>>(), held);
        assert!(locks.iter().all(|row| !row.text("Node").is_empty()));
    }
}
