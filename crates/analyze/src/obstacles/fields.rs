//! Fields by which servers index their tables: a record without one is refused.

use super::uuid::is_uuid;
use snapscope_decode::wire::{Entries, Value};
use snapscope_decode::{Kind, VersionRange};

/// A required field.
#[derive(Debug)]
pub struct RequiredField {
    /// The type of the record.
    pub kind: Kind,
    /// Its path in the record.
    pub path: &'static [Step],
    /// The required form.
    pub form: Requirement,
    /// The versions that refuse a record without it.
    pub refused_by: VersionRange,
    /// The source of this fact.
    pub source: &'static str,
}

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The field with that name.
    Field(&'static str),
    /// The same; if it is absent or nil, nothing is required.
    IfAny(&'static str),
    /// Every item of the list.
    Each,
}

/// The form of a required field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// A text that is not empty.
    Filled,
    /// A UUID.
    Uuid,
    /// A UUID or empty.
    UuidIfAny,
    /// Anything but nil.
    Present,
    /// The only type of template that servers support, or empty.
    TemplateType,
    /// A certificate provider that servers support, or empty.
    CaProvider,
}

use Requirement::{CaProvider, Filled, Present, TemplateType, Uuid, UuidIfAny};
use Step::{Each, Field, IfAny};

const ALL: VersionRange = VersionRange::ALL;
const fn since(major: u32, minor: u32) -> VersionRange {
    VersionRange::since(major, minor)
}
const fn before(major: u32, minor: u32) -> VersionRange {
    VersionRange::before(major, minor)
}

macro_rules! fields {
    ($($kind:ident $path:expr, $form:ident, $versions:expr, $source:literal;)*) => {
        /// The required fields, by record type.
        pub static FIELDS: &[RequiredField] = &[$(RequiredField {
            kind: Kind::$kind,
            path: &$path,
            form: $form,
            refused_by: $versions,
            source: $source,
        },)*];
    };
}

// The paths are below agent/consul/state, where they were read at 1.4.0, 1.6.0, 1.8.7, the first release of
// each minor version from 1.9 to 1.16, 1.18.0 and 1.22.0; all of 1.8.7's were tried with a real server.
fields! {
    REGISTER [Field("Node")], Filled, ALL, "catalog.go: table nodes, index id";
    REGISTER [Field("ID")], UuidIfAny, ALL, "catalog.go: table nodes, index uuid";
    REGISTER [IfAny("Service"), Field("ID")], Filled, ALL, "catalog.go: table services, index id";
    REGISTER [IfAny("Check"), Field("CheckID")], Filled, ALL, "catalog.go: table checks, index id";
    KVS [Field("Key")], Filled, ALL, "kvs.go: table kvs, index id";
    KVS [Field("Session")], UuidIfAny, ALL, "kvs.go: table kvs, index session";
    TOMBSTONE [Field("Key")], Filled, ALL, "kvs.go: table tombstones, index id";
    SESSION [Field("ID")], Uuid, ALL, "session.go: table sessions, index id";
    SESSION [Field("Node")], Filled, ALL, "session.go: table sessions, index node";
    COORDINATE_BATCH_UPDATE [Each, Field("Node")], Filled, ALL, "coordinate.go: table coordinates, index node";
    COORDINATE_BATCH_UPDATE [Each, Field("Coord")], Present, ALL, "coordinate.go: Coordinates reads what is nil";
    PREPARED_QUERY [Field("ID")], Uuid, ALL, "prepared_query.go: table prepared-queries, index id";
    PREPARED_QUERY [Field("Session")], UuidIfAny, ALL, "prepared_query.go: table prepared-queries, index session";
    PREPARED_QUERY [Field("Template"), Field("Type")], TemplateType, ALL, "prepared_query/template.go: Compile";
    ACL [Field("ID")], Filled, before(1, 15), "acl.go: table acl-tokens, index id";
    ACL_TOKEN [Field("SecretID")], Filled, ALL, "acl.go: table acl-tokens, index id";
    ACL_TOKEN [Field("AccessorID")], UuidIfAny, before(1, 15), "acl.go: table acl-tokens, index accessor";
    ACL_TOKEN [Field("AccessorID")], Uuid, since(1, 15), "acl_schema.go: table acl-tokens, index accessor (GH-21368)";
    ACL_TOKEN [IfAny("Policies"), Each, Field("ID")], Uuid, since(1, 11), "acl_schema.go: table acl-tokens, index policies";
    ACL_TOKEN [IfAny("Roles"), Each, Field("ID")], Uuid, since(1, 11), "acl_schema.go: table acl-tokens, index roles";
    ACL_POLICY [Field("ID")], Uuid, ALL, "acl.go: table acl-policies, index id";
    ACL_POLICY [Field("Name")], Filled, ALL, "acl.go: table acl-policies, index name";
    ACL_ROLE [Field("ID")], Uuid, ALL, "acl.go: table acl-roles, index id";
    ACL_ROLE [Field("Name")], Filled, ALL, "acl.go: table acl-roles, index name";
    ACL_ROLE [IfAny("Policies"), Each, Field("ID")], Uuid, since(1, 11), "acl_schema.go: table acl-roles, index policies";
    ACL_BINDING_RULE [Field("ID")], Uuid, ALL, "acl.go: table acl-binding-rules, index id";
    ACL_BINDING_RULE [Field("AuthMethod")], Filled, ALL, "acl.go: table acl-binding-rules, index authmethod";
    ACL_AUTH_METHOD [Field("Name")], Filled, ALL, "acl.go: table acl-auth-methods, index id";
    INTENTION [Field("ID")], Uuid, ALL, "intention.go: table connect-intentions, index id";
    CONNECT_CA [Field("ID")], Filled, ALL, "connect_ca.go: table connect-ca-roots, index id";
    CONNECT_CA_CONFIG [Field("Provider")], CaProvider, ALL, "../leader_connect.go: createCAProvider (GH-5016)";
    CONNECT_CA_PROVIDER_STATE [Field("ID")], Filled, ALL, "connect_ca.go: table connect-ca-builtin, index id";
    FEDERATION_STATE [Field("State")], Present, ALL, "federation_state.go: FederationState reads what is nil";
    FEDERATION_STATE [IfAny("State"), Field("Datacenter")], Filled, ALL, "federation_state.go: table federation-states, index id";
    SYSTEM_METADATA [Field("Key")], Filled, ALL, "system_metadata.go: table system-metadata, index id";
    INDEX [Field("Key")], Filled, ALL, "state_store.go: table index, index id";
}

impl RequiredField {
    /// The rows of a record type.
    pub fn of(kind: Kind) -> impl Iterator<Item = &'static Self> {
        FIELDS.iter().filter(move |field| field.kind == kind)
    }

    /// The field's name, `Service.ID`.
    #[must_use]
    pub fn name(&self) -> String {
        let mut name = String::new();
        for step in self.path {
            match step {
                Field(field) | IfAny(field) if name.is_empty() => name.push_str(field),
                Field(field) | IfAny(field) => {
                    name.push('.');
                    name.push_str(field);
                }
                Each if name.is_empty() => {}
                Each => name.push_str("[]"),
            }
        }
        name
    }

    /// Whether a record has it in the required form.
    #[must_use]
    pub fn is_met(&self, record: Value<'_>) -> bool {
        is_met(self.path, self.form, Some(record))
    }
}

fn is_met(path: &[Step], form: Requirement, value: Option<Value<'_>>) -> bool {
    let Some((step, rest)) = path.split_first() else { return has_form(form, value) };
    let inside = |name: &str| match value {
        Some(Value::Map(fields)) => find(fields, name),
        _ => None,
    };
    match step {
        Field(name) => is_met(rest, form, inside(name)),
        IfAny(name) => match inside(name) {
            None | Some(Value::Nil) => true,
            value => is_met(rest, form, value),
        },
        Each => match value {
            Some(Value::Array(items)) => items.flatten().all(|item| is_met(rest, form, Some(item))),
            _ => true,
        },
    }
}

fn find<'a>(fields: Entries<'a>, name: &str) -> Option<Value<'a>> {
    fields.find(name.as_bytes()).ok().flatten()
}

fn has_form(form: Requirement, value: Option<Value<'_>>) -> bool {
    let text: &[u8] = match value {
        Some(Value::Raw(text)) => text,
        None | Some(Value::Nil) if form == Present => return false,
        None | Some(Value::Nil) => b"",
        // A value of another type makes a record undecodable, which this table does not cover.
        Some(_) => return true,
    };
    match form {
        Filled => !text.is_empty(),
        Uuid => is_uuid(text),
        UuidIfAny => text.is_empty() || is_uuid(text),
        TemplateType => matches!(text, b"" | b"name_prefix_match"),
        CaProvider => matches!(text, b"" | b"consul" | b"vault" | b"aws-pca"),
        Present => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_where_a_field_is() {
        let names: Vec<String> = FIELDS.iter().map(RequiredField::name).collect();
        for name in ["Service.ID", "Policies[].ID", "Template.Type", "Node"] {
            assert!(names.iter().any(|n| n == name), "{name}: {names:?}");
        }
    }

    #[test]
    fn every_row_has_a_source_and_a_type_that_snapshots_have() {
        for field in FIELDS {
            assert!(!field.source.is_empty() && !field.path.is_empty());
            assert!(field.kind.info().is_some_and(|info| info.versions.is_some()), "{field:?}");
        }
    }
}
