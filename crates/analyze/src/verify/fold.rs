//! The checks of every record.

use super::container;
use super::dropped::DroppedFields;
use super::entries;
use super::finding::{At, Findings};
use super::indexes::Indexes;
use super::key::{key_of, register_key};
use super::obstacle;
use super::order::OrderCheck;
use super::owned::Owned;
use super::references::References;
use super::rules::{
    CA_MANY_ACTIVE, CA_NONE_ACTIVE, CERTIFICATE, RECORD, RULES_TEXT, SIDECAR, TOKEN_ACCESSOR,
};
use super::text;
use crate::acl::{ServerVersion, Syntax, parse_rules};
use crate::drivers::{Fold, Problems};
use crate::obstacles::{Obstacles, Server};
use crate::origin::Origin;
use crate::registration::Registration;
use snapscope_archive::Closing;
use snapscope_decode::records::{CaRootRef, KvRef, Record};
use snapscope_decode::schema::FieldError;
use snapscope_decode::{Frame, Kind};

/// The depth of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// Only the file: checksums and framing.
    Quick,
    /// Every record, its fields, and how records fit each other.
    #[default]
    Records,
    /// Also everything nested in records, rules of policies, certificates.
    Deep,
}

/// How to verify a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyOptions {
    /// The depth.
    pub depth: Depth,
    /// The server that is to restore it. By default one like those that wrote it, if they are
    /// known, or else any version.
    pub server: Option<Server>,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The findings.
    pub findings: Findings,
    /// Types whose records are out of order, and may contain duplicates.
    pub disordered: Vec<Kind>,
}

impl Verified {
    /// Adds the findings of [`FindRepeated`](super::FindRepeated).
    pub fn add(&mut self, found: Findings) {
        self.findings.merge(found);
    }

    /// Adds records that do not have the fields of their types.
    pub fn add_problems(&mut self, problems: &Problems) {
        for problem in &problems.first {
            let at = At { number: problem.number, offset: problem.offset, kind: problem.kind };
            self.findings.add(&RECORD, Some(at), || problem.error.to_string());
        }
        self.findings.count_more(&RECORD, problems.count - problems.first.len() as u64);
    }

    /// Adds the finding that the file is not the one that its sidecar describes.
    pub fn add_sidecar(&mut self, what: String) {
        self.findings.add(&SIDECAR, None, || what);
    }
}

/// Verifies a snapshot.
#[derive(Debug)]
pub struct Verify {
    options: VerifyOptions,
    found: Findings,
    key: Vec<u8>,
    order: OrderCheck,
    indexes: Indexes,
    references: References,
    owned: Owned,
    obstacles: Obstacles,
    dropped: DroppedFields,
    origin: Origin,
    /// Each CA root: its place, and whether it is active.
    roots: Vec<(At, bool)>,
}

impl Verify {
    /// Creates one.
    #[must_use]
    pub fn new(options: VerifyOptions) -> Self {
        Self {
            options,
            found: Findings::default(),
            key: Vec::new(),
            order: OrderCheck::default(),
            indexes: Indexes::default(),
            references: References::default(),
            owned: Owned::default(),
            obstacles: Obstacles::default(),
            dropped: DroppedFields::default(),
            origin: Origin::default(),
            roots: Vec::new(),
        }
    }

    fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        if frame.kind == Kind::KVS {
            return match KvRef::of(frame) {
                Ok(kv) => {
                    self.look_at_kv(frame, &kv);
                    Ok(())
                }
                Err(e) => self.unread(frame, e),
            };
        }
        let record = match frame.record() {
            Ok(record) => record,
            Err(e) => return self.unread(frame, e),
        };
        // A decoded registration is large, so space for it is not reserved in other records.
        match &record {
            Record::Register(register) => match Registration::read(*register) {
                Ok(registration) => self.look_at(frame, &record, Some(&registration)),
                Err(e) => self.unread(frame, e),
            },
            _ => self.look_at(frame, &record, None),
        }
    }

    /// The checks of a key; nine of ten records are keys. All versions store the same fields of
    /// keys, and their texts may be any bytes.
    fn look_at_kv(&mut self, frame: &Frame<'_>, kv: &KvRef<'_>) {
        let at = At::from(frame);
        self.order.record(frame, kv.key.0, &mut self.found);
        self.obstacles.look_kv(frame, kv);
        self.indexes.kv(at, kv, &mut self.found);
        self.references.kv(at, kv);
    }

    /// An unreadable record still has a position.
    fn unread(&mut self, frame: &Frame<'_>, e: FieldError) -> Result<(), FieldError> {
        self.order.record(frame, &[], &mut self.found);
        Err(e)
    }

    /// Checks a decoded record.
    fn look_at(
        &mut self,
        frame: &Frame<'_>,
        record: &Record<'_>,
        registration: Option<&Registration<'_>>,
    ) -> Result<(), FieldError> {
        let at = At::from(frame);
        let key = match registration {
            Some(registration) => {
                register_key(registration, &mut self.key);
                Ok(self.key.as_slice())
            }
            None => key_of(record, &mut self.key),
        };
        self.order.record(frame, key.as_deref().unwrap_or(&[]), &mut self.found);
        key?;
        self.obstacles.look_read(frame, record, registration);
        // Servers know every field that they wrote themselves.
        if let Some(server) = &self.options.server {
            self.dropped.record(frame, record, server);
        }
        self.origin.look_read(frame, record, registration)?;
        self.indexes.record(frame, record, registration, &mut self.found)?;
        self.owned.record(at, record, registration, &mut self.found);
        match (registration, record) {
            (Some(registration), _) => self.references.registration(at, registration),
            (None, Record::ConfigEntry(entry)) => {
                entries::record(&mut self.references, at, entry)?;
            }
            (None, record) => self.references.record(at, record)?,
        }
        let is_deep = self.options.depth == Depth::Deep;
        if is_deep || !text::is_text(record, registration) {
            text::check(frame, record, is_deep, &mut self.found);
        }
        match record {
            Record::AclToken(token) if token.accessor_id.is_empty() => {
                self.found.add(&TOKEN_ACCESSOR, Some(at), || "its AccessorID is empty".to_owned());
            }
            Record::CaRoot(root) => self.roots.push((at, root.active)),
            _ => {}
        }
        if self.options.depth == Depth::Deep {
            self.look_deep(at, record);
        }
        Ok(())
    }

    /// Checks that take longer, or rarely find anything.
    fn look_deep(&mut self, at: At, record: &Record<'_>) {
        match record {
            Record::AclPolicy(policy) => {
                let version = ServerVersion::NEWEST_KNOWN;
                if let Err(e) = parse_rules(policy.rules.0, Syntax::Current, version) {
                    self.found.add(&RULES_TEXT, Some(at), || {
                        format!("policy {:?}: {e}", policy.name.lossy())
                    });
                }
            }
            Record::CaRoot(root) if !is_certificate(root) => {
                self.found.add(&CERTIFICATE, Some(at), || format!("root {:?}", root.id.lossy()));
            }
            _ => {}
        }
    }
}

fn is_certificate(root: &CaRootRef<'_>) -> bool {
    let pem = x509_parser::pem::parse_x509_pem(root.root_cert.0);
    pem.is_ok_and(|(_, pem)| pem.parse_x509().is_ok())
}

impl Fold for Verify {
    type Out = Verified;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if self.options.depth == Depth::Quick {
            return;
        }
        if let Err(e) = self.look(frame) {
            problems.add(frame, e);
        }
    }

    fn merge(&mut self, other: Self) {
        self.found.merge(other.found);
        self.order.merge(other.order);
        self.indexes.merge(other.indexes);
        self.references.merge(other.references);
        self.owned.merge(other.owned);
        self.obstacles.merge(other.obstacles);
        self.dropped.merge(other.dropped);
        self.origin.merge(other.origin);
        self.roots.extend(other.roots);
    }

    fn finish(self, closing: &Closing) -> Verified {
        let mut found = self.found;
        container::findings(closing, &mut found);
        if self.options.depth == Depth::Quick {
            return Verified { findings: found, disordered: Vec::new() };
        }
        let disordered = self.order.finish(&mut found);
        if let Some(server) = &self.options.server {
            self.dropped.finish(server, &mut found);
        }
        let obstacles = self.obstacles.finish(closing);
        let servers = obstacle::servers(self.options.server, self.origin.finish(closing));
        obstacle::findings(&obstacles, &servers, &mut found);
        let header = closing.header.as_ref().and_then(|header| header.last_index);
        let meta = closing.meta.as_ref().map(|meta| meta.index);
        // Records lost by damage would be reported as missing everywhere.
        if closing.damage.is_none() {
            self.indexes.finish(header, meta, &mut found);
            self.references.finish(&mut found);
            active_roots(self.roots, &mut found);
        }
        Verified { findings: found, disordered }
    }

    fn is_light(&self) -> bool {
        self.options.depth == Depth::Quick
    }

    /// Whether servers refuse a record depends on earlier registrations, so one worker reads all.
    fn is_in_order(&self) -> bool {
        true
    }
}

fn active_roots(mut roots: Vec<(At, bool)>, found: &mut Findings) {
    roots.sort_unstable();
    let mut active = roots.iter().filter(|(_, active)| *active);
    match (roots.first(), active.next()) {
        (Some((at, _)), None) => {
            let count = roots.len();
            found.add(&CA_NONE_ACTIVE, Some(*at), || format!("there are {count} roots"));
        }
        (_, Some(_)) => {
            for (at, _) in active {
                found.add(&CA_MANY_ACTIVE, Some(*at), || "it is active too".to_owned());
            }
        }
        (None, None) => {}
    }
}
