//! The fields of each stored struct by server version, with their zero values. With them a builder names only the fields
//! it needs, and the record still has all fields, as from a server.
//!
//! The tables are in `shapes/*.txt`, one struct per line: `Name: Field class, ...`. Classes: `t`
//! text, `i u` integers, `b` bool, `f32 f64`, `B` bytes, `D DS` durations, `T` time, `ip`, `any`,
//! `[X]` list, `{X}` map, `?X` optional, a capitalised name an embedded struct. `'14` and `'21`:
//! first written by 1.14.7 and 1.21.4; `^21`: no longer written by 1.21.4. The test
//! `shapes_match_the_fixtures` compares the tables with real records.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::msgpack::{Val, zero_time};

/// The server versions whose records can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsulVersion {
    /// 1.8.7, the last version in a Debian package.
    V1_8_7,
    /// 1.14.7.
    V1_14_7,
    /// 1.21.4.
    V1_21_4,
}

impl ConsulVersion {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::V1_8_7, Self::V1_14_7, Self::V1_21_4];

    /// The version's number, also the end of its fixture folder's name.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::V1_8_7 => "1.8.7",
            Self::V1_14_7 => "1.14.7",
            Self::V1_21_4 => "1.21.4",
        }
    }

    /// The version with that number.
    #[must_use]
    pub fn from_number(number: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.number() == number)
    }
}

#[derive(Debug)]
struct Field {
    name: &'static str,
    class: &'static str,
    since: ConsulVersion,
    /// The first version that no longer writes it.
    until: Option<ConsulVersion>,
}

/// The fields of one struct, sorted by name.
#[derive(Debug)]
struct Shape {
    fields: Vec<Field>,
}

fn shapes() -> &'static HashMap<&'static str, Shape> {
    static SHAPES: OnceLock<HashMap<&'static str, Shape>> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let tables = [
            include_str!("shapes/records.txt"),
            include_str!("shapes/config-entries.txt"),
            include_str!("shapes/structs.txt"),
        ];
        tables.iter().flat_map(|t| t.lines()).map(parse).collect()
    })
}

fn parse(line: &'static str) -> (&'static str, Shape) {
    let (name, fields) = line.split_once(':').expect("a name and its fields");
    let mut fields: Vec<Field> = fields
        .split(", ")
        .filter(|f| !f.trim().is_empty())
        .map(|field| {
            let (name, class) = field.trim().split_once(' ').expect("a field and its class");
            let (class, since) = match class.split_once('\'') {
                Some((class, "14")) => (class, ConsulVersion::V1_14_7),
                Some((class, _)) => (class, ConsulVersion::V1_21_4),
                None => (class, ConsulVersion::V1_8_7),
            };
            let (class, until) = match class.split_once('^') {
                Some((class, _)) => (class, Some(ConsulVersion::V1_21_4)),
                None => (class, None),
            };
            Field { name, class, since, until }
        })
        .collect();
    fields.sort_by_key(|f| f.name.as_bytes());
    (name, Shape { fields })
}

impl Field {
    fn written_by(&self, version: ConsulVersion) -> bool {
        self.since <= version && self.until.is_none_or(|until| version < until)
    }

    fn zero(&self, version: ConsulVersion) -> Val {
        match self.class {
            "t" => Val::Raw(Vec::new()),
            "i" | "u" | "D" | "DS" => Val::Uint(0),
            "b" => Val::Bool(false),
            "f32" => Val::F32(0.0),
            "f64" => Val::F64(0.0),
            "T" => zero_time(),
            "B" | "ip" | "any" => Val::Nil,
            class if class.starts_with(['[', '{', '?']) => Val::Nil,
            class => build(class, version, vec![]),
        }
    }
}

/// The names of the fields that `version` writes for the struct `name`, sorted; `None` for an unknown struct.
#[must_use]
pub fn field_names(name: &str, version: ConsulVersion) -> Option<Vec<&'static str>> {
    let shape = shapes().get(name)?;
    Some(shape.fields.iter().filter(|f| f.written_by(version)).map(|f| f.name).collect())
}

/// The class of a field in the notation above, for walking nested values.
#[must_use]
pub fn field_class(name: &str, field: &str) -> Option<&'static str> {
    shapes().get(name)?.fields.iter().find(|f| f.name == field).map(|f| f.class)
}

/// The struct `name` as `version` writes it: with the given fields, and zero values for the rest. Given fields that this
/// version does not write are dropped, so one builder serves all versions.
///
/// # Panics
/// If no version has the struct or a field, because it may be misspelled.
#[must_use]
pub fn build(name: &str, version: ConsulVersion, given: Vec<(&str, Val)>) -> Val {
    let shape = shapes().get(name).unwrap_or_else(|| panic!("unknown struct {name}"));
    let mut given: HashMap<&str, Val> = given.into_iter().collect();
    let mut entries = Vec::with_capacity(shape.fields.len());
    for field in &shape.fields {
        let value = given.remove(field.name);
        if field.written_by(version) {
            entries.push((field.name.into(), value.unwrap_or_else(|| field.zero(version))));
        }
    }
    assert!(given.is_empty(), "{name} has no field {:?}", given.keys());
    Val::Map(entries)
}

/// Fills each empty list, map and optional struct of the struct `name`, to that depth. Checks stay empty, because
/// servers restore them only with a node and an ID.
pub fn fill(name: &str, version: ConsulVersion, value: &mut Val, depth: u32) {
    let Some(shape) = shapes().get(name).filter(|_| depth > 0 && name != "HealthCheck") else {
        return;
    };
    for field in &shape.fields {
        if let Some(value) = value.get_mut(field.name) {
            fill_class(field.class, version, value, depth);
        }
    }
}

fn fill_class(class: &'static str, version: ConsulVersion, value: &mut Val, depth: u32) {
    let inner = |open: char, close: char| class.strip_prefix(open)?.strip_suffix(close);
    if let Some(of) = class.strip_prefix('?') {
        if *value == Val::Nil {
            *value = one(of, version);
        }
        fill(of, version, value, depth - 1);
    } else if let Some(of) = inner('[', ']') {
        if *value == Val::Nil || *value == Val::Array(Vec::new()) {
            *value =
                Val::Array(vec![one(of, version)].into_iter().filter(|v| *v != Val::Nil).collect());
        }
        if let Val::Array(items) = value {
            items.iter_mut().for_each(|item| fill_class(of, version, item, depth));
        }
    } else if let Some(of) = inner('{', '}') {
        if let Val::Map(entries) = value {
            entries.iter_mut().for_each(|(_, value)| fill_class(of, version, value, depth));
        }
    } else {
        fill(class, version, value, depth - 1);
    }
}

/// One item of a list, if its class is a struct or a number.
fn one(class: &str, version: ConsulVersion) -> Val {
    match class.trim_start_matches('?') {
        "HealthCheck" => Val::Nil,
        "i" | "u" => Val::Uint(7),
        "f64" => Val::F64(1.0),
        of if shapes().contains_key(of) => build(of, version, vec![]),
        _ => Val::Nil,
    }
}
