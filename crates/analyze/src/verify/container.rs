//! Findings about the file.

use super::finding::Findings;
use super::rules::{DAMAGE, META, META_VERSION, ODD_FORM, REFUSED_FORM};
use snapscope_archive::{Closing, Code, Container, FindingKind};

/// Codes of findings that Consul accepts silently.
const TOLERATED: [Code; 3] = [Code::Size, Code::Index, Code::NoMeta];
/// The highest known Version of `meta.json`.
const KNOWN_VERSION: u64 = 1;

pub(super) fn findings(closing: &Closing, found: &mut Findings) {
    for finding in &closing.integrity.findings {
        let rule = match finding.kind {
            FindingKind::Damage => &DAMAGE,
            FindingKind::Note if TOLERATED.contains(&finding.code) => &ODD_FORM,
            FindingKind::Note => &REFUSED_FORM,
        };
        found.add(rule, None, || finding.to_string());
    }
    let Some(meta) = &closing.meta else { return };
    if meta.version > KNOWN_VERSION {
        found.add(&META_VERSION, None, || format!("Version is {}", meta.version));
    }
    // If it is not hashed, this is already reported as damage.
    if matches!(closing.integrity.container, Container::Snap | Container::Tar) {
        for what in meta.contradictions() {
            found.add(&META, None, || format!("meta.json: {what}"));
        }
    }
}
