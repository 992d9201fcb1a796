//! Findings as SARIF 2.1.0, the format of code scanning services.
//!
//! A snapshot has no lines, so a result's place is the file and, as a logical location, the object.

use super::findings::Whole;
use super::incomplete::{Incomplete, Names};
use super::json::{List, Members as _, Object, ToJson};
use crate::answer::Answer;
use snapscope_analyze::audit::{AuditRule, Finding, RULES, Severity, lasting_id};
use snapscope_objects::json::JsonText;
use std::io::{self, Write};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const TOOL: &str = "https://developer.hashicorp.com/consul/commands/snapshot";

/// SARIF has three levels; GitHub sorts by the number.
const fn level(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Critical => ("error", "9.5"),
        Severity::High => ("error", "8.0"),
        Severity::Medium => ("warning", "5.5"),
        Severity::Low => ("note", "3.0"),
        Severity::Info => ("note", "0.0"),
    }
}

/// A text as a SARIF message.
fn message(text: impl ToJson) -> impl ToJson {
    Object(|json: &mut JsonText| {
        json.member("text", text);
    })
}

fn rule(rule: &AuditRule) -> impl ToJson {
    let (level, number) = level(rule.severity);
    Object(move |json: &mut JsonText| {
        json.member("id", rule.id).member("shortDescription", message(rule.title));
        json.member("fullDescription", message(rule.why)).member("help", message(rule.fix));
        json.member("helpUri", rule.reference);
        let configuration = |json: &mut JsonText| {
            json.member("level", level);
        };
        let properties = |json: &mut JsonText| {
            json.member("security-severity", number);
            json.member("tags", List(["security", rule.group()]));
        };
        json.member("defaultConfiguration", Object(configuration));
        json.member("properties", Object(properties));
    })
}

fn result(finding: &Finding, uri: &str) -> impl ToJson {
    let id = String::from_utf8_lossy(&finding.id);
    let mut text = format!("{}: {}", finding.rule.title, finding.message);
    if let Some(excerpt) = &finding.excerpt {
        text.push_str(": ");
        text.push_str(excerpt);
    }
    let named = |id: &str| {
        let field = finding.field.as_ref().map_or_else(String::new, |field| format!("#{field}"));
        format!("{}/{id}{field}", finding.subject.name())
    };
    let name = named(&id);
    // Snapshots of one cluster are scanned one after the other.
    let lasting = named(&lasting_id(finding.subject.name(), &id));
    Object(move |json: &mut JsonText| {
        json.member("ruleId", finding.rule.id);
        json.member("ruleIndex", RULES.iter().position(|rule| rule.id == finding.rule.id));
        json.member("level", level(finding.rule.severity).0).member("message", message(text));
        let artifact = |json: &mut JsonText| {
            json.member("uri", uri);
        };
        let file = |json: &mut JsonText| {
            json.member("artifactLocation", Object(artifact));
        };
        let object = |json: &mut JsonText| {
            json.member("fullyQualifiedName", &name).member("kind", "object");
        };
        let place = |json: &mut JsonText| {
            json.member("physicalLocation", Object(file));
            json.member("logicalLocations", List([Object(object)]));
        };
        let fingerprints = |json: &mut JsonText| {
            json.member("snapscope/v1", format!("{}:{lasting}", finding.rule.id));
        };
        let properties = |json: &mut JsonText| {
            json.member("type", finding.subject.name()).member("id", &*id);
        };
        json.member("locations", List([Object(place)]));
        json.member("partialFingerprints", Object(fingerprints));
        json.member("properties", Object(properties));
    })
}

/// A name as a relative URI reference.
fn uri(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The whole log.
pub(crate) struct Sarif<'a> {
    pub(crate) whole: &'a Whole<'a>,
    pub(crate) incomplete: Option<&'a Incomplete>,
}

impl Sarif<'_> {
    fn run(&self, json: &mut JsonText) {
        let driver = |json: &mut JsonText| {
            json.member("name", "snapscope").member("version", env!("CARGO_PKG_VERSION"));
            json.member("informationUri", TOOL);
            json.member("rules", List(RULES.iter().map(|r| rule(r))));
        };
        let tool = |json: &mut JsonText| {
            json.member("driver", Object(driver));
        };
        let invocation = |json: &mut JsonText| {
            json.member("executionSuccessful", self.incomplete.is_none());
            let notification = |why: &Incomplete| {
                let line = why.line().to_owned();
                List([Object(move |json: &mut JsonText| {
                    json.member("level", "error").member("message", message(line));
                })])
            };
            json.member_if("toolExecutionNotifications", self.incomplete.map(notification));
        };
        let properties = |json: &mut JsonText| {
            json.member("snapshot", self.whole.id);
            if let Some(why) = self.incomplete {
                why.members(Names::Ours, json);
            }
        };
        let place = uri(self.whole.snapshot);
        json.member("tool", Object(tool)).member("invocations", List([Object(invocation)]));
        let results = self.whole.report.findings.iter().map(|finding| result(finding, &place));
        json.member("results", List(results)).member("properties", Object(properties));
    }
}

impl Answer for Sarif<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        self.whole.text(out)
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        json.member("$schema", SCHEMA).member("version", "2.1.0");
        json.member("runs", List([Object(|json: &mut JsonText| self.run(json))]));
        Ok(())
    }
}
