//! `browse` in a real terminal of 80 columns and 24 lines: tmux draws it, types, resizes, and
//! returns the screen.
//!
//! Tests end early on machines without tmux.

mod hostile;
mod lists;
mod prompt;
mod tmux;

use crate::support::{Fixture, run, write};
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::records::kv;
use tmux::Terminal;

fn small() -> String {
    Fixture::snap("consul-1.21.4/small-a").path.to_str().unwrap().to_owned()
}

/// Starts `browse` and waits until the snapshot is read.
fn browse(args: &[&str]) -> Option<Terminal> {
    let terminal = Terminal::start(80, 24, &[], args)?;
    terminal.wait_for("KVS");
    Some(terminal)
}

#[test]
fn contents_are_what_inspect_counts() {
    let path = small();
    let Some(terminal) = browse(&[&path]) else { return };
    let seen = terminal.text();
    let inspected = run(["inspect", "--format", "json", &path]).json();
    for kind in inspected["Stats"].as_array().unwrap().iter().take(5) {
        let (name, count) = (kind["Name"].as_str().unwrap(), kind["Count"].to_string());
        let line = seen.lines().find(|line| line.split_whitespace().next() == Some(name));
        let line = line.unwrap_or_else(|| panic!("{name}: {seen}"));
        assert_eq!(line.split_whitespace().nth(1), Some(count.as_str()), "{line}");
    }
    assert!(seen.contains("small-a.snap > contents"), "{seen}");
    // Below a type with several kinds of objects are these kinds.
    assert!(seen.contains("\n  nodes") && seen.contains("\n  instances"), "{seen}");
    let last = seen.lines().nth(23).unwrap();
    assert!(last.contains("Enter open") && last.contains("? help"), "{last}");
    terminal.keys(&["q"]);
    terminal.wait_for("code 0");
    // The screen is restored.
    assert!(terminal.text().contains("before"), "{}", terminal.text());
    assert_eq!(terminal.state(), "0 1", "another screen, or no cursor");
}

#[test]
fn a_key_is_found_in_the_tree_and_shown_on_request() {
    let path = small();
    let Some(terminal) = browse(&[&path]) else { return };
    terminal.keys(&["Enter"]);
    terminal.wait_for("371 keys");
    // The requested folder, wherever it is.
    terminal.type_in("/");
    terminal.type_in("apps");
    terminal.keys(&["Enter"]);
    terminal.keys(&["Enter"]);
    terminal.wait_for("> apps/");
    // Input that was typed ahead waits for earlier reads.
    for name in ["/staging", "/env"] {
        terminal.type_in(name);
        terminal.keys(&["Enter", "Enter"]);
    }
    let masked = terminal.wait_for("key apps/staging/env");
    let value = run(["get", "kv", "apps/staging/env", &path]);
    let first = value.text().lines().next().unwrap().to_owned();
    assert!(masked.contains("masked"), "{masked}");
    terminal.keys(&["Tab"]);
    let masked = terminal.wait_for("Tab hex");
    assert!(masked.contains("masked") && !masked.contains(&first), "{masked}");
    terminal.type_in("v");
    terminal.wait_for(&first);
    terminal.keys(&["Tab"]);
    let start = format!("00000000  {:02x} ", first.as_bytes()[0]);
    terminal.wait_for(&start);
    terminal.type_in("v");
    assert!(!terminal.wait_for("hidden").contains("00000000"));
    terminal.keys(&["Escape"]);
    terminal.wait_for("> staging/\n");
    // Over a slow line Escape and the next key come at once, which is also what Alt sends.
    terminal.keys(&["M-q"]);
    terminal.wait_for("code 0");
}

#[test]
fn filters_are_consul_s_and_can_be_corrected() {
    let path = small();
    let Some(terminal) = browse(&[&path]) else { return };
    terminal.type_in("/ACLToken");
    terminal.keys(&["Enter", "Enter"]);
    terminal.wait_for("25 tokens");
    terminal.type_in("f");
    terminal.type_in("Description = x");
    terminal.keys(&["Enter"]);
    let seen = terminal.wait_for("unexpected");
    assert!(seen.contains("Filter: Description = x"), "{seen}");
    terminal.keys(&["C-u"]);
    terminal.type_in("Description contains \"Anonymous\"");
    terminal.keys(&["Enter"]);
    let seen = terminal.wait_for("1 token");
    assert!(seen.contains("00000000-0000-0000-0000-000000000002"), "{seen}");
    terminal.keys(&["Enter"]);
    let seen = terminal.wait_for("\"AccessorID\"");
    assert!(seen.contains("masked") && !seen.contains("\"SecretID\": \"anonymous\""), "{seen}");
    terminal.keys(&["C-c"]);
    terminal.wait_for("code 0");
}

#[test]
fn questions_are_answered_as_the_commands_answer_them() {
    let path = small();
    let Some(terminal) = browse(&[&path]) else { return };
    terminal.type_in("w");
    terminal.type_in("acl write");
    terminal.keys(&["Enter"]);
    let seen = terminal.wait_for("can write acl");
    let listed = run(["acl", "who-can", "-o", "json", "acl", "write", &path]).json();
    let tokens = listed["Tokens"].as_array().unwrap();
    assert!(seen.contains(&format!("{} token", tokens.len())), "{seen}");
    for token in tokens {
        assert!(seen.contains(token["AccessorID"].as_str().unwrap()), "{seen}");
    }
    terminal.keys(&["Enter"]);
    terminal.wait_for("\"AccessorID\"");
    terminal.keys(&["Escape"]);
    terminal.wait_for("can write acl");
    terminal.type_in("a");
    let seen = terminal.wait_for("findings");
    let audit = run(["audit", "-o", "json", &path]).json();
    let count = audit["findings"].as_array().unwrap().len();
    assert!(seen.contains(&format!("{count} findings")), "{seen}");
    terminal.keys(&["Enter"]);
    let seen = terminal.wait_for("Fix:");
    assert!(seen.contains("Why:"), "{seen}");
    terminal.type_in("?");
    terminal.wait_for("Move:");
    terminal.type_in("x");
    terminal.wait_for("Fix:");
    terminal.type_in("q");
    terminal.wait_for("code 0");
}

#[test]
fn a_terminal_may_be_resized() {
    let path = small();
    let Some(terminal) = browse(&[&path]) else { return };
    terminal.keys(&["End"]);
    for (columns, lines) in [(60, 15), (200, 50), (20, 5), (10, 3), (80, 24)] {
        terminal.resize(columns, lines);
        let seen = terminal.wait_for(if columns < 20 { "too small" } else { "contents" });
        assert!(seen.lines().count() <= lines, "{seen}");
        if columns >= 60 {
            // The chosen line stays visible.
            assert!(seen.contains("ChunkingState") && seen.contains("q quit"), "{seen}");
        }
    }
    terminal.type_in("q");
    terminal.wait_for("code 0");
}

#[test]
fn a_damaged_snapshot_is_shown_as_far_as_it_goes() {
    let whole = std::fs::read(small()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cut = write(dir.path(), "cut.snap", &whole[..whole.len() * 9 / 10]);
    let Some(terminal) = Terminal::start(80, 24, &[], &[cut.to_str().unwrap()]) else { return };
    terminal.wait_for("DAMAGED");
    terminal.type_in("q");
    let seen = terminal.wait_for("code 3");
    assert!(seen.contains("damaged:"), "{seen}");
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_the_terminal_clean() {
    let path = small();
    for (signal, code) in [("TERM", "code 143"), ("HUP", "code 129")] {
        let Some(terminal) = browse(&[&path]) else { return };
        terminal.signal(signal);
        let seen = terminal.wait_for(code);
        assert!(seen.contains("before"), "{seen}");
        assert_eq!(terminal.state(), "0 1", "another screen, or no cursor");
    }
}

/// As after a lost connection.
#[cfg(unix)]
#[test]
fn it_ends_with_its_terminal() {
    let path = small();
    // In a session of its own, it gets no signal.
    for env in [&[][..], &["setsid", "--wait"]] {
        let Some(terminal) = Terminal::start(80, 24, env, &[&path]) else { return };
        terminal.wait_for("KVS");
        let pid = terminal.pid();
        terminal.end();
        let begin = std::time::Instant::now();
        let is_there = || {
            let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !status.is_empty() && !status.contains(") Z ")
        };
        while is_there() {
            assert!(begin.elapsed() < std::time::Duration::from_secs(10), "{pid} still runs");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

#[test]
fn colours_are_left_out_where_nobody_wants_them() {
    let path = small();
    for (env, expected) in [(&[][..], true), (&["NO_COLOR=1"], false)] {
        let Some(terminal) = Terminal::start(80, 24, env, &[&path]) else { return };
        terminal.wait_for("KVS");
        terminal.type_in("a");
        terminal.wait_for("findings");
        let styled = terminal.styled();
        // tmux writes colours in two ways: by a code of 30 to 37, or by a number.
        let is_coloured =
            ["\u{1b}[31", "\u{1b}[33", "\u{1b}[38;5;"].iter().any(|c| styled.contains(c));
        assert_eq!(is_coloured, expected, "{styled}");
        terminal.type_in("q");
        terminal.wait_for("code 0");
    }
}

#[test]
fn keys_of_a_file_made_by_hand_are_a_tree_too() {
    let names = ["b/2", "a", "b/1", "c/d/e", "b", "c/d/", "b/"];
    let records = (1..).zip(names).map(|(n, key)| kv::entry(key, "value", 0, n)).collect();
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "odd.snap", &SnapshotSpec::new(records).snap());
    let Some(terminal) = browse(&[file.to_str().unwrap()]) else { return };
    terminal.keys(&["Enter"]);
    let seen = terminal.wait_for("7 keys");
    let lines: Vec<Vec<&str>> =
        seen.lines().skip(2).map(|line| line.split_whitespace().take(2).collect()).collect();
    assert_eq!(lines[..4], [["a", "1"], ["b", "1"], ["b/", "3"], ["c/", "2"]], "{seen}");
    terminal.keys(&["Down", "Down", "Enter"]);
    let seen = terminal.wait_for("3 keys");
    assert!(seen.contains("(the key itself)"), "{seen}");
    terminal.type_in("q");
    terminal.wait_for("code 0");
}

#[test]
fn it_needs_a_terminal() {
    let path = small();
    let ran = run(["browse", &path]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr.contains("standard output is not a terminal"), "{}", ran.stderr);
    assert!(ran.stdout.is_empty());
}
