//! Facts about a snapshot, and its damage, as rows of a table.

use snapscope_analyze::Problems;
use snapscope_archive::Closing;

/// Facts about a snapshot: its index, time and others.
#[must_use]
pub fn facts(closing: &Closing) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(meta) = &closing.meta {
        facts.push(("snapshot_id", meta.id.clone()));
        facts.push(("snapshot_index", meta.index.to_string()));
        facts.push(("snapshot_term", meta.term.to_string()));
        facts.push(("snapshot_version", meta.version.to_string()));
    }
    if let Some(last) = closing.header.as_ref().and_then(|header| header.last_index) {
        facts.push(("last_index", last.to_string()));
    }
    facts
}

/// Descriptions of a snapshot's damage; empty without damage.
#[must_use]
pub fn damage(closing: &Closing, problems: &Problems) -> Vec<String> {
    let mut damage: Vec<String> = closing.integrity.damage().map(ToString::to_string).collect();
    damage.extend(problems.first.iter().map(ToString::to_string));
    let more = problems.count - problems.first.len() as u64;
    if more > 0 {
        damage.push(format!("{more} more records are broken"));
    }
    if damage.is_empty() && closing.is_damaged() {
        damage.push("the snapshot is damaged".to_owned());
    }
    damage
}
