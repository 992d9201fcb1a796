//! Marks an answer as incomplete, in each format.

use super::damage;
use super::escape::one_line;
use super::json::{List, Members as _, Object, ToJson as _};
use snapscope_analyze::Problems;
use snapscope_archive::Closing;
use snapscope_objects::csv::text_cell;
use snapscope_objects::json::JsonText;

/// Why an answer is not whole.
#[derive(Debug)]
pub(crate) struct Incomplete {
    line: String,
    /// All that is known to be damaged, where one snapshot was read.
    damage: Vec<String>,
}

impl Incomplete {
    /// What is damaged in a snapshot that was read; `None` if nothing is.
    pub(crate) fn of(closing: &Closing, problems: &Problems) -> Option<Self> {
        let findings = closing.integrity.damage().map(damage::text);
        let findings: Vec<String> = findings.collect();
        let count = findings.len() as u64 + problems.count;
        let records = problems.first.iter().map(ToString::to_string);
        let damage: Vec<String> = findings.into_iter().chain(records).collect();
        let first = one_line(damage.first()?.as_bytes());
        let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
        let line =
            format!("Incomplete: {} intact records were read; {first}{more}", closing.records);
        Some(Self { line, damage })
    }

    /// Of an answer that comes from several snapshots; `why` is said in one line.
    pub(crate) fn because(why: &str) -> Self {
        Self { line: format!("Incomplete: {why}"), damage: Vec::new() }
    }

    /// The last line of text.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// What that line says.
    pub(crate) fn why(&self) -> &str {
        self.line.strip_prefix("Incomplete: ").unwrap_or(&self.line)
    }

    /// Members of a JSON object.
    pub(crate) fn members(&self, json: &mut JsonText) {
        json.member("Incomplete", true).member("Damage", &self.line);
    }

    /// The same with all that is damaged, as `inspect` has it.
    pub(crate) fn members_listed(&self, json: &mut JsonText) {
        json.member("Incomplete", true).member("Damage", List(&self.damage));
    }

    /// The last line of JSON lines.
    pub(crate) fn json_line(&self) -> Vec<u8> {
        let mut json = JsonText::new();
        json.line(|json| self.members(json));
        json.into_bytes()
    }

    /// The last line of lines that have a record each.
    pub(crate) fn records_line(&self, closing: &Closing) -> Vec<u8> {
        let mut json = JsonText::new();
        json.line(|json| {
            json.member("Incomplete", true).member("Records", closing.records);
            json.member("Damage", List(&self.damage));
        });
        json.into_bytes()
    }

    /// The last item of a JSON list, which has no other place to say it.
    pub(crate) fn item(&self) -> Vec<u8> {
        let mut json = JsonText::new();
        Object(|json: &mut JsonText| self.members(json)).write(&mut json);
        json.into_bytes()
    }

    /// The last line of comma-separated values.
    pub(crate) fn csv_line(&self) -> Vec<u8> {
        let mut out = Vec::new();
        text_cell(self.line.as_bytes(), &mut out);
        out.extend_from_slice(b"\r\n");
        out
    }
}
