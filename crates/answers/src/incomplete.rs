//! Marks an answer as incomplete.

use snapscope_analyze::Problems;
use snapscope_archive::{Closing, Finding};
use snapscope_objects::json::{JsonText, List, Members as _, Object, ToJson as _};
use snapscope_objects::printable::one_line;

/// The naming of members in JSON.
#[derive(Debug, Clone, Copy)]
pub enum Names {
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
pub struct Incomplete {
    line: String,
    /// All known damage, if one snapshot was read.
    damage: Vec<String>,
}

impl Incomplete {
    /// What is damaged in a snapshot that was read; `None` if nothing is. `words` says it.
    #[must_use]
    pub fn of(
        closing: &Closing,
        problems: &Problems,
        words: impl Fn(&Finding) -> String,
    ) -> Option<Self> {
        let findings: Vec<String> = closing.integrity.damage().map(words).collect();
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
    #[must_use]
    pub fn because(why: &str) -> Self {
        Self { line: format!("Incomplete: {why}"), damage: Vec::new() }
    }

    /// The last line of text.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The reason in that line.
    #[must_use]
    pub fn why(&self) -> &str {
        self.line.strip_prefix("Incomplete: ").unwrap_or(&self.line)
    }

    /// All known damage, if one snapshot was read.
    #[must_use]
    pub fn damage(&self) -> &[String] {
        &self.damage
    }

    /// Members of a JSON object.
    pub fn members(&self, names: Names, json: &mut JsonText) {
        let [incomplete, damage] = names.members();
        json.member(incomplete, true).member(damage, &self.line);
    }

    /// The same with all damage, as `inspect` shows it.
    pub fn members_listed(&self, json: &mut JsonText) {
        let [incomplete, damage] = Names::Consul.members();
        json.member(incomplete, true).member(damage, List(&self.damage));
    }

    /// The last item of a JSON list, which has no other place for it.
    #[must_use]
    pub fn item(&self, names: Names) -> Vec<u8> {
        let mut json = JsonText::new();
        Object(|json: &mut JsonText| self.members(names, json)).write(&mut json);
        json.into_bytes()
    }
}
