//! Cluster peerings.

use super::certificate;
use super::clock::{DAY, day};
use super::finding::{Finding, Findings};
use super::rules::{CA025, PEER001, PEER002, PEER003, PEER004, PEER005, PEER006};
use snapscope_decode::FieldError;
use snapscope_decode::protobuf::{FieldValue, fields};
use snapscope_decode::records::{
    ExportedServicesEntryRef, PEERING_STATES, PeeringRef, PeeringSecretRef, PeeringTrustBundleRef,
};
use snapscope_objects::kind::KindId;
use std::collections::BTreeMap;

/// Facts about peerings until the end.
#[derive(Debug, Default)]
pub(super) struct PeerRules {
    /// With the number of the record: of several with one ID the last one counts.
    names: BTreeMap<Vec<u8>, (u64, Vec<u8>)>,
    secrets: Vec<(Vec<u8>, u64)>,
    bundles: Vec<Bundle>,
}

/// The roots of a peer.
#[derive(Debug)]
struct Bundle {
    peer: Vec<u8>,
    /// When the last of them expires, or why they cannot be parsed.
    latest: Result<i64, String>,
    number: u64,
    index: u64,
}

fn bytes_of(message: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    fields(message).filter_map(Result::ok).filter(move |f| f.number == number).filter_map(|f| {
        match f.value {
            FieldValue::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    })
}

impl PeerRules {
    pub(super) fn peering(&mut self, number: u64, peering: &PeeringRef<'_>, out: &mut Findings) {
        self.name(peering.id.0.to_vec(), (number, peering.name.0.to_vec()));
        let state = usize::try_from(peering.state).ok().and_then(|n| PEERING_STATES.get(n));
        let state = state.copied().unwrap_or("unknown");
        let rule = match state {
            "PENDING" | "ESTABLISHING" | "UNDEFINED" => &PEER004,
            "FAILING" | "DELETING" | "TERMINATED" => &PEER006,
            _ => return,
        };
        let message = format!("its state is {state}");
        out.add(
            Finding::new(rule, KindId::Peerings, peering.name.0, message)
                .at(number, peering.modify_index),
        );
    }

    fn name(&mut self, id: Vec<u8>, name: (u64, Vec<u8>)) {
        let known = self.names.entry(id).or_default();
        if known.0 <= name.0 {
            *known = name;
        }
    }

    pub(super) fn secret(&mut self, number: u64, secret: &PeeringSecretRef<'_>) {
        // Establishment or stream: a message that holds a text.
        let any = [2, 3].into_iter().any(|field| {
            bytes_of(secret.message, field)
                .any(|inner| [1, 2].into_iter().any(|f| bytes_of(inner, f).any(|t| !t.is_empty())))
        });
        if any {
            self.secrets.push((secret.peer_id.0.to_vec(), number));
        }
    }

    pub(super) fn bundle(&mut self, number: u64, bundle: &PeeringTrustBundleRef<'_>) {
        let mut latest = Err("it has no root certificate".to_owned());
        for pem in bytes_of(bundle.message, 4) {
            match certificate::read(pem) {
                Ok(certificates) => {
                    let end = certificates.iter().map(|c| c.not_after).max().unwrap_or(0);
                    latest = Ok(latest.unwrap_or(end).max(end));
                }
                Err(e) => latest = latest.or(Err(e)),
            }
        }
        let (peer, index) = (bundle.peer_name.0.to_vec(), bundle.modify_index);
        self.bundles.push(Bundle { peer, latest, number, index });
    }

    pub(super) fn exported(
        number: u64,
        entry: &ExportedServicesEntryRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        for service in entry.services.iter() {
            let service = service?;
            if service.name.0 == b"*" && !service.consumers.is_empty() {
                let id = [b"exported-services/", entry.name.0].concat();
                let message = format!("all services go to {} consumers", service.consumers.len());
                out.add(
                    Finding::new(&PEER005, KindId::ConfigEntries, id, message)
                        .at(number, entry.modify_index),
                );
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        other.names.into_iter().for_each(|(id, name)| self.name(id, name));
        self.secrets.extend(other.secrets);
        self.bundles.extend(other.bundles);
    }

    pub(super) fn finish(self, now: Option<i64>, out: &mut Findings) {
        for (peer, number) in self.secrets {
            let name = self.names.get(&peer).map_or(peer, |(_, name)| name.clone());
            let mut finding = Finding::new(
                &PEER001,
                KindId::Peerings,
                name,
                "its stream secret is stored in plain text",
            );
            finding.number = number;
            out.add(finding);
        }
        for Bundle { peer, latest, number, index } in self.bundles {
            let make = |rule, message: String| {
                Finding::new(rule, KindId::TrustBundles, peer.clone(), message).at(number, index)
            };
            match (latest, now) {
                (Err(e), _) => out.add(make(&CA025, e)),
                (Ok(end), Some(now)) if end < now => {
                    out.add(make(&PEER002, format!("it expired on {}", day(end))));
                }
                (Ok(end), Some(now)) if end < now + 30 * DAY => {
                    out.add(make(&PEER003, format!("it expires on {}", day(end))));
                }
                _ => {}
            }
        }
    }
}
