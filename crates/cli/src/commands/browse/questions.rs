//! Questions about the whole snapshot: who can do something, and audit findings.

use super::table::{AtHand, Cell, Heading, Line, Page, Place, Table, Target};
use crate::commands::acl::{BasisArgs, COLUMNS, asked, login_line, refused_line, row};
use crate::render::escape::one_line;
use anyhow::{Result, bail};
use snapscope_analyze::acl::{AclModel, Question, Reasons, Resolver};
use snapscope_analyze::audit::{AuditReport, Finding};
use snapscope_analyze::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::Frame;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::printable::counted;
use std::sync::Arc;

/// Puts a question to the copy of a snapshot. It is answered as for the snapshot itself: the copy
/// has no meta.json.
pub(super) struct OfSnapshot<F> {
    fold: F,
    closing: Arc<Closing>,
}

impl<F> OfSnapshot<F> {
    pub(super) const fn new(fold: F, closing: Arc<Closing>) -> Self {
        Self { fold, closing }
    }
}

impl<F: Fold> Fold for OfSnapshot<F> {
    type Out = F::Out;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        self.fold.frame(frame, problems);
    }

    fn merge(&mut self, other: Self) {
        self.fold.merge(other.fold);
    }

    fn finish(self, _: &Closing) -> F::Out {
        self.fold.finish(&self.closing)
    }

    fn is_light(&self) -> bool {
        self.fold.is_light()
    }

    fn is_in_order(&self) -> bool {
        self.fold.is_in_order()
    }
}

/// The words of a question: resource, access, and a name, which may contain blanks.
pub(super) fn words(text: &str) -> Result<(&str, &str, &str)> {
    let text = text.trim_start();
    let (resource, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (access, name) = rest.split_once(' ').unwrap_or((rest, ""));
    if resource.is_empty() || access.is_empty() {
        bail!("type RESOURCE ACCESS NAME, such as: key read app/color");
    }
    Ok((resource, access, name))
}

/// The tokens that can do something.
pub(super) fn who_can(text: &str, model: &AclModel, basis: &BasisArgs) -> Result<Table> {
    let (resource, access, name) = words(text)?;
    let question = Question::parse(resource, access, name)?;
    let resolver = Resolver::new(model, basis.options());
    let reasons = Reasons::new(&resolver);
    let mut lines = Vec::new();
    let mut refused = Vec::new();
    for holder in resolver.holders(&question)? {
        match holder {
            Ok(holder) => {
                let id = holder.token.accessor.to_string().into_bytes();
                let target = Target::Object(kinds::of(KindId::Tokens), Place::Named(id));
                let cells = row(&reasons, &holder).map(|text| Cell::text(text.as_bytes()));
                let cells = cells.to_vec();
                lines.push(Line { cells, target, question: None, is_sentence: false });
            }
            Err((token, e)) => refused.push(refused_line(token, &e)),
        }
    }
    let note = match lines.len() {
        0 => format!("No token can {}", asked(&question)),
        n => format!("{} can {}", counted(n as u64, "token", "tokens"), asked(&question)),
    };
    // After the tokens: the logins that could create such a token, and the assumptions.
    let more = resolver.logins(&question).iter().map(login_line).collect::<Vec<_>>().into_iter();
    for text in more.chain(refused).chain([basis.line(resolver.basis())]) {
        lines.push(said(&text));
    }
    Ok(Table {
        title: format!("who can {}", asked(&question)),
        columns: Heading::all(COLUMNS.map(|name| (name, 0))),
        rows: Arc::new(AtHand(lines)),
        objects: None,
        note: Some(note),
        imported: 0,
    })
}

/// A sentence in a table. It opens as a page, which has space for all of it.
fn said(text: &str) -> Line {
    let text = one_line(text.as_bytes());
    let page = Page { title: "note".to_owned(), lines: vec![text.clone()], question: None };
    Line {
        cells: vec![Cell::text(text.as_bytes())],
        target: Target::Text(Arc::new(page)),
        question: None,
        is_sentence: true,
    }
}

/// Findings, the worst first.
pub(super) fn findings(report: &AuditReport) -> Table {
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.rule.severity));
    let mut lines: Vec<Line> = findings.iter().map(|finding| line_of(finding)).collect();
    for (rule, more) in &report.more {
        lines.push(said(&format!("{more} more findings of {rule}; `snapscope audit` lists them")));
    }
    Table {
        title: "audit".to_owned(),
        columns: Heading::all([("severity", 0), ("rule", 2), ("object", 3), ("finding", 1)]),
        rows: Arc::new(AtHand(lines)),
        objects: None,
        note: Some(counted(report.findings.len() as u64, "finding", "findings")),
        imported: 0,
    }
}

fn line_of(finding: &Finding) -> Line {
    let rule = finding.rule;
    let text = format!("{}: {}", rule.title, finding.message);
    let mut lines = vec![
        format!("{} ({}): {}", rule.id, rule.severity, rule.title),
        String::new(),
        format!("{} {}", finding.subject.name(), one_line(&finding.id)),
        finding.message.clone(),
    ];
    lines.extend(finding.field.as_ref().map(|field| format!("Field: {field}")));
    lines.extend(finding.excerpt.as_ref().map(|excerpt| format!("Found: {excerpt}")));
    lines.extend([String::new(), format!("Why: {}", rule.why), format!("Fix: {}", rule.fix)]);
    if !rule.reference.is_empty() {
        lines.push(format!("See: {}", rule.reference));
    }
    let lines = lines.iter().map(|line| one_line(line.as_bytes())).collect();
    let page = Page { title: format!("finding {}", rule.id), lines, question: None };
    let cells = [rule.severity.word().as_bytes(), rule.id.as_bytes(), &finding.id, text.as_bytes()];
    Line {
        cells: cells.map(Cell::text).to_vec(),
        target: Target::Text(Arc::new(page)),
        question: None,
        is_sentence: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_blanks() {
        assert_eq!(words("key read a b ").unwrap(), ("key", "read", "a b "));
        assert_eq!(words("  operator write").unwrap(), ("operator", "write", ""));
        assert!(words("key").is_err() && words("").is_err());
    }
}
