//! Commands that describe tables, with the names that SQLite's shell uses.

use crate::render::wrap::wrapped;
use crate::suggest::unknown;
use crate::terminal;
use anyhow::Result;
use snapscope_tables::sql::Database;
use std::io::Write as _;

/// Their names, and what they do.
pub(super) const COMMANDS: [(&str, &str); 4] = [
    (".tables", "lists tables and views"),
    (".schema", "lists the columns of all tables, or of the one that you name"),
    (".help", "lists these commands"),
    (".quit", "ends, as Ctrl-D does"),
];

/// Whether a text is one of these commands.
pub(super) fn is_one(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or("");
    COMMANDS.iter().any(|(name, _)| *name == word)
}

/// Runs a command; returns whether to continue.
pub(super) fn run(text: &str, database: &Database) -> Result<bool> {
    let mut words = text.trim_end_matches(';').split_whitespace();
    let command = words.next().unwrap_or("");
    let mut out = terminal::out();
    match command {
        ".tables" => {
            let known = database.known();
            let widest = known.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            for (name, _) in &known {
                let about = Database::about(name).unwrap_or("");
                writeln!(out, "{}", laid_out(&format!("{name:widest$}  {about}"), widest + 2))?;
            }
        }
        ".schema" => {
            let known = database.known();
            let table = words.next();
            let is_asked = |name: &str| table.is_none_or(|table| table.eq_ignore_ascii_case(name));
            if let Some(table) = table.filter(|_| !known.iter().any(|(name, _)| is_asked(name))) {
                let names = known.iter().map(|(name, _)| name.as_str());
                return Err(unknown("table", table, names, ".tables lists all"));
            }
            for (name, columns) in known.iter().filter(|(name, _)| is_asked(name)) {
                writeln!(out, "{}", laid_out(&format!("{name}({})", columns.join(", ")), 2))?;
            }
        }
        ".help" => {
            for (name, about) in COMMANDS {
                writeln!(out, "{name:8}  {about}")?;
            }
            writeln!(out, "All other lines are SQL, up to a semicolon.")?;
        }
        ".quit" | ".exit" => return Ok(false),
        other => {
            let names = COMMANDS.iter().map(|(name, _)| *name);
            return Err(unknown("command", other, names, ".help lists all"));
        }
    }
    Ok(true)
}

/// A line, which is wrapped at words on a terminal.
fn laid_out(line: &str, indent: usize) -> String {
    match terminal::width() {
        Some(width) => wrapped(line.trim_end(), width, indent),
        None => line.trim_end().to_owned(),
    }
}
