//! Pages in a real browser: they load nothing, report no errors, and pass the checks of axe.

use crate::support::{Fixture, run, write};
use crate::terminal::poisoned;
use serde_json::{Value, json};
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::browser::Browser;
use std::path::{Path, PathBuf};

/// The widths of a desk and of a phone, and the two colour schemes.
const VIEWS: [(u64, &str); 4] = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")];

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/page/drive.cjs")
}

/// Takes steps in one browser, and returns their results. Nothing may be reported on the console, and nothing requested but
/// what is below `from`.
fn steps(browser: &Browser, from: &str, steps: &[Value]) -> Vec<Value> {
    let seen = browser.run(&script(), &json!(steps));
    for list in ["console", "errors"] {
        assert_eq!(seen[list], json!([]), "{list}");
    }
    for request in seen["requests"].as_array().unwrap() {
        let url = request.as_str().unwrap();
        assert!(url.starts_with(from) || url.starts_with("data:"), "{url}");
    }
    seen["results"].as_array().unwrap().clone()
}

/// Reports: of a small snapshot, an empty one, one with hostile names, a difference and a series.
fn reports(dir: &Path) -> Vec<PathBuf> {
    let snap = |name: &str| Fixture::snap(name).path.to_str().unwrap().to_owned();
    let names = ["<b>x</b>".to_owned(), "\u{202e}abc".to_owned(), "x".repeat(4096)];
    let hostile = SnapshotSpec::new(poisoned(&names)).in_section_order().snap();
    let hostile = write(dir, "hostile.snap", &hostile).to_str().unwrap().to_owned();
    let [small, empty, nulls] =
        ["small-a", "empty", "nulls"].map(|name| snap(&format!("consul-1.21.4/{name}")));
    let (before, after) = (snap("consul-1.21.4/evolve.before"), snap("consul-1.21.4/evolve.after"));
    let all: [(&str, Vec<&str>); 6] = [
        ("small", vec![&small]),
        ("empty", vec![&empty]),
        ("nulls", vec![&nulls]),
        ("hostile", vec![&hostile]),
        ("diff", vec!["--diff", &before, &after]),
        ("series", vec!["--series", &before, &after]),
    ];
    all.map(|(name, args)| {
        let out = dir.join(format!("{name}.html"));
        let ran = run([&["report", "--out", out.to_str().unwrap()], &args[..]].concat());
        assert!(matches!(ran.code(), 0 | 3), "{name}: {}", ran.stderr);
        out
    })
    .into()
}

#[test]
fn reports_are_accessible_and_load_nothing() {
    let Some(browser) = Browser::find() else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut task = Vec::new();
    let reports = reports(dir.path());
    for report in &reports {
        task.push(json!(["goto", format!("file://{}", report.display())]));
        task.extend([json!(["count", "section"]), json!(["count", "script"])]);
        for (width, scheme) in VIEWS {
            task.extend([json!(["view", width, scheme]), json!(["axe"]), json!(["overflow"])]);
        }
    }
    let from = format!("file://{}", dir.path().display());
    let results = steps(&browser, &from, &task);
    for (report, results) in reports.iter().zip(results.chunks(3 + 3 * VIEWS.len())) {
        let name = report.display();
        assert!(results[1].as_u64().unwrap() >= 2 && results[2] == 0, "{name}");
        for (view, results) in VIEWS.iter().zip(results[3..].chunks(3)) {
            assert_eq!(results[1], json!([]), "{name} {view:?}");
            assert!(
                results[2].as_i64().unwrap() <= 0,
                "{name} {view:?} is too wide: {}",
                results[2]
            );
        }
    }
}
