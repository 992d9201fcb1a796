//! `report`: its numbers are those of `inspect`, `list`, `breakdown` and `diff`; names are never
//! markup; nothing is loaded; no secret is shown.

use crate::audit::leaks::secrets;
use crate::support::{DAY_MS, Fixture, all, in_parallel, run, taken_on, write};
use crate::terminal::poisoned;
use serde_json::Value;
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::records::kv;
use std::path::Path;

/// Writes a page; returns it and the exit code.
fn page(args: &[&str]) -> (String, i32) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("page.html");
    let ran = run([&["report", "--out", out.to_str().unwrap()], args].concat());
    (std::fs::read_to_string(&out).unwrap_or_else(|e| panic!("{e}: {}", ran.stderr)), ran.code())
}

/// The tables of a page: captions, and the cells of each row as texts and exact numbers.
fn tables(page: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let parts = page.split("<caption>").skip(1);
    parts
        .map(|part| {
            let (caption, rest) = part.split_once("</caption>").unwrap();
            let body = rest.split_once("<tbody>").unwrap().1.split_once("</tbody>").unwrap().0;
            let rows = body.split("<tr>").skip(1).map(|row| {
                let cells = row.split("</td>").flat_map(|cells| cells.split("</th>"));
                cells.filter(|cell| cell.contains("<t")).map(cell).collect()
            });
            (caption.to_owned(), rows.collect())
        })
        .collect()
}

/// The exact number of a cell; otherwise its text.
fn cell(markup: &str) -> String {
    if let Some((_, number)) = markup.split_once("<data value=\"") {
        return number.split_once('"').unwrap().0.to_owned();
    }
    let mut text = String::new();
    for part in markup.split('<') {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

fn table<'p>(tables: &'p [(String, Vec<Vec<String>>)], caption: &str) -> &'p [Vec<String>] {
    let found = tables.iter().find(|(name, _)| name.starts_with(caption));
    found.map_or(&[][..], |(_, rows)| rows)
}

/// Every tag and attribute of the pages.
fn only_own_markup(page: &str) {
    const TAGS: &str = "!doctype html head meta title style link body a header h1 h2 h3 p nav ul li main section div dl dt dd \
                        br bdi code span pre ins del table caption thead tbody tr th td data svg desc g rect text path circle b strong \
                        footer";
    for tag in page.split('<').skip(1) {
        let name: String = tag.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect();
        let name = name.trim_start_matches('/');
        assert!(TAGS.split_whitespace().any(|known| known == name), "<{tag:.80}");
        let attributes = tag.split_once('>').map_or(tag, |(inside, _)| inside);
        let is_act = attributes.contains(" on") || attributes.contains(" style=");
        assert!(!is_act, "<{tag:.80}");
    }
    let turning = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}');
    assert!(!page.contains(turning));
    for attribute in ["href=\"", "src=\"", "url("] {
        for target in page.split(attribute).skip(1) {
            assert!(target.starts_with('#') || target.starts_with("data:,"), "{target:.60}");
        }
    }
    assert!(page.contains("default-src 'none'"));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn numbers_are_those_of_inspect_list_and_breakdown() {
    in_parallel(all(), |fixture| {
        let path = fixture.path.to_str().unwrap();
        let (page, code) = page(&[path]);
        assert_eq!(code, 0, "{path}");
        only_own_markup(&page);
        let tables = tables(&page);
        let inspected = run(["inspect", "-format", "json", path]).json();
        let types = table(&tables, "Records and bytes by type");
        let expected = inspected["Stats"].as_array().unwrap();
        assert_eq!(types.len(), expected.len(), "{path}");
        for (row, stat) in types.iter().zip(expected) {
            let stat = [&stat["Name"], &stat["Count"], &stat["Sum"]].map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            assert_eq!(row[..3], stat, "{path}");
        }
        let objects = table(&tables, "Number of objects of each type");
        for row in objects {
            let listed = run(["list", "--count", &row[0], path]);
            assert_eq!(listed.text().trim(), row[2], "{path} {}", row[0]);
        }
        let groups = run(["breakdown", "--by", "prefix", "-o", "json", path]).json();
        let keys = table(&tables, "Keys by the first part");
        for (row, group) in keys.iter().zip(groups["groups"].as_array().unwrap()) {
            assert_eq!(
                row[1..3],
                [group["count"].to_string(), group["bytes"].to_string()],
                "{path}"
            );
        }
        let services = run(["list", "services", "-o", "json", path]).json();
        for row in table(&tables, "Services, those with critical") {
            let named = |service: &&Value| service["Name"] == row[0].as_str();
            let Some(service) = services.as_array().unwrap().iter().find(named) else { continue };
            let numbers =
                ["InstanceCount", "InstancesPassing", "InstancesWarning", "InstancesCritical"];
            assert_eq!(row[3..7], numbers.map(|field| service[field].to_string()), "{path}");
        }
        let found = run(["audit", "-o", "json", path]).json();
        let rules = table(&tables, "Rules that found something");
        let count: u64 = rules.iter().map(|row| row[2].parse::<u64>().unwrap()).sum();
        assert_eq!(count, found["findings"].as_array().unwrap().len() as u64, "{path}");
    });
}

#[test]
fn who_can_do_dangerous_things_is_what_who_can_says() {
    for name in ["consul-1.21.4/small-a", "consul-1.8.7/small-a", "consul-1.0.7/small-c"] {
        let path = Fixture::snap(name).path;
        let path = path.to_str().unwrap();
        let (page, _) = page(&[path]);
        let tables = tables(&page);
        let rows = table(&tables, "Tokens that can do dangerous things");
        assert!(rows.len() >= 8, "{name}: {}", rows.len());
        for row in rows {
            let words: Vec<&str> = row[1].split(' ').map(|word| word.trim_matches('"')).collect();
            let ran = run([&["acl", "who-can", "-o", "json"], &words[..], &[path]].concat());
            let tokens = ran.json()["Tokens"].as_array().unwrap().len();
            let shown = row[2].trim_start_matches("everyone (").trim_end_matches(')');
            assert_eq!(shown, tokens.to_string(), "{name} {words:?}");
        }
    }
}

#[test]
fn no_secret_is_in_a_page() {
    in_parallel(all(), |fixture| {
        let (page, _) = page(&[fixture.path.to_str().unwrap()]);
        let secrets = secrets(fixture);
        for secret in &secrets {
            assert!(!page.contains(secret.as_str()), "{}: {secret}", fixture.name);
        }
    });
    let [before, after] =
        ["before", "after"].map(|when| Fixture::snap(&format!("consul-1.21.4/evolve.{when}")));
    let (page, _) = page(&["--diff", before.path.to_str().unwrap(), after.path.to_str().unwrap()]);
    for secret in secrets(&before).into_iter().chain(secrets(&after)) {
        assert!(!page.contains(&secret), "{secret}");
    }
}

/// Names that would act as markup, change the direction of text, are long, or are empty.
fn hostile_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</style><script>alert(1)</script>",
        "</title><svg onload=alert(1)>",
        "]]><!--",
        "javascript:alert(1)",
        "\u{202e}gnirts\u{202c}\u{2066}\u{200b}",
        "a\u{0}b\u{1b}[31m\u{9b}",
        "&lt;b&gt;&amp;&#60;",
    ]
    .map(str::to_owned)
    .into();
    names.push("<b>".repeat(1400));
    names.push("\u{5d0}\u{5d1}\u{5d2}".repeat(700));
    names
}

#[test]
fn names_are_text_whatever_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let names = hostile_names();
    let mut records = poisoned(&names);
    records.push(kv::entry(b"\xff\xfe/\x80", b"\xff", 0, 90));
    records.extend(names.iter().map(|name| kv::entry(format!("{name}/{name}/x"), "v", 0, 91)));
    let mut spec = SnapshotSpec::new(records).in_section_order();
    spec.meta.id = names.concat();
    let file = write(dir.path(), "<i>&\u{202e}.snap", &spec.snap());
    let other = write(dir.path(), "other.snap", &SnapshotSpec::new(Vec::new()).snap());
    let (file, other) = (file.to_str().unwrap(), other.to_str().unwrap());
    for args in [
        &[file][..],
        &["--diff", other, file],
        &["--diff", file, other],
        &["--series", file, other],
    ] {
        let (page, code) = page(args);
        assert!(code == 0 || code == 3, "{args:?}");
        only_own_markup(&page);
        assert!(args.contains(&"--series") || page.contains("&lt;script&gt;"), "{args:?}");
    }
}

#[test]
fn a_damaged_snapshot_has_a_banner() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(Fixture::snap("consul-1.21.4/small-a").path).unwrap();
    let cut = write(dir.path(), "cut.snap", &whole[..whole.len() / 2]);
    let cut = cut.to_str().unwrap();
    let good = Fixture::snap("consul-1.21.4/small-a").path;
    let good = good.to_str().unwrap();
    for args in [&[cut][..], &["--diff", good, cut], &["--series", good, cut]] {
        let (page, code) = page(args);
        assert_eq!(code, 3, "{args:?}");
        assert!(page.contains("This report is incomplete."), "{args:?}");
        only_own_markup(&page);
    }
    let (page, _) = page(&[good]);
    assert!(!page.contains("incomplete"));
}

/// What was not found in the readable part may have been in the rest.
#[test]
fn a_damaged_snapshot_lacks_nothing_for_sure() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(Fixture::snap("consul-1.21.4/small-a").path).unwrap();
    for bytes in [20_000, 100_000] {
        let cut = write(dir.path(), "cut.snap", &whole[..bytes]);
        let (page, _) = page(&[cut.to_str().unwrap()]);
        assert!(page.contains("in the part that could be read"), "{bytes}");
        for sure in ["The snapshot has no", "ACLs were not in use", "No rule found anything."] {
            assert!(!page.contains(sure), "{bytes}: {sure}");
        }
    }
    // Nothing is said about a file without any record.
    for (name, content) in [("empty.snap", &b""[..]), ("text.snap", &b"hello\n"[..])] {
        let file = write(dir.path(), name, content);
        let out = dir.path().join("page.html");
        let ran = run(["report", file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
        assert!(ran.code() == 2 && !out.exists(), "{name}");
        assert!(ran.stderr.contains("nothing to report"), "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_difference_counts_what_diff_counts() {
    let [before, after] =
        ["before", "after"].map(|when| Fixture::snap(&format!("consul-1.21.4/evolve.{when}")).path);
    let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
    let (page, code) = page(&["--diff", before, after]);
    assert_eq!(code, 0);
    let tables = tables(&page);
    let rows = table(&tables, "Number of objects that differ");
    let diff = run(["diff", "--stat", "-o", "json", before, after]).json();
    for row in rows {
        let counts = &diff["summary"][row[0].as_str()];
        let changes = ["added", "removed", "changed", "recreated"];
        assert_eq!(row[1..5], changes.map(|change| counts[change].to_string()), "{}", row[0]);
    }
    // Lines of a text are a block, and objects with an ID also have their name.
    let (_, policy) = page.split_once("<h3>policy</h3>").unwrap();
    let policy = policy.split("<h3>").next().unwrap();
    assert!(policy.contains("<bdi class=\"name soft\">key-read-a</bdi>"), "{policy}");
    assert!(policy.contains("<li>Rules:<pre ") && policy.contains("<ins>+key_prefix"), "{policy}");
    let sum: u64 = rows.iter().flat_map(|row| &row[1..5]).map(|n| n.parse::<u64>().unwrap()).sum();
    assert_eq!(Value::from(sum), diff["differences"]);
}

#[test]
fn a_series_grows_as_trend_says() {
    let dir = tempfile::tempdir().unwrap();
    for day in 0..5u64 {
        let keys = (0..10 * (day + 1)).map(|n| kv::entry(format!("app/{n:04}"), "value", 0, n + 1));
        let spec = taken_on(day, 100 + day, keys.collect());
        write(dir.path(), &format!("{day}.snap"), &spec.snap());
    }
    let folder = dir.path().to_str().unwrap();
    let (page, code) = page(&["--series", folder]);
    assert_eq!(code, 0);
    only_own_markup(&page);
    let trend = run(["trend", "--by", "prefix", "-o", "json", folder]).json();
    let group = &trend["clusters"][0]["groups"][1];
    let tables = tables(&page);
    let row = &table(&tables, "Growth by prefix")[0];
    let fields = ["first_bytes", "last_bytes", "growth_bytes"];
    assert_eq!(row[0], "app");
    assert_eq!(row[1..4], fields.map(|field| group[field].to_string()));
    let per_day = group["bytes_per_day"].as_f64().unwrap().round();
    assert_eq!(row[4], per_day.to_string(), "{DAY_MS}");
    assert_eq!(table(&tables, "Snapshots by Raft index").len(), 5);
    assert!(page.contains("class=\"picture lines\""));
    // One snapshot does not grow.
    let (page, _) = self::page(&["--series", &format!("{folder}/0.snap")]);
    assert!(page.contains("Growth needs several snapshots") && !page.contains("Growth by"));
}

/// An image starts with the byte of a map, as a `state.bin` does.
#[test]
fn images_in_a_folder_are_not_damaged_snapshots() {
    let dir = tempfile::tempdir().unwrap();
    let spec = taken_on(1, 100, vec![kv::entry("app/color", "blue", 0, 1)]);
    write(dir.path(), "day.snap", &spec.snap());
    let image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0";
    write(dir.path(), "chart.png", image);
    write(dir.path(), "notes.log", b"2026-12-01 taken\n");
    let out = dir.path().join(".page.html");
    let folder = dir.path().to_str().unwrap();
    let ran = run(["report", "--series", folder, "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let skipped = ran.stderr.lines().find(|line| line.contains("skipped, not snapshots"));
    let skipped = skipped.unwrap_or_else(|| panic!("{}", ran.stderr));
    assert!(skipped.contains("chart.png") && skipped.contains("notes.log"), "{skipped}");
    // Named on its own it is read, and refused.
    let image = dir.path().join("chart.png");
    let ran = run(["inspect", image.to_str().unwrap()]);
    assert_eq!(ran.code(), 3);
    assert!(ran.stderr.contains("not a Consul snapshot: it starts with 89 50"), "{}", ran.stderr);
}

#[test]
fn flags_that_exclude_each_other_are_named() {
    let ran = run(["report", "--diff", "--series", "a.snap", "b.snap"]);
    assert_eq!(ran.code(), 2);
    let first = ran.stderr.lines().next().unwrap();
    assert_eq!(first, "snapscope: --diff cannot be used with --series");
}

#[cfg(unix)]
#[test]
fn the_page_is_the_owner_s_and_replaces_nothing_unasked() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let snap = Fixture::snap("consul-1.21.4/empty").path;
    let snap = snap.to_str().unwrap();
    let out = dir.path().join("page.html");
    let target = out.to_str().unwrap();
    assert_eq!(run(["report", snap, "--out", target]).code(), 0);
    assert_eq!(out.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = run(["report", snap, "--out", target]);
    assert_eq!(again.code(), 2);
    assert!(again.stderr.contains("already exists"), "{}", again.stderr);
    assert_eq!(run(["report", snap, "--force", "--out", target]).code(), 0);
    let words = [
        (vec!["report", "--diff", snap, "--out", target], "--diff needs two snapshots"),
        (vec!["report", snap, snap, "--out", target, "--force"], "use --diff to compare two"),
        (vec!["report", snap, "--out", "-"], "standard output"),
    ];
    for (args, expected) in words {
        let ran = run(&args);
        assert_eq!(ran.code(), 2, "{args:?}");
        assert!(ran.stderr.contains(expected), "{args:?}: {}", ran.stderr);
    }
    // An unreadable file leaves nothing.
    let none = dir.path().join("none.html");
    assert_eq!(run(["report", "nowhere.snap", "--out", none.to_str().unwrap()]).code(), 2);
    assert_eq!(list(dir.path()), ["page.html"]);
}

fn list(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().flatten();
    names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// No part of a page depends on which worker saw which records.
#[test]
fn a_page_is_the_same_for_any_number_of_workers() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let path = path.to_str().unwrap();
    let without_times = |page: String| {
        let (body, footer) = page.split_once("<footer>").unwrap();
        assert!(footer.contains("Written by snapscope"));
        let (before, age) = body.split_once("<dt>Age</dt>").unwrap();
        format!("{before}{}", age.split_once("</div>").unwrap().1)
    };
    let one = without_times(page(&["--jobs", "1", path]).0);
    for _ in 0..3 {
        assert_eq!(without_times(page(&["--jobs", "4", path]).0), one);
    }
}
