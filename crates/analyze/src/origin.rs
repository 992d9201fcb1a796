//! The cluster of a snapshot, and its servers.

use crate::drivers::{Fold, Problems};
use crate::identity::{ClusterName, Identity};
use crate::registration::Registration;
use snapscope_archive::Closing;
use snapscope_decode::records::{NodeServiceRef, Record, RegisterRef};
use snapscope_decode::schema::FieldError;
use snapscope_decode::{Frame, Kind};
use std::collections::BTreeMap;

/// The cluster of a snapshot, and its servers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OriginFacts {
    /// The datacenter: the most frequent one in the cluster's own registrations.
    pub datacenter: Option<String>,
    /// Servers by node name, with the Consul version each registered with.
    pub servers: BTreeMap<String, String>,
    /// The cluster's ID, part of its trust domain.
    pub cluster_id: Option<String>,
}

/// Collects [`OriginFacts`]; reads only registrations and the CA's configuration.
#[derive(Debug, Default)]
pub struct Origin {
    identity: Identity,
    /// With the number of the record: of several with one name the last one counts.
    servers: BTreeMap<String, (u64, String)>,
}

impl Origin {
    /// Extracts facts from a record.
    pub(crate) fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        self.identity.look(frame)?;
        if frame.kind == Kind::REGISTER
            && let Record::Register(register) = frame.record()?
            && register.peer_name.is_empty()
            && let Some(service) = register.service.get()?
        {
            self.registered(frame, &register, &service)?;
        }
        Ok(())
    }

    /// The same of a record that was read already.
    ///
    /// # Errors
    /// If a field of the record has the wrong type.
    pub fn look_read(
        &mut self,
        frame: &Frame<'_>,
        record: &Record<'_>,
        registration: Option<&Registration<'_>>,
    ) -> Result<(), FieldError> {
        self.identity.look_read(frame, record);
        if let Some(Registration { register, service: Some(service), .. }) = registration {
            self.registered(frame, register, service)?;
        }
        Ok(())
    }

    fn registered(
        &mut self,
        frame: &Frame<'_>,
        register: &RegisterRef<'_>,
        service: &NodeServiceRef<'_>,
    ) -> Result<(), FieldError> {
        // Imported objects carry the other cluster's versions.
        if register.is_server(service)
            && let Some(version) = service.meta.get("version")?
        {
            let node = register.node.lossy().into_owned();
            self.server(node, (frame.number, version.lossy().into_owned()));
        }
        Ok(())
    }

    fn server(&mut self, node: String, version: (u64, String)) {
        let known = self.servers.entry(node).or_default();
        if known.0 <= version.0 {
            *known = version;
        }
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
        self.identity.merge(other.identity);
        other.servers.into_iter().for_each(|(node, version)| self.server(node, version));
    }

    fn finish(self, closing: &Closing) -> OriginFacts {
        let ClusterName { datacenter, id } = self.identity.finish(closing);
        let servers =
            self.servers.into_iter().map(|(node, (_, version))| (node, version)).collect();
        OriginFacts { datacenter, servers, cluster_id: id }
    }

    fn is_light(&self) -> bool {
        true
    }
}
