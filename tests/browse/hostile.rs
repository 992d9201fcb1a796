//! A hostile snapshot in `browse`: nothing in it controls the terminal.

use super::tmux::Terminal;
use crate::support::write;
use crate::terminal::hostile_snapshot;

/// Sequences that only the snapshot could have written: a window's title, C1 controls, characters
/// that change the direction of text.
fn nothing_raw(raw: &[u8]) {
    let text = String::from_utf8_lossy(raw);
    let is_raw = |c: &char| {
        matches!(
            c,
            '\u{7}' | '\u{8}' | '\u{b}' | '\u{c}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{feff}'
        ) || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(is_raw), None);
    // All sequences are for drawing: CSI, and none that sets a title or sends a query.
    for (at, _) in text.match_indices('\u{1b}') {
        let next = text[at + 1..].chars().next();
        assert!(matches!(next, Some('[' | '(' | ')' | '=' | '>')), "{next:?}");
    }
}

#[test]
fn names_of_a_hostile_snapshot_are_names_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(dir.path(), "hostile.snap", &hostile_snapshot());
    let Some(terminal) = Terminal::start(80, 24, &[], &[file.to_str().unwrap()]) else { return };
    terminal.wait_for("KVS");
    // Each line of the contents, and its first object in all forms, with masked values.
    for line in 1..30 {
        terminal.keys(&["Home"]);
        terminal.keys(&vec!["Down"; line]);
        terminal.keys(&["Enter", "Enter", "v", "Tab", "Tab"]);
        terminal.settle();
        // One at a time, because two at once are another key.
        let is_contents = |screen: &str| {
            let title = screen.lines().next().unwrap_or_default();
            title.contains("> contents") && title.matches(" > ").count() == 1
        };
        for _ in 0..10 {
            if is_contents(&terminal.text()) {
                break;
            }
            terminal.keys(&["Escape"]);
            terminal.settle();
        }
        assert!(is_contents(&terminal.text()), "{}", terminal.text());
    }
    for keys in ["a", "G"] {
        terminal.type_in(keys);
        terminal.settle();
    }
    terminal.keys(&["Enter"]);
    terminal.settle();
    nothing_raw(&terminal.raw());
    terminal.type_in("q");
    terminal.wait_for("code ");
}
