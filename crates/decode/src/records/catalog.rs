//! Nodes, service instances and checks: the catalog.

use crate::records::{CheckTypeRef, ConnectProxyConfigRef, HealthCheckRef};
use crate::schema::{Any, List, Map, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A `Register` record: a node, or one of its services, or one of its checks; every one repeats the node's fields.
    struct RegisterRef "Register" {
        "Datacenter" datacenter: Text<'a>;
        "ID" id: Text<'a>;
        "Node" node: Text<'a>;
        "Address" address: Text<'a>;
        "TaggedAddresses" tagged_addresses: Map<'a, Text<'a>>;
        "NodeMeta" node_meta: Map<'a, Text<'a>>;
        "Service" service: Nested<'a, Option<NodeServiceRef<'a>>>;
        "Check" check: Nested<'a, Option<HealthCheckRef<'a>>>;
        "Checks" checks: List<'a, Option<HealthCheckRef<'a>>>;
        "Locality" locality: Nested<'a, Option<LocalityRef<'a>>>;
        "SkipNodeUpdate" skip_node_update: bool;
        "PeerName" peer_name: Text<'a>;
        "Token" token: Text<'a>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `Node`.
    struct NodeRef "Node" {
        "ID" id: Text<'a>;
        "Node" node: Text<'a>;
        "Address" address: Text<'a>;
        "Datacenter" datacenter: Text<'a>;
        "Partition" partition: Text<'a>, omit_empty;
        "PeerName" peer_name: Text<'a>, omit_empty;
        "TaggedAddresses" tagged_addresses: Map<'a, Text<'a>>;
        "Meta" meta: Map<'a, Text<'a>>;
        "Locality" locality: Nested<'a, Option<LocalityRef<'a>>>, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// An instance of a service on a node.
    struct NodeServiceRef "NodeService" {
        "Kind" kind: Text<'a>, omit_empty;
        "ID" id: Text<'a>;
        "Service" service: Text<'a>;
        "Tags" tags: List<'a, Text<'a>>;
        "Address" address: Text<'a>;
        "TaggedAddresses" tagged_addresses: Map<'a, ServiceAddressRef<'a>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>;
        "Port" port: i64, omit_empty;
        "Ports" ports: List<'a, ServicePortRef<'a>>, omit_empty;
        "AI" ai: Nested<'a, Option<ServiceAiRef<'a>>>, omit_empty;
        "SocketPath" socket_path: Text<'a>, omit_empty;
        "Weights" weights: Nested<'a, Option<WeightsRef<'a>>>;
        "EnableTagOverride" enable_tag_override: bool;
        "ProxyDestination" proxy_destination: Text<'a>, hidden;
        "Locality" locality: Nested<'a, Option<LocalityRef<'a>>>, omit_empty;
        "Proxy" proxy: Nested<'a, ConnectProxyConfigRef<'a>>;
        "Connect" connect: Nested<'a, ServiceConnectRef<'a>>;
        "LocallyRegisteredAsSidecar" locally_registered_as_sidecar: bool, hidden;
        "PeerName" peer_name: Text<'a>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `ServicePort`.
    struct ServicePortRef "ServicePort" {
        "Name" name: Text<'a>;
        "Port" port: i64;
        "Default" default_: bool;
    }

    /// The role of an instance for AI workloads.
    struct ServiceAiRef "ServiceAI" {
        "Role" role: Text<'a>, omit_empty;
    }

    /// Consul's `ServiceAddress`.
    struct ServiceAddressRef "ServiceAddress" {
        "Address" address: Text<'a>;
        "Port" port: i64;
    }

    /// Consul's `Weights`.
    struct WeightsRef "Weights" {
        "Passing" passing: i64;
        "Warning" warning: i64;
    }

    /// Consul's `ServiceConnect`.
    struct ServiceConnectRef "ServiceConnect" {
        "Native" native: bool, omit_empty;
        "Proxy" proxy: Nested<'a, Option<ManagedProxyRef<'a>>>, omit_empty;
        "SidecarService" sidecar_service: Nested<'a, Option<ServiceDefinitionRef<'a>>>, omit_empty;
        "PeerMeta" peer_meta: Nested<'a, Option<PeeringServiceMetaRef<'a>>>, omit_empty;
    }

    /// Consul's `ServiceDefinitionConnectProxy`: a proxy that the agent starts itself, 1.2 to 1.5.
    struct ManagedProxyRef "ServiceDefinitionConnectProxy" {
        "Command" command: List<'a, Text<'a>>, omit_empty;
        "ExecMode" exec_mode: Text<'a>, omit_empty;
        "Config" config: Map<'a, Any<'a>>, omit_empty;
        "Upstreams" upstreams: List<'a, ManagedUpstreamRef<'a>>, omit_empty;
    }

    /// An upstream of a managed proxy: an `Upstream` of which the API leaves out what is empty.
    struct ManagedUpstreamRef "ManagedUpstream" {
        "DestinationType" destination_type: Text<'a>, omit_empty;
        "DestinationNamespace" destination_namespace: Text<'a>, omit_empty;
        "DestinationName" destination_name: Text<'a>;
        "Datacenter" datacenter: Text<'a>, omit_empty;
        "LocalBindAddress" local_bind_address: Text<'a>, omit_empty;
        "LocalBindPort" local_bind_port: i64, omit_empty;
        "Config" config: Map<'a, Any<'a>>;
    }

    /// Consul's `PeeringServiceMeta`.
    struct PeeringServiceMetaRef "PeeringServiceMeta" {
        "SNI" sni: List<'a, Text<'a>>, omit_empty;
        "SpiffeID" spiffe_id: List<'a, Text<'a>>, omit_empty;
        "Protocol" protocol: Text<'a>, omit_empty;
    }

    /// Consul's `ServiceDefinition`.
    struct ServiceDefinitionRef "ServiceDefinition" {
        "Kind" kind: Text<'a>, omit_empty;
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
        "Tags" tags: List<'a, Text<'a>>;
        "Address" address: Text<'a>;
        "TaggedAddresses" tagged_addresses: Map<'a, ServiceAddressRef<'a>>;
        "Meta" meta: Map<'a, Text<'a>>;
        "Port" port: i64;
        "SocketPath" socket_path: Text<'a>;
        "Check" check: Nested<'a, CheckTypeRef<'a>>;
        "Checks" checks: List<'a, Option<CheckTypeRef<'a>>>;
        "Weights" weights: Nested<'a, Option<WeightsRef<'a>>>;
        "Token" token: Text<'a>;
        "EnableTagOverride" enable_tag_override: bool;
        "Locality" locality: Nested<'a, Option<LocalityRef<'a>>>;
        "Proxy" proxy: Nested<'a, Option<ConnectProxyConfigRef<'a>>>;
        "Connect" connect: Nested<'a, Option<ServiceConnectRef<'a>>>;
    }

    /// Consul's `Locality`.
    struct LocalityRef "Locality" {
        "Region" region: Text<'a>, omit_empty;
        "Zone" zone: Text<'a>, omit_empty;
    }

    /// Consul's `CheckServiceNode`.
    struct CheckServiceNodeRef "CheckServiceNode" {
        "Node" node: Nested<'a, Option<NodeRef<'a>>>;
        "Service" service: Nested<'a, Option<NodeServiceRef<'a>>>;
        "Checks" checks: List<'a, Option<HealthCheckRef<'a>>>;
    }
}

/// The prefix of the IDs of imported objects: `peer:NAME/`; empty for local objects.
#[must_use]
pub fn peer_prefix(peer: &[u8]) -> Vec<u8> {
    if peer.is_empty() { Vec::new() } else { [b"peer:", peer, b"/"].concat() }
}

impl RegisterRef<'_> {
    /// Whether its service is an instance of a server: of the service `consul` in the cluster's own
    /// catalog.
    #[must_use]
    pub fn is_server(&self, service: &NodeServiceRef<'_>) -> bool {
        self.peer_name.is_empty() && service.service.0 == b"consul"
    }

    /// Returns the ID of the node, or of one of its services or checks: `NODE/ID`, after the peer's
    /// prefix if they were imported.
    #[must_use]
    pub fn called(&self, part: &[u8]) -> Vec<u8> {
        let slash: &[u8] = if part.is_empty() { b"" } else { b"/" };
        [&peer_prefix(self.peer_name.0), self.node.0, slash, part].concat()
    }
}
