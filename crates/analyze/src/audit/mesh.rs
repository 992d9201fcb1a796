//! Intentions, gateways and settings of the mesh.

use super::finding::{Finding, Findings};
use super::rules::{
    MESH001, MESH002, MESH003, MESH004, MESH005, MESH006, MESH007, MESH008, MESH009, MESH010,
};
use super::subject::Subject;
use snapscope_decode::FieldError;
use snapscope_decode::records::{
    ConfigEntryRef, EntryRef, IntentionJwtRequirementRef, IntentionRef, MeshEntryRef,
    ServiceIntentionsEntryRef, peer_prefix,
};
use snapscope_objects::kind::KindId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A provider that an intention refers to: its name, the intention, the number and index of its
/// record.
type WantedProvider = (Vec<u8>, Arc<[u8]>, u64, u64);

/// Intentions and what they refer to, until all is known.
#[derive(Debug, Default)]
pub(super) struct MeshRules {
    intentions: u64,
    for_all: bool,
    providers: BTreeSet<Vec<u8>>,
    wanted: Vec<WantedProvider>,
}

impl MeshRules {
    pub(super) fn legacy(&mut self, number: u64, intention: &IntentionRef<'_>, out: &mut Findings) {
        let (source, destination) = (intention.source_name.0, intention.destination_name.0);
        let id = [source, b"=>", destination].concat();
        self.intention(
            &id,
            source,
            destination,
            (number, intention.modify_index),
            intention.action.0 == b"allow",
            out,
        );
    }

    fn intention(
        &mut self,
        id: &[u8],
        source: &[u8],
        destination: &[u8],
        (number, index): (u64, u64),
        allow: bool,
        out: &mut Findings,
    ) {
        self.intentions += 1;
        let (from_all, to_all) = (source == b"*", destination == b"*");
        self.for_all |= from_all && to_all;
        if !allow {
            return;
        }
        let (source, destination) =
            (String::from_utf8_lossy(source), String::from_utf8_lossy(destination));
        let (rule, message) = match (from_all, to_all) {
            (true, true) => (&MESH001, "* => * is allowed".to_owned()),
            (true, false) => (&MESH002, format!("* => {destination} is allowed")),
            (false, true) => (&MESH003, format!("{source} => * is allowed")),
            (false, false) => return,
        };
        out.add(Finding::new(rule, KindId::Intentions, id, message).at(number, index));
    }

    pub(super) fn entry(
        &mut self,
        number: u64,
        entry: &ConfigEntryRef<'_>,
        typed: &EntryRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        let id = [entry.kind.0, b"/", entry.name().0].concat();
        let make = |rule, message: String, index| {
            Finding::new(rule, KindId::ConfigEntries, id.clone(), message).at(number, index)
        };
        match typed {
            EntryRef::ServiceIntentions(entry) => self.service(number, entry, out)?,
            EntryRef::JwtProvider(provider) => {
                self.providers.insert(provider.name.0.to_vec());
            }
            EntryRef::Mesh(mesh) => settings(mesh, &make, out)?,
            EntryRef::ProxyDefaults(proxy) if proxy.mutual_tls_mode.0 == b"permissive" => {
                out.add(make(&MESH006, "for all services".to_owned(), proxy.modify_index));
            }
            EntryRef::ServiceDefaults(service) if service.mutual_tls_mode.0 == b"permissive" => {
                let message = format!("for service {}", service.name.lossy());
                out.add(make(&MESH006, message, service.modify_index));
            }
            EntryRef::IngressGateway(gateway) => {
                for listener in gateway.listeners.iter() {
                    let listener = listener?;
                    for service in listener.services.iter() {
                        if service?.name.0 == b"*" {
                            let message = format!(
                                "port {} accepts requests for every service",
                                listener.port
                            );
                            out.add(make(&MESH007, message, gateway.modify_index));
                        }
                    }
                }
                let tls = gateway.tls.get()?;
                low_version(
                    tls.tls_min_version.0,
                    "TLS",
                    &|m| make(&MESH008, m, gateway.modify_index),
                    out,
                );
            }
            EntryRef::TerminatingGateway(gateway) => {
                for service in gateway.services.iter() {
                    if service?.name.0 == b"*" {
                        out.add(make(
                            &MESH007,
                            "it covers every service".to_owned(),
                            gateway.modify_index,
                        ));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn service(
        &mut self,
        number: u64,
        entry: &ServiceIntentionsEntryRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        let destination = entry.name.0;
        let index = entry.modify_index;
        let entry_id: Arc<[u8]> = [b"service-intentions/", destination].concat().into();
        self.wants(&entry_id, number, index, entry.jwt.get()?)?;
        for source in entry.sources.iter() {
            let Some(source) = source? else { continue };
            let peer = source.peer.0;
            let mut id = peer_prefix(peer);
            id.extend_from_slice(&[source.name.0, b"=>", destination].concat());
            let allow = source.action.0 == b"allow";
            self.intention(&id, source.name.0, destination, (number, index), allow, out);
            for permission in source.permissions.iter() {
                if let Some(permission) = permission? {
                    self.wants(&entry_id, number, index, permission.jwt.get()?)?;
                }
            }
        }
        Ok(())
    }

    fn wants(
        &mut self,
        id: &Arc<[u8]>,
        number: u64,
        index: u64,
        jwt: Option<IntentionJwtRequirementRef<'_>>,
    ) -> Result<(), FieldError> {
        let Some(jwt) = jwt else { return Ok(()) };
        for provider in jwt.providers.iter() {
            if let Some(provider) = provider? {
                self.wanted.push((provider.name.0.to_vec(), Arc::clone(id), number, index));
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.intentions += other.intentions;
        self.for_all |= other.for_all;
        self.providers.extend(other.providers);
        self.wanted.extend(other.wanted);
    }

    pub(super) fn finish(mut self, snapshot: &str, out: &mut Findings) {
        // A record has one name, which may be as long as its list of providers.
        self.wanted.sort_by(|(a, _, m, _), (b, _, n, _)| m.cmp(n).then_with(|| a.cmp(b)));
        self.wanted.dedup_by(|(a, _, m, _), (b, _, n, _)| m == n && a == b);
        let missing = self.wanted.into_iter().filter(|(name, ..)| !self.providers.contains(name));
        out.add_all(&MESH004, missing, |(provider, id, number, index)| {
            let message =
                format!("jwt-provider {:?} does not exist", String::from_utf8_lossy(&provider));
            Finding::new(&MESH004, KindId::ConfigEntries, &*id, message).at(number, index)
        });
        if self.intentions > 0 && !self.for_all {
            let message = format!("{} intentions, but none from * to *", self.intentions);
            out.add(Finding::new(&MESH010, Subject::Snapshot, snapshot, message));
        }
    }
}

fn low_version(version: &[u8], what: &str, make: &impl Fn(String) -> Finding, out: &mut Findings) {
    if matches!(version, b"TLSv1_0" | b"TLSv1_1") {
        out.add(make(format!("{what} from {}", String::from_utf8_lossy(version))));
    }
}

fn settings(
    mesh: &MeshEntryRef<'_>,
    make: &impl Fn(&'static super::rule::AuditRule, String, u64) -> Finding,
    out: &mut Findings,
) -> Result<(), FieldError> {
    let index = mesh.modify_index;
    if mesh.allow_enabling_permissive_mutual_tls {
        out.add(make(&MESH005, "AllowEnablingPermissiveMutualTLS is set".to_owned(), index));
    }
    if let Some(tls) = mesh.tls.get()? {
        for (way, direction) in
            [("incoming", tls.incoming.get()?), ("outgoing", tls.outgoing.get()?)]
        {
            if let Some(direction) = direction {
                let make = |message| make(&MESH008, message, index);
                low_version(direction.tls_min_version.0, &format!("{way} TLS"), &make, out);
            }
        }
    }
    if let Some(http) = mesh.http.get()?
        && let Some(incoming) = http.incoming.get()?
        && let Some(paths) = incoming.request_normalization.get()?
        && paths.insecure_disable_path_normalization
    {
        out.add(make(&MESH009, "InsecureDisablePathNormalization is set".to_owned(), index));
    }
    Ok(())
}
