//! The report of `extract`: what was kept and what was left out.

use crate::answer::{TableAnswer, at_hand, print};
use crate::form::Form;
use crate::render::incomplete::incomplete_of;
use crate::render::json::Members as _;
use crate::render::long_table::LongTable;
use crate::render::table::Cell;
use snapscope_analyze::Outcome;
use snapscope_objects::json::JsonText;
use snapscope_objects::printable::counted;
use snapscope_rewrite::extract::{Tally, TypeTally};
use std::io;

fn row(name: Vec<u8>, tally: TypeTally) -> Vec<Cell> {
    vec![
        Cell::Text(name),
        Cell::Number(tally.kept),
        Cell::Bytes(tally.kept_bytes),
        Cell::Number(tally.dropped),
        Cell::Bytes(tally.dropped_bytes),
    ]
}

/// Other actions, each with its JSON name and the counted things in the singular and plural.
fn more(tally: &Tally) -> [(&'static str, u64, [&'static str; 2]); 7] {
    let total = tally.total();
    [
        (
            "brought",
            total.brought,
            ["record kept because others refer to it", "records kept because others refer to them"],
        ),
        (
            "followed",
            total.followed,
            [
                "record left out with the object it belongs to",
                "records left out with the objects they belong to",
            ],
        ),
        (
            "links_removed",
            tally.links,
            ["link of a token or role removed", "links of tokens and roles removed"],
        ),
        ("locks_released", tally.locks, ["lock released", "locks released"]),
        (
            "query_sessions_removed",
            tally.query_sessions,
            ["session of a prepared query removed", "sessions of prepared queries removed"],
        ),
        (
            "query_tokens_removed",
            tally.query_tokens,
            ["token of a prepared query removed", "tokens of prepared queries removed"],
        ),
        ("renamed", tally.renamed, ["key renamed", "keys renamed"]),
    ]
}

/// Prints the report; `size` is the size of the new file, if one was written.
pub(crate) fn report(
    name: &str,
    outcome: &Outcome<Tally>,
    form: Form,
    size: Option<&str>,
) -> io::Result<()> {
    let tally = &outcome.out;
    let total = row(b"Total".to_vec(), tally.total());
    let types = tally.types().map(|(kind, t)| row(kind.to_string().into_bytes(), t));
    let types: Vec<Vec<Cell>> = types.collect();
    let done = more(tally).into_iter().filter(|(_, count, _)| *count > 0);
    let done = done.map(|(_, count, [one, many])| counted(count, one, many));
    let columns = ["type", "kept", "kept_bytes", "dropped", "dropped_bytes"];
    let total = Some(total.into_iter().map(Some).collect());
    let rows = at_hand(&types);
    let answer = TableAnswer {
        table: LongTable { total, ..LongTable::new(columns, &rows) },
        name: "types",
        notes: done.chain([written(size)]).collect(),
        more: &|json: &mut JsonText| {
            for (name, count, _) in more(tally) {
                json.member(name, count);
            }
            json.member("written", size.is_some());
        },
    };
    print(&answer, form, incomplete_of(name, &outcome.closing, &outcome.problems).as_ref())
}

/// Says whether a file was written, and its size.
fn written(size: Option<&str>) -> String {
    match size {
        Some(size) => format!("Written: {size}"),
        None => "Nothing was written (--dry-run)".to_owned(),
    }
}
