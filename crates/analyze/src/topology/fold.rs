//! Collects links between services.

use super::link::{LinkKind, ServiceLink};
use crate::drivers::{Fold, Problems};
use crate::registration::Registration;
use snapscope_archive::Closing;
use snapscope_decode::records::{EntryRef, NodeServiceRef, Record, RegisterRef};
use snapscope_decode::{FieldError, Frame, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// Links between services.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopologyReport {
    /// The links, in order, each once.
    pub links: Vec<ServiceLink>,
    /// Whether there are more than the links that are kept, which are the first ones in order.
    pub has_more: bool,
    /// Gateways, by the name of their service, with their kind (`ingress-gateway`).
    pub gateways: BTreeMap<Vec<u8>, String>,
}

/// Collects a [`TopologyReport`] of the cluster's own services.
#[derive(Debug, Default)]
pub struct Topology {
    links: BTreeSet<ServiceLink>,
    has_more: bool,
    gateways: BTreeMap<Vec<u8>, String>,
}

/// Maximum number of links kept. Nobody can read a drawing of more.
const MOST: usize = 20_000;
/// Maximum number of gateways kept.
const MOST_GATEWAYS: usize = 5_000;

impl Topology {
    fn add(&mut self, from: &[u8], to: &[u8], kind: LinkKind) {
        if from.is_empty() || to.is_empty() {
            return;
        }
        self.links.insert(ServiceLink { from: from.to_vec(), to: to.to_vec(), kind });
        // The first ones in order are kept, so that it does not matter which worker saw which.
        if self.links.len() > MOST {
            self.links.pop_last();
            self.has_more = true;
        }
    }

    fn gateway(&mut self, name: &[u8], kind: String) {
        self.gateways.entry(name.to_vec()).or_insert(kind);
        if self.gateways.len() > MOST_GATEWAYS {
            self.gateways.pop_last();
        }
    }

    fn service(&mut self, service: &NodeServiceRef<'_>) -> Result<(), FieldError> {
        if !service.peer_name.is_empty() {
            return Ok(());
        }
        if service.kind.0.ends_with(b"-gateway") {
            self.gateway(service.service.0, service.kind.lossy().into_owned());
            return Ok(());
        }
        let proxy = service.proxy.get()?;
        for upstream in proxy.upstreams.iter() {
            let upstream = upstream?;
            // The others are prepared queries.
            if matches!(upstream.destination_type.0, b"" | b"service")
                && upstream.destination_peer.is_empty()
            {
                let caller = proxy.destination_service_name.or_else(service.service);
                self.add(caller, upstream.destination_name.0, LinkKind::Upstream);
            }
        }
        Ok(())
    }

    fn entry(&mut self, name: &[u8], entry: &EntryRef<'_>) -> Result<(), FieldError> {
        match entry {
            EntryRef::ServiceIntentions(entry) => {
                for source in entry.sources.iter() {
                    if let Some(source) = source?
                        && source.peer.is_empty()
                    {
                        let kind = match source.action.0 {
                            b"allow" => LinkKind::Allow,
                            b"deny" => LinkKind::Deny,
                            _ => LinkKind::Permissions,
                        };
                        self.add(source.name.0, entry.name.0, kind);
                    }
                }
            }
            EntryRef::IngressGateway(gateway) => {
                self.gateway(name, "ingress-gateway".to_owned());
                for listener in gateway.listeners.iter() {
                    for service in listener?.services.iter() {
                        self.add(name, service?.name.0, LinkKind::Gateway);
                    }
                }
            }
            EntryRef::TerminatingGateway(gateway) => {
                self.gateway(name, "terminating-gateway".to_owned());
                for service in gateway.services.iter() {
                    self.add(name, service?.name.0, LinkKind::Gateway);
                }
            }
            EntryRef::ApiGateway(_) => self.gateway(name, "api-gateway".to_owned()),
            EntryRef::HttpRoute(route) => {
                for parent in route.parents.iter() {
                    let parent = parent?;
                    for rule in route.rules.iter() {
                        for service in rule?.services.iter() {
                            self.add(parent.name.0, service?.name.0, LinkKind::Gateway);
                        }
                    }
                }
            }
            EntryRef::TcpRoute(route) => {
                for parent in route.parents.iter() {
                    let parent = parent?;
                    for service in route.services.iter() {
                        self.add(parent.name.0, service?.name.0, LinkKind::Gateway);
                    }
                }
            }
            entry => self.chain(name, entry)?,
        }
        Ok(())
    }

    /// Links of the discovery chain. One to the service itself is the usual case, and no link.
    fn chain(&mut self, name: &[u8], entry: &EntryRef<'_>) -> Result<(), FieldError> {
        let mut add = |to: &[u8], kind| {
            if to != name {
                self.add(name, to, kind);
            }
        };
        match entry {
            EntryRef::ServiceRouter(router) => {
                for route in router.routes.iter() {
                    if let Some(destination) = route?.destination.get()? {
                        add(destination.service.0, LinkKind::Router);
                    }
                }
            }
            EntryRef::ServiceSplitter(splitter) => {
                for split in splitter.splits.iter() {
                    add(split?.service.0, LinkKind::Splitter);
                }
            }
            EntryRef::ServiceResolver(resolver) => {
                if let Some(redirect) = resolver.redirect.get()?
                    && redirect.peer.is_empty()
                {
                    add(redirect.service.0, LinkKind::Redirect);
                }
                for failover in resolver.failover.iter() {
                    let (_, failover) = failover?;
                    add(failover.service.0, LinkKind::Failover);
                    for target in failover.targets.iter() {
                        let target = target?;
                        if target.peer.is_empty() {
                            add(target.service.0, LinkKind::Failover);
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn registered(
        &mut self,
        register: &RegisterRef<'_>,
        service: &NodeServiceRef<'_>,
    ) -> Result<(), FieldError> {
        if register.peer_name.is_empty() { self.service(service) } else { Ok(()) }
    }

    /// Collects from a registration that was read already, instead of from its record.
    ///
    /// # Errors
    /// If a field of the service's proxy has the wrong type.
    pub fn look_read(&mut self, registration: &Registration<'_>) -> Result<(), FieldError> {
        match &registration.service {
            Some(service) => self.registered(&registration.register, service),
            None => Ok(()),
        }
    }

    fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        match frame.kind {
            Kind::REGISTER | Kind::CONFIG_ENTRY | Kind::INTENTION => {}
            _ => return Ok(()),
        }
        match frame.record()? {
            Record::Register(register) => {
                if let Some(service) = register.service.get()? {
                    self.registered(&register, &service)?;
                }
            }
            Record::ConfigEntry(entry) => self.entry(entry.name().0, &entry.typed()?)?,
            Record::Intention(intention) => {
                let kind = match intention.action.0 {
                    b"allow" => LinkKind::Allow,
                    b"deny" => LinkKind::Deny,
                    _ => LinkKind::Permissions,
                };
                self.add(intention.source_name.0, intention.destination_name.0, kind);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Fold for Topology {
    type Out = TopologyReport;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Err(e) = self.look(frame) {
            problems.add(frame, e);
        }
    }

    fn merge(&mut self, other: Self) {
        self.has_more |= other.has_more;
        for ServiceLink { from, to, kind } in other.links {
            self.add(&from, &to, kind);
        }
        for (name, kind) in other.gateways {
            self.gateway(&name, kind);
        }
    }

    fn finish(self, _: &Closing) -> TopologyReport {
        let Self { links, has_more, gateways } = self;
        TopologyReport { links: links.into_iter().collect(), has_more, gateways }
    }
}
