//! The report of `redact`: what it replaced, field by field, for the person who vouches for the
//! copy.

use crate::answer::{TableAnswer, at_hand, print};
use crate::form::Form;
use crate::render::incomplete::incomplete_of;
use crate::render::json::Members as _;
use crate::render::long_table::LongTable;
use crate::render::table::Cell;
use snapscope_analyze::Outcome;
use snapscope_objects::json::JsonText;
use snapscope_objects::printable::counted;
use snapscope_rewrite::redact::RedactReport;
use std::io;

/// Prints the report; `size` is the size of the new file, if one was written.
pub(crate) fn report(
    name: &str,
    outcome: &Outcome<RedactReport>,
    form: Form,
    size: Option<&str>,
) -> io::Result<()> {
    let RedactReport { replaced, records } = &outcome.out;
    let total: u64 = replaced.values().sum();
    let row =
        |(field, count): (&Vec<u8>, &u64)| vec![Cell::Text(field.clone()), Cell::Number(*count)];
    let rows: Vec<Vec<Cell>> = replaced.iter().map(row).collect();
    let sums = vec![Some(Cell::Text(b"Total".to_vec())), Some(Cell::Number(total))];
    let counted = counted(*records, "record", "records");
    let end = match size {
        Some(size) => format!("Written: {counted}, {size}"),
        None => format!("Nothing was written (--dry-run): {counted}"),
    };
    let columns = ["field", "replaced"];
    let each = at_hand(&rows);
    let answer = TableAnswer {
        table: LongTable { total: Some(sums), ..LongTable::new(columns, &each) },
        name: "fields",
        notes: vec![end],
        more: &|json: &mut JsonText| {
            json.member("replaced", total).member("records", *records);
            json.member("written", size.is_some());
        },
    };
    print(&answer, form, incomplete_of(name, &outcome.closing, &outcome.problems).as_ref())
}
