//! Findings as SARIF 2.1.0, the format of code scanning services.
//!
//! A snapshot has no lines, so a result's place is the file and, as a logical location, the object.

use super::findings::Whole;
use super::incomplete;
use serde_json::{Value, json};
use snapscope_analyze::audit::{AuditRule, Finding, RULES, Severity};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

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

fn rule(rule: &AuditRule) -> Value {
    let (level, number) = level(rule.severity);
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix},
        "helpUri": rule.reference,
        "defaultConfiguration": {"level": level},
        "properties": {"security-severity": number, "tags": ["security", rule.group()]},
    })
}

fn result(finding: &Finding, uri: &str) -> Value {
    let id = String::from_utf8_lossy(&finding.id);
    let mut text = format!("{}: {}", finding.rule.title, finding.message);
    if let Some(excerpt) = &finding.excerpt {
        text.push_str(": ");
        text.push_str(excerpt);
    }
    let mut name = format!("{}/{id}", finding.kind);
    if let Some(field) = &finding.field {
        name.push('#');
        name.push_str(field);
    }
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": RULES.iter().position(|rule| rule.id == finding.rule.id),
        "level": level(finding.rule.severity).0,
        "message": {"text": text},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri}},
            "logicalLocations": [{"fullyQualifiedName": name, "kind": "object"}],
        }],
        "partialFingerprints": {"snapscope/v1": format!("{}:{name}", finding.rule.id)},
        "properties": {"type": finding.kind, "id": id},
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
pub(crate) fn log(whole: &Whole<'_>) -> Vec<u8> {
    let place = uri(whole.snapshot);
    let results: Vec<Value> = whole.report.findings.iter().map(|f| result(f, &place)).collect();
    let mut invocation = json!({"executionSuccessful": whole.incomplete.is_none()});
    if let Some(why) = whole.incomplete {
        invocation["toolExecutionNotifications"] =
            json!([{"level": "error", "message": {"text": why}}]);
    }
    let mut properties = json!({"snapshot": whole.id});
    incomplete::mark(&mut properties, whole.incomplete);
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "snapscope",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://developer.hashicorp.com/consul/commands/snapshot",
                "rules": RULES.iter().map(|r| rule(r)).collect::<Vec<_>>(),
            }},
            "invocations": [invocation],
            "results": results,
            "properties": properties,
        }],
    });
    let mut text = log.to_string().into_bytes();
    text.push(b'\n');
    text
}
