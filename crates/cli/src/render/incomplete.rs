//! Marks an answer as incomplete, in each format.

use super::damage;
use crate::form::Form;
use crate::log_damage::of_state;
use snapscope_analyze::Problems;
use snapscope_archive::Closing;
use snapscope_export::incomplete_line;
use snapscope_objects::csv::CsvRow;

pub(crate) use snapscope_answers::{Incomplete, Names};

/// What an answer from a snapshot of that name lacks: its damage, or what was lost when it was
/// computed from a log; `None` if that is nothing.
pub(crate) fn incomplete_of(
    name: &str,
    closing: &Closing,
    problems: &Problems,
) -> Option<Incomplete> {
    Incomplete::of(closing, problems, damage::text).or_else(|| of_state(name))
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
