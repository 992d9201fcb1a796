//! Defaults of services and of all proxies.

use crate::records::{
    AccessLogsConfigRef, EnvoyExtensionRef, ExposeConfigRef, MeshGatewayConfigRef,
    ServiceResolverFailoverPolicyRef, ServiceResolverPrioritizeByLocalityRef,
    TransparentProxyConfigRef,
};
use crate::schema::{Any, List, Map, Nanos, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A `service-defaults` config entry.
    struct ServiceDefaultsEntryRef "service-defaults" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Protocol" protocol: Text<'a>;
        "Mode" mode: Text<'a>, omit_empty;
        "TransparentProxy" transparent_proxy: Nested<'a, TransparentProxyConfigRef<'a>>;
        "MutualTLSMode" mutual_tls_mode: Text<'a>, omit_empty;
        "MeshGateway" mesh_gateway: Nested<'a, MeshGatewayConfigRef<'a>>;
        "Expose" expose: Nested<'a, ExposeConfigRef<'a>>;
        "ExternalSNI" external_sni: Text<'a>, omit_empty;
        "UpstreamConfig" upstream_config: Nested<'a, Option<UpstreamConfigurationRef<'a>>>, omit_empty;
        "Destination" destination: Nested<'a, Option<DestinationConfigRef<'a>>>, omit_empty;
        "MaxInboundConnections" max_inbound_connections: i64, omit_empty;
        "LocalConnectTimeoutMs" local_connect_timeout_ms: i64, omit_empty;
        "LocalRequestTimeoutMs" local_request_timeout_ms: i64, omit_empty;
        "BalanceInboundConnections" balance_inbound_connections: Text<'a>, omit_empty;
        "RateLimits" rate_limits: Nested<'a, Option<RateLimitsRef<'a>>>, omit_empty;
        "EnvoyExtensions" envoy_extensions: List<'a, EnvoyExtensionRef<'a>>, omit_empty;
        "MaxRequestHeadersKB" max_request_headers_kb: Option<u32>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// A `proxy-defaults` config entry.
    struct ProxyDefaultsEntryRef "proxy-defaults" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Config" config: Map<'a, Any<'a>>;
        "Protocol" protocol: Text<'a>, hidden;
        "Mode" mode: Text<'a>, omit_empty;
        "TransparentProxy" transparent_proxy: Nested<'a, TransparentProxyConfigRef<'a>>;
        "MutualTLSMode" mutual_tls_mode: Text<'a>, omit_empty;
        "MeshGateway" mesh_gateway: Nested<'a, MeshGatewayConfigRef<'a>>;
        "Expose" expose: Nested<'a, ExposeConfigRef<'a>>;
        "AccessLogs" access_logs: Nested<'a, AccessLogsConfigRef<'a>>;
        "EnvoyExtensions" envoy_extensions: List<'a, EnvoyExtensionRef<'a>>, omit_empty;
        "FailoverPolicy" failover_policy: Nested<'a, Option<ServiceResolverFailoverPolicyRef<'a>>>, omit_empty;
        "PrioritizeByLocality" prioritize_by_locality: Nested<'a, Option<ServiceResolverPrioritizeByLocalityRef<'a>>>, omit_empty;
        "MaxRequestHeadersKB" max_request_headers_kb: Option<u32>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `UpstreamConfiguration`.
    struct UpstreamConfigurationRef "UpstreamConfiguration" {
        "Overrides" overrides: List<'a, Option<UpstreamConfigRef<'a>>>, omit_empty;
        "Defaults" defaults: Nested<'a, Option<UpstreamConfigRef<'a>>>, omit_empty;
    }

    /// Consul's `UpstreamConfig`.
    struct UpstreamConfigRef "UpstreamConfig" {
        "Name" name: Text<'a>, omit_empty;
        "Peer" peer: Text<'a>;
        "EnvoyListenerJSON" envoy_listener_json: Text<'a>, omit_empty;
        "EnvoyClusterJSON" envoy_cluster_json: Text<'a>, omit_empty;
        "Protocol" protocol: Text<'a>, omit_empty;
        "ConnectTimeoutMs" connect_timeout_ms: i64, omit_empty;
        "Limits" limits: Nested<'a, Option<UpstreamLimitsRef<'a>>>, omit_empty;
        "PassiveHealthCheck" passive_health_check: Nested<'a, Option<PassiveHealthCheckRef<'a>>>, omit_empty;
        "MeshGateway" mesh_gateway: Nested<'a, MeshGatewayConfigRef<'a>>;
        "BalanceOutboundConnections" balance_outbound_connections: Text<'a>, omit_empty;
    }

    /// Consul's `UpstreamLimits`.
    struct UpstreamLimitsRef "UpstreamLimits" {
        "MaxConnections" max_connections: Option<i64>, omit_empty;
        "MaxPendingRequests" max_pending_requests: Option<i64>, omit_empty;
        "MaxConcurrentRequests" max_concurrent_requests: Option<i64>, omit_empty;
        "PassiveHealthCheck" passive_health_check: Nested<'a, Option<PassiveHealthCheckRef<'a>>>, omit_empty;
    }

    /// Consul's `PassiveHealthCheck`.
    struct PassiveHealthCheckRef "PassiveHealthCheck" {
        "Interval" interval: Nanos, omit_empty;
        "MaxFailures" max_failures: u32, omit_empty;
        "EnforcingConsecutive5xx" enforcing_consecutive5xx: Option<u32>, omit_empty;
        "EnforcingConsecutiveGatewayFailure" enforcing_consecutive_gateway_failure: Option<u32>, omit_empty;
        "Consecutive5xx" consecutive5xx: Option<u32>, omit_empty;
        "ConsecutiveGatewayFailure" consecutive_gateway_failure: Option<u32>, omit_empty;
        "MaxEjectionPercent" max_ejection_percent: Option<u32>, omit_empty;
        "BaseEjectionTime" base_ejection_time: Option<Nanos>, omit_empty;
    }

    /// Consul's `DestinationConfig`.
    struct DestinationConfigRef "DestinationConfig" {
        "Addresses" addresses: List<'a, Text<'a>>, omit_empty;
        "Port" port: i64, omit_empty;
    }

    /// Consul's `RateLimits`.
    struct RateLimitsRef "RateLimits" {
        "InstanceLevel" instance_level: Nested<'a, InstanceLevelRateLimitsRef<'a>>;
    }

    /// Consul's `InstanceLevelRateLimits`.
    struct InstanceLevelRateLimitsRef "InstanceLevelRateLimits" {
        "RequestsPerSecond" requests_per_second: i64;
        "RequestsMaxBurst" requests_max_burst: i64;
        "Routes" routes: List<'a, InstanceLevelRouteRateLimitsRef<'a>>;
    }

    /// Consul's `InstanceLevelRouteRateLimits`.
    struct InstanceLevelRouteRateLimitsRef "InstanceLevelRouteRateLimits" {
        "PathExact" path_exact: Text<'a>;
        "PathPrefix" path_prefix: Text<'a>;
        "PathRegex" path_regex: Text<'a>;
        "RequestsPerSecond" requests_per_second: i64;
        "RequestsMaxBurst" requests_max_burst: i64;
    }
}
