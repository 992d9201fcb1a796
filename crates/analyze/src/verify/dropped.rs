//! Fields that the server a snapshot is for doesn't know: it restores the record and drops them.

use super::finding::{At, Findings};
use super::rules::DROPPED_FIELD;
use crate::obstacles::Server;
use crate::written_by::stored_fields;
use snapscope_decode::records::Record;
use snapscope_decode::{Frame, Kind, VersionRange};
use std::collections::BTreeMap;

/// A field of a record type or kind of config entry.
type Field = (String, String);

/// Where a field is.
#[derive(Debug)]
struct Dropped {
    first: At,
    records: u64,
    versions: VersionRange,
}

/// Collects the fields that a server drops.
#[derive(Debug, Default)]
pub(super) struct DroppedFields {
    found: BTreeMap<Field, Dropped>,
}

impl DroppedFields {
    pub(super) fn record(&mut self, frame: &Frame<'_>, record: &Record<'_>, server: &Server) {
        let (section, value) = match record {
            Record::ConfigEntry(entry) => (entry.kind.lossy(), entry.entry),
            _ => match (frame.kind.info(), frame.value()) {
                (Some(info), Ok(value)) => (info.name.into(), value),
                _ => return,
            },
        };
        let Some(fields) = stored_fields(&section) else { return };
        let at = At::from(frame);
        fields.each(value, &mut Vec::new(), &mut |path, versions| {
            if versions.contains(server.version) {
                return;
            }
            let field = (section.clone().into_owned(), path.join("."));
            let dropped = self.found.entry(field);
            let dropped = dropped.or_insert(Dropped { first: at, records: 0, versions });
            dropped.records += 1;
            dropped.first = dropped.first.min(at);
        });
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (field, theirs) in other.found {
            match self.found.get_mut(&field) {
                Some(mine) => {
                    mine.records += theirs.records;
                    mine.first = mine.first.min(theirs.first);
                }
                None => {
                    self.found.insert(field, theirs);
                }
            }
        }
    }

    pub(super) fn finish(self, server: &Server, found: &mut Findings) {
        for ((section, path), Dropped { first, records, versions }) in self.found {
            found.add(&DROPPED_FIELD, Some(first), || {
                let what = if first.kind == Kind::CONFIG_ENTRY { "config entry" } else { "record" };
                let of = match (records, what) {
                    (1, what) => format!("1 {section} {what}"),
                    (n, "record") => format!("{n} {section} records"),
                    (n, _) => format!("{n} {section} config entries"),
                };
                format!(
                    "Consul {} drops {path} of {of} (stored by versions {versions})",
                    server.text
                )
            });
        }
    }
}
