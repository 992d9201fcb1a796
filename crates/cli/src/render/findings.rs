//! Findings and rules of an audit, as text and JSON.

use super::escape::one_line;
use super::long_table::{Equal, Fitting, LongTable};
use super::table::Cell;
use super::wrap::shown;
use crate::answer::{Answer, at_hand, write_wrapped};
use crate::index_times::IndexTimes;
use crate::render::json::{List, Members as _, Object, ToJson};
use crate::times;
use snapscope_analyze::audit::{AuditReport, AuditRule, Finding, Severity};
use snapscope_answers::audit::Audited;
use snapscope_decode::GoTime;
use snapscope_objects::json::JsonText;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The data to print.
pub(crate) struct Whole<'a> {
    /// The file's name.
    pub(crate) snapshot: &'a str,
    /// The ID in its meta.json.
    pub(crate) id: Option<&'a str>,
    pub(crate) report: &'a AuditReport,
    /// Findings left out because the baseline has them.
    pub(crate) known: usize,
    /// The lowest severity of findings that a table lists; it counts all of them.
    pub(crate) listed: Severity,
    /// When objects were written, if there is a log.
    pub(crate) times: Option<&'a IndexTimes>,
}

/// When the object of a finding was last written.
fn written(finding: &Finding, times: Option<&IndexTimes>) -> Option<GoTime> {
    times?.of(finding.modify_index?)
}

impl Whole<'_> {
    fn audited(&self) -> Audited<'_, impl Fn(&Finding) -> Option<String>> {
        let Self { snapshot, id, report, known, times, .. } = *self;
        let written = move |f: &Finding| written(f, times).map(times::exact);
        Audited { snapshot, id, report, known, written }
    }
}

/// Writes the findings as a table, each with a message that wraps on a terminal.
fn table(findings: &[&Finding], times: Option<&IndexTimes>, out: &mut dyn Write) -> io::Result<()> {
    let row = |f: &&Finding| {
        let mut text = format!("{}: {}", f.rule.title, f.text());
        if let Some(time) = written(f, times) {
            let _ = write!(text, " (last written {})", times::rfc3339(time));
        }
        vec![
            Cell::Text(f.rule.severity.word().into()),
            Cell::Text(f.rule.id.into()),
            Cell::Text(f.subject.name().into()),
            Cell::Text(f.id.clone()),
            Cell::Text(text.into_bytes()),
        ]
    };
    let rows: Vec<Vec<Cell>> = findings.iter().map(row).collect();
    let each = at_hand(&rows);
    let mut table = LongTable::new(["severity", "rule", "type", "id", "finding"], &each);
    table.fitting = Fitting { equal: Equal::Kept, message: Some(4), ..table.fitting };
    table.table(out)
}

/// Writes the number of findings of each rule, the worst rules first.
fn per_rule(report: &AuditReport, out: &mut dyn Write) -> io::Result<()> {
    let row = |(rule, count): &(&AuditRule, u64)| {
        vec![
            Cell::Text(rule.severity.word().into()),
            Cell::Text(rule.id.into()),
            Cell::Number(*count),
            Cell::Text(rule.title.into()),
        ]
    };
    let rows: Vec<Vec<Cell>> = report.by_rule().iter().map(row).collect();
    let each = at_hand(&rows);
    let mut table = LongTable::new(["severity", "rule", "findings", "what"], &each);
    table.fitting = Fitting { equal: Equal::Kept, message: Some(3), ..table.fitting };
    table.table(out)
}

impl Answer for Whole<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let findings = &self.report.findings;
        if !findings.is_empty() {
            per_rule(self.report, out)?;
            out.write_all(b"\n")?;
        }
        let listed: Vec<&Finding> =
            findings.iter().filter(|f| f.rule.severity >= self.listed).collect();
        if !listed.is_empty() {
            table(&listed, self.times, out)?;
            out.write_all(b"\n")?;
        }
        out.write_all(shown(&summary(self)).as_bytes())?;
        let hidden = findings.len() - listed.len();
        if hidden > 0 {
            let which = match self.listed {
                Severity::Medium => "low or info",
                _ => "less severe",
            };
            let (findings, them) =
                if hidden == 1 { ("finding is", "it") } else { ("findings are", "them") };
            let line = format!(
                "{hidden} {which} {findings} not listed; --min-severity info or --only RULE lists {them}."
            );
            write_wrapped(&line, out)?;
        }
        Ok(())
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        self.audited().members(json);
        Ok(())
    }

    fn lines(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        for f in &self.report.findings {
            self.audited().finding(f).write(json);
            json.end_line();
        }
        Ok(())
    }
}

fn summary(whole: &Whole<'_>) -> String {
    let counts = whole.report.by_severity();
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> =
        counts.map(|(severity, count)| format!("{count} {severity}")).collect();
    let mut text = match total {
        0 => "No findings".to_owned(),
        1 => format!("1 finding: {}", counts.join(", ")),
        count => format!("{count} findings: {}", counts.join(", ")),
    };
    if whole.known > 0 {
        let _ = write!(text, "; {} known from the baseline", whole.known);
    }
    if let Some(at) = whole.report.at {
        let _ = write!(text, "; evaluated at {}", times::rfc3339(at));
    }
    text.push_str(".\n");
    for (rule, more) in &whole.report.more {
        let _ = writeln!(text, "{more} more findings of {rule} are not shown.");
    }
    for vault in &whole.report.vaults {
        let _ = writeln!(
            text,
            "Vault's encrypted data under \"{}\" was not scanned for secrets.",
            one_line(vault)
        );
    }
    text
}

/// The rules of an audit.
pub(crate) struct Rules(pub(crate) Vec<&'static AuditRule>);

impl Answer for Rules {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.iter().try_for_each(|rule| {
            let AuditRule { id, severity, title, why, fix, reference } = rule;
            let text = format!("{id} ({severity}) {title}\n  {why}\n  Fix: {fix}\n  {reference}\n");
            out.write_all(shown(&text).as_bytes())
        })
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        json.member("rules", List(self.0.iter().map(|rule| rule_object(rule))));
        Ok(())
    }

    fn lines(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        for rule in &self.0 {
            rule_object(rule).write(json);
            json.end_line();
        }
        Ok(())
    }
}

fn rule_object(rule: &AuditRule) -> impl ToJson {
    Object(move |json: &mut JsonText| {
        json.member("id", rule.id).member("severity", rule.severity.word());
        json.member("title", rule.title).member("why", rule.why);
        json.member("fix", rule.fix).member("reference", rule.reference);
    })
}
