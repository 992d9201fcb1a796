//! The pass over all records, and the evaluation at its end.

use super::acl::AclRules;
use super::ca::{CREDENTIALS, CaRules};
use super::catalog::CatalogRules;
use super::clock::Clock;
use super::finding::{Findings, mask};
use super::mesh::MeshRules;
use super::ops::OpsRules;
use super::options::AuditOptions;
use super::owner::Owner;
use super::peer::PeerRules;
use super::query::QueryRules;
use super::report::AuditReport;
use super::second_catalog::SecondCatalogRules;
use super::secret::SecretRules;
use crate::acl::{AclModel, ResolverOptions};
use crate::drivers::{Fold, Problems};
use crate::obstacles::Obstacles;
use crate::registration::Registration;
use snapscope_archive::Closing;
use snapscope_decode::records::{EntryRef, Record, RegisterRef};
use snapscope_decode::{FieldError, Frame, Kind};
use snapscope_objects::kind::KindId;
use std::borrow::Cow;

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
        if !matters(frame.kind) {
            self.obstacles.look(frame);
            return Ok(());
        }
        let number = frame.number;
        let record = match frame.record() {
            Ok(record) => record,
            Err(e) => {
                self.obstacles.look(frame);
                return Err(e);
            }
        };
        // Registrations are read further below.
        match &record {
            Record::Register(_) => {}
            Record::Kv(kv) => self.obstacles.look_kv(frame, kv),
            record => self.obstacles.look_read(frame, record, None),
        }
        // Most records are rows of the catalog, so they are read once for all rules.
        if frame.kind != Kind::REGISTER {
            self.model.add(frame)?;
        }
        let out = &mut self.findings;
        let record = match record {
            Record::LegacyAcl(acl) => Record::AclToken(acl.as_token()),
            record => record,
        };
        match record {
            Record::Kv(kv) => self.ops.key(number, &kv, out),
            Record::Tombstone(_) => self.ops.tombstone(),
            Record::Session(session) => self.ops.session(number, &session, out),
            Record::Register(register) => self.register(frame, register)?,
            Record::PreparedQuery(query) => self.query.query(number, &query, out)?,
            Record::AclToken(token) => {
                self.acl.token(number, &token);
                self.clock.see(token.create_index, token.create_time);
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
            }
            Record::Autopilot(autopilot) => OpsRules::autopilot(number, &autopilot, out),
            Record::ChunkingState(state) => self.ops.chunks(&state)?,
            Record::Peering(peering) => self.peer.peering(number, &peering, out),
            Record::Resource(resource) => self.second_catalog.resource(number, &resource, out),
            Record::PeeringSecret(secret) => self.peer.secret(number, &secret),
            Record::PeeringTrustBundle(bundle) => self.peer.bundle(number, &bundle),
            _ => {}
        }
        if self.scans(frame) {
            self.scan(frame, &record);
        }
        Ok(())
    }

    /// Whether secrets are looked for in a record.
    fn scans(&self, frame: &Frame<'_>) -> bool {
        self.options.scan && frame.offset < self.options.scan_bytes
    }

    /// Looks for secrets. Records of the catalog were already checked.
    fn scan(&mut self, frame: &Frame<'_>, record: &Record<'_>) {
        let (number, options, out) = (frame.number, &self.options, &mut self.findings);
        match record {
            Record::Kv(kv) => self.secret.key(number, kv, options, out),
            Record::Tombstone(kv) => SecretRules::tombstone(number, kv, options, out),
            Record::ConfigEntry(entry) => SecretRules::config_entry(number, entry, options, out),
            Record::Peering(peering) => SecretRules::peering(number, peering, options, out),
            Record::Resource(resource) => SecretRules::resource(number, resource, options, out),
            record => self.texts(frame, record),
        }
    }

    /// Looks for secrets in all texts of a record, except in some fields.
    fn texts(&mut self, frame: &Frame<'_>, record: &Record<'_>) {
        let (kind, id, index, except): (_, Cow<'_, [u8]>, u64, &[&[u8]]) = match record {
            Record::Session(session) => {
                (KindId::Sessions, session.id.0.into(), session.modify_index, &[b"ID"])
            }
            Record::PreparedQuery(query) => (
                KindId::Queries,
                query.id.0.into(),
                query.modify_index,
                &[b"ID", b"Token", b"Session"],
            ),
            Record::AclToken(token) => {
                // Of the system before 1.4 the ID is the secret.
                let except: &[&[u8]] = if frame.kind == Kind::ACL { &[b"ID"] } else { &TOKEN };
                (KindId::Tokens, token.called().into(), token.modify_index, except)
            }
            Record::AclPolicy(policy) => {
                (KindId::Policies, policy.id.0.into(), policy.modify_index, &[b"ID", b"Hash"])
            }
            Record::AclRole(role) => {
                (KindId::Roles, role.id.0.into(), role.modify_index, &[b"ID", b"Hash", b"Policies"])
            }
            Record::AclBindingRule(rule) => {
                (KindId::BindingRules, rule.id.0.into(), rule.modify_index, &[b"ID"])
            }
            Record::AclAuthMethod(method) => {
                (KindId::AuthMethods, method.name.0.into(), method.modify_index, &AUTH_METHOD)
            }
            Record::Intention(intention) => {
                let index = intention.modify_index;
                (KindId::Intentions, intention.id.0.into(), index, &[b"ID", b"Hash"])
            }
            Record::CaConfig(config) => {
                let reported = CREDENTIALS.map(|field| format!("Config.{field}"));
                let mut except: Vec<&[u8]> = reported.iter().map(String::as_bytes).collect();
                except.push(b"ClusterID");
                let place =
                    Owner::new(KindId::CaConfig, b"ca-config", frame.number, config.modify_index);
                SecretRules::record(&place, frame, &except, &self.options, &mut self.findings);
                return;
            }
            Record::FederationState(state) => {
                (KindId::Federation, state.datacenter.0.into(), 0, &[])
            }
            Record::FeatureGate(_) => (KindId::FeatureGates, b"".into(), 0, &[]),
            // That token is the servers' own, which they change themselves.
            Record::SystemMetadata(metadata) if metadata.key.0 != b"server-management-token" => {
                (KindId::Metadata, metadata.key.0.into(), metadata.modify_index, &[b"Key"])
            }
            Record::Unknown(_) => {
                (KindId::Records, frame.kind.to_string().into_bytes().into(), 0, &[])
            }
            _ => return,
        };
        let place = Owner::new(kind, &id, frame.number, index);
        SecretRules::record(&place, frame, except, &self.options, &mut self.findings);
    }

    fn register(&mut self, frame: &Frame<'_>, register: RegisterRef<'_>) -> Result<(), FieldError> {
        match Registration::read(register) {
            Ok(registration) => self.registered(frame, &registration),
            Err(e) => {
                self.obstacles.look(frame);
                Err(e)
            }
        }
    }

    /// Collects from a registration that was read already, instead of from its record.
    ///
    /// # Errors
    /// If another field of the record has the wrong type.
    pub fn look_read(
        &mut self,
        frame: &Frame<'_>,
        registration: &Registration<'_>,
    ) -> Result<(), FieldError> {
        self.model.see(frame);
        self.registered(frame, registration)
    }

    fn registered(
        &mut self,
        frame: &Frame<'_>,
        registration: &Registration<'_>,
    ) -> Result<(), FieldError> {
        let Registration { register, service, check } = registration;
        self.obstacles.look_read(frame, &Record::Register(*register), Some(registration));
        self.model.add_register(register, service.as_ref())?;
        if let Some(service) = service {
            self.ops.service(register, service)?;
        }
        if let Some(check) = check {
            self.catalog.check(frame.number, register, check, &mut self.findings)?;
        }
        if self.scans(frame) {
            SecretRules::register(frame, register, &self.options, &mut self.findings);
        }
        Ok(())
    }
}

/// Fields of a token that are its secret, hashes and IDs of others.
const TOKEN: [&[u8]; 5] = [b"SecretID", b"AccessorID", b"Hash", b"Policies", b"Roles"];

/// Fields of an auth method with their own rule.
const AUTH_METHOD: [&[u8]; 2] = [b"Config.ServiceAccountJWT", b"Config.OIDCClientSecret"];

/// Whether any rule needs records of that type.
fn matters(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::INDEX
            | Kind::COORDINATE_BATCH_UPDATE
            | Kind::SERVICE_VIRTUAL_IP
            | Kind::FREE_VIRTUAL_IP
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
        let policies = self.acl.finish(&model, resolver, &mut out);
        let vaults = self.secret.finish(&self.acl.by_secret(), &mut out);
        let certificates = self.ca.finish(&snapshot, now, &mut out);
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
        mask(&mut findings, &self.options);
        let vaults = vaults.iter().map(<[u8]>::to_vec).collect();
        AuditReport { findings, more, at, vaults, certificates, model, policies }
    }
}
