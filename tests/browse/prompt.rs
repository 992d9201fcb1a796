//! The prompt of `sql`: input is completed, answered and remembered.

use super::small;
use super::tmux::Terminal;
use crate::support::run;

fn prompt() -> Option<Terminal> {
    let terminal = Terminal::of("sql", 100, 40, &[], &[&small()])?;
    terminal.wait_for("sql>");
    Some(terminal)
}

/// Types a line, and waits for a text in its answer.
fn ask(terminal: &Terminal, line: &str, answer: &str) -> String {
    terminal.type_in(line);
    terminal.keys(&["Enter"]);
    terminal.wait_for(answer)
}

#[test]
fn queries_are_answered_and_remembered() {
    let Some(terminal) = prompt() else { return };
    let counted = run(["sql", &small(), "select count(*) as keys_there from kv", "-o", "csv"]);
    let count = counted.text().lines().nth(1).unwrap().to_owned();
    // A statement continues until its semicolon.
    terminal.type_in("select count(*) as keys_there");
    terminal.keys(&["Enter"]);
    let seen = ask(&terminal, "from kv;", &count);
    assert!(seen.contains("keys_there"), "{seen}");
    // An error ends the query, not the session.
    let seen = ask(&terminal, "select nonsense from nodes;", "no such column: nonsense");
    assert!(seen.contains("node"), "{seen}");
    ask(&terminal, "select 40 + 2 as answer;", "42");
    // The last input returns, and the one before it.
    terminal.keys(&["C-l", "Up"]);
    terminal.wait_for("sql> select 40 + 2 as answer;");
    terminal.keys(&["Up"]);
    terminal.wait_for("sql> select nonsense from nodes;");
    terminal.keys(&["C-c"]);
    // The line editor drops what was typed ahead of the next prompt.
    terminal.wait_for_end("sql>");
    ask(&terminal, "select 6 * 7 as again;", "again");
    ask(&terminal, ".quit", "code 0");
}

#[test]
fn tables_columns_and_commands_are_completed_and_listed() {
    let Some(terminal) = prompt() else { return };
    terminal.type_in("select lock_in");
    terminal.keys(&["Tab"]);
    terminal.wait_for("select lock_index");
    terminal.type_in(" from bindi");
    terminal.keys(&["Tab"]);
    terminal.wait_for("from binding_rules");
    terminal.keys(&["C-u"]);
    terminal.type_in(".sch");
    terminal.keys(&["Tab"]);
    terminal.type_in(" sess");
    terminal.keys(&["Tab"]);
    terminal.wait_for(".schema sessions");
    terminal.keys(&["Enter"]);
    terminal.wait_for("sessions(");
    assert!(terminal.text().contains("lock_delay"), "{}", terminal.text());
    let seen = ask(&terminal, ".tables", "dangling_links");
    assert!(seen.contains("grants") || seen.contains("findings"), "{seen}");
    ask(&terminal, ".shcema kv", "did you mean");
    // The end of the input ends the session.
    terminal.keys(&["C-d"]);
    terminal.wait_for("code 0");
}
