//! The plan of a restore: its numbers add up for every type and pair of snapshots, and its
//! predictions are right.

use super::run_at;
use crate::support::{Fixture, all, write};
use serde_json::{Value, json};
use snapscope_analyze::{Jobs, fold};
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_live::client::{Client, ClientOptions};
use snapscope_live::restore::{Contents, Plan, Survey, compare, types_of};
use snapscope_testkit::ConsulServer;
use snapscope_testkit::records::kv;
use snapscope_testkit::{Record, SnapshotSpec};
use std::path::Path;

/// Added, removed, changed and equal of a type in both sums.
fn counts(plan: &Value, kind: &str) -> Option<[u64; 6]> {
    let row = plan["Types"].as_array().unwrap().iter().find(|row| row["Name"] == kind)?;
    let names = ["Snapshot", "Cluster", "Added", "Removed", "Changed", "Equal"];
    Some(names.map(|name| row[name].as_u64().unwrap()))
}

fn plan_of(server: &ConsulServer, file: &Path) -> Value {
    let ran = run_at(server, ["restore", "--dry-run", "-o", "json", file.to_str().unwrap()]);
    assert!(ran.code() <= 1, "{}", ran.stderr);
    let plan = ran.json();
    for row in plan["Types"].as_array().unwrap() {
        let number = |name: &str| row[name].as_u64();
        if let (Some(equal), Some(changed)) = (number("Equal"), number("Changed")) {
            let sum = |name: &str| number(name).unwrap() + changed + equal;
            assert_eq!(number("Snapshot"), Some(sum("Added")), "{row}");
            assert_eq!(number("Cluster"), Some(sum("Removed")), "{row}");
        }
    }
    plan
}

fn warnings(plan: &Value) -> Vec<&str> {
    plan["Warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[test]
fn tokens_count_where_they_are_stored() {
    let Some(server) = ConsulServer::for_test("tokens_count_where_they_are_stored") else { return };
    let dir = tempfile::tempdir().unwrap();
    let before = write(dir.path(), "t0.snap", &server.snapshot_save().unwrap());
    let body = json!({"Policies": [{"Name": "global-management"}]}).to_string();
    let made: Value = serde_json::from_slice(&server.put("/v1/acl/token", body).unwrap()).unwrap();
    let accessor = made["AccessorID"].as_str().unwrap();
    let after = write(dir.path(), "t1.snap", &server.snapshot_save().unwrap());
    let [snapshot, cluster, added, removed, ..] =
        counts(&plan_of(&server, &before), "ACLToken").unwrap();
    assert_eq!((cluster, added, removed), (snapshot + 1, 0, 1));

    // In reverse.
    server.delete(&format!("/v1/acl/token/{accessor}")).unwrap();
    let plan = plan_of(&server, &after);
    let [snapshot, cluster, added, removed, ..] = counts(&plan, "ACLToken").unwrap();
    assert_eq!((snapshot, added, removed), (cluster + 1, 1, 0));
    let said = warnings(&plan);
    let again = |text: &&str| text.contains("no longer in the cluster") && text.contains(accessor);
    assert!(said.iter().any(again), "{said:?}");

    // From another cluster, with tokens of the system before 1.4.
    let old = Fixture::snap("consul-1.0.7/small-c");
    let plan = plan_of(&server, &old.path);
    let [snapshot, cluster, added, ..] = counts(&plan, "ACL").unwrap();
    assert!(snapshot > 5 && cluster == 0 && added == snapshot, "{plan}");
    let [snapshot, cluster, _, removed, ..] = counts(&plan, "ACLToken").unwrap();
    assert!(snapshot == 0 && removed == cluster, "{plan}");
    let said = warnings(&plan);
    let nameless = |text: &&str| text.contains("none of them has an accessor");
    assert!(said.iter().any(nameless), "{said:?}");
    assert!(
        !said.iter().any(|text| text.contains(", ,") || text.contains("no longer")),
        "{said:?}"
    );
}

#[test]
fn numbers_add_up_for_every_pair() {
    let client = Client::new(&ClientOptions::default()).unwrap();
    let options = OpenOptions::default();
    let mut sources: Vec<Source> =
        all().iter().map(|fixture| Source::find(&fixture.path).unwrap()).collect();
    let dir = tempfile::tempdir().unwrap();
    // The same key twice, which no server writes.
    let twice: Vec<Record> = ["a", "a", "b"].map(|key| kv::entry(key, key, 0, 5)).into();
    let twice = write(dir.path(), "twice.snap", &SnapshotSpec::new(twice).snap());
    let empty = write(dir.path(), "empty.snap", &SnapshotSpec::new(vec![]).snap());
    sources.extend([&twice, &empty].map(|path| Source::find(path).unwrap()));
    let contents: Vec<Contents> = sources
        .iter()
        .map(|source| {
            let blocks = open(source, &options).unwrap();
            Contents::of(&fold(blocks, Jobs::default(), || Survey::new(&client)))
        })
        .collect();
    // Each with the next ones: other clusters, versions, and states of the same.
    let mut rows = 0;
    for a in 0..sources.len() {
        for b in [a, (a + 1) % sources.len(), (a + 5) % sources.len(), sources.len() - 1] {
            for (cluster, snapshot) in [(a, b), (b, a)] {
                let types = types_of(&contents[snapshot], &contents[cluster]);
                let (from, to) = (&sources[cluster], &sources[snapshot]);
                let changes = compare(from, to, &types, &options).unwrap();
                let plan = Plan::new(&contents[snapshot], &contents[cluster], &[], None, &changes);
                for row in &plan.types {
                    let (Some(of), Some(equal)) = (row.changes, row.equal()) else { continue };
                    let pair = format!("{} into {}: {row:?}", to.name(), from.name());
                    assert_eq!(row.snapshot, of.added + of.changed + equal, "{pair}");
                    assert_eq!(row.cluster, of.removed + of.changed + equal, "{pair}");
                    if a == b {
                        assert_eq!(row.snapshot, equal, "{pair}");
                    }
                    rows += 1;
                }
            }
        }
    }
    assert!(rows > 1000, "{rows}");
}

#[test]
fn obstacles_are_not_warnings_and_the_table_fits() {
    let Some(server) = ConsulServer::for_test("obstacles_are_not_warnings_and_the_table_fits")
    else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let newer = std::fs::read(Fixture::snap("consul-1.21.4/small-a").path).unwrap();
    let newer = write(dir.path(), "newer.snap", &newer);
    let ran = run_at(&server, ["restore", "--dry-run", newer.to_str().unwrap()]);
    assert_eq!(ran.code(), 1, "{}", ran.stderr);
    let text = ran.text();
    assert!(text.contains("\nObstacle: ") && !text.contains("Warning: 1 record of type"), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("The snapshot cannot be restored into these servers"), "{last}");
    assert!(last.contains("1.8.7") && last.contains("1.21.4"), "{last}");
    let table = text.lines().skip_while(|line| !line.contains("Taken"));
    let table: Vec<&str> = table.take_while(|line| !line.contains(": ")).collect();
    assert!(table.len() > 20 && table.iter().all(|line| line.chars().count() <= 80), "{text}");
    let plan = plan_of(&server, &newer);
    let obstacles = plan["Obstacles"].as_array().unwrap();
    assert!(!obstacles.is_empty());
    assert!(!obstacles.iter().any(|text| warnings(&plan).contains(&text.as_str().unwrap())));
    // Nothing was sent, so there is nothing to undo.
    let ran = run_at(&server, ["restore", "-y", newer.to_str().unwrap()]);
    assert_eq!(ran.code(), 2, "{}", ran.stderr);
    assert_eq!(super::names(dir.path()), ["newer.snap"]);
}
