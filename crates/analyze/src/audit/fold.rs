//! The pass over all records, and the evaluation at its end.

use super::acl::AclRules;
use super::ca::CaRules;
use super::catalog::CatalogRules;
use super::clock::Clock;
use super::finding::{Finding, Findings};
use super::mesh::MeshRules;
use super::ops::OpsRules;
use super::peer::PeerRules;
use super::query::QueryRules;
use super::second_catalog::SecondCatalogRules;
use super::secret::SecretRules;
use crate::acl::{AclModel, ResolverOptions, ServerVersion};
use crate::drivers::{Fold, Problems};
use crate::obstacles::Obstacles;
use crate::secrets::Scanner;
use snapscope_archive::Closing;
use snapscope_decode::records::{EntryRef, Record, RegisterRef};
use snapscope_decode::wire::Value;
use snapscope_decode::{FieldError, Frame, GoTime, Kind};
use std::sync::Arc;

/// Options of an audit.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// Finds secrets.
    pub scanner: Arc<Scanner>,
    /// Whether to look for secrets at all: it is most of the work.
    pub scan: bool,
    /// Whether findings may contain the secrets.
    pub show_secrets: bool,
    /// The time at which expiry and age are evaluated; by default, when the snapshot was taken.
    pub at: Option<GoTime>,
    /// The servers' datacenter, if the caller knows better than the catalog.
    pub datacenter: Option<String>,
    /// The servers' version, likewise.
    pub version: Option<ServerVersion>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            scanner: Arc::new(Scanner::new()),
            scan: true,
            show_secrets: false,
            at: None,
            datacenter: None,
            version: None,
        }
    }
}

/// The result of an audit.
#[derive(Debug, Clone)]
pub struct AuditReport {
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
    /// Rules with more findings than are kept, and how many more.
    pub more: Vec<(&'static str, u64)>,
    /// The time at which expiry and age were evaluated.
    pub at: Option<GoTime>,
    /// Prefixes under which Vault keeps its encrypted data, left out of the secret scan.
    pub vaults: Vec<Vec<u8>>,
}

/// Collects what the rules need.
#[derive(Debug)]
pub struct Audit {
    options: AuditOptions,
    findings: Findings,
    clock: Clock,
    model: AclModel,
    acl: AclRules,
    ca: CaRules,
    catalog: CatalogRules,
    mesh: MeshRules,
    ops: OpsRules,
    peer: PeerRules,
    second_catalog: SecondCatalogRules,
    query: QueryRules,
    secret: SecretRules,
    obstacles: Obstacles,
}

impl Audit {
    /// Creates an audit.
    #[must_use]
    pub fn new(options: AuditOptions) -> Self {
        Self {
            options,
            findings: Findings::default(),
            clock: Clock::default(),
            model: AclModel::default(),
            acl: AclRules::default(),
            ca: CaRules::default(),
            catalog: CatalogRules::default(),
            mesh: MeshRules::default(),
            ops: OpsRules::default(),
            peer: PeerRules::default(),
            second_catalog: SecondCatalogRules::default(),
            query: QueryRules::default(),
            secret: SecretRules::default(),
            obstacles: Obstacles::without_order(),
        }
    }

    fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        self.model.see(frame);
        self.obstacles.look(frame);
        if !matters(frame.kind) {
            return Ok(());
        }
        // Rows of the catalog are by far the most, so they are read once for all rules.
        if frame.kind != Kind::REGISTER {
            self.model.add(frame)?;
        }
        let number = frame.number;
        let out = &mut self.findings;
        let record = match frame.record()? {
            Record::LegacyAcl(acl) => Record::AclToken(acl.as_token()),
            record => record,
        };
        match record {
            Record::Kv(kv) => {
                self.ops.key(number, &kv, out);
                if self.options.scan {
                    self.secret.key(number, &kv, &self.options, out);
                }
            }
            Record::Tombstone(_) => self.ops.tombstone(),
            Record::Session(session) => self.ops.session(number, &session, out),
            Record::Register(register) => self.register(frame, &register)?,
            Record::PreparedQuery(query) => {
                self.query.query(number, &query, out)?;
                let except = [&b"ID"[..], b"Token", b"Session"];
                self.text(frame, ("query", query.id.0, number, query.modify_index), &except);
            }
            Record::AclToken(token) => {
                self.acl.token(number, &token);
                self.clock.see(token.create_index, token.create_time);
                let field: &[u8] = if frame.kind == Kind::ACL { b"Name" } else { b"Description" };
                let place = ("token", token.called(), number, token.modify_index);
                self.only(frame, (place.0, &place.1, place.2, place.3), field);
            }
            Record::AclPolicy(policy) => {
                let place = ("policy", policy.id.0, number, policy.modify_index);
                self.only(frame, place, b"Description");
            }
            Record::AclRole(role) => {
                let place = ("role", role.id.0, number, role.modify_index);
                self.only(frame, place, b"Description");
            }
            Record::AclAuthMethod(method) => AclRules::auth_method(number, &method, out)?,
            Record::Intention(intention) => {
                self.clock.see(intention.create_index, intention.created_at);
                self.clock.see(intention.modify_index, intention.updated_at);
                self.mesh.legacy(number, &intention, out);
            }
            Record::CaRoot(root) => self.ca.root(number, &root, out)?,
            Record::CaProviderState(state) => CaRules::provider_state(number, &state, out),
            Record::CaConfig(config) => CaRules::config(number, &config, out)?,
            Record::ConfigEntry(entry) => {
                let typed = entry.typed()?;
                self.mesh.entry(number, &entry, &typed, out)?;
                match &typed {
                    EntryRef::InlineCertificate(certificate) => {
                        self.ca.inline(number, certificate, out)
                    }
                    EntryRef::ExportedServices(exported) => {
                        PeerRules::exported(number, exported, out)?
                    }
                    _ => {}
                }
                if self.options.scan {
                    let index = match entry.entry {
                        Value::Map(fields) => fields.find(b"ModifyIndex").ok().flatten(),
                        _ => None,
                    };
                    let index = if let Some(Value::Uint(n)) = index { n } else { 0 };
                    SecretRules::config_entry(number, &entry, index, &self.options, out);
                }
            }
            Record::Autopilot(autopilot) => OpsRules::autopilot(number, &autopilot, out),
            Record::ChunkingState(state) => self.ops.chunks(&state)?,
            Record::Peering(peering) => self.peer.peering(number, &peering, out),
            Record::Resource(resource) => {
                self.second_catalog.resource(number, &resource, out);
                if self.options.scan {
                    SecretRules::resource(number, &resource, &self.options, out);
                }
            }
            Record::PeeringSecret(secret) => self.peer.secret(number, &secret),
            Record::PeeringTrustBundle(bundle) => self.peer.bundle(number, &bundle),
            _ => {}
        }
        Ok(())
    }

    fn register(
        &mut self,
        frame: &Frame<'_>,
        register: &RegisterRef<'_>,
    ) -> Result<(), FieldError> {
        let (service, check) = (register.service.get()?, register.check.get()?);
        self.model.add_register(register, service.as_ref())?;
        if let Some(service) = &service {
            self.ops.service(register, service)?;
        }
        if let Some(check) = &check {
            self.catalog.check(frame.number, register, check, &mut self.findings)?;
        }
        if self.options.scan {
            let parts = (register, service.as_ref(), check.as_ref());
            SecretRules::register(frame, parts, &self.options, &mut self.findings);
        }
        Ok(())
    }

    fn text(
        &mut self,
        frame: &Frame<'_>,
        place: (&'static str, &[u8], u64, u64),
        except: &[&[u8]],
    ) {
        if self.options.scan {
            SecretRules::fields(place, frame, except, &self.options, &mut self.findings);
        }
    }

    /// Reads only one field.
    fn only(&mut self, frame: &Frame<'_>, place: (&'static str, &[u8], u64, u64), field: &[u8]) {
        if let Ok(Value::Map(fields)) = frame.value() {
            let others: Vec<&[u8]> = fields
                .flatten()
                .filter_map(|(name, _)| match name {
                    Value::Raw(name) if name != field => Some(name),
                    _ => None,
                })
                .collect();
            self.text(frame, place, &others);
        }
    }
}

/// Whether any rule needs records of that type.
fn matters(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::INDEX
            | Kind::COORDINATE_BATCH_UPDATE
            | Kind::SERVICE_VIRTUAL_IP
            | Kind::FREE_VIRTUAL_IP
            | Kind::SYSTEM_METADATA
            | Kind::FEDERATION_STATE
    )
}

impl Fold for Audit {
    type Out = AuditReport;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Err(e) = self.look(frame) {
            problems.add(frame, e);
        }
    }

    fn merge(&mut self, other: Self) {
        self.findings.merge(other.findings);
        self.clock.merge(other.clock);
        self.model.merge(other.model);
        self.acl.merge(other.acl);
        self.ca.merge(other.ca);
        self.catalog.merge(other.catalog);
        self.mesh.merge(other.mesh);
        self.ops.merge(other.ops);
        self.peer.merge(other.peer);
        self.query.merge(other.query);
        self.second_catalog.merge(other.second_catalog);
        self.secret.merge(other.secret);
        self.obstacles.merge(other.obstacles);
    }

    fn finish(mut self, closing: &Closing) -> AuditReport {
        let meta = closing.meta.as_ref();
        let snapshot = meta.map_or_else(|| "snapshot".to_owned(), |m| m.id.clone());
        let model = Fold::finish(self.model, closing);
        let at = self.options.at.or(model.taken);
        let now = at.map(|t| t.unix_seconds());
        if let (Some(meta), Some(taken)) = (meta, model.taken) {
            self.clock.see(meta.index, taken);
        }
        let mut out = self.findings;
        let AuditOptions { datacenter, version, .. } = self.options.clone();
        let resolver = ResolverOptions { datacenter, version, at, ..ResolverOptions::default() };
        self.acl.finish(&model, resolver, &mut out);
        let vaults = self.secret.finish(&self.acl.by_secret(), &mut out);
        self.ca.finish(&snapshot, now, &mut out);
        self.catalog.finish(now, &self.clock, &mut out);
        self.mesh.finish(&snapshot, &mut out);
        self.second_catalog.finish(&mut out);
        self.peer.finish(now, &mut out);
        let ops = &self.ops;
        self.query.finish(|session| ops.has_session(session), &mut out);
        let obstacles = self.obstacles.finish(closing);
        self.ops.obstacles(&snapshot, &obstacles, self.options.version, &mut out);
        self.ops.finish(&snapshot, meta, &mut out);
        let (mut findings, more) = out.finish();
        if !self.options.show_secrets {
            let scanner = &self.options.scanner;
            for finding in &mut findings {
                if let Some(masked) = scanner.masked_key(&finding.id) {
                    finding.id = masked;
                }
                if let Some(masked) = scanner.masked_text(&finding.message) {
                    finding.message = masked;
                }
            }
        }
        AuditReport { findings, more, at, vaults: vaults.iter().map(<[u8]>::to_vec).collect() }
    }
}
