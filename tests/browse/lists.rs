//! Lists in `browse`: what is in them, what fits, and what keys do there.

use super::small;
use super::tmux::Terminal;
use crate::support::run;

/// Starts `browse` on a screen of a size and opens a line of the contents.
fn opened(columns: usize, lines: usize, line: &str, then: &str) -> Option<Terminal> {
    let terminal = Terminal::start(columns, lines, &[], &[&small()])?;
    terminal.wait_for("KVS");
    terminal.type_in(&format!("/{line}"));
    terminal.keys(&["Enter"]);
    terminal.settle();
    terminal.keys(&["Enter"]);
    terminal.wait_for(then);
    Some(terminal)
}

fn listed(kind: &str, more: &[&str]) -> usize {
    let path = small();
    let ran = run([&["list", kind, "-o", "json", "--limit", "0", &path], more].concat());
    ran.json().as_array().unwrap().len()
}

fn line(seen: &str, at: usize) -> &str {
    seen.lines().nth(at).unwrap_or_default()
}

#[test]
fn lists_have_what_list_has_and_more_on_request() {
    for kind in ["nodes", "services", "instances", "checks"] {
        let own = listed(kind, &[]);
        let all = listed(kind, &["--peer", "all"]);
        assert!(all > own, "{kind}");
        let Some(terminal) = opened(80, 24, kind, &format!("{own} {kind}; p shows")) else {
            return;
        };
        let seen = terminal.text();
        assert!(seen.contains(&format!("1/{own}")), "{seen}");
        assert!(!seen.contains("remote-") && line(&seen, 23).contains("p peers"), "{seen}");
        terminal.type_in("p");
        let shown = format!("{all} {kind}, {} of them imported from peers", all - own);
        let mut seen = terminal.wait_for(&shown);
        // Some kinds are listed with those of peers first, some last.
        terminal.keys(&["End"]);
        seen.push_str(&terminal.wait_for(&format!("{all}/{all}")));
        assert!(line(&seen, 1).contains("peer"), "{seen}");
        assert!(seen.contains("remote-") && seen.contains("peer-accepts"), "{seen}");
        terminal.type_in("p");
        terminal.wait_for(&format!("{own} {kind}; p shows"));
    }
}

#[test]
fn the_number_that_matters_is_there_however_narrow_the_screen_is() {
    for (columns, lines) in [(200, 50), (80, 24), (40, 12)] {
        for (kind, column) in [("services", "critical"), ("checks", "status")] {
            let Some(terminal) = opened(columns, lines, kind, &format!("> {kind}")) else { return };
            let seen = terminal.wait_for(column);
            let headings = line(&seen, 1);
            assert!(headings.contains(column), "{columns}: {seen}");
            // Columns that are left out are counted.
            assert_eq!(headings.trim_end().contains('+'), columns < 200, "{columns}: {seen}");
            if kind == "services" && columns >= 80 {
                assert!(headings.contains("instances  passing  warning  critical"), "{seen}");
                assert!(seen.contains("ads-api-sidecar-proxy"), "{seen}");
            }
        }
    }
}

#[test]
fn who_can_starts_with_what_is_selected() {
    for (kind, search, question) in [
        ("services", "ads-api", "service read ads-api"),
        ("checks", "service:ads-api", "service read ads-api"),
        ("checks", "serfHealth", "node read "),
        ("instances", "ads-cache", "service read ads-cache"),
        ("tokens", "second admin", "acl read"),
    ] {
        let type_name = if kind == "tokens" { "ACLToken" } else { kind };
        let Some(terminal) = opened(80, 24, type_name, &format!("> {kind}")) else { return };
        terminal.type_in(&format!("/{search}"));
        terminal.keys(&["Enter"]);
        terminal.settle();
        terminal.type_in("w");
        terminal.wait_for(&format!("Who can: {question}"));
        // One at a time: two at once are another key.
        terminal.keys(&["Escape"]);
        terminal.settle();
        terminal.keys(&["Enter"]);
        terminal.wait_for("Tab text");
        // Also in the object itself.
        terminal.type_in("w");
        terminal.wait_for(&format!("Who can: {question}"));
    }
}

#[test]
fn every_record_type_opens_or_says_what_does() {
    for (name, title, content) in [
        ("Autopilot", "> autopilot", "CleanupDeadServers"),
        ("ConnectCAConfig", "> ca-config", "masked"),
        ("ChunkingState", "> chunking-state", "{"),
        ("PeeringSecret", "> peering-secrets", "masked"),
    ] {
        let Some(terminal) = opened(80, 24, name, title) else { return };
        terminal.keys(&["Enter"]);
        let seen = terminal.wait_for("secrets and values are masked");
        assert!(seen.contains(content), "{seen}");
    }
    let instead = "open one of the lines below it: nodes, services, instances, checks";
    let Some(terminal) = opened(80, 24, "Register", instead) else { return };
    let seen = terminal.text();
    assert!(!line(&seen, 23).contains("Enter"), "{seen}");
}

#[test]
fn the_last_line_has_whole_keys_only() {
    let Some(terminal) = opened(80, 24, "KVS", "371 keys") else { return };
    let seen = terminal.text();
    for key in ["Enter open", "Esc back", "f filter", "s size", "/ find", "w who", "a audit"] {
        assert!(line(&seen, 23).contains(key), "{key}: {seen}");
    }
    terminal.resize(40, 12);
    terminal.settle();
    let seen = terminal.text();
    assert_eq!(line(&seen, 11), "q quit  ? help  Enter open  Esc back");
}

#[test]
fn notes_go_across_the_columns_and_wrap_at_words() {
    let Some(terminal) = opened(80, 24, "KVS", "371 keys") else { return };
    terminal.type_in("w");
    terminal.keys(&["C-u"]);
    terminal.type_in("key read tls/staging/rsa.key");
    terminal.keys(&["Enter"]);
    terminal.wait_for("6 tokens can read");
    terminal.keys(&["End"]);
    let seen = terminal.wait_for("Enter read all");
    let note = seen.lines().find(|line| line.starts_with("For Consul 1.21.4")).unwrap();
    assert!(note.len() > 60, "{note}");
    terminal.resize(40, 12);
    terminal.keys(&["Enter"]);
    let seen = terminal.wait_for("> note");
    let words = run(["acl", "who-can", "key", "read", "tls/staging/rsa.key", &small()]);
    let all = format!("{} {}", words.text(), words.stderr);
    let all: Vec<&str> = all.split_whitespace().collect();
    for word in seen.lines().skip(2).take(6).flat_map(str::split_whitespace) {
        assert!(all.contains(&word), "{word}: {seen}");
    }
}
