//! Whether checks fit the nodes and services they are of.

use super::finding::{At, Findings};
use super::references::{lower, name, node_name};
use super::rules::{CHECK_NODE, CHECK_SERVICE, CHECK_SERVICE_NAME};
use snapscope_decode::records::{HealthCheckRef, RegisterRef};
use snapscope_decode::schema::FieldError;
use std::collections::HashMap;

/// A check of a service.
#[derive(Debug)]
struct OfService {
    at: At,
    /// Node and service.
    service: Vec<u8>,
    /// How the check names the service.
    named: Vec<u8>,
}

/// Collects services and the checks of them that were not settled on the way.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// By node and ID: where it is, and what it is called.
    services: HashMap<Vec<u8>, (At, Vec<u8>)>,
    open: Vec<OfService>,
}

impl Checks {
    pub(super) fn record(
        &mut self,
        at: At,
        register: &RegisterRef<'_>,
        found: &mut Findings,
    ) -> Result<(), FieldError> {
        let node = node_name(register.peer_name.0, register.node.0);
        if let Some(service) = register.service.get()? {
            let id = name(&[&node, &lower(service.id.0)]);
            self.services.insert(id, (at, service.service.0.to_vec()));
        }
        if let Some(check) = register.check.get()? {
            self.check(at, register, &node, &check, found);
        }
        for check in register.checks.iter() {
            if let Some(check) = check? {
                self.check(at, register, &node, &check, found);
            }
        }
        Ok(())
    }

    fn check(
        &mut self,
        at: At,
        register: &RegisterRef<'_>,
        node: &[u8],
        check: &HealthCheckRef<'_>,
        found: &mut Findings,
    ) {
        if !check.node.is_empty() && check.node.0 != register.node.0 {
            found.add(&CHECK_NODE, Some(at), || {
                let (check, node) = (check.node.lossy(), register.node.lossy());
                format!("the check is of node {check:?}, but the record of node {node:?}")
            });
        }
        if check.service_id.is_empty() {
            return;
        }
        let service = name(&[node, &lower(check.service_id.0)]);
        let named = check.service_name.0;
        match self.services.get(&service) {
            Some((_, called)) => differs(at, named, called, found),
            None => self.open.push(OfService { at, service, named: named.to_vec() }),
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.services.extend(other.services);
        self.open.extend(other.open);
    }

    pub(super) fn finish(self, found: &mut Findings) {
        for OfService { at, service, named } in self.open {
            match self.services.get(&service) {
                Some((there, called)) if there.number < at.number => {
                    differs(at, &named, called, found);
                }
                Some((there, _)) => found.add(&CHECK_SERVICE, Some(at), || {
                    format!("the check comes before its service, record {}", there.number)
                }),
                None => found.add(&CHECK_SERVICE, Some(at), || {
                    let shown = String::from_utf8_lossy(&service).replace('\0', "/");
                    let shown = shown.trim_start_matches('/');
                    format!("the check is of service {shown:?}, which does not exist")
                }),
            }
        }
    }
}

fn differs(at: At, named: &[u8], called: &[u8], found: &mut Findings) {
    if !named.is_empty() && named != called {
        found.add(&CHECK_SERVICE_NAME, Some(at), || {
            let (named, called) = (String::from_utf8_lossy(named), String::from_utf8_lossy(called));
            format!("the check names service {named:?}, which is {called:?}")
        });
    }
}
