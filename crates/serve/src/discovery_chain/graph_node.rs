//! Nodes of chains.

use super::header_modifiers::write_definition;
use crate::answer::{number_member, text_member};
use snapscope_objects::json::{JsonText, Sink as _, duration_text};
use snapscope_objects::value::Node;

/// A node of a chain.
#[derive(Debug, Clone)]
pub(super) struct GraphNode<'e> {
    pub(super) name: String,
    pub(super) part: Part<'e>,
    pub(super) load_balancer: Option<Node<'e>>,
}

/// The type of a node.
#[derive(Debug, Clone)]
pub(super) enum Part<'e> {
    Router(Vec<Route<'e>>),
    Splitter(Vec<Split<'e>>),
    Resolver(Resolve<'e>),
}

/// Sends requests to the node of the first matching route.
#[derive(Debug, Clone)]
pub(super) struct Route<'e> {
    pub(super) definition: Definition<'e>,
    pub(super) next: String,
}

/// The definition of a route.
#[derive(Debug, Clone)]
pub(super) enum Definition<'e> {
    /// By a config entry.
    Entry(Node<'e>),
    /// For all requests that match no other route.
    Rest { service: String, namespace: String, partition: String },
}

/// A share of all requests, and its node.
#[derive(Debug, Clone)]
pub(super) struct Split<'e> {
    /// Its definition, preceded by those of the splitters that led to it.
    pub(super) definitions: Vec<Node<'e>>,
    pub(super) weight: f32,
    pub(super) next: String,
}

/// Sends connections to a target.
#[derive(Debug, Clone)]
pub(super) struct Resolve<'e> {
    pub(super) is_default: bool,
    pub(super) target: String,
    /// Nanoseconds.
    pub(super) connect_timeout: i64,
    /// Nanoseconds.
    pub(super) request_timeout: i64,
    pub(super) failover: Option<Failover<'e>>,
}

/// The targets to try next.
#[derive(Debug, Clone)]
pub(super) struct Failover<'e> {
    pub(super) targets: Vec<String>,
    pub(super) policy: Option<Node<'e>>,
}

impl GraphNode<'_> {
    pub(super) const fn kind(&self) -> &'static str {
        match self.part {
            Part::Router(_) => "router",
            Part::Splitter(_) => "splitter",
            Part::Resolver(_) => "resolver",
        }
    }

    /// The key by which other nodes refer to it.
    pub(super) fn key(&self) -> String {
        format!("{}:{}", self.kind(), self.name)
    }

    /// The nodes to which it leads.
    pub(super) fn next(&self) -> Vec<&str> {
        match &self.part {
            Part::Router(routes) => routes.iter().map(|route| route.next.as_str()).collect(),
            Part::Splitter(splits) => splits.iter().map(|split| split.next.as_str()).collect(),
            Part::Resolver(_) => Vec::new(),
        }
    }

    /// Writes the node in the form of the API.
    pub(super) fn write(&self, json: &mut JsonText, has_partitions: bool, has_definitions: bool) {
        json.begin_object();
        text_member(json, "Type", self.kind());
        text_member(json, "Name", &self.name);
        match &self.part {
            Part::Router(routes) => {
                json.key(b"Routes");
                json.begin_list();
                routes.iter().for_each(|route| route.write(json, has_partitions));
                json.end_list();
            }
            Part::Splitter(splits) => {
                json.key(b"Splits");
                json.begin_list();
                splits.iter().for_each(|split| split.write(json, has_definitions));
                json.end_list();
            }
            Part::Resolver(resolve) => {
                json.key(b"Resolver");
                resolve.write(json);
            }
        }
        if let Some(load_balancer) = self.load_balancer {
            json.key(b"LoadBalancer");
            load_balancer.render(json);
        }
        json.end_object();
    }
}

impl Route<'_> {
    fn write(&self, json: &mut JsonText, has_partitions: bool) {
        json.begin_object();
        json.key(b"Definition");
        match &self.definition {
            Definition::Entry(entry) => entry.render(json),
            Definition::Rest { service, namespace, partition } => {
                json.begin_object();
                json.key(b"Match");
                json.begin_object();
                json.key(b"HTTP");
                json.begin_object();
                text_member(json, "PathPrefix", "/");
                json.end_object();
                json.end_object();
                json.key(b"Destination");
                json.begin_object();
                text_member(json, "Service", service);
                text_member(json, "Namespace", namespace);
                if has_partitions {
                    text_member(json, "Partition", partition);
                }
                json.end_object();
                json.end_object();
            }
        }
        text_member(json, "NextNode", &self.next);
        json.end_object();
    }
}

impl Split<'_> {
    fn write(&self, json: &mut JsonText, has_definitions: bool) {
        json.begin_object();
        if has_definitions {
            json.key(b"Definition");
            write_definition(json, &self.definitions);
        }
        json.key(b"Weight");
        json.float32(self.weight);
        text_member(json, "NextNode", &self.next);
        json.end_object();
    }
}

impl Resolve<'_> {
    fn write(&self, json: &mut JsonText) {
        json.begin_object();
        text_member(json, "ConnectTimeout", duration_text(self.connect_timeout));
        if let Ok(nanos @ 1..) = u64::try_from(self.request_timeout) {
            number_member(json, "RequestTimeout", nanos);
        }
        if self.is_default {
            json.key(b"Default");
            json.bool(true);
        }
        text_member(json, "Target", &self.target);
        if let Some(Failover { targets, policy }) = &self.failover {
            json.key(b"Failover");
            json.begin_object();
            json.key(b"Targets");
            json.begin_list();
            targets.iter().for_each(|target| json.text(target.as_bytes()));
            json.end_list();
            if let Some(policy) = policy {
                json.key(b"Policy");
                policy.render(json);
            }
            json.end_object();
        }
        json.end_object();
    }
}
