//! The configuration of a service instance's proxy.

use crate::records::ServicePortRef;
use crate::schema::{Any, List, Map, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// Consul's `ConnectProxyConfig`.
    struct ConnectProxyConfigRef "ConnectProxyConfig" {
        "EnvoyExtensions" envoy_extensions: List<'a, EnvoyExtensionRef<'a>>, omit_empty;
        "DestinationServiceName" destination_service_name: Text<'a>, omit_empty;
        "DestinationServiceID" destination_service_id: Text<'a>, omit_empty;
        "LocalServiceAddress" local_service_address: Text<'a>, omit_empty;
        "LocalServicePort" local_service_port: i64, omit_empty;
        "LocalServiceSocketPath" local_service_socket_path: Text<'a>, omit_empty;
        "LocalServicePorts" local_service_ports: List<'a, ServicePortRef<'a>>, omit_empty;
        "Mode" mode: Text<'a>;
        "Config" config: Map<'a, Any<'a>>, omit_empty;
        "Upstreams" upstreams: List<'a, UpstreamRef<'a>>, omit_empty;
        "MeshGateway" mesh_gateway: Nested<'a, MeshGatewayConfigRef<'a>>;
        "Expose" expose: Nested<'a, ExposeConfigRef<'a>>;
        "TransparentProxy" transparent_proxy: Nested<'a, TransparentProxyConfigRef<'a>>, omit_zero;
        "MutualTLSMode" mutual_tls_mode: Text<'a>, hidden;
        "AccessLogs" access_logs: Nested<'a, AccessLogsConfigRef<'a>>, omit_zero;
    }

    /// Consul's `Upstream`.
    struct UpstreamRef "Upstream" {
        "DestinationType" destination_type: Text<'a>;
        "DestinationNamespace" destination_namespace: Text<'a>, omit_empty;
        "DestinationPartition" destination_partition: Text<'a>, omit_empty;
        "DestinationPeer" destination_peer: Text<'a>, omit_empty;
        "DestinationName" destination_name: Text<'a>;
        "Datacenter" datacenter: Text<'a>;
        "LocalBindAddress" local_bind_address: Text<'a>, omit_empty;
        "LocalBindPort" local_bind_port: i64, omit_empty;
        "LocalBindSocketPath" local_bind_socket_path: Text<'a>, omit_empty;
        "LocalBindSocketMode" local_bind_socket_mode: Text<'a>, omit_empty;
        "Config" config: Map<'a, Any<'a>>, omit_empty;
        "MeshGateway" mesh_gateway: Nested<'a, MeshGatewayConfigRef<'a>>;
        "IngressHosts" ingress_hosts: List<'a, Text<'a>>, hidden;
        "CentrallyConfigured" centrally_configured: bool, omit_empty;
        "DestinationPort" destination_port: Text<'a>, omit_empty;
    }

    /// Consul's `ExposeConfig`.
    struct ExposeConfigRef "ExposeConfig" {
        "Checks" checks: bool, omit_empty;
        "Paths" paths: List<'a, ExposePathRef<'a>>, omit_empty;
    }

    /// Consul's `ExposePath`.
    struct ExposePathRef "ExposePath" {
        "ListenerPort" listener_port: i64, omit_empty;
        "Path" path: Text<'a>, omit_empty;
        "LocalPathPort" local_path_port: i64, omit_empty;
        "Protocol" protocol: Text<'a>, omit_empty;
        "ParsedFromCheck" parsed_from_check: bool, omit_empty;
    }

    /// Consul's `MeshGatewayConfig`.
    struct MeshGatewayConfigRef "MeshGatewayConfig" {
        "Mode" mode: Text<'a>, omit_empty;
    }

    /// Consul's `TransparentProxyConfig`.
    struct TransparentProxyConfigRef "TransparentProxyConfig" {
        "OutboundListenerPort" outbound_listener_port: i64, omit_empty;
        "DialedDirectly" dialed_directly: bool, omit_empty;
    }

    /// Consul's `AccessLogsConfig`.
    struct AccessLogsConfigRef "AccessLogsConfig" {
        "Enabled" enabled: bool, omit_empty;
        "DisableListenerLogs" disable_listener_logs: bool, omit_empty;
        "Type" type_: Text<'a>, omit_empty;
        "Path" path: Text<'a>, omit_empty;
        "JSONFormat" json_format: Text<'a>, omit_empty;
        "TextFormat" text_format: Text<'a>, omit_empty;
    }

    /// Consul's `EnvoyExtension`.
    struct EnvoyExtensionRef "EnvoyExtension" {
        "Name" name: Text<'a>;
        "Required" required: bool;
        "Arguments" arguments: Map<'a, Any<'a>>;
        "ConsulVersion" consul_version: Text<'a>;
        "EnvoyVersion" envoy_version: Text<'a>;
    }
}
