//! Baselines: files of known findings.

use crate::render::json::{List, Members as _, Object};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use snapscope_analyze::audit::{Finding, lasting_id};
use snapscope_objects::json::{JsonText, indented};
use snapscope_staged::{StagedFile, remove_on_signals};
use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;

/// The identity of a finding: rule, object and field. Messages may change.
pub(super) type Fingerprint = (String, String, String, String);

pub(super) fn fingerprint(finding: &Finding) -> Fingerprint {
    (
        finding.rule.id.to_owned(),
        finding.subject.name().to_owned(),
        lasting_id(finding.subject.name(), &String::from_utf8_lossy(&finding.id)),
        finding.field.clone().unwrap_or_default(),
    )
}

pub(super) fn read(path: &Path) -> Result<HashSet<Fingerprint>> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("the baseline {name}"))?;
    let value: Value = serde_json::from_slice(&bytes)
        .with_context(|| format!("the baseline {name} is not JSON"))?;
    let Some(findings) = value.get("findings").and_then(Value::as_array) else {
        bail!("the baseline {name} has no list \"findings\"");
    };
    let text = |finding: &Value, field: &str| {
        finding.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Ok(findings
        .iter()
        .map(|f| {
            let kind = text(f, "type");
            let id = lasting_id(&kind, &text(f, "id"));
            (text(f, "rule"), kind, id, text(f, "field"))
        })
        .collect())
}

/// Writes a baseline, complete or not at all. Replaces only an older baseline.
pub(super) fn write(path: &Path, findings: &[Finding]) -> Result<()> {
    // Only regular files are opened: a pipe would wait for a writer.
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|about| about.is_file());
    if is_file && read(path).is_err() {
        bail!("{} already exists and is not a baseline; choose another name", path.display());
    }
    let findings = findings.iter().map(|finding| {
        let (rule, kind, id, field) = fingerprint(finding);
        Object(move |json: &mut JsonText| {
            json.member("rule", rule).member("type", kind).member("id", id);
            json.member_if("field", (!field.is_empty()).then_some(field));
        })
    });
    let mut json = JsonText::new();
    json.line(|json| {
        json.member("findings", List(findings));
    });
    let text = indented(json.as_bytes().trim_ascii_end(), "  ");
    remove_on_signals()?;
    let staged = StagedFile::begin(path, true)?;
    staged.file().write_all(&text).with_context(|| format!("the baseline {}", path.display()))?;
    Ok(staged.settle()?)
}
