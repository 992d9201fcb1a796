//! What holds for any two snapshots: a snapshot does not differ from itself, and the reverse
//! comparison mirrors the first.

use super::{changes, diff, name};
use crate::support::{Fixture, all, in_parallel, run_with};
use serde_json::Value;

#[test]
fn nothing_differs_from_itself() {
    in_parallel(all(), |fixture| {
        for more in [&["--with-touched"][..], &["--jobs", "1"]] {
            let ran = diff(&fixture.path, &fixture.path, more);
            let told = (ran.code(), ran.text(), ran.stderr.as_str());
            assert_eq!(told, (0, "No differences.\n", ""), "{}", fixture.name);
        }
    });
}

/// In reverse, added objects are removed, and before is after.
fn mirrored(line: &Value) -> Value {
    let mut out = line.clone();
    let change = match line["change"].as_str().unwrap() {
        "added" => "removed",
        "removed" => "added",
        same => same,
    };
    out["change"] = change.into();
    out["before"] = line["after"].clone();
    out["after"] = line["before"].clone();
    out.as_object_mut().unwrap().remove("fields");
    out
}

const PAIRS: [(&str, &str); 5] = [
    ("consul-1.14.7/evolve.before", "consul-1.14.7/evolve.after"),
    ("consul-1.21.4/evolve.before", "consul-1.21.4/evolve.after"),
    ("consul-1.8.7/small-a", "consul-1.21.4/small-a"),
    ("consul-1.14.7/small-a", "consul-1.21.4/acl-extra"),
    ("consul-1.21.4/empty", "consul-1.21.4/nulls"),
];

#[test]
fn there_and_back_is_a_mirror() {
    in_parallel(PAIRS.to_vec(), |(before, after)| {
        let (before, after) = (Fixture::snap(before).path, Fixture::snap(after).path);
        let flags = ["--show-secrets", "--with-touched"];
        let mut there: Vec<Value> = changes(&before, &after, &flags).iter().map(mirrored).collect();
        let mut back = changes(&after, &before, &flags);
        assert!(there.len() > 40);
        for line in &mut back {
            line.as_object_mut().unwrap().remove("fields");
        }
        // An object whose name differs in case has the later name.
        there.sort_by_key(name);
        back.sort_by_key(name);
        assert_eq!(there, back);
    });
}

#[test]
fn the_output_is_the_same_for_any_number_of_threads_and_from_standard_input() {
    let before = Fixture::snap("consul-1.14.7/small-a").path;
    let after = Fixture::snap("consul-1.21.4/small-a").path;
    for form in ["table", "json", "jsonl"] {
        let one = diff(&before, &after, &["-o", form, "--jobs", "1"]);
        assert_eq!(one.code(), 1);
        for jobs in ["2", "5"] {
            let many = diff(&before, &after, &["-o", form, "--jobs", jobs]);
            assert!(one.stdout == many.stdout && one.stderr == many.stderr, "{form} {jobs}");
        }
    }
    let file = diff(&before, &after, &["-o", "jsonl"]);
    let bytes = std::fs::read(&after).unwrap();
    let piped = run_with(["diff", "-o", "jsonl", before.to_str().unwrap(), "-"], &bytes);
    assert_eq!((piped.code(), piped.stderr.as_str()), (1, file.stderr.as_str()));
    assert!(piped.stdout == file.stdout);
}
