//! What was found out about the file, as findings.

use super::finding::Findings;
use super::rules::{DAMAGE, META, META_VERSION, ODD_FORM, REFUSED_FORM};
use snapscope_archive::{Closing, Code, Container, Severity};

/// Codes of what Consul reads without a word.
const TOLERATED: [Code; 3] = [Code::Size, Code::Index, Code::NoMeta];
/// The highest Version of `meta.json` there is.
const KNOWN_VERSION: u64 = 1;

pub(super) fn findings(closing: &Closing, found: &mut Findings) {
    for finding in &closing.integrity.findings {
        let rule = match finding.severity {
            Severity::Damage => &DAMAGE,
            Severity::Note if TOLERATED.contains(&finding.code) => &ODD_FORM,
            Severity::Note => &REFUSED_FORM,
        };
        found.add(rule, None, || finding.to_string());
    }
    let Some(meta) = &closing.meta else { return };
    if meta.version > KNOWN_VERSION {
        found.add(&META_VERSION, None, || format!("Version is {}", meta.version));
    }
    // Where it is not hashed this was found to be damage.
    if matches!(closing.integrity.container, Container::Snap | Container::Tar) {
        for what in meta.contradictions() {
            found.add(&META, None, || format!("meta.json: {what}"));
        }
    }
}
