//! Which cluster a snapshot is of, and which servers that had.

use crate::drivers::{Fold, Problems};
use crate::identity::{ClusterName, Identity};
use snapscope_archive::Closing;
use snapscope_decode::records::Record;
use snapscope_decode::schema::FieldError;
use snapscope_decode::{Frame, Kind};
use std::collections::BTreeMap;

/// Which cluster a snapshot is of, and which servers that had.
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
    identity: Identity,
    servers: BTreeMap<String, String>,
}

impl Origin {
    /// Takes from a record what it says.
    pub(crate) fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        self.identity.look(frame)?;
        // What was imported from a peer carries the other cluster's versions.
        if frame.kind == Kind::REGISTER
            && let Record::Register(register) = frame.record()?
            && register.peer_name.is_empty()
            && let Some(service) = register.service.get()?
            && service.service.0 == b"consul"
            && let Some(version) = service.meta.get("version")?
        {
            let node = register.node.lossy().into_owned();
            self.servers.insert(node, version.lossy().into_owned());
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
        self.identity.merge(other.identity);
        self.servers.extend(other.servers);
    }

    fn finish(self, closing: &Closing) -> OriginFacts {
        let ClusterName { datacenter, id } = self.identity.finish(closing);
        OriginFacts { datacenter, servers: self.servers, cluster_id: id }
    }

    fn is_light(&self) -> bool {
        true
    }
}
