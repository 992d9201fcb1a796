//! What `redact` replaced, field by field, for the person who has to vouch for the copy.

use super::extract::Output;
use super::incomplete::mark_incomplete;
use super::table::{Cell, Rows};
use crate::reading::incomplete_line;
use snapscope_analyze::Outcome;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_rewrite::redact::RedactReport;

/// Renders the report; `size` is the size of the new file, if one was written.
pub(crate) fn report(
    outcome: &Outcome<RedactReport>,
    output: Output,
    size: Option<&str>,
) -> Vec<u8> {
    let RedactReport { replaced, records } = &outcome.out;
    let total: u64 = replaced.values().sum();
    let row =
        |(field, count): (&Vec<u8>, &u64)| vec![Cell::Text(field.clone()), Cell::Number(*count)];
    let rows = Rows {
        columns: ["field", "replaced"].map(Into::into).into(),
        rows: replaced.iter().map(row).collect(),
        total: Some(vec![Some(Cell::Text(b"Total".to_vec())), Some(Cell::Number(total))]),
    };
    let incomplete = incomplete_line(&outcome.closing, &outcome.problems);
    match output {
        Output::Json => rows.json("fields", |json: &mut JsonText| {
            json.key(b"replaced");
            json.uint(total);
            json.key(b"records");
            json.uint(*records);
            json.key(b"written");
            json.bool(size.is_some());
            mark_incomplete(incomplete.as_deref(), json);
        }),
        Output::Table => {
            let mut text = rows.table();
            let end = match size {
                Some(size) => format!("Written: {records} records, {size}\n"),
                None => format!("Nothing was written (--dry-run): {records} records\n"),
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
