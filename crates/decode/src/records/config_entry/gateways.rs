//! Ingress, terminating and API gateways.

use crate::records::{HttpHeaderModifiersRef, PassiveHealthCheckRef, UpstreamLimitsRef};
use crate::schema::{List, Map, NameMap, Nested, Text};
use crate::time::GoTime;
use crate::wire_struct;

wire_struct! {
    /// A `ingress-gateway` config entry.
    struct IngressGatewayEntryRef "ingress-gateway" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "TLS" tls: Nested<'a, GatewayTlsConfigRef<'a>>;
        "Listeners" listeners: List<'a, IngressListenerRef<'a>>;
        "Defaults" defaults: Nested<'a, Option<IngressServiceConfigRef<'a>>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `GatewayTLSConfig`.
    struct GatewayTlsConfigRef "GatewayTLSConfig" {
        "Enabled" enabled: bool;
        "SDS" sds: Nested<'a, Option<GatewayTlsSdsConfigRef<'a>>>, omit_empty;
        "TLSMinVersion" tls_min_version: Text<'a>, omit_empty;
        "TLSMaxVersion" tls_max_version: Text<'a>, omit_empty;
        "CipherSuites" cipher_suites: List<'a, Text<'a>>, omit_empty;
    }

    /// Consul's `GatewayTLSSDSConfig`.
    struct GatewayTlsSdsConfigRef "GatewayTLSSDSConfig" {
        "ClusterName" cluster_name: Text<'a>, omit_empty;
        "CertResource" cert_resource: Text<'a>, omit_empty;
    }

    /// Consul's `IngressListener`.
    struct IngressListenerRef "IngressListener" {
        "Port" port: i64;
        "Protocol" protocol: Text<'a>;
        "TLS" tls: Nested<'a, Option<GatewayTlsConfigRef<'a>>>, omit_empty;
        "Services" services: List<'a, IngressServiceRef<'a>>;
    }

    /// Consul's `IngressService`.
    struct IngressServiceRef "IngressService" {
        "Name" name: Text<'a>;
        "Hosts" hosts: List<'a, Text<'a>>;
        "TLS" tls: Nested<'a, Option<GatewayServiceTlsConfigRef<'a>>>, omit_empty;
        "RequestHeaders" request_headers: Nested<'a, Option<HttpHeaderModifiersRef<'a>>>, omit_empty;
        "ResponseHeaders" response_headers: Nested<'a, Option<HttpHeaderModifiersRef<'a>>>, omit_empty;
        "MaxConnections" max_connections: u32, omit_empty;
        "MaxPendingRequests" max_pending_requests: u32, omit_empty;
        "MaxConcurrentRequests" max_concurrent_requests: u32, omit_empty;
        "PassiveHealthCheck" passive_health_check: Nested<'a, Option<PassiveHealthCheckRef<'a>>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
    }

    /// Consul's `IngressServiceConfig`.
    struct IngressServiceConfigRef "IngressServiceConfig" {
        "MaxConnections" max_connections: u32;
        "MaxPendingRequests" max_pending_requests: u32;
        "MaxConcurrentRequests" max_concurrent_requests: u32;
        "PassiveHealthCheck" passive_health_check: Nested<'a, Option<PassiveHealthCheckRef<'a>>>, omit_empty;
    }

    /// Consul's `GatewayServiceTLSConfig`.
    struct GatewayServiceTlsConfigRef "GatewayServiceTLSConfig" {
        "SDS" sds: Nested<'a, Option<GatewayTlsSdsConfigRef<'a>>>, omit_empty;
    }

    /// A `terminating-gateway` config entry.
    struct TerminatingGatewayEntryRef "terminating-gateway" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Services" services: List<'a, LinkedServiceRef<'a>>;
        "CredentialInjection" credential_injection: Nested<'a, Option<GatewayCredentialInjectionRef<'a>>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `LinkedService`.
    struct LinkedServiceRef "LinkedService" {
        "Name" name: Text<'a>, omit_empty;
        "CAFile" ca_file: Text<'a>, omit_empty;
        "CertFile" cert_file: Text<'a>, omit_empty;
        "KeyFile" key_file: Text<'a>, omit_empty;
        "SNI" sni: Text<'a>, omit_empty;
        "DisableAutoHostRewrite" disable_auto_host_rewrite: bool, omit_empty;
        "Credential" credential: Nested<'a, Option<GatewayServiceCredentialRef<'a>>>, omit_empty;
    }

    /// Consul's `GatewayServiceCredential`.
    struct GatewayServiceCredentialRef "GatewayServiceCredential" {
        "Mode" mode: Text<'a>, omit_empty;
        "BindingID" binding_id: Text<'a>, omit_empty;
    }

    /// Consul's `GatewayCredentialInjection`.
    struct GatewayCredentialInjectionRef "GatewayCredentialInjection" {
        "UDSPath" uds_path: Text<'a>, omit_empty;
        "MessageTimeout" message_timeout: Text<'a>, omit_empty;
    }

    /// A `api-gateway` config entry.
    struct ApiGatewayEntryRef "api-gateway" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "TLS" tls: Nested<'a, GatewayTlsConfigRef<'a>>, omit_zero;
        "Listeners" listeners: List<'a, ApiGatewayListenerRef<'a>>;
        "Defaults" defaults: Nested<'a, Option<UpstreamLimitsRef<'a>>>, omit_empty;
        "ExtAuthz" ext_authz: Nested<'a, Option<ExtAuthzRef<'a>>>, omit_empty;
        "Status" status: Nested<'a, StatusRef<'a>>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `APIGatewayExtAuthz` and `HTTPRouteExtAuthzFilter`.
    struct ExtAuthzRef "ExtAuthz" {
        "Enabled" enabled: bool;
    }

    /// Consul's `APIGatewayListener`.
    struct ApiGatewayListenerRef "APIGatewayListener" {
        "Name" name: Text<'a>;
        "Hostname" hostname: Text<'a>;
        "Port" port: i64;
        "Protocol" protocol: Text<'a>;
        "TLS" tls: Nested<'a, ApiGatewayTlsConfigurationRef<'a>>;
        "Override" override_: Nested<'a, Option<ApiGatewayPolicyRef<'a>>>, omit_empty;
        "Default" default_: Nested<'a, Option<ApiGatewayPolicyRef<'a>>>, omit_empty;
        "MaxRequestHeadersKB" max_request_headers_kb: Option<u32>, omit_empty;
    }

    /// Consul's `APIGatewayTLSConfiguration`.
    struct ApiGatewayTlsConfigurationRef "APIGatewayTLSConfiguration" {
        "Certificates" certificates: List<'a, ResourceReferenceRef<'a>>;
        "MaxVersion" max_version: Text<'a>;
        "MinVersion" min_version: Text<'a>;
        "CipherSuites" cipher_suites: List<'a, Text<'a>>;
        "SDS" sds: Nested<'a, Option<GatewayTlsSdsConfigRef<'a>>>, omit_empty;
    }

    /// Consul's `APIGatewayPolicy`.
    struct ApiGatewayPolicyRef "APIGatewayPolicy" {
        "JWT" jwt: Nested<'a, Option<ApiGatewayJwtRequirementRef<'a>>>, omit_empty;
    }

    /// Consul's `APIGatewayJWTRequirement`.
    struct ApiGatewayJwtRequirementRef "APIGatewayJWTRequirement" {
    }

    /// A `bound-api-gateway` config entry.
    struct BoundApiGatewayEntryRef "bound-api-gateway" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Listeners" listeners: List<'a, BoundApiGatewayListenerRef<'a>>;
        "Services" services: NameMap<'a, List<'a, ResourceReferenceRef<'a>>>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `BoundAPIGatewayListener`.
    struct BoundApiGatewayListenerRef "BoundAPIGatewayListener" {
        "Name" name: Text<'a>;
        "Routes" routes: List<'a, ResourceReferenceRef<'a>>;
        "Certificates" certificates: List<'a, ResourceReferenceRef<'a>>;
        "Hostname" hostname: Text<'a>, omit_empty;
        "Port" port: i64, omit_empty;
        "Protocol" protocol: Text<'a>, omit_empty;
    }

    /// Consul's `ResourceReference`.
    struct ResourceReferenceRef "ResourceReference" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "SectionName" section_name: Text<'a>;
    }

    /// Consul's `Status`.
    struct StatusRef "Status" {
        "Conditions" conditions: List<'a, ConditionRef<'a>>;
    }

    /// Consul's `Condition`.
    struct ConditionRef "Condition" {
        "Type" type_: Text<'a>;
        "Status" status: Text<'a>;
        "Reason" reason: Text<'a>;
        "Message" message: Text<'a>;
        "Resource" resource: Nested<'a, Option<ResourceReferenceRef<'a>>>;
        "LastTransitionTime" last_transition_time: Option<GoTime>;
    }
}
