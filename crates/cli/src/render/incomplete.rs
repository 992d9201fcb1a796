//! Marks an answer as incomplete, in each format.

use super::damage;
use crate::form::Form;
use snapscope_analyze::Problems;
use snapscope_archive::Closing;
use snapscope_export::incomplete_line;
use snapscope_objects::csv::CsvRow;

pub(crate) use snapscope_answers::{Incomplete, Names};

/// The damage of a snapshot that was read; `None` if there is none.
pub(crate) fn incomplete_of(closing: &Closing, problems: &Problems) -> Option<Incomplete> {
    Incomplete::of(closing, problems, damage::text)
}

/// The last of lines that each hold a record.
pub(crate) fn records_line(why: &Incomplete, closing: &Closing) -> Vec<u8> {
    incomplete_line(closing.records, why.damage())
}

/// The last line in a form that consists of lines.
pub(crate) fn last_line(why: &Incomplete, form: Form, names: Names) -> Vec<u8> {
    match form {
        Form::Json | Form::Jsonl => [&*why.item(names), b"\n"].concat(),
        Form::Csv => {
            let mut out = Vec::new();
            CsvRow::begin(&mut out).text(why.line().as_bytes()).end();
            out
        }
        _ => [why.line().as_bytes(), b"\n"].concat(),
    }
}
