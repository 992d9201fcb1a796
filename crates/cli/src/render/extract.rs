//! The report of `extract`: what it kept and left out.

use super::incomplete::mark_incomplete;
use super::table::{Cell, Rows};
use crate::reading::incomplete_line;
use clap::ValueEnum;
use snapscope_analyze::Outcome;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_rewrite::extract::{Tally, TypeTally};

/// Output format of a report about a new snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Columns for people
    Table,
    /// One JSON object
    Json,
}

fn row(name: Vec<u8>, tally: TypeTally) -> Vec<Cell> {
    vec![
        Cell::Text(name),
        Cell::Number(tally.kept),
        Cell::Bytes(tally.kept_bytes),
        Cell::Number(tally.dropped),
        Cell::Bytes(tally.dropped_bytes),
    ]
}

/// Other actions, each with its JSON name and a line of text.
fn more(tally: &Tally) -> [(&'static str, u64, &'static str); 6] {
    let total = tally.total();
    [
        ("brought", total.brought, "records kept because kept ones refer to them"),
        ("followed", total.followed, "records left out with what they belong to"),
        ("links_removed", tally.links, "links of tokens and roles removed"),
        ("locks_released", tally.locks, "locks released"),
        ("query_sessions_removed", tally.query_sessions, "sessions of prepared queries removed"),
        ("renamed", tally.renamed, "keys renamed"),
    ]
}

/// Renders the report; `size` is the size of the new file, if one was written.
pub(crate) fn report(outcome: &Outcome<Tally>, output: Output, size: Option<&str>) -> Vec<u8> {
    let tally = &outcome.out;
    let total = row(b"Total".to_vec(), tally.total());
    let rows = Rows {
        columns: ["type", "kept", "kept_bytes", "dropped", "dropped_bytes"].map(Into::into).into(),
        rows: tally.types().map(|(kind, t)| row(kind.to_string().into_bytes(), t)).collect(),
        total: Some(total.into_iter().map(Some).collect()),
    };
    let incomplete = incomplete_line(&outcome.closing, &outcome.problems);
    match output {
        Output::Json => rows.json("types", |json: &mut JsonText| {
            for (name, count, _) in more(tally) {
                json.key(name.as_bytes());
                json.uint(count);
            }
            json.key(b"written");
            json.bool(size.is_some());
            mark_incomplete(incomplete.as_deref(), json);
        }),
        Output::Table => {
            let mut text = rows.table();
            for (_, count, what) in more(tally) {
                if count > 0 {
                    text.extend_from_slice(format!("{count} {what}\n").as_bytes());
                }
            }
            let end = match size {
                Some(size) => format!("Written: {size}\n"),
                None => "Nothing was written (--dry-run)\n".to_owned(),
            };
            text.extend_from_slice(end.as_bytes());
            if let Some(line) = incomplete {
                text.extend_from_slice(line.as_bytes());
                text.push(b'\n');
            }
            text
        }
    }
}
