//! Series made for these tests.

use super::{events, history, shorts, write_all};
use crate::support::{run, taken_on};
use serde_json::json;
use snapscope_testkit::records::{acl, catalog, cluster, connect, kv};
use snapscope_testkit::{ConsulVersion, Record};
use std::path::{Path, PathBuf};

const V: ConsulVersion = ConsulVersion::V1_21_4;

fn key(value: &str, create: u64, modify: u64) -> Record {
    kv::entry("app/color", value, 0, modify).with("CreateIndex", create)
}

/// Snapshots of one cluster, in a datacenter.
fn of(day: u64, index: u64, mut records: Vec<Record>) -> Vec<u8> {
    records.push(catalog::Node::new("a", "aaaaaaaa-0000-4000-8000-000000000001", 5).record(V));
    records.push(connect::ca_config(V, 6));
    records.push(cluster::index("kvs", index - 1));
    taken_on(day, index, records).snap()
}

/// A key that is created, changed, deleted and created again.
fn lived(dir: &Path) -> Vec<PathBuf> {
    write_all(
        dir,
        &[
            ("d0", of(0, 100, vec![key("blue", 10, 12)])),
            ("d1", of(1, 200, vec![key("blue", 10, 12)])),
            ("d2", of(2, 300, vec![key("green", 10, 250)])),
            ("d3", of(3, 400, vec![kv::tombstone("app/color", 350)])),
            ("d4", of(4, 500, vec![key("blue", 450, 450), kv::tombstone("app/color", 350)])),
            ("d5", of(5, 600, vec![key("red", 580, 590), kv::tombstone("app/color", 570)])),
            ("d6", of(6, 700, vec![key("red", 580, 650)])),
            ("d7", of(7, 800, vec![])),
            ("d8", of(8, 900, vec![kv::tombstone("app/color", 850)])),
        ],
    )
}

const LIFE: [&str; 8] = [
    "first-seen 10 ?..100",
    "changed 250 200..300",
    "deleted 350 300..400",
    "created 450 400..500",
    "recreated 580 500..600",
    "touched 650 600..700",
    "deleted ? 700..800",
    "deleted 850 800..900",
];

#[test]
fn a_life_is_told_whatever_order_the_files_come_in() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = lived(dir.path());
    let first = history(&["kv", "app/color"], &files);
    assert_eq!((first.code(), first.stderr.as_str()), (0, ""));
    assert_eq!(shorts(&first), LIFE);
    let told = events(&first);
    assert_eq!(told[1]["fields"], json!({"Value": {"before": "blue", "after": "green"}}));
    assert_eq!(told[1]["since"]["taken"], "2026-11-24T03:10:00Z");
    assert_eq!(told[1]["until"]["taken"], "2026-11-25T03:10:00Z");
    assert_eq!(told[4]["deletion"], json!({"index": 570, "prefix": null}));
    assert_eq!((&told[4]["modify_index"], &told[0]["modify_index"]), (&json!(590), &json!(12)));
    files.rotate_left(4);
    files.swap(0, 3);
    for jobs in ["1", "2", "7"] {
        let other = history(&["--jobs", jobs, "kv", "app/color"], &files);
        assert!(other.stdout == first.stdout, "{jobs}: {}", other.text());
    }
    let lines = run(["history", "-o", "jsonl", "kv", "app/color", dir.path().to_str().unwrap()]);
    assert_eq!(lines.lines().len(), LIFE.len());
    assert_eq!(lines.lines()[2]["id"], "app/color");
    let text = run(["history", "kv", "app/color", dir.path().to_str().unwrap()]);
    for line in [
        "  changed     at index 250",
        "between 2026-11-24T03:10:00Z (index 200)\n",
        "    and 2026-11-25T03:10:00Z (index 300)\n",
        "Value: \"blue\" -> \"green\"",
        "deleted at index 570 before",
        "last changed at 590",
        "not by whom",
    ] {
        assert!(text.text().contains(line), "{line} is not in {}", text.text());
    }
}

#[test]
fn what_is_under_a_prefix_is_a_changelog() {
    let dir = tempfile::tempdir().unwrap();
    let other = |modify| kv::entry("app/other", "x", 0, modify);
    let files = write_all(
        dir.path(),
        &[
            ("a", of(0, 100, vec![key("blue", 10, 12), other(20), kv::entry("zoo", "", 0, 30)])),
            ("b", of(1, 200, vec![key("red", 10, 150), kv::entry("zoo", "1", 0, 160)])),
            (
                "c",
                of(2, 300, vec![key("red", 10, 150), other(210), kv::entry("app/new", "", 0, 205)]),
            ),
        ],
    );
    let ran = history(&["--under", "app/", "kv"], &files);
    assert_eq!(ran.code(), 0);
    assert_eq!(ran.json()["clusters"][0]["at_first"], 2);
    let ids: Vec<String> = events(&ran)
        .iter()
        .map(|event| format!("{} {}", event["id"].as_str().unwrap(), super::short(event)))
        .collect();
    let expected = [
        "app/color changed 150 100..200",
        "app/other deleted ? 100..200",
        "app/new created 205 200..300",
        "app/other created 210 200..300",
    ];
    assert_eq!(ids, expected);
    let text = run(["history", "--under", "app/", "kv", dir.path().to_str().unwrap()]);
    assert!(text.text().contains("2 kv in the first snapshot; 4 changes."), "{}", text.text());
    assert!(!text.text().contains("zoo"));
    let lines = [
        "2026-11-23T03:10:00Z (index 100) to 2026-11-24T03:10:00Z (index 200)",
        "  150  changed    app/color  Value",
        "    -  deleted    app/other",
    ];
    assert!(text.text().contains(&lines.join("\n")), "{}", text.text());
    let none = history(&["--under", "nothing/", "kv"], &files);
    assert_eq!(none.code(), 1);
    assert!(
        none.stderr.contains("no key starts with \"nothing/\" in any of the 3"),
        "{}",
        none.stderr
    );
}

/// Deleted with all keys under a prefix. One tombstone is left, that of the prefix.
#[test]
fn the_tombstone_of_a_prefix_is_told_with_a_reservation() {
    let dir = tempfile::tempdir().unwrap();
    let files = write_all(
        dir.path(),
        &[
            ("a", of(0, 100, vec![key("blue", 10, 12)])),
            ("b", of(1, 200, vec![kv::tombstone("app/", 150), kv::tombstone("ap", 90)])),
        ],
    );
    let ran = history(&["kv", "app/color"], &files);
    assert_eq!(shorts(&ran), ["first-seen 10 ?..100", "deleted 150 100..200"]);
    assert_eq!(events(&ran)[1]["deletion"], json!({"index": 150, "prefix": "app/"}));
    let text = run(["history", "kv", "app/color", dir.path().to_str().unwrap()]);
    assert!(
        text.text().contains("the prefix app/ at index 150, unless it was deleted"),
        "{}",
        text.text()
    );
}

/// Found by a name that it had only for a while, or by the start of its ID.
#[test]
fn an_object_is_followed_under_its_other_names() {
    let dir = tempfile::tempdir().unwrap();
    let id = "11111111-2222-4333-8444-555555555555";
    let policy = |id: &str, name, rules, modify| {
        acl::policy(V, id, name, rules, modify).with("CreateIndex", 20u64)
    };
    let also = policy("11111111-9999-4333-8444-555555555555", "ops", "", 21);
    let files = write_all(
        dir.path(),
        &[
            ("a", of(0, 100, vec![policy(id, "admins", "key \"a\" { policy = \"read\" }", 20)])),
            (
                "b",
                of(
                    1,
                    200,
                    vec![policy(id, "people", "key \"a\" { policy = \"read\" }", 150), also],
                ),
            ),
            ("c", of(2, 300, vec![policy(id, "people", "key \"a\" { policy = \"write\" }", 250)])),
        ],
    );
    let expected = ["first-seen 20 ?..100", "changed 150 100..200", "changed 250 200..300"];
    for name in [id, "people", "admins", "11111111-2222"] {
        let ran = history(&["policy", name], &files);
        assert_eq!((ran.code(), shorts(&ran)), (0, expected.map(str::to_owned).to_vec()), "{name}");
        assert_eq!(
            events(&ran)[1]["fields"],
            json!({"Name": {"before": "admins", "after": "people"}})
        );
    }
    let ran = history(&["policies", "11111111"], &files);
    assert_eq!((ran.code(), ran.text()), (2, ""));
    assert!(ran.stderr.contains("matches several policies: 11111111-2222"), "{}", ran.stderr);
}

#[test]
fn instances_and_their_checks_have_lives() {
    let dir = tempfile::tempdir().unwrap();
    let node = catalog::Node::new("web-1", "aaaaaaaa-0000-4000-8000-000000000002", 20);
    let service = |port: u64, modify| {
        let mut service = catalog::Service::new("web", "web", 30);
        service.port = port;
        service.modify_index = modify;
        service
    };
    let records = |port, modify, status: &str, at| {
        let service = service(port, modify);
        let mut check = catalog::Check::of_service(&service, status, 31);
        check.modify_index = at;
        vec![node.record(V), node.service_record(V, &service), node.check_record(V, &check)]
    };
    let files = write_all(
        dir.path(),
        &[
            ("a", of(0, 100, records(80, 30, "passing", 31))),
            ("b", of(1, 200, records(8080, 150, "critical", 160))),
            ("c", of(2, 300, vec![node.record(V)])),
        ],
    );
    let instance = history(&["instance", "web-1/web"], &files);
    let expected = ["first-seen 30 ?..100", "changed 150 100..200", "deleted ? 200..300"];
    assert_eq!(shorts(&instance), expected);
    assert_eq!(
        events(&instance)[1]["fields"],
        json!({"ServicePort": {"before": 80, "after": 8080}})
    );
    let checks = history(&["--under", "web-1/", "check"], &files);
    assert_eq!(shorts(&checks), ["changed 160 100..200", "deleted ? 200..300"]);
    let services = history(&["service", "web"], &files);
    assert_eq!(
        shorts(&services),
        ["first-seen ? ?..100", "changed ? 100..200", "deleted ? 200..300"]
    );
    let missing = history(&["instance", "web-1/nope"], &files);
    assert_eq!(missing.code(), 1);
    assert!(missing.stderr.contains("instance \"web-1/nope\" not found"), "{}", missing.stderr);
}

/// An older state returned: it has no index of this series.
#[test]
fn a_restore_is_no_change_at_an_old_index() {
    let dir = tempfile::tempdir().unwrap();
    let files = write_all(
        dir.path(),
        &[
            ("a", of(0, 100, vec![key("blue", 10, 12)])),
            ("b", of(1, 200, vec![key("green", 10, 150)])),
            ("c", of(2, 300, vec![key("blue", 10, 12)])),
        ],
    );
    let ran = history(&["kv", "app/color"], &files);
    assert_eq!(shorts(&ran)[2], "changed ? 200..300");
    assert_eq!(events(&ran)[2]["restored"], true);
}
