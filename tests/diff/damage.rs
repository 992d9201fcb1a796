//! A damaged side: what can be compared is compared, nothing is made up, and every form marks the
//! damage.

use super::{changes, diff, name};
use crate::support::{Fixture, write};
use std::collections::BTreeSet;

#[test]
fn what_may_have_been_lost_is_not_called_removed() {
    let dir = tempfile::tempdir().unwrap();
    let before = Fixture::snap("consul-1.21.4/evolve.before");
    let after = Fixture::snap("consul-1.21.4/evolve.after");
    let whole: BTreeSet<_> = changes(&before.path, &after.path, &[]).iter().map(name).collect();
    let bytes = std::fs::read(&after.path).unwrap();
    let state = after.state();
    let cuts = (1..40).map(|n| (bytes.len() * n / 40, &bytes));
    let cuts = cuts.chain((1..40).map(|n| (state.len() * n / 40, &state)));
    let mut found = 0;
    for (cut, bytes) in cuts {
        let file = write(dir.path(), "cut", &bytes[..cut]);
        for is_second in [true, false] {
            let (a, b) = if is_second { (&before.path, &file) } else { (&file, &before.path) };
            let ran = diff(a, b, &["-o", "jsonl"]);
            assert_eq!(ran.code(), 3, "cut at {cut}: {}", ran.stderr);
            let mut lines = ran.lines();
            let last = lines.pop().expect("a line that says that it is not whole");
            assert_eq!(last["incomplete"], true, "cut at {cut}");
            if !is_second {
                continue;
            }
            found += lines.len();
            for line in &lines {
                assert!(whole.contains(&name(line)), "cut at {cut}: {line}");
            }
        }
    }
    assert!(found > whole.len() * 10, "{found}");
}

#[test]
fn every_form_says_that_it_is_not_whole() {
    let dir = tempfile::tempdir().unwrap();
    let before = Fixture::snap("consul-1.14.7/evolve.before").path;
    let after = std::fs::read(Fixture::snap("consul-1.14.7/evolve.after").path).unwrap();
    let cut = write(dir.path(), "cut.snap", &after[..after.len() * 2 / 3]);
    let table = diff(&before, &cut, &[]);
    assert_eq!(table.code(), 3);
    let last = table.text().lines().last().unwrap();
    assert!(last.starts_with("Incomplete: ") && last.contains("could not be compared"), "{last}");
    assert!(table.text().contains("Not compared"));
    let json = diff(&before, &cut, &["-o", "json"]);
    assert_eq!(json.code(), 3);
    assert_eq!(json.json()["incomplete"], true);
    assert!(json.json()["summary"]["config-entry"]["not_compared"].as_u64().unwrap() > 10);
    let out = dir.path().join("patch");
    let patch = diff(&before, &cut, &["-o", "patch", "--out", out.to_str().unwrap()]);
    assert_eq!((patch.code(), patch.text()), (3, ""));
    assert!(std::fs::read_to_string(out.join("INCOMPLETE")).unwrap().starts_with("Incomplete: "));
    // Compared with itself, everything is reported once.
    let itself = diff(&cut, &cut, &[]);
    assert_eq!(itself.code(), 3);
    assert!(itself.text().starts_with("No differences in what could be compared.\nIncomplete: "));
}
