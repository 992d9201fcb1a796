//! The obstacles found, and those that stop a given server.

use super::fields::{RequiredField, Requirement};
use super::structures::{CHECK_NODE_CASE, CHECK_SERVICE_RENAMED, Structure};
use snapscope_decode::records::EntryKind;
use snapscope_decode::{Kind, ServerVersion, VersionRange};
use snapscope_objects::printable::counted;
use std::fmt;

/// A server that a snapshot is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its version.
    pub version: ServerVersion,
    /// Whether it is Consul Enterprise.
    pub enterprise: bool,
    /// The version as the server writes it.
    pub text: String,
}

impl Server {
    /// The newest minor version from whose source the tables were derived. Additions of later
    /// versions are unknown here.
    pub const NEWEST_READ: ServerVersion = ServerVersion::new(1, 22, 0);

    /// Reads `1.8.7`, `1.21.4+ent`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let version = ServerVersion::parse(text)?;
        Some(Self { version, enterprise: text.contains("ent"), text: text.to_owned() })
    }

    /// Whether it may support more than the tables list.
    fn may_know_more(&self) -> bool {
        let newest = Self::NEWEST_READ;
        self.enterprise || (self.version.major, self.version.minor) > (newest.major, newest.minor)
    }
}

/// Why servers refuse a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// They do not know its type.
    RecordType(Kind),
    /// They do not know its kind of config entry.
    EntryKind(Box<[u8]>),
    /// A field is missing: an index into [`FIELDS`](super::FIELDS).
    Field(usize),
    /// Servers cannot decode the type of a field: the message about the record, and the versions that read the
    /// field.
    Misfit(Kind, Box<str>, VersionRange),
    /// It does not fit: an index into [`STRUCTURES`](super::STRUCTURES).
    Structure(usize),
}

/// One of the records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// Which record of the file, the first being 1.
    pub number: u64,
    /// Where it starts in `state.bin`.
    pub offset: u64,
    /// Its type.
    pub kind: Kind,
    /// The name of the object.
    pub name: String,
}

/// Something that stops a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Why.
    pub cause: Cause,
    /// Number of affected records.
    pub records: u64,
    /// The first ones in the file.
    pub examples: Vec<Example>,
}

/// The result of [`Obstacles`](super::Obstacles), for servers of all versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObstacleReport {
    /// All obstacles, in a fixed order. It includes every record type and kind of config entry,
    /// because some version does not know it.
    pub found: Vec<Obstacle>,
}

impl ObstacleReport {
    /// Returns the obstacles for that server.
    pub fn of<'a>(&'a self, server: &'a Server) -> impl Iterator<Item = &'a Obstacle> {
        self.found.iter().filter(|found| found.stops(server))
    }
}

impl Cause {
    fn field(&self) -> Option<&'static RequiredField> {
        match self {
            Self::Field(place) => super::FIELDS.get(*place),
            _ => None,
        }
    }

    fn structure(&self) -> Option<&'static Structure> {
        match self {
            Self::Structure(place) => super::STRUCTURES.get(*place).copied(),
            _ => None,
        }
    }

    /// Whether the difference is only the spelling of a name, which only some versions ignore.
    pub(crate) fn is_spelling(&self) -> bool {
        let spellings = [CHECK_NODE_CASE.id, CHECK_SERVICE_RENAMED.id];
        self.structure().is_some_and(|structure| spellings.contains(&structure.id))
    }

    /// The versions that accept it, for types and kinds.
    #[must_use]
    pub fn known_to(&self) -> Option<VersionRange> {
        match self {
            Self::RecordType(kind) => kind.info()?.versions,
            Self::EntryKind(kind) => EntryKind::by_name(kind).map(|known| known.versions),
            Self::Field(_) | Self::Structure(_) | Self::Misfit(..) => None,
        }
    }

    /// The versions that refuse it, for defects of a record.
    #[must_use]
    pub fn refused_by(&self) -> Option<VersionRange> {
        if let Self::Misfit(_, _, read_by) = self {
            return Some(*read_by);
        }
        self.field()
            .map(|field| field.refused_by)
            .or_else(|| self.structure().map(|structure| structure.refused_by))
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::RecordType(_) | Self::EntryKind(_) => {
                "restore it into servers of a version that supports it"
            }
            Self::Field(_) | Self::Misfit(..) => {
                "delete or repair the object in its cluster and take a new snapshot"
            }
            Self::Structure(_) => self.structure().map_or("", |structure| structure.advice),
        }
    }

    /// The source of the fact that servers refuse it.
    #[must_use]
    pub fn source(&self) -> &'static str {
        match self {
            Self::RecordType(_) => {
                "agent/consul/fsm: registerRestorer (GH-3985, GH-11430, GH-15066)"
            }
            Self::EntryKind(_) => "agent/structs/config_entry.go: MakeConfigEntry",
            Self::Field(_) => self.field().map_or("", |field| field.source),
            Self::Misfit(..) => "github.com/hashicorp/go-msgpack: codec, decode.go and msgpack.go",
            Self::Structure(_) => self.structure().map_or("", |structure| structure.source),
        }
    }

    /// Its subject, which distinguishes it from others: `Token.AccessorID`, `mesh`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::RecordType(kind) | Self::Misfit(kind, ..) => kind.to_string(),
            Self::EntryKind(kind) => String::from_utf8_lossy(kind).into_owned(),
            Self::Field(_) => self
                .field()
                .map_or_else(String::new, |field| format!("{}.{}", field.kind, field.name())),
            Self::Structure(_) => self.id().to_owned(),
        }
    }

    /// A word for programs.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::RecordType(_) => "record-type",
            Self::EntryKind(_) => "config-entry-kind",
            Self::Field(_) => "missing-field",
            Self::Misfit(..) => "undecodable",
            Self::Structure(_) => self.structure().map_or("", |structure| structure.id),
        }
    }
}

impl Obstacle {
    /// Whether it stops that server.
    #[must_use]
    pub fn stops(&self, server: &Server) -> bool {
        if let Some(structure) = self.cause.structure() {
            return structure.is_refused_by(server.version);
        }
        if let Some(refused_by) = self.cause.refused_by() {
            return refused_by.contains(server.version);
        }
        match self.cause.known_to() {
            Some(known) => !known.contains(server.version),
            None => !server.may_know_more() && self.is_possible(server),
        }
    }

    /// Enterprise's types and kinds are unknown to all others.
    fn is_possible(&self, server: &Server) -> bool {
        match &self.cause {
            Cause::RecordType(kind) => kind.0 < Kind::FIRST_ENTERPRISE || !server.enterprise,
            _ => true,
        }
    }

    /// Describes the obstacle, for that server.
    #[must_use]
    pub fn describe(&self, server: &Server) -> String {
        let records = |one: &str, many: &str| counted(self.records, one, many);
        let said = match &self.cause {
            Cause::RecordType(kind) => format!(
                "{} of type {kind}, which Consul {} does not support{}",
                records("record", "records"),
                server.text,
                self.known(),
            ),
            Cause::EntryKind(kind) => format!(
                "{} of kind {}, which Consul {} does not support{}",
                records("config entry", "config entries"),
                String::from_utf8_lossy(kind),
                server.text,
                self.known(),
            ),
            Cause::Field(_) => self.cause.field().map_or_else(String::new, |field| {
                let what = match field.form {
                    Requirement::Filled | Requirement::Present => "without",
                    Requirement::Uuid | Requirement::UuidIfAny => "without a UUID in",
                    Requirement::TemplateType | Requirement::CaProvider => "with an unknown",
                };
                let records = records("record", "records");
                format!("{records} of type {} {what} {}", field.kind, field.name())
            }),
            Cause::Misfit(kind, what, _) => {
                format!("{} of type {kind} {what}", records("record", "records"))
            }
            Cause::Structure(_) => self
                .cause
                .structure()
                .map_or_else(String::new, |found| records(found.one, found.many)),
        };
        let mut names: Vec<&str> = self.examples.iter().map(|e| e.name.as_str()).collect();
        names.retain(|name| !name.is_empty());
        names.dedup();
        if names.is_empty() || matches!(self.cause, Cause::RecordType(_)) {
            return said;
        }
        let more = if self.records > self.examples.len() as u64 { ", ..." } else { "" };
        format!("{said}: {}{more}", names.join(", "))
    }

    fn known(&self) -> String {
        match self.cause.known_to() {
            Some(known) => format!(" (supported by {known})"),
            None => " (an Enterprise type, or newer than this tool)".to_owned(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
