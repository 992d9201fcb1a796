//! Fields that only some versions store, by record type and kind of config entry: servers of other
//! versions drop them without a message.

use snapscope_decode::wire::{Entries, Value};
use snapscope_decode::{Kind, ServerVersion, VersionRange};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A field, and the fields in it.
#[derive(Debug, Default)]
pub(crate) struct StoredField {
    /// The versions that can have stored it, if not all.
    pub(crate) versions: Option<VersionRange>,
    inside: HashMap<&'static str, StoredField>,
    /// The description of every value of a map.
    every: Option<Box<StoredField>>,
}

/// The rows of a record type or kind of config entry; `None` if all its known fields are old.
pub(crate) fn stored_fields(section: &str) -> Option<&'static StoredField> {
    SECTIONS.get(section)
}

/// The rows of a record type.
pub(crate) fn stored_fields_of(kind: Kind) -> Option<&'static StoredField> {
    stored_fields(kind.info()?.name)
}

static SECTIONS: LazyLock<HashMap<&'static str, StoredField>> = LazyLock::new(|| {
    let mut sections: HashMap<&str, StoredField> = HashMap::new();
    for (section, range, path) in rows() {
        let mut field = sections.entry(section).or_default();
        for name in path.split('.') {
            field = match name {
                "*" => field.every.get_or_insert_default(),
                name => field.inside.entry(name).or_default(),
            };
        }
        field.versions = Some(range);
    }
    sections
});

/// Section, versions and path of each field in the table.
fn rows() -> impl Iterator<Item = (&'static str, VersionRange, &'static str)> {
    let mut section = "";
    include_str!("stored_fields.txt").lines().flat_map(move |line| {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        }
        let row = line.split_once(": ").filter(|_| !line.starts_with('#'));
        let row = row.and_then(|(range, fields)| Some((range_of(range)?, fields)));
        let (section, (range, fields)) = (section, row.unwrap_or((VersionRange::ALL, "")));
        fields.split_whitespace().map(move |path| (section, range, path))
    })
}

/// Reads `since 1.9`, `since 1.20.5` and `before 1.16`.
fn range_of(text: &str) -> Option<VersionRange> {
    let (word, version) = text.split_once(' ')?;
    let version = ServerVersion::parse(version)?;
    match word {
        "since" => Some(VersionRange { since: Some(version), until: None }),
        "before" => Some(VersionRange::ALL.until_version(version)),
        _ => None,
    }
}

impl StoredField {
    /// The versions that know a field, by its path without keys of maps.
    pub(crate) fn versions_of(&self, path: &[&str]) -> VersionRange {
        let mut known = VersionRange::ALL;
        let mut field = self;
        for name in path {
            let of_every = || field.every.as_deref().and_then(|every| every.inside.get(name));
            let Some(next) = field.inside.get(name).or_else(of_every) else { break };
            known = known.and(next.versions.unwrap_or(VersionRange::ALL));
            field = next;
        }
        known
    }

    /// Calls `take` with the path and versions of each non-empty field in a value that not all
    /// versions store. Fields inside such a field are not passed.
    pub(crate) fn each(
        &'static self,
        value: Value<'_>,
        path: &mut Vec<&'static str>,
        take: &mut dyn FnMut(&[&'static str], VersionRange),
    ) {
        match value {
            Value::Array(items) => {
                items.flatten().for_each(|item| self.each(item, path, take));
            }
            Value::Map(entries) => self.each_entry(entries, path, take),
            _ => {}
        }
    }

    fn each_entry(
        &'static self,
        entries: Entries<'_>,
        path: &mut Vec<&'static str>,
        take: &mut dyn FnMut(&[&'static str], VersionRange),
    ) {
        for (key, value) in entries.flatten() {
            if let Some(every) = &self.every {
                path.push("*");
                every.each(value, path, take);
                path.pop();
            }
            let name = key.as_raw().and_then(|name| std::str::from_utf8(name).ok());
            let Some((name, field)) = name.and_then(|name| self.inside.get_key_value(name)) else {
                continue;
            };
            path.push(name);
            match field.versions {
                Some(versions) if !is_nothing(value) => take(path, versions),
                _ => field.each(value, path, take),
            }
            path.pop();
        }
    }
}

/// Whether a value looks the same to a server without the field: empty, or with only empty fields.
fn is_nothing(value: Value<'_>) -> bool {
    match value {
        Value::Map(entries) => entries.flatten().all(|(_, value)| is_nothing(value)),
        // The default partition and namespace of servers without Enterprise.
        Value::Raw(text) => text.is_empty() || text == b"default",
        value => value.is_zero(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::TRACES;
    use super::*;
    use snapscope_decode::Kind;
    use snapscope_decode::records::{EntryKind, entry_schema, record_schema};
    use snapscope_decode::schema::{Class, Schema, WireStruct as _};
    use std::collections::BTreeSet;

    #[test]
    fn every_line_is_a_row_and_no_field_is_there_twice() {
        let mut seen = BTreeSet::new();
        for line in include_str!("stored_fields.txt").lines() {
            let is_row = line.split_once(": ").is_some_and(|(range, _)| range_of(range).is_some());
            assert!(line.is_empty() || line.starts_with(['#', '[']) || is_row, "{line}");
        }
        for (section, _, path) in rows() {
            assert!(seen.insert((section, path)), "{section}.{path}");
        }
        assert!(seen.len() > 100);
    }

    /// Fields that newer versions do not store need no row.
    #[test]
    fn every_field_is_declared() {
        for (section, _, path) in rows().filter(|(_, range, _)| range.until.is_none()) {
            let schema = match Kind::by_name(section) {
                Some(Kind::COORDINATE_BATCH_UPDATE) => {
                    snapscope_decode::records::CoordinateRef::schema()
                }
                Some(kind) => record_schema(kind).unwrap(),
                None => {
                    assert!(EntryKind::by_name(section.as_bytes()).is_some(), "{section}");
                    entry_schema(section.as_bytes()).unwrap()
                }
            };
            assert!(is_declared(schema, path), "{section}.{path}");
        }
    }

    fn is_declared(schema: &Schema, path: &str) -> bool {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let Some(field) = schema.stored(name.as_bytes()) else { return false };
        let (mut class, mut rest) = (field.class, rest);
        loop {
            match class {
                _ if rest.is_empty() => return true,
                Class::Optional(inner) | Class::List(inner) => class = inner,
                Class::Map(inner) | Class::NameMap(inner) if rest.starts_with("*.") => {
                    (class, rest) = (inner, &rest[2..]);
                }
                Class::Struct(schema) => return is_declared(schema(), rest),
                _ => return false,
            }
        }
    }

    #[test]
    fn what_tells_who_wrote_a_snapshot_is_no_narrower() {
        for (section, range, path) in rows() {
            let trace = TRACES
                .iter()
                .find(|trace| trace.kind.to_string() == section && trace.path.join(".") == path);
            if let Some(trace) = trace {
                let VersionRange { since, until } = trace.present;
                // A backported field is also in some servers of older minor versions.
                let holds = range.since.is_none_or(|own| since.is_some_and(|since| since <= own))
                    && range.until.is_none_or(|own| until.is_some_and(|until| until >= own));
                assert!(holds, "{section}.{path}: {since:?} {until:?}");
            }
        }
    }
}
