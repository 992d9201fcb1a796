//! The prompt on a terminal: a line editor with history and completion.

use super::dot::COMMANDS;
use super::results::Results;
use crate::render::escape::one_line;
use crate::terminal::{note, say};
use anyhow::Result;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper};

/// Keywords of SQL.
const WORDS: [&str; 24] = [
    "select",
    "from",
    "where",
    "group by",
    "order by",
    "having",
    "limit",
    "offset",
    "join",
    "left join",
    "on",
    "and",
    "or",
    "not",
    "in",
    "like",
    "glob",
    "between",
    "is null",
    "count(*)",
    "sum(",
    "distinct",
    "union all",
    "with",
];

/// Answers queries until the end of the input.
pub(super) fn run(results: &mut Results<'_>) -> Result<()> {
    let known = results.database.known();
    let tables: Vec<String> = known.iter().map(|(table, _)| table.clone()).collect();
    let config = Config::builder().auto_add_history(true).build();
    let mut editor = Editor::with_history(config, MemHistory::new())?;
    editor.set_helper(Some(Names { known, tables }));
    #[cfg(unix)]
    interrupt_queries(results)?;
    note!("{}", "Type SQL up to a semicolon, .tables, .schema TABLE or .help; Ctrl-D ends.");
    loop {
        match editor.readline("sql> ") {
            Ok(line) if is_end(&line) => break,
            // An error ends the query, not the session.
            Ok(line) => {
                if let Err(error) = results.answer(&line) {
                    let lines = format!("{error:#}");
                    let lines: Vec<String> =
                        lines.split("\n  ").map(|line| one_line(line.as_bytes())).collect();
                    say!("{}", lines.join("\n  "));
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn is_end(line: &str) -> bool {
    matches!(line.trim().trim_end_matches(';'), ".quit" | ".exit" | "quit" | "exit")
}

/// Makes Ctrl-C end a query instead of the program.
#[cfg(unix)]
fn interrupt_queries(results: &Results<'_>) -> Result<()> {
    let handle = results.database.interrupt();
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT])?;
    std::thread::spawn(move || signals.forever().for_each(|_| handle.interrupt()));
    Ok(())
}

/// The names for completion.
struct Names {
    known: Vec<(String, Vec<String>)>,
    tables: Vec<String>,
}

impl Names {
    /// The possible completions, and the start of the word that they replace. Columns are those of
    /// the tables that the line names, or of all tables if it names none.
    fn complete(&self, line: &str) -> (usize, Vec<String>) {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let start = line.rfind(|c| !is_part(c)).map_or(0, |at| at + 1);
        let Some((before, word)) = line.split_at_checked(start) else { return (start, Vec::new()) };
        if before.trim() == "." && before.trim_start().len() == 1 {
            let commands = COMMANDS.iter().map(|(name, _)| name.trim_start_matches('.'));
            return (
                start,
                commands.filter(|name| name.starts_with(word)).map(str::to_owned).collect(),
            );
        }
        let words: Vec<&str> = line.split(|c| !is_part(c)).collect();
        let is_named = |table: &str| words.iter().any(|word| word.eq_ignore_ascii_case(table));
        let named: Vec<_> = self.known.iter().filter(|(table, _)| is_named(table)).collect();
        let columns: Vec<&String> = match named.is_empty() {
            true => self.known.iter().flat_map(|(_, columns)| columns).collect(),
            false => named.iter().flat_map(|(_, columns)| columns).collect(),
        };
        let last = before.split_whitespace().next_back().unwrap_or("");
        let wants_table = ["from", "join", ".schema"].iter().any(|w| last.eq_ignore_ascii_case(w));
        let words = WORDS.iter().map(|word| (*word).to_owned()).filter(|_| !wants_table);
        let columns = columns.into_iter().filter(|_| !wants_table).cloned();
        let all = self.tables.iter().cloned().chain(columns).chain(words);
        let fits = |name: &String| {
            name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let mut found: Vec<String> = all.filter(fits).collect();
        found.sort_unstable();
        found.dedup();
        (start, found)
    }
}

impl Completer for Names {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, found) = Self::complete(self, line.get(..at).unwrap_or(line));
        let pair = |name: String| Pair { display: name.clone(), replacement: name };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl Validator for Names {
    /// A statement continues until its semicolon.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input().trim();
        let is_whole = text.is_empty()
            || text.ends_with(';')
            || text.starts_with('.') && !text.contains('\n')
            || is_end(text);
        Ok(if is_whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Names {
    type Hint = String;
}

impl Highlighter for Names {}

impl Helper for Names {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_come_after_from_and_columns_of_named_tables_elsewhere() {
        let table = |name: &str, columns: &[&str]| {
            (name.to_owned(), columns.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>())
        };
        let known = vec![table("kv", &["key", "size"]), table("nodes", &["node", "node_id"])];
        let tables = vec!["kv".to_owned(), "nodes".to_owned()];
        let names = Names { known, tables };
        let complete = |line: &str| names.complete(line);
        assert_eq!(complete("select * from no"), (14, vec!["nodes".to_owned()]));
        let found = complete("select * from kv where k").1;
        assert_eq!(found, ["key", "kv"]);
        assert_eq!(complete("select node_").1, ["node_id"]);
        assert_eq!(complete(".sch"), (1, vec!["schema".to_owned()]));
        assert_eq!(complete(".schema n"), (8, vec!["nodes".to_owned()]));
    }
}
