//! The README starts with a recording of a terminal, which must match the current output of the
//! commands.
//! `SNAPSCOPE_WRITE_DOCS=1 cargo test --test e2e -- readme::` records it again.

use crate::cli::shell;
use crate::support::{Fixture, finish};
use snapscope_testkit::fixtures::workspace;
use std::fmt::Write as _;
use std::path::Path;

const BEGIN: &str = "<!-- recorded on a terminal -->\n";
const END: &str = "<!-- end of the recording -->\n";
/// Precedes each line, which makes it code.
const INDENT: &str = "    ";

/// The output of a command on a terminal of 80 columns.
fn on_terminal(line: &str, dir: &Path) -> String {
    let program = format!("script -qec \"stty cols 80 rows 40; {line}\" /dev/null");
    let mut shell = shell(&program, dir);
    shell.envs([("NO_COLOR", "1"), ("PAGER", "cat"), ("TERM", "xterm")]);
    let ran = finish(&mut shell, b"");
    ran.text().replace("\r\n", "\n")
}

/// The recorded commands.
fn recorded(before: &str, dir: &Path) -> String {
    let mut text = String::new();
    let prompt = format!("{INDENT}$ ");
    for line in before.lines().filter_map(|line| line.strip_prefix(&prompt)) {
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{prompt}{line}");
        for shown in on_terminal(line, dir).lines() {
            let _ = writeln!(text, "{}", format!("{INDENT}{shown}").trim_end());
        }
    }
    text
}

#[test]
fn the_recording_is_what_a_terminal_shows() {
    let dir = tempfile::tempdir().unwrap();
    for (name, to) in
        [("small-a", "backup"), ("evolve.before", "yesterday"), ("evolve.after", "today")]
    {
        let from = Fixture::snap(&format!("consul-1.21.4/{name}")).path;
        std::fs::copy(from, dir.path().join(format!("{to}.snap"))).unwrap();
    }
    let path = workspace().join("README.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (recording, after) = rest.split_once(END).unwrap();
    let new = recorded(recording, dir.path());
    assert_eq!(new.matches("$ snapscope ").count(), 3, "{new}");
    if std::env::var_os("SNAPSCOPE_WRITE_DOCS").is_some() && new != recording {
        std::fs::write(&path, format!("{before}{BEGIN}{new}{END}{after}")).unwrap();
        return;
    }
    assert!(new == recording, "the README shows something else than:\n{new}");
}
