//! Many snapshots, by cluster.

use crate::incomplete::Incomplete;
use crate::times::of_unix_ms;
use snapscope_analyze::series::{Cluster, Series, Snapshot, Unreadable};
use snapscope_archive::Closing;
use snapscope_objects::json::{JsonText, List, Members as _, Object};
use snapscope_objects::printable::one_line;

/// Writes the cluster's identity as two members of an open object.
pub fn cluster_members<T>(cluster: &Cluster<T>, json: &mut JsonText) {
    json.member("datacenter", cluster.name.datacenter.as_ref());
    json.member("cluster_id", cluster.name.id.as_ref());
}

/// Writes a snapshot's file and position in the series as members of an open object.
pub fn place_members<T>(snapshot: &Snapshot<T>, json: &mut JsonText) {
    json.member("file", &snapshot.name).member("index", snapshot.index);
    json.member("taken", snapshot.taken_ms.and_then(of_unix_ms));
}

/// Writes a list of a cluster's snapshots as a member of an open object.
pub fn snapshots_member<T>(cluster: &Cluster<T>, json: &mut JsonText) {
    let snapshots = cluster.snapshots.iter().map(|snapshot| {
        Object(move |json: &mut JsonText| {
            place_members(snapshot, json);
            let Closing { records, integrity, .. } = &snapshot.closing;
            json.member("records", *records).member("bytes", integrity.actual_size);
            json.member("damaged", snapshot.is_damaged());
        })
    });
    json.member("snapshots", List(snapshots));
}

/// Writes the skipped snapshots of a series as members of an open object.
pub fn left_out_members<T>(series: &Series<T>, json: &mut JsonText) {
    let duplicates = series.duplicates.iter().map(|duplicate| {
        Object(|json: &mut JsonText| {
            json.member("file", &duplicate.name).member("of", &duplicate.of);
        })
    });
    json.member("duplicates", List(duplicates));
    json.member("no_snapshots", List(&series.passed_over));
}

/// Says which snapshots of a series are incomplete, if any.
#[must_use]
pub fn incomplete<T>(series: &Series<T>) -> Option<Incomplete> {
    let snapshots = || series.clusters.iter().flat_map(|cluster| &cluster.snapshots);
    let unreadable = series.unreadable.iter().map(|unreadable| match unreadable {
        Unreadable::Refused { name, .. } | Unreadable::Damaged { name, .. } => name,
    });
    let damaged = snapshots().filter(|snapshot| snapshot.is_damaged()).map(|s| &s.name);
    let names: Vec<&str> = damaged.chain(unreadable).map(String::as_str).collect();
    let all = snapshots().count() + series.unreadable.len();
    (!names.is_empty()).then(|| {
        let count = names.len();
        let names = one_line(names.join(", ").as_bytes());
        let why = format!("{count} of {all} snapshots are damaged or unreadable: {names}");
        Incomplete::because(&why)
    })
}
