//! The table of fields and their treatment. It is data, in `fields.txt`.

use snapscope_decode::protobuf::MessageSchema;
use snapscope_decode::schema::{Class, Schema};
use std::collections::HashMap;

/// The treatment of a field. The table explains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Treatment {
    /// Copied.
    Keep,
    /// Copied if it is one of a closed set of words, otherwise a name.
    Word,
    /// Its own fields are treated.
    Inside,
    /// An ID that is not secret.
    Id,
    /// A name.
    Name,
    /// A key of a map: a name, unless it is one that Consul reserves. Not in the table.
    Label,
    /// A key of the key/value store.
    Key,
    /// An address, host name or URL.
    Address,
    /// Free text.
    Text,
    /// A name with a template in it.
    Template,
    /// A pattern or filter.
    Syntax,
    /// A table's name.
    Table,
    /// Rules of an ACL policy.
    Rules,
    /// Output of a check.
    Output,
    /// Kept if it is a word, otherwise replaced.
    Setting,
    /// Replaced.
    Hidden,
    /// Replaced here and in every other occurrence.
    Secret,
    /// The value of a key: replaced.
    Value,
    /// The fingerprint of a certificate or key.
    Fingerprint,
    /// Type or size of a private key.
    KeyType,
    /// A hash of the object.
    Digest,
    /// Not in the table: redacted.
    Unknown,
}

impl Treatment {
    fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "keep" => Self::Keep,
            "word" => Self::Word,
            "inside" => Self::Inside,
            "id" => Self::Id,
            "name" => Self::Name,
            "key" => Self::Key,
            "address" => Self::Address,
            "text" => Self::Text,
            "template" => Self::Template,
            "syntax" => Self::Syntax,
            "table" => Self::Table,
            "rules" => Self::Rules,
            "output" => Self::Output,
            "setting" => Self::Setting,
            "hidden" => Self::Hidden,
            "secret" => Self::Secret,
            "value" => Self::Value,
            "fingerprint" => Self::Fingerprint,
            "keytype" => Self::KeyType,
            "digest" => Self::Digest,
            _ => return None,
        })
    }
}

/// The table of fields.
#[derive(Debug)]
pub(super) struct Table {
    rows: HashMap<&'static str, HashMap<&'static str, Treatment>>,
}

/// A field as the walk over a struct needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub(super) stored: &'static str,
    pub(super) class: &'static Class,
    pub(super) treatment: Treatment,
}

impl Table {
    pub(super) fn new() -> Self {
        let mut rows: HashMap<&str, HashMap<&str, Treatment>> = HashMap::new();
        let mut current = "";
        for line in include_str!("fields.txt").lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                current = name;
                rows.entry(name).or_default();
            } else if let Some((treatment, fields)) = line.split_once(": ")
                && let Some(treatment) = Treatment::by_name(treatment)
            {
                let row = rows.entry(current).or_default();
                row.extend(fields.split_whitespace().map(|field| (field, treatment)));
            }
        }
        Self { rows }
    }

    /// The treatment of a field of a struct or message; unknown if the table does not have it.
    pub(super) fn treatment(&self, owner: &str, field: &str) -> Treatment {
        let found = self.rows.get(owner).and_then(|row| row.get(field));
        found.copied().unwrap_or(Treatment::Unknown)
    }

    /// The same for a stored name, which may be any bytes.
    pub(super) fn of_stored(&self, owner: &str, field: &[u8]) -> Treatment {
        std::str::from_utf8(field).map_or(Treatment::Unknown, |field| self.treatment(owner, field))
    }

    /// The fields of a struct, in the order in which servers store them.
    pub(super) fn plan(&self, schema: &'static Schema) -> Vec<Planned> {
        let fields = schema.stored_order.iter();
        let fields = fields.filter_map(|at| schema.fields.get(usize::from(*at)));
        let planned = fields.map(|field| Planned {
            stored: field.stored,
            class: field.class,
            treatment: self.treatment(schema.name, field.stored),
        });
        planned.collect()
    }

    /// The treatment of a field of a message by its number.
    pub(super) fn of_message(&self, schema: &MessageSchema, number: u32) -> Treatment {
        schema.field(number).map_or(Treatment::Unknown, |f| self.treatment(schema.name, f.json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_decode::Kind;
    use snapscope_decode::protobuf::MessageClass;
    use snapscope_decode::records::{
        CoordinateRef, ENTRY_KINDS, PEERING, PEERING_SECRET, PEERING_TRUST_BUNDLE, RESOURCE,
        record_schema,
    };
    use snapscope_decode::schema::WireStruct;
    use std::collections::BTreeSet;

    type Fields = BTreeSet<(&'static str, &'static str)>;

    fn class(class: &'static Class, seen: &mut Fields) {
        match class {
            Class::Struct(inner) => schema(inner(), seen),
            Class::Optional(c) | Class::List(c) | Class::Map(c) | Class::NumberMap(c) => {
                self::class(c, seen);
            }
            Class::NameMap(c) => {
                seen.insert(("ServiceName", "Name"));
                self::class(c, seen);
            }
            _ => {}
        }
    }

    fn schema(of: &'static Schema, seen: &mut Fields) {
        for field in of.fields {
            if seen.insert((of.name, field.stored)) {
                class(field.class, seen);
            }
        }
    }

    fn message(of: &'static MessageSchema, seen: &mut Fields) {
        for field in of.fields {
            if seen.insert((of.name, field.json)) {
                let mut inner = &field.class;
                while let MessageClass::Map(value) = inner {
                    inner = value;
                }
                if let MessageClass::Message(inner) = inner {
                    message(inner, seen);
                }
            }
        }
    }

    fn declared() -> Fields {
        let mut seen = Fields::new();
        for number in 0..=u8::MAX {
            if let Some(of) = record_schema(Kind(number)) {
                schema(of, &mut seen);
            }
        }
        schema(<CoordinateRef<'static> as WireStruct<'static>>::schema(), &mut seen);
        for kind in ENTRY_KINDS {
            schema((kind.schema)(), &mut seen);
        }
        for of in [&PEERING, &PEERING_TRUST_BUNDLE, &PEERING_SECRET, &RESOURCE] {
            message(of, &mut seen);
        }
        for field in ["Datacenter", "Entry", "Op", "Token"] {
            seen.insert(("ConfigEntryRequest", field));
        }
        seen
    }

    #[test]
    fn every_declared_field_is_in_the_table_and_no_other() {
        let table = Table::new();
        let declared = declared();
        assert!(declared.len() > 700, "{}", declared.len());
        let missing: Vec<_> = declared
            .iter()
            .filter(|(owner, field)| table.treatment(owner, field) == Treatment::Unknown)
            .collect();
        assert!(missing.is_empty(), "no class in fields.txt: {missing:?}");
        let known = |owner: &str, field: &str| declared.contains(&(owner, field));
        for (owner, row) in &table.rows {
            for field in row.keys() {
                assert!(known(owner, field), "{owner}.{field} is in fields.txt, but not declared");
            }
        }
    }

    #[test]
    fn the_table_has_no_line_that_says_nothing() {
        let mut seen = BTreeSet::new();
        let mut owner = "";
        for line in include_str!("fields.txt").lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                owner = name;
                continue;
            }
            let (treatment, fields) = line.split_once(": ").expect("CLASS: FIELD FIELD");
            assert!(Treatment::by_name(treatment).is_some(), "{line}");
            for field in fields.split_whitespace() {
                assert!(seen.insert((owner, field)), "{owner}.{field} is there twice");
            }
        }
    }

    #[test]
    fn texts_and_bytes_are_only_kept_where_a_reason_is_known() {
        let table = Table::new();
        let kept: Vec<_> = declared_texts()
            .into_iter()
            .filter(|(owner, field)| table.treatment(owner, field) == Treatment::Keep)
            .collect();
        // Offsets of virtual IPs, and names of types of resources.
        let known = [("FreeVirtualIP", "IP"), ("ServiceVirtualIP", "IP")];
        assert_eq!(kept, known);
    }

    fn declared_texts() -> Vec<(&'static str, &'static str)> {
        let is_text = |class: &Class| {
            let mut class = class;
            loop {
                match class {
                    Class::Optional(c) | Class::List(c) | Class::Map(c) => class = c,
                    other => {
                        break matches!(other, Class::Text | Class::Bytes | Class::Ip | Class::Any);
                    }
                }
            }
        };
        let mut texts = Vec::new();
        let mut of = |schema: &'static Schema| {
            for field in schema.fields {
                if is_text(field.class) {
                    texts.push((schema.name, field.stored));
                }
            }
        };
        (0..=u8::MAX).filter_map(|n| record_schema(Kind(n))).for_each(&mut of);
        ENTRY_KINDS.iter().map(|kind| (kind.schema)()).for_each(&mut of);
        texts.sort_unstable();
        texts.dedup();
        texts
    }
}
