//! Findings as text and JSON.

use super::age::Stale;
use super::one::{Report, Verdict};
use crate::render::escape::one_line;
use crate::times::of_unix_ms;
use jiff::SignedDuration;
use snapscope_analyze::verify::{Finding, Level};
use snapscope_archive::Integrity;
use snapscope_objects::json::{JsonText, Sink as _};

/// Maximum number of findings of one kind in text; JSON has all that are kept.
const SHOWN: usize = 3;

pub(super) fn text(reports: &[Report], stale: &[Stale]) -> Vec<u8> {
    let mut text = String::new();
    for report in reports {
        snapshot_text(report, &mut text);
    }
    for stale in stale {
        let name = one_line(stale.name.as_bytes());
        let limit = hours(stale.limit);
        let line = match stale.age {
            Some(age) => format!("the newest sound snapshot is {} old", hours(age)),
            None => "there is no sound snapshot whose age is known".to_owned(),
        };
        text.push_str(&format!("{name}: stale: {line}, --max-age is {limit}\n"));
    }
    text.into_bytes()
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
                text.push_str(&format!("  {level:7} {}: {}{message}\n", rule.code, place(finding)));
            }
            let more = count.saturating_sub(SHOWN as u64);
            if more > 0 {
                text.push_str(&format!("  {level:7} {}: and {more} more\n", rule.code));
            }
        }
    }
}

fn facts(report: &Report, integrity: &Integrity) -> String {
    let plural = if report.records == 1 { "" } else { "s" };
    let counts = Level::ALL.into_iter().rev().filter_map(|level| {
        let of_level = report.findings.counts().filter(|(rule, _)| rule.level == level);
        let count: u64 = of_level.map(|(_, count)| count).sum();
        (count > 0).then(|| format!(", {count} {level}"))
    });
    let counts: String = counts.collect();
    let (container, verdict) = (integrity.container.name(), integrity.verdict.name());
    format!("{container}, checksums {verdict}, {} record{plural}{counts}", report.records)
}

fn place(finding: &Finding) -> String {
    finding.at.map_or_else(String::new, |at| {
        format!("record {} ({}, at byte {} of state.bin): ", at.number, at.kind, at.offset)
    })
}

pub(super) fn json(reports: &[Report], stale: &[Stale]) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    json.key(b"snapshots");
    json.begin_list();
    for report in reports {
        snapshot_json(report, &mut json);
    }
    json.end_list();
    json.key(b"stale");
    json.begin_list();
    for stale in stale {
        json.begin_object();
        stale_members(stale, &mut json);
        json.end_object();
    }
    json.end_list();
    json.end_object();
    json.end_line();
    json.into_bytes()
}

/// A line for each snapshot, then one for each name that is stale.
pub(super) fn jsonl(reports: &[Report], stale: &[Stale]) -> Vec<u8> {
    let mut json = JsonText::new();
    for report in reports {
        snapshot_json(report, &mut json);
        json.end_line();
    }
    for stale in stale {
        json.begin_object();
        json.key(b"stale");
        json.begin_object();
        stale_members(stale, &mut json);
        json.end_object();
        json.end_object();
        json.end_line();
    }
    json.into_bytes()
}

fn stale_members(stale: &Stale, json: &mut JsonText) {
    json.key(b"name");
    json.text(stale.name.as_bytes());
    json.key(b"newest");
    time(stale.newest_ms, json);
    json.key(b"age_seconds");
    match stale.age {
        Some(age) => json.int(age.as_secs()),
        None => json.null(),
    }
    json.key(b"max_age_seconds");
    json.int(stale.limit.as_secs());
}

fn time(ms: Option<i64>, json: &mut JsonText) {
    match ms.and_then(of_unix_ms) {
        Some(time) => json.text(time.as_bytes()),
        None => json.null(),
    }
}

fn snapshot_json(report: &Report, json: &mut JsonText) {
    json.begin_object();
    json.key(b"file");
    json.text(report.name.as_bytes());
    json.key(b"verdict");
    json.text(report.verdict.name().as_bytes());
    if let Verdict::Unreadable(error) = &report.verdict {
        json.key(b"error");
        json.text(error.as_bytes());
    }
    if let Some(integrity) = &report.integrity {
        json.key(b"container");
        json.text(integrity.container.name().as_bytes());
        json.key(b"checksums");
        json.text(integrity.verdict.name().as_bytes());
        json.key(b"records");
        json.uint(report.records);
        json.key(b"bytes");
        json.uint(integrity.actual_size);
        json.key(b"index");
        match report.index {
            Some(index) => json.uint(index),
            None => json.null(),
        }
        json.key(b"taken");
        time(report.taken_ms, json);
    }
    json.key(b"counts");
    json.begin_object();
    for (rule, count) in report.findings.counts() {
        json.key(rule.code.as_bytes());
        json.uint(count);
    }
    json.end_object();
    json.key(b"findings");
    json.begin_list();
    for finding in report.findings.iter() {
        finding_json(finding, json);
    }
    json.end_list();
    json.end_object();
}

fn finding_json(finding: &Finding, json: &mut JsonText) {
    json.begin_object();
    for (key, value) in [("level", finding.rule.level.name()), ("code", finding.rule.code)] {
        json.key(key.as_bytes());
        json.text(value.as_bytes());
    }
    if let Some(at) = finding.at {
        json.key(b"record");
        json.uint(at.number);
        json.key(b"offset");
        json.uint(at.offset);
        json.key(b"type");
        json.text(at.kind.to_string().as_bytes());
    }
    json.key(b"message");
    json.text(finding.message.as_bytes());
    json.end_object();
}
