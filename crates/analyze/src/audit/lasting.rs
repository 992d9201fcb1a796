//! Recognises findings that two snapshots have in common.

use super::subject::Subject;

/// The ID by which a finding is recognised in other snapshots. A finding about a whole snapshot has
/// the snapshot's ID, TERM-INDEX-MILLISECONDS, possibly followed by a name; in the next snapshot
/// the same finding has another ID.
#[must_use]
pub fn lasting_id(kind: &str, id: &str) -> String {
    if kind != Subject::Snapshot.name() {
        return id.to_owned();
    }
    let (of_snapshot, name) = id.split_once('/').map_or((id, None), |(of, name)| (of, Some(name)));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_id = of_snapshot.split('-').count() == 3 && of_snapshot.split('-').all(is_number);
    let kept = if is_id { kind } else { of_snapshot };
    name.map_or_else(|| kept.to_owned(), |name| format!("{kept}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_the_same_in_the_next_one() {
        for (kind, id, expected) in [
            ("snapshot", "2-737-1795403313030", "snapshot"),
            ("snapshot", "2-737-1795403313030/record-type", "snapshot/record-type"),
            ("snapshot", "snapshot", "snapshot"),
            ("snapshot", "2-737-x", "2-737-x"),
            ("kv", "2-737-1795403313030", "2-737-1795403313030"),
        ] {
            assert_eq!(lasting_id(kind, id), expected);
        }
    }
}
