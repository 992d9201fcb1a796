//! Everything in a snapshot that decides about access.

mod id;
mod objects;
mod read;

pub use id::Id;
pub use objects::{
    AuthMethod, BindingRule, Grants, Link, NodeIdentity, Policy, Role, ServiceIdentity,
    TemplatedPolicy, Token,
};

use super::version::ServerVersion;
use crate::written_by::{Written, WrittenBy};
use crate::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::records::{NodeServiceRef, Record, RegisterRef};
use snapscope_decode::{FieldError, Frame, GoTime, Kind};
use std::collections::BTreeMap;

/// The ACL objects of a snapshot, and what the snapshot shows about its cluster.
///
/// Feed it every record: either with [`add`](Self::add) and [`merge`](Self::merge), or as a
/// [`Fold`]. Which worker saw which record makes no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AclModel {
    /// Tokens.
    pub tokens: Vec<Token>,
    /// Policies.
    pub policies: Vec<Policy>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Binding rules.
    pub binding_rules: Vec<BindingRule>,
    /// Auth methods.
    pub auth_methods: Vec<AuthMethod>,
    /// When the snapshot was taken, if known.
    pub taken: Option<GoTime>,
    /// Number of rows of the catalog that name each datacenter. Rows imported from peers do not
    /// count: they name the other cluster's.
    datacenters: BTreeMap<String, u64>,
    /// Number of instances of the service `consul` that report each version.
    versions: BTreeMap<ServerVersion, u64>,
    /// What the records reveal about the version that wrote them.
    written: WrittenBy,
}

impl AclModel {
    /// Takes the relevant parts of a record. Records come in any order.
    ///
    /// # Errors
    /// If a field of the record has the wrong type; the record is then ignored.
    pub fn add(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        self.see(frame);
        let matters = [
            Kind::REGISTER,
            Kind::ACL,
            Kind::ACL_TOKEN,
            Kind::ACL_POLICY,
            Kind::ACL_ROLE,
            Kind::ACL_BINDING_RULE,
            Kind::ACL_AUTH_METHOD,
        ];
        if !matters.contains(&frame.kind) {
            return Ok(());
        }
        let record = frame.record()?;
        let service = match &record {
            Record::Register(register) => register.service.get()?,
            _ => None,
        };
        self.take(frame.number, &record, service.as_ref())
    }

    /// Takes the same from a record that was read already, and from the service in it if it is a
    /// registration.
    ///
    /// # Errors
    /// If a field of the record has the wrong type; then the record is ignored.
    pub fn add_read(
        &mut self,
        frame: &Frame<'_>,
        record: &Record<'_>,
        service: Option<&NodeServiceRef<'_>>,
    ) -> Result<(), FieldError> {
        self.see(frame);
        self.take(frame.number, record, service)
    }

    fn take(
        &mut self,
        number: u64,
        record: &Record<'_>,
        service: Option<&NodeServiceRef<'_>>,
    ) -> Result<(), FieldError> {
        match record {
            Record::AclToken(record) => self.tokens.push(read::token(number, record)?),
            Record::LegacyAcl(record) => {
                self.tokens.push(read::token(number, &record.as_token())?);
            }
            Record::AclPolicy(record) => self.policies.push(read::policy(number, record)?),
            Record::AclRole(record) => self.roles.push(read::role(number, record)?),
            Record::AclBindingRule(record) => {
                self.binding_rules.push(read::binding_rule(number, record)?);
            }
            Record::AclAuthMethod(record) => {
                self.auth_methods.push(read::auth_method(number, record));
            }
            Record::Register(record) => self.add_register(record, service)?,
            _ => {}
        }
        Ok(())
    }

    /// Takes from a record what it reveals about the version that wrote it.
    pub(crate) fn see(&mut self, frame: &Frame<'_>) {
        self.written.look(frame);
    }

    /// Takes the relevant parts of a row of the catalog, whose service was already read.
    pub(crate) fn add_register(
        &mut self,
        record: &RegisterRef<'_>,
        service: Option<&NodeServiceRef<'_>>,
    ) -> Result<(), FieldError> {
        if !record.peer_name.is_empty() {
            return Ok(());
        }
        let server = service.filter(|service| record.is_server(service));
        let version = match server {
            Some(service) => service.meta.get("version")?,
            None => None,
        };
        if let Some(version) = version.and_then(|v| ServerVersion::parse(v.as_str()?)) {
            *self.versions.entry(version).or_default() += 1;
        }
        let datacenter = record.datacenter.lossy();
        match self.datacenters.get_mut(&*datacenter) {
            Some(count) => *count += 1,
            None if datacenter.is_empty() => {}
            None => {
                self.datacenters.insert(datacenter.into_owned(), 1);
            }
        }
        Ok(())
    }

    /// Adds what another model took.
    pub fn merge(&mut self, other: Self) {
        self.tokens.extend(other.tokens);
        self.policies.extend(other.policies);
        self.roles.extend(other.roles);
        self.binding_rules.extend(other.binding_rules);
        self.auth_methods.extend(other.auth_methods);
        self.taken = self.taken.or(other.taken);
        self.written.merge(other.written);
        for (datacenter, count) in other.datacenters {
            *self.datacenters.entry(datacenter).or_default() += count;
        }
        for (version, count) in other.versions {
            *self.versions.entry(version).or_default() += count;
        }
    }

    /// Sorts everything in the order of the file.
    pub fn sort(&mut self) {
        self.tokens.sort_by_key(|x| x.number);
        self.policies.sort_by_key(|x| x.number);
        self.roles.sort_by_key(|x| x.number);
        self.binding_rules.sort_by_key(|x| x.number);
        self.auth_methods.sort_by_key(|x| x.number);
    }

    /// The servers' datacenter: the one that most rows of the catalog name.
    #[must_use]
    pub fn datacenter(&self) -> Option<&str> {
        // Of several that are named equally often, the first in alphabetical order.
        let most = self.datacenters.iter().rev().max_by_key(|(_, count)| **count);
        most.map(|(name, _)| name.as_str())
    }

    /// The versions that can have written the snapshot, judging by its fields.
    #[must_use]
    pub fn written(&self) -> Written {
        self.written.conclusion()
    }

    /// The versions that the servers report, oldest first.
    pub fn server_versions(&self) -> impl Iterator<Item = ServerVersion> {
        self.versions.keys().copied()
    }
}

impl Fold for AclModel {
    type Out = Self;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Err(e) = self.add(frame) {
            problems.add(frame, e);
        }
    }

    fn merge(&mut self, other: Self) {
        Self::merge(self, other);
    }

    fn finish(mut self, closing: &Closing) -> Self {
        self.sort();
        self.taken = self.taken.or_else(|| taken(&closing.meta.as_ref()?.id));
        self
    }
}

/// When the snapshot with this ID (`<term>-<index>-<Unix ms>`) was taken.
fn taken(id: &str) -> Option<GoTime> {
    let milliseconds: i64 = id.rsplit('-').next()?.parse().ok()?;
    Some(GoTime {
        seconds: (milliseconds / 1000).checked_add(GoTime::UNIX_EPOCH)?,
        nanos: i32::try_from(milliseconds % 1000).ok()?.checked_mul(1_000_000)?,
        offset: None,
    })
}
