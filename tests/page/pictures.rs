//! Takes pictures of all views and reports, for review.

#![allow(clippy::print_stderr)] // where they are

use super::{PATHS, Serving, VIEWS, hostile, reports, steps};
use crate::support::Fixture;
use serde_json::{Value, json};
use snapscope_testkit::browser::Browser;
use std::path::{Path, PathBuf};

/// Views of objects that only the first snapshot has.
const MORE: [&str; 7] = [
    "keys?key=sizes%2Ftext%2F102400",
    "keys?key=sizes%2Ftext%2F102400&show=1&as=hex",
    "list?kind=tokens",
    "object?kind=nodes&id=ap-south-1-node-02",
    "acl?explain=anonymous",
    "acl?token=anonymous&resource=service&access=read&segment=web",
    "acl?questions=%7B%22AccessorID%22%3A%2200000000-0000-0000-0000-000000000002%22%2C%22Resource%22%3A%22key%22%2C%22Access%22%3A%22read%22%7D",
];

/// Takes pictures of a page in both widths and schemes.
fn shots(folder: &Path, name: &str, task: &mut Vec<Value>) {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    for (width, scheme) in VIEWS {
        let file = folder.join(format!("{name:.60}.{width}.{scheme}.png"));
        task.extend([json!(["view", width, scheme]), json!(["shot", file])]);
    }
}

#[test]
#[ignore = "some minutes; writes pictures"]
fn pictures_are_taken_of_every_view() {
    let Some(browser) = Browser::find() else { return };
    let out = match std::env::var_os("SNAPSCOPE_PICTURES") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures"),
    };
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| {
        Fixture::snap(&format!("consul-1.21.4/{name}")).path.to_str().unwrap().to_owned()
    };
    let before = format!("before={}", path("evolve.before"));
    let mut all = vec![
        ("small", vec![path("small-a"), "--also".to_owned(), before]),
        ("empty", vec![path("empty")]),
        ("nulls", vec![path("nulls")]),
        ("hostile", vec![hostile(dir.path())]),
    ];
    if let Ok(large) = std::env::var("SNAPSCOPE_LARGE") {
        all.push(("large", vec![large]));
    }
    for (name, args) in &all {
        let args: Vec<&str> =
            ["--no-acl"].into_iter().chain(args.iter().map(String::as_str)).collect();
        let server = Serving::start(&args);
        let folder = out.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut task = vec![json!(["goto", server.page])];
        let more: &[&str] = if *name == "small" { &MORE } else { &[] };
        for view in PATHS.iter().chain(more) {
            task.push(json!(["goto", format!("{}/ui/{view}", server.origin)]));
            task.push(json!(["wait", ".view[data-done]"]));
            shots(&folder, view, &mut task);
        }
        steps(&browser, &server.origin, &task);
        eprintln!("{}", folder.display());
    }
    let folder = out.join("reports");
    std::fs::create_dir_all(&folder).unwrap();
    let mut task = Vec::new();
    for report in reports(dir.path()) {
        task.push(json!(["goto", format!("file://{}", report.display())]));
        shots(&folder, report.file_stem().unwrap().to_str().unwrap(), &mut task);
    }
    steps(&browser, &format!("file://{}", dir.path().display()), &task);
    eprintln!("{}", folder.display());
}
