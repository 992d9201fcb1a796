//! Marks an answer as incomplete, in each format.

use super::damage;
use super::escape::one_line;
use super::json::{List, Members as _, Object, ToJson as _};
use crate::form::Form;
use snapscope_analyze::Problems;
use snapscope_archive::Closing;
use snapscope_export::incomplete_line;
use snapscope_objects::csv::CsvRow;
use snapscope_objects::json::JsonText;

/// The naming of members in JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Names {
    /// Those of reports of our own: `incomplete`.
    Ours,
    /// Consul's names, for its objects and the output of its commands: `Incomplete`.
    Consul,
}

impl Names {
    const fn members(self) -> [&'static str; 2] {
        match self {
            Self::Ours => ["incomplete", "damage"],
            Self::Consul => ["Incomplete", "Damage"],
        }
    }
}

/// Why an answer is incomplete.
#[derive(Debug)]
pub(crate) struct Incomplete {
    line: String,
    /// All known damage, if one snapshot was read.
    damage: Vec<String>,
}

impl Incomplete {
    /// The damage of a snapshot that was read; `None` if there is none.
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

    /// For an answer from several snapshots; `why` is one line.
    pub(crate) fn because(why: &str) -> Self {
        Self { line: format!("Incomplete: {why}"), damage: Vec::new() }
    }

    /// The last line of text.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// The reason in that line.
    pub(crate) fn why(&self) -> &str {
        self.line.strip_prefix("Incomplete: ").unwrap_or(&self.line)
    }

    /// Members of a JSON object.
    pub(crate) fn members(&self, names: Names, json: &mut JsonText) {
        let [incomplete, damage] = names.members();
        json.member(incomplete, true).member(damage, &self.line);
    }

    /// The same with all damage, as `inspect` shows it.
    pub(crate) fn members_listed(&self, json: &mut JsonText) {
        let [incomplete, damage] = Names::Consul.members();
        json.member(incomplete, true).member(damage, List(&self.damage));
    }

    /// The last of lines that each hold a record.
    pub(crate) fn records_line(&self, closing: &Closing) -> Vec<u8> {
        incomplete_line(closing.records, &self.damage)
    }

    /// The last item of a JSON list, which has no other place for it.
    pub(crate) fn item(&self, names: Names) -> Vec<u8> {
        let mut json = JsonText::new();
        Object(|json: &mut JsonText| self.members(names, json)).write(&mut json);
        json.into_bytes()
    }

    /// The last line in a form that consists of lines.
    pub(crate) fn last_line(&self, form: Form, names: Names) -> Vec<u8> {
        match form {
            Form::Json | Form::Jsonl => [&*self.item(names), b"\n"].concat(),
            Form::Csv => {
                let mut out = Vec::new();
                CsvRow::begin(&mut out).text(self.line.as_bytes()).end();
                out
            }
            Form::Text | Form::Sarif | Form::Patch => [self.line.as_bytes(), b"\n"].concat(),
        }
    }
}
