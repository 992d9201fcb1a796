//! HTTP and TCP routes of API gateways.

use crate::records::{
    ExtAuthzRef, GatewayServiceTlsConfigRef, ResourceReferenceRef, StatusRef, UpstreamLimitsRef,
};
use crate::schema::{List, Map, Nanos, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A `http-route` config entry.
    struct HttpRouteEntryRef "http-route" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Parents" parents: List<'a, ResourceReferenceRef<'a>>;
        "Rules" rules: List<'a, HttpRouteRuleRef<'a>>;
        "Hostnames" hostnames: List<'a, Text<'a>>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Status" status: Nested<'a, StatusRef<'a>>;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `HTTPRouteRule`.
    struct HttpRouteRuleRef "HTTPRouteRule" {
        "Filters" filters: Nested<'a, HttpFiltersRef<'a>>;
        "ResponseFilters" response_filters: Nested<'a, HttpResponseFiltersRef<'a>>;
        "Matches" matches: List<'a, HttpMatchRef<'a>>;
        "Services" services: List<'a, HttpServiceRef<'a>>;
    }

    /// Consul's `HTTPFilters`.
    struct HttpFiltersRef "HTTPFilters" {
        "Headers" headers: List<'a, HttpHeaderFilterRef<'a>>;
        "URLRewrite" url_rewrite: Nested<'a, Option<UrlRewriteRef<'a>>>;
        "RetryFilter" retry_filter: Nested<'a, Option<RetryFilterRef<'a>>>;
        "TimeoutFilter" timeout_filter: Nested<'a, Option<TimeoutFilterRef<'a>>>;
        "JWT" jwt: Nested<'a, Option<JwtFilterRef<'a>>>;
        "ExtProc" ext_proc: List<'a, ExtProcFilterRef<'a>>, omit_empty;
        "ExtAuthz" ext_authz: Nested<'a, Option<ExtAuthzRef<'a>>>, omit_empty;
    }

    /// Consul's `ExtProcFilter`.
    struct ExtProcFilterRef "ExtProcFilter" {
        "StatPrefix" stat_prefix: Text<'a>, omit_empty;
        "Mode" mode: Text<'a>, omit_empty;
        "Overrides" overrides: Nested<'a, Option<ExtProcOverridesRef<'a>>>, omit_empty;
    }

    /// Consul's `ExtProcOverrides`.
    struct ExtProcOverridesRef "ExtProcOverrides" {
        "Processing" processing: Nested<'a, Option<ExtProcProcessingRef<'a>>>, omit_empty;
        "GRPCInitialMetadata" grpc_initial_metadata: List<'a, ExtProcMetadataRef<'a>>, omit_empty;
    }

    /// Consul's `ExtProcMetadataKV`.
    struct ExtProcMetadataRef "ExtProcMetadataKV" {
        "Key" key: Text<'a>, omit_empty;
        "Value" value: Text<'a>, omit_empty;
    }

    /// Consul's `ExtProcProcessing`.
    struct ExtProcProcessingRef "ExtProcProcessing" {
        "Request" request: Nested<'a, Option<ExtProcDirectionRef<'a>>>, omit_empty;
        "Response" response: Nested<'a, Option<ExtProcDirectionRef<'a>>>, omit_empty;
    }

    /// Consul's `ExtProcProcessingDirection`.
    struct ExtProcDirectionRef "ExtProcProcessingDirection" {
        "HeadersMode" headers_mode: Text<'a>, omit_empty;
        "BodyMode" body_mode: Text<'a>, omit_empty;
        "TrailersMode" trailers_mode: Text<'a>, omit_empty;
        "MaxBodyBytes" max_body_bytes: i64, omit_empty;
    }

    /// Consul's `HTTPResponseFilters`.
    struct HttpResponseFiltersRef "HTTPResponseFilters" {
        "Headers" headers: List<'a, HttpHeaderFilterRef<'a>>;
    }

    /// Consul's `HTTPHeaderFilter`.
    struct HttpHeaderFilterRef "HTTPHeaderFilter" {
        "Add" add: Map<'a, Text<'a>>;
        "Remove" remove: List<'a, Text<'a>>;
        "Set" set: Map<'a, Text<'a>>;
    }

    /// Consul's `URLRewrite`.
    struct UrlRewriteRef "URLRewrite" {
        "Path" path: Text<'a>;
    }

    /// Consul's `RetryFilter`.
    struct RetryFilterRef "RetryFilter" {
        "NumRetries" num_retries: u32;
        "RetryOn" retry_on: List<'a, Text<'a>>;
        "RetryOnStatusCodes" retry_on_status_codes: List<'a, u32>;
        "RetryOnConnectFailure" retry_on_connect_failure: bool;
    }

    /// Consul's `TimeoutFilter`.
    struct TimeoutFilterRef "TimeoutFilter" {
        "RequestTimeout" request_timeout: Nanos;
        "IdleTimeout" idle_timeout: Nanos;
    }

    /// Consul's `JWTFilter`.
    struct JwtFilterRef "JWTFilter" {
    }

    /// Consul's `HTTPMatch`.
    struct HttpMatchRef "HTTPMatch" {
        "Headers" headers: List<'a, HttpHeaderMatchRef<'a>>;
        "Method" method: Text<'a>;
        "Path" path: Nested<'a, HttpPathMatchRef<'a>>;
        "Query" query: List<'a, HttpQueryMatchRef<'a>>;
    }

    /// Consul's `HTTPHeaderMatch`.
    struct HttpHeaderMatchRef "HTTPHeaderMatch" {
        "Match" match_: Text<'a>;
        "Name" name: Text<'a>;
        "Value" value: Text<'a>;
    }

    /// Consul's `HTTPPathMatch`.
    struct HttpPathMatchRef "HTTPPathMatch" {
        "Match" match_: Text<'a>;
        "Value" value: Text<'a>;
    }

    /// Consul's `HTTPQueryMatch`.
    struct HttpQueryMatchRef "HTTPQueryMatch" {
        "Match" match_: Text<'a>;
        "Name" name: Text<'a>;
        "Value" value: Text<'a>;
    }

    /// Consul's `HTTPService`.
    struct HttpServiceRef "HTTPService" {
        "Name" name: Text<'a>;
        "Weight" weight: i64;
        "Filters" filters: Nested<'a, HttpFiltersRef<'a>>;
        "ResponseFilters" response_filters: Nested<'a, HttpResponseFiltersRef<'a>>;
        "TLS" tls: Nested<'a, Option<GatewayServiceTlsConfigRef<'a>>>, omit_empty;
        "Limits" limits: Nested<'a, Option<UpstreamLimitsRef<'a>>>, omit_empty;
    }

    /// A `tcp-route` config entry.
    struct TcpRouteEntryRef "tcp-route" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Parents" parents: List<'a, ResourceReferenceRef<'a>>;
        "Services" services: List<'a, TcpServiceRef<'a>>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Status" status: Nested<'a, StatusRef<'a>>;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `TCPService`.
    struct TcpServiceRef "TCPService" {
        "Name" name: Text<'a>;
    }
}
