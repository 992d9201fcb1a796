//! Findings, and lists of them.

use super::options::AuditOptions;
use super::rule::AuditRule;
use super::subject::Subject;
use std::collections::BTreeMap;

/// A finding of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static AuditRule,
    /// What it is about.
    pub subject: Subject,
    /// The object, as `list` and `diff` name it: a key, NODE/SERVICE-ID, an accessor.
    pub id: Vec<u8>,
    /// The message.
    pub message: String,
    /// The field of the object, if that helps.
    pub field: Option<String>,
    /// The visible part of a secret.
    pub excerpt: Option<String>,
    /// Raft index of the object's last change, if it has one.
    pub modify_index: Option<u64>,
    /// Number of the record in the file; 0 for findings about the whole.
    pub number: u64,
}

impl Finding {
    pub(super) fn new(
        rule: &'static AuditRule,
        subject: impl Into<Subject>,
        id: impl Into<Vec<u8>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            subject: subject.into(),
            id: id.into(),
            message: message.into(),
            field: None,
            excerpt: None,
            modify_index: None,
            number: 0,
        }
    }

    pub(super) const fn at(mut self, number: u64, modify_index: u64) -> Self {
        self.number = number;
        self.modify_index = Some(modify_index);
        self
    }

    pub(super) fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Its message with the field and the visible part of a secret.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.message.clone();
        if let Some(field) = &self.field {
            text.push_str(&format!(", in {field}"));
        }
        if let Some(excerpt) = &self.excerpt {
            text.push_str(&format!(": {excerpt}"));
        }
        text
    }

    /// Bytes of its texts.
    fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.id.len() + self.message.len() + text(&self.field) + text(&self.excerpt)
    }

    pub(super) fn showing(mut self, excerpt: impl Into<String>) -> Self {
        self.excerpt = Some(excerpt.into());
        self
    }
}

/// Sorts findings: the worst first, then by rule and position in the file.
pub(super) fn sort(all: &mut [Finding]) {
    all.sort_by(|a, b| {
        let key = |f: &Finding| (std::cmp::Reverse(f.rule.severity), f.rule.id, f.number);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id)).then_with(|| a.field.cmp(&b.field))
    });
}

/// Masks secrets in names and messages, unless they may be shown.
pub(super) fn mask(findings: &mut [Finding], options: &AuditOptions) {
    if options.show_secrets {
        return;
    }
    for finding in findings {
        if let Some(masked) = options.scanner.masked_key(&finding.id) {
            finding.id = masked;
        }
        if let Some(masked) = options.scanner.masked_text(&finding.message) {
            finding.message = masked;
        }
    }
}

/// Findings by rule. Only the first ones of each rule in the file are kept, by number and by size, so that a
/// snapshot in which everything is wrong does not fill memory; the others are counted.
#[derive(Debug, Default)]
pub(super) struct Findings {
    rules: BTreeMap<&'static str, Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    first: Vec<Finding>,
    /// Bytes of their texts.
    size: usize,
    more: u64,
}

impl Findings {
    /// Maximum number of findings kept per rule. Nobody reads that many.
    pub(super) const MOST: usize = 10_000;
    /// Maximum number of bytes of their texts, which hold names of any length.
    pub(super) const MOST_BYTES: usize = 4 << 20;

    pub(super) fn add(&mut self, finding: Finding) {
        let kept = self.rules.entry(finding.rule.id).or_default();
        kept.size += finding.size();
        kept.first.push(finding);
        kept.settle();
    }

    /// Adds findings of a rule that come in the order of the file. Those that would not be kept are not made.
    pub(super) fn add_all<T>(
        &mut self,
        rule: &'static AuditRule,
        found: impl Iterator<Item = T>,
        make: impl Fn(T) -> Finding,
    ) {
        let (mut count, mut bytes) = (0, 0);
        for one in found {
            if count < Self::MOST && bytes < Self::MOST_BYTES {
                let finding = make(one);
                count += 1;
                bytes += finding.size();
                self.add(finding);
            } else {
                self.rules.entry(rule.id).or_default().more += 1;
            }
        }
    }

    /// Removes findings that turned out to be wrong.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Finding) -> bool) {
        for kept in self.rules.values_mut() {
            // The rest must not depend on which worker saw how many of them.
            kept.cut();
            kept.first.retain(|finding| keep(finding));
            kept.size = kept.first.iter().map(Finding::size).sum();
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (rule, theirs) in other.rules {
            let kept = self.rules.entry(rule).or_default();
            kept.first.extend(theirs.first);
            kept.size += theirs.size;
            kept.more += theirs.more;
            kept.settle();
        }
    }

    /// Returns all of them, the worst first, then by rule and position in the file; and for each
    /// rule how many more there are.
    pub(super) fn finish(self) -> (Vec<Finding>, Vec<(&'static str, u64)>) {
        let mut all = Vec::new();
        let mut more = Vec::new();
        for (rule, mut kept) in self.rules {
            kept.cut();
            all.extend(kept.first);
            if kept.more > 0 {
                more.push((rule, kept.more));
            }
        }
        sort(&mut all);
        (all, more)
    }
}

impl Kept {
    /// Sorting each time would cost too much, so up to twice as many wait for it.
    fn settle(&mut self) {
        if self.first.len() >= 2 * Findings::MOST || self.size >= 2 * Findings::MOST_BYTES {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.first.sort_by(|a, b| a.number.cmp(&b.number).then_with(|| a.id.cmp(&b.id)));
        let mut size = 0;
        let fits = |finding: &&Finding| {
            size += finding.size();
            size <= Findings::MOST_BYTES
        };
        // One is kept, however large.
        let kept = self.first.iter().take(Findings::MOST).take_while(fits).count();
        let kept = kept.max(1).min(self.first.len());
        self.more += (self.first.len() - kept) as u64;
        self.first.truncate(kept);
        self.size = self.first.iter().map(Finding::size).sum();
    }
}
