//! The config entries that chains are compiled from.

use snapscope_objects::json::duration_nanos;
use snapscope_objects::row::Row;
use snapscope_objects::value::{Json, Node};
use std::collections::HashMap;

/// Kinds that affect chains.
const KINDS: [&str; 5] = [
    "proxy-defaults",
    "service-defaults",
    "service-resolver",
    "service-router",
    "service-splitter",
];

/// Config entries by kind and name; names are compared without case.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    by_name: HashMap<(&'static str, String), Row>,
}

impl Entries {
    /// Adds a config entry, if its kind affects chains.
    pub(crate) fn add(&mut self, entry: &Row) {
        let kind = entry.text("Kind");
        if let Some(kind) = KINDS.iter().find(|known| known.as_bytes() == kind) {
            let name = String::from_utf8_lossy(entry.text("Name")).to_lowercase();
            self.by_name.insert((kind, name), entry.clone());
        }
    }

    fn get(&self, kind: &'static str, name: &str) -> Option<Node<'_>> {
        self.by_name.get(&(kind, name.to_lowercase())).map(Row::object)
    }

    pub(super) fn router(&self, service: &str) -> Option<Node<'_>> {
        self.get("service-router", service)
    }

    pub(super) fn splitter(&self, service: &str) -> Option<Node<'_>> {
        self.get("service-splitter", service)
    }

    pub(super) fn resolver(&self, service: &str) -> Option<Node<'_>> {
        self.get("service-resolver", service)
    }

    /// The defaults of a service.
    pub(crate) fn service(&self, service: &str) -> Option<Node<'_>> {
        self.get("service-defaults", service)
    }

    /// The defaults of all proxies (`proxy-defaults`).
    pub(crate) fn proxies(&self) -> Option<Node<'_>> {
        self.get("proxy-defaults", "global")
    }

    /// The protocol of a service, in lower case.
    pub(crate) fn protocol(&self, service: &str) -> String {
        let protocol = match (self.service(service), self.proxies()) {
            // An entry without a protocol overrides the default of proxies.
            (Some(defaults), _) => text(Some(defaults), "Protocol"),
            (None, Some(proxies)) => text(proxies.get("Config"), "protocol"),
            (None, None) => String::new(),
        };
        if protocol.is_empty() { "tcp".to_owned() } else { protocol.to_lowercase() }
    }
}

/// Whether a protocol consists of requests, which can be routed and split.
pub(super) fn has_requests(protocol: &str) -> bool {
    matches!(protocol, "http" | "http2" | "grpc")
}

/// A text of an object; empty if it is missing.
pub(super) fn text(object: Option<Node<'_>>, name: &str) -> String {
    let text = object.and_then(|object| object.get(name)?.text()).unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

/// The items of a list in an object.
pub(super) fn items<'t>(object: Node<'t>, name: &str) -> Vec<Node<'t>> {
    object.get(name).into_iter().flat_map(|list| list.items()).collect()
}

/// A member that is an object, and not `null`.
pub(super) fn inner<'t>(object: Node<'t>, name: &str) -> Option<Node<'t>> {
    object.get(name).filter(|inner| matches!(inner.json(), Json::Object(_)))
}

/// Whether a member exists and is neither empty nor `null`.
pub(super) fn is_set(object: Node<'_>, name: &str) -> bool {
    object.get(name).is_some_and(|value| match value.json() {
        Json::Null => false,
        Json::Object(members) => !members.is_empty(),
        Json::List(items) => !items.is_empty(),
        Json::Text(text) => !text.is_empty(),
        Json::Uint(number) => number != 0,
        _ => true,
    })
}

/// A duration in nanoseconds. Entries contain it as text or as a number.
pub(super) fn nanos(object: Node<'_>, name: &str) -> i64 {
    match object.get(name).map(|value| value.json()) {
        Some(Json::Text(text)) => {
            std::str::from_utf8(text).ok().and_then(duration_nanos).unwrap_or(0)
        }
        Some(Json::Uint(number)) => i64::try_from(number).unwrap_or(i64::MAX),
        Some(Json::Int(number)) => number,
        _ => 0,
    }
}
