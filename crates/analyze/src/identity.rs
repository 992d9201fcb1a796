//! Identifies the cluster of a snapshot.

use crate::drivers::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::records::Record;
use snapscope_decode::schema::FieldError;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use std::collections::BTreeMap;
use std::fmt;

/// The identity of a cluster, as far as a snapshot records it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ClusterName {
    /// The datacenter: the most frequent one in the cluster's own registrations.
    pub datacenter: Option<String>,
    /// The cluster's ID, part of its trust domain. All datacenters of a federation have the same.
    pub id: Option<String>,
}

/// As a title, as the snapshot spells it: `dc1, cluster 8fca...`.
impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.datacenter.as_deref().unwrap_or("unknown datacenter"))?;
        self.id.iter().try_for_each(|id| write!(f, ", cluster {id}"))
    }
}

/// Collects a [`ClusterName`].
#[derive(Debug, Default)]
pub struct Identity {
    datacenters: BTreeMap<Vec<u8>, u64>,
    /// With the number of its record: of several the last one counts.
    id: Option<(u64, Vec<u8>)>,
}

impl Identity {
    /// Extracts facts from a record.
    pub(crate) fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        match frame.kind {
            Kind::REGISTER => {
                let Some(entries) = frame.entries() else { return Ok(()) };
                let Some(Value::Raw(datacenter)) = entries.find(b"Datacenter")? else {
                    return Ok(());
                };
                // Imported objects carry the other cluster's datacenter.
                if let Some(Value::Raw(peer)) = entries.find(b"PeerName")?
                    && !peer.is_empty()
                {
                    return Ok(());
                }
                self.datacenter(datacenter);
            }
            Kind::CONNECT_CA_CONFIG => {
                if let Record::CaConfig(config) = frame.record()? {
                    self.cluster_id(frame, config.cluster_id.0);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The same of a record that was read.
    pub(crate) fn look_read(&mut self, frame: &Frame<'_>, record: &Record<'_>) {
        match record {
            Record::Register(register) if register.peer_name.is_empty() => {
                self.datacenter(register.datacenter.0);
            }
            Record::CaConfig(config) => self.cluster_id(frame, config.cluster_id.0),
            _ => {}
        }
    }

    fn datacenter(&mut self, datacenter: &[u8]) {
        if let Some(count) = self.datacenters.get_mut(datacenter) {
            *count += 1;
        } else if !datacenter.is_empty() {
            self.datacenters.insert(datacenter.to_vec(), 1);
        }
    }

    fn cluster_id(&mut self, frame: &Frame<'_>, id: &[u8]) {
        if !id.is_empty() {
            self.id = self.id.take().max(Some((frame.number, id.to_vec())));
        }
    }
}

impl Fold for Identity {
    type Out = ClusterName;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Err(e) = self.look(frame) {
            problems.add(frame, e);
        }
    }

    fn merge(&mut self, other: Self) {
        for (datacenter, count) in other.datacenters {
            *self.datacenters.entry(datacenter).or_default() += count;
        }
        self.id = self.id.take().max(other.id);
    }

    fn finish(self, _: &Closing) -> ClusterName {
        // Of equally frequent ones the first by name, so the answer is deterministic.
        let most = self.datacenters.iter().max_by(|(a, x), (b, y)| x.cmp(y).then_with(|| b.cmp(a)));
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        ClusterName {
            datacenter: most.map(|(name, _)| text(name)),
            id: self.id.map(|(_, id)| text(&id)),
        }
    }

    fn is_light(&self) -> bool {
        true
    }
}
