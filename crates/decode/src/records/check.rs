//! Health checks and how they are defined.

use crate::schema::{List, Map, Nanos, NanosText, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A check of a node or of a service instance.
    struct HealthCheckRef "HealthCheck" {
        "Node" node: Text<'a>;
        "CheckID" check_id: Text<'a>;
        "Name" name: Text<'a>;
        "Status" status: Text<'a>;
        "Notes" notes: Text<'a>;
        "Output" output: Text<'a>;
        "ServiceID" service_id: Text<'a>;
        "ServiceName" service_name: Text<'a>;
        "ServiceTags" service_tags: List<'a, Text<'a>>;
        "Type" type_: Text<'a>;
        "Interval" interval: Text<'a>;
        "Timeout" timeout: Text<'a>;
        "ExposedPort" exposed_port: i64;
        "PeerName" peer_name: Text<'a>, omit_empty;
        "Definition" definition: Nested<'a, HealthCheckDefinitionRef<'a>>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `HealthCheckDefinition`.
    struct HealthCheckDefinitionRef "HealthCheckDefinition" {
        "HTTP" http: Text<'a>, omit_empty;
        "TLSServerName" tls_server_name: Text<'a>, omit_empty;
        "TLSSkipVerify" tls_skip_verify: bool, omit_empty;
        "Header" header: Map<'a, List<'a, Text<'a>>>, omit_empty;
        "Method" method: Text<'a>, omit_empty;
        "Body" body: Text<'a>, omit_empty;
        "DisableRedirects" disable_redirects: bool, omit_empty;
        "TCP" tcp: Text<'a>, omit_empty;
        "TCPUseTLS" tcp_use_tls: bool, omit_empty;
        "UDP" udp: Text<'a>, omit_empty;
        "H2PING" h2ping: Text<'a>, omit_empty;
        "OSService" os_service: Text<'a>, omit_empty;
        "H2PingUseTLS" h2ping_use_tls: bool, omit_empty;
        "Interval" interval: NanosText, omit_empty;
        "OutputMaxSize" output_max_size: u64, omit_empty;
        "Timeout" timeout: NanosText, omit_empty;
        "DeregisterCriticalServiceAfter" deregister_critical_service_after: NanosText, omit_empty;
        "ScriptArgs" script_args: List<'a, Text<'a>>, omit_empty;
        "DockerContainerID" docker_container_id: Text<'a>, omit_empty;
        "Shell" shell: Text<'a>, omit_empty;
        "GRPC" grpc: Text<'a>, omit_empty;
        "GRPCUseTLS" grpc_use_tls: bool, omit_empty;
        "AliasNode" alias_node: Text<'a>, omit_empty;
        "AliasService" alias_service: Text<'a>, omit_empty;
        "SessionName" session_name: Text<'a>, omit_empty;
        "TTL" ttl: Nanos, omit_empty;
    }

    /// Consul's `CheckType`.
    struct CheckTypeRef "CheckType" {
        "CheckID" check_id: Text<'a>;
        "Name" name: Text<'a>;
        "Status" status: Text<'a>;
        "Notes" notes: Text<'a>;
        "ScriptArgs" script_args: List<'a, Text<'a>>;
        "HTTP" http: Text<'a>;
        "H2PING" h2ping: Text<'a>;
        "H2PingUseTLS" h2ping_use_tls: bool;
        "Header" header: Map<'a, List<'a, Text<'a>>>;
        "Method" method: Text<'a>;
        "Body" body: Text<'a>;
        "DisableRedirects" disable_redirects: bool;
        "TCP" tcp: Text<'a>;
        "TCPUseTLS" tcp_use_tls: bool;
        "UDP" udp: Text<'a>;
        "Interval" interval: Nanos;
        "AliasNode" alias_node: Text<'a>;
        "AliasService" alias_service: Text<'a>;
        "DockerContainerID" docker_container_id: Text<'a>;
        "Shell" shell: Text<'a>;
        "GRPC" grpc: Text<'a>;
        "GRPCUseTLS" grpc_use_tls: bool;
        "OSService" os_service: Text<'a>;
        "TLSServerName" tls_server_name: Text<'a>;
        "TLSSkipVerify" tls_skip_verify: bool;
        "Timeout" timeout: Nanos;
        "TTL" ttl: Nanos;
        "SuccessBeforePassing" success_before_passing: i64;
        "FailuresBeforeWarning" failures_before_warning: i64;
        "FailuresBeforeCritical" failures_before_critical: i64;
        "ProxyHTTP" proxy_http: Text<'a>;
        "ProxyGRPC" proxy_grpc: Text<'a>;
        "DeregisterCriticalServiceAfter" deregister_critical_service_after: Nanos;
        "OutputMaxSize" output_max_size: i64;
    }
}
