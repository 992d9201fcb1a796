//! Pages in a real browser: they load nothing, report no errors, and pass axe's checks.

#[path = "page/pictures.rs"]
mod pictures;
#[path = "page/serving.rs"]
mod serving;

use crate::support::{Fixture, binary, run, write};
use crate::terminal::poisoned;
use serde_json::{Value, json};
use serving::Serving;
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::browser::Browser;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The widths of a desktop and of a phone, and the two colour schemes.
const VIEWS: [(u64, &str); 4] = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")];

/// The views, with parameters for which each snapshot has an answer.
const PATHS: [&str; 13] = [
    "overview",
    "space",
    "space?type=KVS",
    "space?type=Register",
    "keys",
    "catalog",
    "graph",
    "acl",
    "acl?resource=key&access=write&segment=app",
    "audit",
    "compare",
    "series",
    "search?q=a",
];

/// A snapshot with names that are HTML, change the direction of text, or are long.
fn hostile(dir: &Path) -> String {
    let names =
        ["<img src=x onerror=alert(1)>".to_owned(), "\u{202e}abc".to_owned(), "x".repeat(4096)];
    let hostile = SnapshotSpec::new(poisoned(&names)).in_section_order().snap();
    write(dir, "hostile.snap", &hostile).to_str().unwrap().to_owned()
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/page/drive.cjs")
}

/// Takes steps in one browser, and returns their results. Nothing may be reported on the console,
/// and nothing outside of `from` requested.
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
    let hostile = hostile(dir);
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

#[test]
fn the_page_opens_once_and_only_with_its_secret() {
    let snap = Fixture::snap("consul-1.21.4/small-a").path;
    let server = Serving::start(&["--no-acl", snap.to_str().unwrap()]);
    let key = server.page.strip_prefix(&server.origin).unwrap().to_owned();
    for path in ["/ui", "/ui/", "/ui/overview", "/ui/files/main.js", "/ui?key=", "/ui?key=0123"] {
        assert_eq!(server.get(path, None).0, 401, "{path}");
    }
    let (status, denied) = server.get("/ui/data/overview", Some("snapscope-1=2"));
    assert!(status == 401 && !denied.contains("dc1"), "{denied}");
    // Only a browser uses the address up.
    assert_eq!(server.ask("GET", &key, "Accept: */*\r\n", "").0, 406);
    let (status, opened) = server.get(&key, None);
    assert_eq!(status, 303, "{opened}");
    assert_eq!(server.get(&key, None).0, 401, "the secret works once");
    let header = opened
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("set-cookie: ").map(str::to_owned));
    let header = header.unwrap();
    assert!(header.contains("httponly") && header.contains("samesite=strict"), "{header}");
    let cookie = header.split(';').next().unwrap();
    let (status, page) = server.get("/ui/overview", Some(cookie));
    assert_eq!(status, 200);
    let head = page.to_ascii_lowercase();
    assert!(
        head.contains("content-security-policy: default-src 'none'") && head.contains("nosniff")
    );
    assert!(server.get("/ui/data/overview", Some(cookie)).1.contains("\"datacenter\":\"dc1\""));
    assert_eq!(server.get("/ui/files/../main.rs", Some(cookie)).0, 404);
    assert_eq!(server.get("/ui/data/nothing", Some(cookie)).0, 404);
    let (status, unknown) = server.get("/ui/nosuch", Some(cookie));
    assert!(status == 404 && unknown.contains("href=\"/ui/overview\""), "{unknown}");
    let (status, root) = server.get("/", None);
    assert!(status == 307 && root.to_ascii_lowercase().contains("location: /ui/overview"));
    // Clients of the API get the answer of servers.
    let (status, root) = server.ask("GET", "/", "", "");
    assert!(status == 200 && root.contains("Consul Agent"), "{root}");
}

/// Each view, in both widths and schemes, opens, passes axe, is not too wide, and loads nothing
/// from elsewhere.
#[test]
fn each_view_opens_and_is_accessible() {
    let Some(browser) = Browser::find() else { return };
    let dir = tempfile::tempdir().unwrap();
    let hostile = hostile(dir.path());
    let path = |name: &str| {
        Fixture::snap(&format!("consul-1.21.4/{name}")).path.to_str().unwrap().to_owned()
    };
    let [small, empty, nulls, before] = ["small-a", "empty", "nulls", "evolve.before"].map(path);
    let also = format!("before={before}");
    for args in [
        vec!["--no-acl", &*small, "--also", &*also],
        vec!["--no-acl", &*empty],
        vec!["--no-acl", &*nulls],
        vec!["--no-acl", &*hostile],
    ] {
        let server = Serving::start(&args);
        let mut task = vec![json!(["goto", server.page])];
        for view in PATHS {
            task.push(json!(["goto", format!("{}/ui/{view}", server.origin)]));
            task.push(json!(["wait", ".view[data-done]"]));
            task.push(json!(["count", ".view .banner:not(.note)"]));
            for (width, scheme) in VIEWS {
                task.extend([json!(["view", width, scheme]), json!(["axe"]), json!(["overflow"])]);
            }
        }
        let results = steps(&browser, &server.origin, &task);
        for (view, results) in PATHS.iter().zip(results[1..].chunks(3 + 3 * VIEWS.len())) {
            assert_eq!(results[0], 200, "{view}");
            assert_eq!(results[2], 0, "{view} of {args:?} shows an error");
            for (size, results) in VIEWS.iter().zip(results[3..].chunks(3)) {
                assert_eq!(results[1], json!([]), "{view} {size:?} of {args:?}");
                assert!(results[2].as_i64().unwrap() <= 0, "{view} {size:?} is too wide");
            }
        }
    }
}

#[test]
fn numbers_zoom_and_search_are_those_of_the_command_line() {
    let Some(browser) = Browser::find() else { return };
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let path = path.to_str().unwrap();
    let server = Serving::start(&["--no-acl", path]);
    let ui = |view: &str| json!(["goto", format!("{}/ui/{view}", server.origin)]);
    let done = json!(["wait", ".view[data-done]"]);
    let numbers = |row: &str| {
        json!([
            "eval",
            format!(
                "[...document.querySelectorAll('{row}')].map(r => [...r.querySelectorAll('th,td')].map(c => c.querySelector('data')?.value ?? c.textContent))"
            )
        ])
    };
    let results = steps(
        &browser,
        &server.origin,
        &[
            json!(["goto", server.page]),
            done.clone(),
            numbers("section:nth-of-type(2) tbody tr"),
            numbers("section:nth-of-type(3) tbody tr"),
            ui("space"),
            done.clone(),
            json!(["click", "svg a[aria-label^=\"KVS\"]"]),
            json!(["wait", ".crumbs li:nth-child(2) [aria-current]"]),
            numbers("tbody tr"),
            json!(["click", "tbody a:has-text(\"sizes/\")"]),
            json!(["wait", ".crumbs li:nth-child(3) [aria-current]"]),
            json!(["click", "tbody a:has-text(\"text/\")"]),
            json!(["wait", ".crumbs li:nth-child(4) [aria-current]"]),
            json!(["click", "tbody a:has-text(\"102400\")"]),
            json!(["wait", ".view[data-done] .facts"]),
            json!(["url"]),
            json!(["text", "h1"]),
            json!(["count", "pre"]),
            json!(["click", "text=Show it"]),
            json!(["wait", ".view[data-done] pre"]),
            json!(["fill", "#q", "payments-db"]),
            json!(["press", "Enter"]),
            json!(["wait", ".view[data-done] tbody"]),
            json!(["texts", "tbody th"]),
        ],
    );
    let inspected = run(["inspect", "-format", "json", path]).json();
    let types = results[2].as_array().unwrap();
    let stats = inspected["Stats"].as_array().unwrap();
    assert_eq!(types.len(), stats.len());
    for (row, stat) in types.iter().zip(stats) {
        assert_eq!(row[0], stat["Name"]);
        assert_eq!(
            [&row[1], &row[2]],
            [&json!(stat["Count"].to_string()), &json!(stat["Sum"].to_string())]
        );
    }
    let objects = results[3].as_array().unwrap();
    assert!(objects.len() > 15, "{objects:?}");
    for row in objects {
        let listed = run(["list", "--count", row[0].as_str().unwrap(), path]);
        assert_eq!(row[2], listed.text().trim(), "{}", row[0]);
    }
    let groups = run(["breakdown", "--by", "prefix", "-o", "json", path]).json();
    let largest = &groups["groups"][0];
    let row = &results[8][0];
    assert_eq!(
        [&row[1], &row[2]],
        [&json!(largest["count"].to_string()), &json!(largest["bytes"].to_string())]
    );
    assert!(results[15].as_str().unwrap().contains("/ui/keys?key="), "{}", results[15]);
    assert_eq!(results[16], "sizes/text/102400");
    assert_eq!(results[17], 0, "a value is masked until it is shown");
    let hits = results[23].as_array().unwrap();
    assert!(hits.iter().any(|hit| hit.as_str().unwrap().contains("payments-db")), "{hits:?}");
}

/// The forms of the view "Access" give the answers of the commands.
#[test]
fn questions_about_access_are_answered_like_the_command_line() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let path = path.to_str().unwrap();
    let server = Serving::start(&["--no-acl", path]);
    let cookie = server.enter();
    let data = |what: &str| -> Value {
        let (status, answer) = server.data(what, &cookie);
        assert_eq!(status, 200, "{what}: {answer}");
        answer
    };
    let tokens = run(["list", "tokens", "-o", "json", path]).json();
    let mut questions = String::new();
    for token in tokens.as_array().unwrap() {
        let accessor = token["AccessorID"].as_str().unwrap();
        let shown = data(&format!("explain?token={accessor}"));
        let explained = run(["acl", "explain", "-o", "json", accessor, path]).json();
        let titles = |rules: &Value, name: &str| -> Vec<Value> {
            rules.as_array().into_iter().flatten().map(|rule| rule[name].clone()).collect()
        };
        assert_eq!(titles(&shown["rules"], "title"), titles(&explained["Rules"], "Title"));
        assert_eq!(shown["error"], explained["Error"], "{accessor}");
        if shown["error"].is_null() {
            assert_eq!(shown["warnings"], explained["Warnings"], "{accessor}");
            assert_eq!(
                titles(&shown["policies"], "name"),
                titles(&explained["Policies"], "Source")
            );
        }
        let question = json!({"AccessorID": accessor, "Resource": "service", "Access": "read", "Segment": "web"});
        questions.push_str(&format!("{question}\n"));
    }
    let sent: String = questions.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let checked = data(&format!("check?questions={sent}"));
    let mut check = binary();
    let mut check = check
        .args(["acl", "check", path])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    check.stdin.take().unwrap().write_all(questions.as_bytes()).unwrap();
    let output = check.wait_with_output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let rows = checked["rows"].as_array().unwrap();
    assert_eq!(rows.len(), lines.lines().count());
    for (row, line) in rows.iter().zip(lines.lines()) {
        let answer: Value = serde_json::from_str(line).unwrap();
        assert_eq!([&row["allow"], &row["error"]], [&answer["Allow"], &answer["Error"]], "{line}");
    }
    let who = data("who-can?resource=key&access=write&segment=app");
    let ran = run(["acl", "who-can", "-o", "json", "key", "write", "app", path]).json();
    assert_eq!(who["count"], ran["Tokens"].as_array().unwrap().len());
    assert_eq!(
        who["logins"].as_array().unwrap().len(),
        ran["Logins"].as_array().unwrap().len().min(50)
    );
    let (status, _) = server.get("/ui/data/explain?token=no-such-token", Some(&cookie));
    assert_eq!(status, 404);
}

/// The SecretID of the management token of a snapshot.
fn management_token(path: &str) -> String {
    let tokens = run(["decode", "--type", "ACLToken", path]).lines();
    let is_it = |token: &&Value| token["Data"]["Description"] == "Initial Management Token";
    tokens.iter().find(is_it).unwrap()["Data"]["SecretID"].as_str().unwrap().to_owned()
}

/// A token counts for all served snapshots that contain it; for others the page says what is missing.
#[test]
fn a_token_counts_for_all_snapshots_that_contain_it() {
    let path = |name: &str| {
        Fixture::snap(&format!("consul-1.21.4/{name}")).path.to_str().unwrap().to_owned()
    };
    let [after, before, nulls] = ["evolve.after", "evolve.before", "nulls"].map(path);
    let (also, other) = (format!("before={before}"), format!("nulls={nulls}"));
    let server = Serving::start(&[&after, "--also", &also, "--also", &other]);
    let cookie = server.enter();
    let (status, denied) = server.data("overview", &cookie);
    assert!(status == 403 && denied["is_anonymous"] == true, "{denied}");
    assert_eq!(server.give("", &management_token(&after), &cookie), 200);
    let (status, series) = server.data("series", &cookie);
    assert_eq!(status, 200);
    let clusters = series["clusters"].as_array().unwrap();
    assert_eq!(clusters.len(), 1);
    let titles: Vec<&Value> = clusters[0]["snapshots"].as_array().unwrap().iter().collect();
    assert_eq!([&titles[0]["title"], &titles[1]["title"]], ["before", "evolve.after.snap"]);
    assert_eq!(series["missing"], json!([{"name": "nulls", "title": "nulls"}]));
    assert_eq!(series["command"], format!("snapscope trend {after} {before}"));
    assert_eq!(server.data("diff?with=before", &cookie).0, 200);
    let (status, denied) = server.data("diff?with=nulls", &cookie);
    assert_eq!(status, 403);
    assert_eq!(
        denied,
        json!({"at": "nulls", "title": "nulls", "is_anonymous": true, "error": denied["error"]})
    );
    assert_eq!(server.give("nulls", &management_token(&nulls), &cookie), 200);
    let (_, series) = server.data("series", &cookie);
    assert!(series["clusters"].as_array().unwrap().len() == 2 && series["missing"] == json!([]));
    let (status, diff) = server.data("diff?with=nulls", &cookie);
    assert!(status == 200 && diff["warnings"][0].as_str().unwrap().contains("different clusters"));
    assert_eq!(server.give("", "", &cookie), 200);
    assert_eq!(server.data("diff?with=nulls", &cookie).0, 403);
}

/// Waits for the view of a filter.
const FILTERED: &str = "new Promise((done) => {
  const timer = setInterval(() => {
    if (!location.search.includes('filter=') || !document.querySelector('.view[data-done]')) return;
    clearInterval(timer);
    done(true);
  }, 50);
})";

/// Examples of filters are valid, and the form stays if a filter is not.
#[test]
fn a_filter_can_be_corrected() {
    let Some(browser) = Browser::find() else { return };
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let server = Serving::start(&["--no-acl", path.to_str().unwrap()]);
    let kinds = ["checks", "instances", "keys", "kv", "nodes", "services", "tokens"];
    let mut task = vec![json!(["goto", server.page])];
    let done = json!(["wait", ".view[data-done]"]);
    for kind in kinds {
        task.push(json!(["goto", format!("{}/ui/list?kind={kind}", server.origin)]));
        task.push(done.clone());
        task.push(json!(["eval", "document.querySelector('#filter').placeholder"]));
        task.push(json!(["eval", "document.querySelector('#filter').value = document.querySelector('#filter').placeholder"]));
        task.push(json!(["click", ".filter button"]));
        task.push(json!(["eval", FILTERED]));
        task.push(json!(["count", ".view .banner"]));
    }
    task.push(json!(["goto", format!("{}/ui/catalog?filter=Name+%3E+0", server.origin)]));
    task.push(done);
    task.extend([json!(["text", ".view .banner"]), json!(["count", "#filter"])]);
    let seen = browser.run(&script(), &json!(task));
    let results = seen["results"].as_array().unwrap();
    for (kind, results) in kinds.iter().zip(results[1..].chunks(7)) {
        assert_ne!(results[2], "", "{kind}");
        assert_eq!(results[6], 0, "{kind}: {}", results[2]);
    }
    let [.., error, forms] = results.as_slice() else { panic!("{results:?}") };
    assert!(error.as_str().unwrap().contains("cannot compare by size"), "{error}");
    assert_eq!(forms, 1);
}

#[test]
fn a_reader_sees_what_the_token_may_read() {
    let path = Fixture::snap("consul-1.21.4/small-a").path;
    let path = path.to_str().unwrap();
    let server = Serving::start(&[path]);
    let cookie = server.enter();
    let status = |path: &str| server.get(path, Some(&cookie)).0;
    for denied in ["overview", "space", "audit", "health", "acl", "diff?with=", "series"] {
        assert_eq!(status(&format!("/ui/data/{denied}")), 403, "{denied}");
    }
    let management = management_token(path);
    let give = |secret: &str| server.give("", secret, &cookie);
    assert_eq!(give("no-such-token"), 403);
    assert_eq!(give(&management), 200);
    for allowed in ["overview", "space", "audit", "health", "acl", "series"] {
        assert_eq!(status(&format!("/ui/data/{allowed}")), 200, "{allowed}");
    }
    let (_, about) = server.get("/ui/data/about", Some(&cookie));
    assert!(about.contains("Initial Management Token") && !about.contains(&management));
    assert_eq!(give(""), 200);
    assert_eq!(status("/ui/data/audit"), 403);
}
