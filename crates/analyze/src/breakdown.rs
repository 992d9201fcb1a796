//! What takes the space, by different groupings.

use crate::drivers::{Fold, Problems};
use crate::inspect::key_group;
use crate::sketch::SizeSketch;
use snapscope_archive::Closing;
use snapscope_decode::records::{Record, entry_schema};
use snapscope_decode::schema::FieldError;
use snapscope_decode::wire::{Entries, Value};
use snapscope_decode::{Frame, Kind};
use snapscope_runs::{Amount, Groups, Ranked, Room, descending};
use std::io;

/// A grouping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Record type: all records.
    Type,
    /// Keys, by their first segments, split at `/`.
    Prefix {
        /// Number of segments.
        depth: usize,
        /// Only keys that start with this.
        under: Vec<u8>,
    },
    /// Service name: instances and their checks.
    Service,
    /// Node name: nodes, their instances and checks, coordinates and sessions.
    Node,
    /// Kind: config entries by their kind, services by theirs, resources by their type.
    Kind,
    /// Policy name: tokens and roles that link it, and the policy itself.
    Policy,
    /// Namespace: all records that have one, which only Enterprise writes, and resources.
    Namespace,
}

impl By {
    /// All of them; keys by their first part.
    pub const ALL: [Self; 7] = [
        Self::Type,
        Self::Prefix { depth: 1, under: Vec::new() },
        Self::Service,
        Self::Node,
        Self::Kind,
        Self::Policy,
        Self::Namespace,
    ];

    /// Its name, which heads the names of its groups.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Prefix { .. } => "prefix",
            Self::Service => "service",
            Self::Node => "node",
            Self::Kind => "kind",
            Self::Policy => "policy",
            Self::Namespace => "namespace",
        }
    }
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Records in it.
    pub count: u64,
    /// Bytes they take.
    pub size: u64,
    /// The distribution of their sizes.
    pub sizes: SizeSketch,
}

/// All groups.
#[derive(Debug)]
pub struct BreakdownReport {
    /// Each group by name, largest first, then by name.
    pub groups: Ranked<Group>,
    /// Records that are in some group.
    pub count: u64,
    /// Bytes of those records, each counted once (a token that links two policies is in two
    /// groups).
    pub size: u64,
}

/// Groups records.
#[derive(Debug)]
pub struct Breakdown {
    by: By,
    groups: Groups<Group>,
    /// The group of the previous record, kept apart: in stored order the records of a group are
    /// adjacent, so most need no look-up.
    current: (Vec<u8>, Group),
    count: u64,
    size: u64,
}

impl Breakdown {
    /// Creates an empty one. Data that does not fit into `room` goes to disk.
    #[must_use]
    pub fn new(by: By, room: &Room) -> Self {
        Self { by, groups: Groups::new(room), current: Default::default(), count: 0, size: 0 }
    }

    /// The groups by name, without the totals.
    pub(crate) fn by_name(mut self) -> io::Result<Ranked<Group>> {
        self.put_back();
        self.groups.ranked(|_| [])
    }

    fn add(&mut self, name: &[u8], frame: &Frame<'_>) {
        if self.current.0 != name {
            self.put_back();
            self.current.0.clear();
            self.current.0.extend_from_slice(name);
        }
        self.current.1.add(frame.size());
    }

    /// Adds the group of the previous record to the others.
    fn put_back(&mut self) {
        let (name, group) = &mut self.current;
        if group.count > 0 {
            self.groups.add(name, |known| known.merge(group));
            group.clear();
        }
    }

    fn once(&mut self, name: &[u8], frame: &Frame<'_>) {
        self.count += 1;
        self.size += frame.size();
        self.add(name, frame);
    }

    fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        match &self.by {
            By::Type => self.once(frame.kind.to_string().as_bytes(), frame),
            By::Prefix { depth, under } => {
                if frame.kind == Kind::KVS
                    && let Some(entries) = frame.entries()
                    && let Some(Value::Raw(key)) = entries.find(b"Key")?
                    // Comparing with nothing is slow, see `is_same`.
                    && (under.is_empty() || key.starts_with(under))
                {
                    let group = key_group(key, *depth);
                    self.once(group, frame);
                }
            }
            By::Service => {
                if let Some(name) = service_of(frame)? {
                    self.once(name, frame);
                }
            }
            By::Node => {
                if let Some(name) = node_of(frame)? {
                    self.once(name, frame);
                }
            }
            By::Kind => {
                if let Some(name) = kind_of(frame)? {
                    self.once(&name, frame);
                }
            }
            By::Policy => self.policies(frame)?,
            By::Namespace => {
                if let Some(name) = namespace_of(frame)? {
                    self.once(name, frame);
                }
            }
        }
        Ok(())
    }

    fn policies(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        let mut names: Vec<&[u8]> = Vec::new();
        match frame.kind {
            Kind::ACL_POLICY | Kind::ACL_TOKEN | Kind::ACL_ROLE => match frame.record()? {
                Record::AclPolicy(policy) => names.push(policy.name.0),
                Record::AclToken(token) => {
                    for link in token.policies.iter() {
                        let link = link?;
                        names.push(link.name.or_else(link.id));
                    }
                }
                Record::AclRole(role) => {
                    for link in role.policies.iter() {
                        let link = link?;
                        names.push(link.name.or_else(link.id));
                    }
                }
                _ => {}
            },
            _ => {}
        }
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            self.count += 1;
            self.size += frame.size();
        }
        for name in names {
            self.add(name, frame);
        }
        Ok(())
    }
}

fn service_of<'a>(frame: &Frame<'a>) -> Result<Option<&'a [u8]>, FieldError> {
    if frame.kind != Kind::REGISTER {
        return Ok(None);
    }
    let Record::Register(register) = frame.record()? else { return Ok(None) };
    if let Some(service) = register.service.get()? {
        return Ok(Some(service.service.0));
    }
    if let Some(check) = register.check.get()?
        && !check.service_name.is_empty()
    {
        return Ok(Some(check.service_name.0));
    }
    Ok(None)
}

fn node_of<'a>(frame: &Frame<'a>) -> Result<Option<&'a [u8]>, FieldError> {
    Ok(match frame.kind {
        Kind::REGISTER | Kind::SESSION => match frame.value()? {
            Value::Map(entries) => text(entries, b"Node")?,
            _ => None,
        },
        Kind::COORDINATE_BATCH_UPDATE => match frame.record()? {
            Record::Coordinates(coordinates) => match coordinates.iter().next().transpose()? {
                Some(Some(coordinate)) => Some(coordinate.node.0),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

fn kind_of(frame: &Frame<'_>) -> Result<Option<Vec<u8>>, FieldError> {
    Ok(match frame.kind {
        Kind::CONFIG_ENTRY => match frame.record()? {
            Record::ConfigEntry(entry) => {
                let known = entry_schema(entry.kind.0).is_some();
                let mut name = entry.kind.0.to_vec();
                if !known {
                    name.extend_from_slice(b" (unknown)");
                }
                Some(name)
            }
            _ => None,
        },
        Kind::RESOURCE => match frame.record()? {
            Record::Resource(resource) => {
                Some([b"resource ".as_slice(), &resource.dotted_type()].concat())
            }
            _ => None,
        },
        Kind::REGISTER => match frame.record()? {
            Record::Register(register) => register.service.get()?.map(|service| {
                let kind =
                    if service.kind.is_empty() { b"typical".as_slice() } else { service.kind.0 };
                [b"service ".as_slice(), kind].concat()
            }),
            _ => None,
        },
        _ => None,
    })
}

fn namespace_of<'a>(frame: &Frame<'a>) -> Result<Option<&'a [u8]>, FieldError> {
    if frame.kind == Kind::RESOURCE {
        let Record::Resource(resource) = frame.record()? else { return Ok(None) };
        return Ok(Some(resource.namespace().0).filter(|name| !name.is_empty()));
    }
    let Some(entries) = frame.entries() else { return Ok(None) };
    if let Some(name) = text(entries, b"Namespace")? {
        return Ok(Some(name));
    }
    for part in [b"Service".as_slice(), b"Check"] {
        if let Some(Value::Map(entries)) = entries.find(part)?
            && let Some(name) = text(entries, b"Namespace")?
        {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn text<'a>(entries: Entries<'a>, field: &[u8]) -> Result<Option<&'a [u8]>, FieldError> {
    Ok(entries.find(field)?.and_then(|value| value.as_raw()).filter(|text| !text.is_empty()))
}

impl Group {
    fn add(&mut self, size: u64) {
        self.count += 1;
        self.size += size;
        self.sizes.add(size);
    }

    /// Clears it, but keeps its memory.
    fn clear(&mut self) {
        self.count = 0;
        self.size = 0;
        self.sizes.clear();
    }
}

impl Amount for Group {
    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.size += other.size;
        self.sizes.merge(&other.sizes);
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.size.to_le_bytes());
        self.sizes.write(out);
    }

    fn read(bytes: &[u8]) -> Self {
        let (size, sizes) = bytes.split_first_chunk().unwrap_or((&[0; 8], &[]));
        let sizes = SizeSketch::read(sizes);
        Self { count: sizes.count(), size: u64::from_le_bytes(*size), sizes }
    }
}

impl Fold for Breakdown {
    type Out = io::Result<BreakdownReport>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Err(e) = self.look(frame) {
            problems.add(frame, e);
        }
    }

    fn merge(&mut self, mut other: Self) {
        self.put_back();
        other.put_back();
        self.groups.merge(other.groups);
        self.count += other.count;
        self.size += other.size;
    }

    fn is_light(&self) -> bool {
        matches!(self.by, By::Type | By::Prefix { .. })
    }

    fn finish(mut self, _: &Closing) -> io::Result<BreakdownReport> {
        self.put_back();
        let groups = self.groups.ranked(|group| descending(group.size))?;
        Ok(BreakdownReport { groups, count: self.count, size: self.size })
    }
}
