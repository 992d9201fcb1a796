//! Findings as text and JSON.

use super::age::Stale;
use super::one::{Report, Verdict};
use crate::answer::Answer;
use crate::render::escape::one_line;
use crate::render::json::{List, Members as _, Object, ToJson};
use crate::render::style;
use crate::render::wrap::shown;
use crate::times::of_unix_ms;
use jiff::SignedDuration;
use snapscope_analyze::verify::{Finding, Level, Rule};
use snapscope_archive::Integrity;
use snapscope_objects::json::JsonText;
use snapscope_objects::printable::counted;
use std::io::{self, Write};

/// Maximum number of findings of one kind in text; JSON has all that are kept.
const SHOWN: usize = 3;

/// The data to print.
pub(super) struct Verified<'a> {
    pub(super) reports: &'a [Report],
    pub(super) stale: &'a [Stale],
}

impl Answer for Verified<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut text = String::new();
        for report in self.reports {
            snapshot_text(report, &mut text);
        }
        for stale in self.stale {
            let name = one_line(stale.name.as_bytes());
            let limit = hours(stale.limit);
            let line = match stale.age {
                Some(age) => format!("the newest sound snapshot is {} old", hours(age)),
                None => "no sound snapshot with a known age".to_owned(),
            };
            text.push_str(&format!("{name}: stale: {line}, --max-age is {limit}\n"));
        }
        for line in shown(&text).split_inclusive('\n') {
            out.write_all(&coloured(line))?;
        }
        Ok(())
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        json.member("snapshots", List(self.reports.iter().map(snapshot)));
        json.member("stale", List(self.stale.iter().map(stale)));
        Ok(())
    }

    /// A line for each snapshot, then one for each name that is stale.
    fn lines(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        for report in self.reports {
            snapshot(report).write(json);
            json.end_line();
        }
        for of_name in self.stale {
            json.line(|json| {
                json.member("stale", stale(of_name));
            });
        }
        Ok(())
    }
}

/// A line of findings with its level in colour.
fn coloured(line: &str) -> Vec<u8> {
    let level = Level::ALL.into_iter().map(|level| level.to_string()).find(|level| {
        line.strip_prefix("  ").and_then(|rest| rest.strip_prefix(level.as_str())).is_some()
    });
    let Some(level) = level else { return line.as_bytes().to_vec() };
    let mut out = b"  ".to_vec();
    style::paint(style::of("level", &level), level.as_bytes(), &mut out);
    out.extend_from_slice(line.get(2 + level.len()..).unwrap_or("").as_bytes());
    out
}

/// A duration in hours and minutes.
fn hours(duration: SignedDuration) -> String {
    let minutes = duration.as_mins();
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes:02}m"),
    }
}

fn snapshot_text(report: &Report, text: &mut String) {
    let name = one_line(report.name.as_bytes());
    let how = match (&report.verdict, &report.integrity) {
        (Verdict::Skipped, _) => "not a snapshot".to_owned(),
        (Verdict::Unreadable(error), _) => one_line(error.as_bytes()),
        (_, Some(integrity)) => facts(report, integrity),
        (_, None) => String::new(),
    };
    text.push_str(&format!("{name}: {}: {how}\n", report.verdict.name()));
    if matches!(report.verdict, Verdict::Skipped) {
        return;
    }
    for level in Level::ALL.into_iter().rev() {
        for (rule, count) in report.findings.counts().filter(|(rule, _)| rule.level == level) {
            let of_rule = report.findings.iter().filter(|f| f.rule.code == rule.code);
            for finding in of_rule.take(SHOWN) {
                let message = one_line(finding.message.as_bytes());
                let what = named(rule);
                text.push_str(&format!("  {level:7} {what}{}{message}\n", place(finding)));
            }
            let more = count.saturating_sub(SHOWN as u64);
            if more > 0 {
                let kept = report.findings.iter().filter(|f| f.rule.code == rule.code).count();
                let whole = if kept as u64 == count { "all of them" } else { "more of them" };
                let what = named(rule);
                text.push_str(&format!(
                    "  {level:7} {what}and {more} more (-o json lists {whole})\n"
                ));
            }
        }
    }
}

/// The code of a finding, unless it only repeats its level.
fn named(rule: &Rule) -> String {
    match rule.code {
        "damage" => String::new(),
        code => format!("{code}: "),
    }
}

fn facts(report: &Report, integrity: &Integrity) -> String {
    let records = counted(report.records, "record", "records");
    let counts = Level::ALL.into_iter().rev().filter_map(|level| {
        let of_level = report.findings.counts().filter(|(rule, _)| rule.level == level);
        let count: u64 = of_level.map(|(_, count)| count).sum();
        (count > 0).then(|| format!(", {count} {level}"))
    });
    let counts: String = counts.collect();
    let (container, verdict) = (integrity.container.name(), integrity.verdict.name());
    format!("{container}, checksums {verdict}, {records}{counts}")
}

fn place(finding: &Finding) -> String {
    finding.at.map_or_else(String::new, |at| {
        format!("record {} ({}, at byte {} of state.bin): ", at.number, at.kind, at.offset)
    })
}

fn stale(stale: &Stale) -> impl ToJson {
    Object(|json: &mut JsonText| {
        json.member("name", &stale.name).member("newest", stale.newest_ms.and_then(of_unix_ms));
        json.member("age_seconds", stale.age.map(|age| age.as_secs()));
        json.member("max_age_seconds", stale.limit.as_secs());
    })
}

fn snapshot(report: &Report) -> impl ToJson {
    Object(|json: &mut JsonText| {
        json.member("file", &report.name).member("verdict", report.verdict.name());
        if let Verdict::Unreadable(error) = &report.verdict {
            json.member("error", error);
        }
        if let Some(integrity) = &report.integrity {
            json.member("container", integrity.container.name());
            json.member("checksums", integrity.verdict.name());
            json.member("records", report.records).member("bytes", integrity.actual_size);
            json.member("index", report.index);
            json.member("taken", report.taken_ms.and_then(of_unix_ms));
        }
        let counts = |json: &mut JsonText| {
            for (rule, count) in report.findings.counts() {
                json.member(rule.code, count);
            }
        };
        json.member("counts", Object(counts));
        json.member("findings", List(report.findings.iter().map(finding)));
    })
}

fn finding(finding: &Finding) -> impl ToJson {
    Object(|json: &mut JsonText| {
        json.member("level", finding.rule.level.name()).member("code", finding.rule.code);
        if let Some(at) = finding.at {
            json.member("record", at.number).member("offset", at.offset);
            json.member("type", at.kind.to_string());
        }
        json.member("message", &finding.message);
    })
}
