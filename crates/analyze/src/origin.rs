//! Which cluster a snapshot is of.

use crate::drivers::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::records::{CaConfigRef, Record, RegisterRef};
use snapscope_decode::schema::FieldError;
use snapscope_decode::{Frame, Kind};
use std::collections::BTreeMap;

/// Which cluster a snapshot is of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OriginFacts {
    /// The datacenter: the one most of the cluster's own registrations name.
    pub datacenter: Option<String>,
    /// Servers by node name, with the Consul version each registered with.
    pub servers: BTreeMap<String, String>,
    /// The cluster's ID, part of its trust domain.
    pub cluster_id: Option<String>,
}

/// Collects [`OriginFacts`]; looks at registrations and the CA's configuration only.
#[derive(Debug, Default)]
pub struct Origin {
    facts: OriginFacts,
    datacenters: BTreeMap<String, u64>,
}

impl Origin {
    pub(crate) fn register(&mut self, register: &RegisterRef<'_>) -> Result<(), FieldError> {
        // What was imported from a peer carries the other cluster's datacenter and versions.
        if !register.peer_name.is_empty() {
            return Ok(());
        }
        if !register.datacenter.is_empty() {
            let name = register.datacenter.lossy();
            match self.datacenters.get_mut(name.as_ref()) {
                Some(count) => *count += 1,
                None => drop(self.datacenters.insert(name.into_owned(), 1)),
            }
        }
        if let Some(service) = register.service.get()?
            && service.service.0 == b"consul"
            && let Some(version) = service.meta.get("version")?
        {
            let node = register.node.lossy().into_owned();
            self.facts.servers.insert(node, version.lossy().into_owned());
        }
        Ok(())
    }

    pub(crate) fn ca_config(&mut self, config: &CaConfigRef<'_>) {
        if !config.cluster_id.is_empty() {
            self.facts.cluster_id = Some(config.cluster_id.lossy().into_owned());
        }
    }

    pub(crate) fn merge_with(&mut self, other: Self) {
        for (datacenter, count) in other.datacenters {
            *self.datacenters.entry(datacenter).or_default() += count;
        }
        self.facts.servers.extend(other.facts.servers);
        self.facts.cluster_id = self.facts.cluster_id.take().or(other.facts.cluster_id);
    }

    pub(crate) fn into_facts(mut self) -> OriginFacts {
        // Of equally frequent ones the first by name, so that the answer doesn't depend on luck.
        let most = self.datacenters.iter().max_by(|(a, x), (b, y)| x.cmp(y).then_with(|| b.cmp(a)));
        self.facts.datacenter = most.map(|(name, _)| name.clone());
        self.facts
    }

    fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        if matches!(frame.kind, Kind::REGISTER | Kind::CONNECT_CA_CONFIG) {
            match frame.record()? {
                Record::Register(register) => self.register(&register)?,
                Record::CaConfig(config) => self.ca_config(&config),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Fold for Origin {
    type Out = OriginFacts;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Err(e) = self.look(frame) {
            problems.add(frame, e);
        }
    }

    fn merge(&mut self, other: Self) {
        self.merge_with(other);
    }

    fn finish(self, _: &Closing) -> OriginFacts {
        self.into_facts()
    }

    fn is_light(&self) -> bool {
        true
    }
}
