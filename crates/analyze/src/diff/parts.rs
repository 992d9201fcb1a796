//! The objects in a record, and their positions.

use crate::drivers::Problems;
use snapscope_decode::{FieldError, Frame, Kind};
use snapscope_objects::kinds::{ObjectKind, compared};
use snapscope_objects::row::{PeerSelection, Reader, Row, RowOptions, Wanted};

/// Record types in the order in which servers write their sections.
static SECTIONS: &[Kind] = &[
    Kind::SERVICE_VIRTUAL_IP,
    Kind::FREE_VIRTUAL_IP,
    Kind::REGISTER,
    Kind::COORDINATE_BATCH_UPDATE,
    Kind::SESSION,
    Kind::ACL,
    Kind::ACL_BOOTSTRAP,
    Kind::ACL_TOKEN,
    Kind::ACL_POLICY,
    Kind::ACL_ROLE,
    Kind::ACL_BINDING_RULE,
    Kind::ACL_AUTH_METHOD,
    Kind::KVS,
    Kind::TOMBSTONE,
    Kind::PREPARED_QUERY,
    Kind::AUTOPILOT,
    Kind::INTENTION,
    Kind::CONNECT_CA,
    Kind::CONNECT_CA_PROVIDER_STATE,
    Kind::CONNECT_CA_CONFIG,
    Kind::CONFIG_ENTRY,
    Kind::FEDERATION_STATE,
    Kind::SYSTEM_METADATA,
    Kind::INDEX,
    Kind::PEERING,
    Kind::PEERING_TRUST_BUNDLE,
    Kind::PEERING_SECRET,
    Kind::RESOURCE,
    Kind::FEATURE_GATE,
    Kind::CHUNKING_STATE,
];

/// The position of a section. Unknown types come first, as Enterprise's do.
pub(crate) fn section(kind: Kind) -> u16 {
    match SECTIONS.iter().position(|k| *k == kind) {
        Some(at) => 256 + u16::try_from(at).unwrap_or(u16::MAX - 256),
        None => u16::from(kind.0),
    }
}

/// An object in a record.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// What it is.
    pub(super) kind: &'static ObjectKind,
    /// The key that matches it with the other snapshot.
    pub(super) key: Vec<u8>,
    /// The object itself, if it cannot be read from its record by its key alone.
    pub(super) row: Option<Row>,
}

/// The content of a record.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    /// The position of the record in its section.
    pub(super) order: Vec<u8>,
    /// Its objects of compared kinds.
    pub(super) parts: Vec<Part>,
}

/// Reads objects from records.
#[derive(Debug)]
pub(super) struct PartsReader {
    kinds: Vec<(&'static ObjectKind, Readers)>,
}

/// The readers of a kind.
#[derive(Debug)]
struct Readers {
    is_compared: bool,
    /// Reads only the position of an object; `None` for a join.
    keys: Option<Reader>,
    whole: Option<Reader>,
}

const ALL_PEERS: PeerSelection = PeerSelection::All;

impl PartsReader {
    /// Reads objects of the kinds that `is_compared` selects.
    pub(super) fn new(is_compared: impl Fn(&ObjectKind) -> bool) -> Self {
        let readers = |kind: &'static ObjectKind| {
            let mut wanted = kind.wanted(&[], None);
            wanted.add(["Node", "PeerName", "Service"]);
            let reader = |wanted| {
                kind.is_direct().then(|| Reader::new(kind, RowOptions { peers: ALL_PEERS, wanted }))
            };
            let (keys, whole) = (reader(wanted), reader(Wanted::All));
            (kind, Readers { is_compared: is_compared(kind), keys, whole })
        };
        Self { kinds: super::compared_kinds().map(readers).collect() }
    }

    /// Whether a record of this type contains compared objects.
    pub(super) fn is_compared(&self, record: Kind) -> bool {
        compared(record).any(|kind| self.readers(kind).is_some_and(|(_, r)| r.is_compared))
    }

    fn readers(&self, kind: &ObjectKind) -> Option<&(&'static ObjectKind, Readers)> {
        self.kinds.iter().find(|(k, _)| std::ptr::eq(*k, kind))
    }

    /// Returns the content of a record. Problems are reported only if it yields nothing: objects
    /// that are held are read again.
    pub(super) fn parts(&mut self, frame: &Frame<'_>, problems: &mut Vec<FieldError>) -> Parts {
        let mut out = Parts { order: Vec::new(), parts: Vec::new() };
        let mut found = Vec::new();
        let mut any = false;
        for kind in compared(frame.kind) {
            let Some((_, readers)) = self.kinds.iter_mut().find(|(k, _)| std::ptr::eq(*k, kind))
            else {
                continue;
            };
            let is_compared = readers.is_compared;
            let mut take = |row: &Row, whole: bool| {
                if !any {
                    out.order = order_of(row);
                }
                any = true;
                if is_compared {
                    let row_of_join = whole.then(|| row.clone());
                    out.parts.push(Part { kind, key: key_of(row), row: row_of_join });
                }
            };
            let mut count = 0;
            if let Some(reader) = &mut readers.keys {
                found.extend(reader.frame(frame, &mut |row| {
                    count += 1;
                    take(row, false);
                }));
            } else if is_compared || frame.kind != Kind::CONFIG_ENTRY {
                let options = RowOptions { peers: ALL_PEERS, wanted: Wanted::All };
                let mut reader = Reader::new(kind, options);
                found.extend(reader.frame(frame, &mut |_| {}));
                reader.finish(&mut |row| take(row, true));
            }
            // One record with many objects of a kind is not read again for each of them.
            if count > 1
                && is_compared
                && let Some(reader) = &mut readers.whole
            {
                let first = out.parts.len().saturating_sub(count);
                let mut parts = out.parts.iter_mut().skip(first);
                reader.frame(frame, &mut |row| {
                    if let Some(part) = parts.next() {
                        part.row = Some(row.clone());
                    }
                });
            }
        }
        if !any {
            problems.append(&mut found);
        }
        out
    }

    /// Returns the content of a record, and collects its problems.
    pub(super) fn parts_of(&mut self, frame: &Frame<'_>, problems: &mut Problems) -> Parts {
        let mut found = Vec::new();
        let parts = self.parts(frame, &mut found);
        found.into_iter().for_each(|problem| problems.add(frame, problem));
        parts
    }

    /// Reads the whole object with this key from its record.
    pub(super) fn row(
        &mut self,
        kind: &'static ObjectKind,
        key: &[u8],
        frame: &Frame<'_>,
        problems: &mut Vec<FieldError>,
    ) -> Option<Row> {
        let (_, readers) = self.kinds.iter_mut().find(|(k, _)| std::ptr::eq(*k, kind))?;
        let mut found = None;
        let mut problems_of = readers.whole.as_mut()?.frame(frame, &mut |row| {
            if found.is_none() && key_of(row) == key {
                found = Some(row.clone());
            }
        });
        problems.append(&mut problems_of);
        found
    }
}

/// The key that matches an object with another snapshot. Names in the catalog are compared without
/// case.
fn key_of(row: &Row) -> Vec<u8> {
    let mut id = row.id();
    if matches!(row.kind.object, Some("node" | "service" | "check" | "coordinate")) {
        id.make_ascii_lowercase();
    }
    id
}

/// Whether an object's key is also the sort key of its records, so that an object without a
/// counterpart in its place has none.
pub(super) fn is_ordered_by_key(kind: &ObjectKind) -> bool {
    // Tokens are sorted by secret, virtual IPs by service; intentions may come from two sections.
    !matches!(kind.object, Some("token" | "virtual-ip" | "intention" | "record"))
}

/// The position of a record in its section: by the index that a server keeps.
fn order_of(row: &Row) -> Vec<u8> {
    let object = row.kind.object;
    // Imported ones come first.
    let peer = |field| match row.text(field) {
        [] => &b"~"[..],
        peer => peer,
    };
    let parts: [&[u8]; 4] = match object {
        Some("node") => [peer("PeerName"), row.text("Node"), b"0", b""],
        Some("service") => [peer("PeerName"), row.text("Node"), b"1", row.text("ServiceID")],
        Some("check") => [peer("PeerName"), row.text("Node"), b"2", row.text("CheckID")],
        Some("coordinate") => [row.text("Node"), row.text("Segment"), b"", b""],
        Some("virtual-ip") if !row.text("Service").is_empty() => {
            [peer("PeerName"), row.text("Service"), b"", b""]
        }
        Some("token") => [row.text("SecretID"), b"", b"", b""],
        Some("config-entry") => [row.text("Kind"), row.text("Name"), b"", b""],
        Some("index") => [row.text("Key"), b"", b"", b""],
        // A legacy intention.
        Some("intention") => [row.text("ID"), b"", b"", b""],
        _ => return row.id(),
    };
    parts.join(&0).to_ascii_lowercase()
}
