//! The discovery chain: routers, splitters, resolvers.

use crate::schema::{List, Map, Nanos, NanosText, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A `service-router` config entry.
    struct ServiceRouterEntryRef "service-router" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Routes" routes: List<'a, ServiceRouteRef<'a>>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `ServiceRoute`.
    struct ServiceRouteRef "ServiceRoute" {
        "Match" match_: Nested<'a, Option<ServiceRouteMatchRef<'a>>>, omit_empty;
        "Destination" destination: Nested<'a, Option<ServiceRouteDestinationRef<'a>>>, omit_empty;
    }

    /// Consul's `ServiceRouteMatch`.
    struct ServiceRouteMatchRef "ServiceRouteMatch" {
        "HTTP" http: Nested<'a, Option<ServiceRouteHttpMatchRef<'a>>>, omit_empty;
    }

    /// Consul's `ServiceRouteHTTPMatch`.
    struct ServiceRouteHttpMatchRef "ServiceRouteHTTPMatch" {
        "PathExact" path_exact: Text<'a>, omit_empty;
        "PathPrefix" path_prefix: Text<'a>, omit_empty;
        "PathRegex" path_regex: Text<'a>, omit_empty;
        "CaseInsensitive" case_insensitive: bool, omit_empty;
        "Header" header: List<'a, ServiceRouteHttpMatchHeaderRef<'a>>, omit_empty;
        "QueryParam" query_param: List<'a, ServiceRouteHttpMatchQueryParamRef<'a>>, omit_empty;
        "Methods" methods: List<'a, Text<'a>>, omit_empty;
    }

    /// Consul's `ServiceRouteHTTPMatchHeader`.
    struct ServiceRouteHttpMatchHeaderRef "ServiceRouteHTTPMatchHeader" {
        "Name" name: Text<'a>;
        "Present" present: bool, omit_empty;
        "Exact" exact: Text<'a>, omit_empty;
        "Prefix" prefix: Text<'a>, omit_empty;
        "Suffix" suffix: Text<'a>, omit_empty;
        "Regex" regex: Text<'a>, omit_empty;
        "Invert" invert: bool, omit_empty;
    }

    /// Consul's `ServiceRouteHTTPMatchQueryParam`.
    struct ServiceRouteHttpMatchQueryParamRef "ServiceRouteHTTPMatchQueryParam" {
        "Name" name: Text<'a>;
        "Present" present: bool, omit_empty;
        "Exact" exact: Text<'a>, omit_empty;
        "Regex" regex: Text<'a>, omit_empty;
    }

    /// Consul's `ServiceRouteDestination`.
    struct ServiceRouteDestinationRef "ServiceRouteDestination" {
        "Service" service: Text<'a>, omit_empty;
        "ServiceSubset" service_subset: Text<'a>, omit_empty;
        "Namespace" namespace: Text<'a>, omit_empty;
        "Partition" partition: Text<'a>, omit_empty;
        "PrefixRewrite" prefix_rewrite: Text<'a>, omit_empty;
        "RequestTimeout" request_timeout: NanosText, omit_empty;
        "IdleTimeout" idle_timeout: NanosText, omit_empty;
        "NumRetries" num_retries: u32, omit_empty;
        "RetryOnConnectFailure" retry_on_connect_failure: bool, omit_empty;
        "RetryOn" retry_on: List<'a, Text<'a>>, omit_empty;
        "RetryOnStatusCodes" retry_on_status_codes: List<'a, u32>, omit_empty;
        "RequestHeaders" request_headers: Nested<'a, Option<HttpHeaderModifiersRef<'a>>>, omit_empty;
        "ResponseHeaders" response_headers: Nested<'a, Option<HttpHeaderModifiersRef<'a>>>, omit_empty;
    }

    /// Consul's `HTTPHeaderModifiers`.
    struct HttpHeaderModifiersRef "HTTPHeaderModifiers" {
        "Add" add: Map<'a, Text<'a>>, omit_empty;
        "Set" set: Map<'a, Text<'a>>, omit_empty;
        "Remove" remove: List<'a, Text<'a>>, omit_empty;
    }

    /// A `service-splitter` config entry.
    struct ServiceSplitterEntryRef "service-splitter" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Splits" splits: List<'a, ServiceSplitRef<'a>>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `ServiceSplit`.
    struct ServiceSplitRef "ServiceSplit" {
        "Weight" weight: f32;
        "Service" service: Text<'a>, omit_empty;
        "ServiceSubset" service_subset: Text<'a>, omit_empty;
        "Namespace" namespace: Text<'a>, omit_empty;
        "Partition" partition: Text<'a>, omit_empty;
        "RequestHeaders" request_headers: Nested<'a, Option<HttpHeaderModifiersRef<'a>>>, omit_empty;
        "ResponseHeaders" response_headers: Nested<'a, Option<HttpHeaderModifiersRef<'a>>>, omit_empty;
    }

    /// A `service-resolver` config entry.
    struct ServiceResolverEntryRef "service-resolver" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "DefaultSubset" default_subset: Text<'a>, omit_empty;
        "Subsets" subsets: Map<'a, ServiceResolverSubsetRef<'a>>, omit_empty;
        "Redirect" redirect: Nested<'a, Option<ServiceResolverRedirectRef<'a>>>, omit_empty;
        "Failover" failover: Map<'a, ServiceResolverFailoverRef<'a>>, omit_empty;
        "PrioritizeByLocality" prioritize_by_locality: Nested<'a, Option<ServiceResolverPrioritizeByLocalityRef<'a>>>, omit_empty;
        "ConnectTimeout" connect_timeout: NanosText, omit_empty;
        "RequestTimeout" request_timeout: NanosText, omit_empty;
        "LoadBalancer" load_balancer: Nested<'a, Option<LoadBalancerRef<'a>>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `ServiceResolverSubset`.
    struct ServiceResolverSubsetRef "ServiceResolverSubset" {
        "Filter" filter: Text<'a>, omit_empty;
        "OnlyPassing" only_passing: bool, omit_empty;
    }

    /// Consul's `ServiceResolverRedirect`.
    struct ServiceResolverRedirectRef "ServiceResolverRedirect" {
        "Service" service: Text<'a>, omit_empty;
        "ServiceSubset" service_subset: Text<'a>, omit_empty;
        "Namespace" namespace: Text<'a>, omit_empty;
        "Partition" partition: Text<'a>, omit_empty;
        "Datacenter" datacenter: Text<'a>, omit_empty;
        "Peer" peer: Text<'a>, omit_empty;
        "SamenessGroup" sameness_group: Text<'a>, omit_empty;
    }

    /// Consul's `ServiceResolverFailover`.
    struct ServiceResolverFailoverRef "ServiceResolverFailover" {
        "Service" service: Text<'a>, omit_empty;
        "ServiceSubset" service_subset: Text<'a>, omit_empty;
        "Namespace" namespace: Text<'a>, omit_empty;
        "Datacenters" datacenters: List<'a, Text<'a>>, omit_empty;
        "Targets" targets: List<'a, ServiceResolverFailoverTargetRef<'a>>, omit_empty;
        "Policy" policy: Nested<'a, Option<ServiceResolverFailoverPolicyRef<'a>>>, omit_empty;
        "SamenessGroup" sameness_group: Text<'a>, omit_empty;
    }

    /// Consul's `ServiceResolverFailoverTarget`.
    struct ServiceResolverFailoverTargetRef "ServiceResolverFailoverTarget" {
        "Service" service: Text<'a>, omit_empty;
        "ServiceSubset" service_subset: Text<'a>, omit_empty;
        "Partition" partition: Text<'a>, omit_empty;
        "Namespace" namespace: Text<'a>, omit_empty;
        "Datacenter" datacenter: Text<'a>, omit_empty;
        "Peer" peer: Text<'a>, omit_empty;
    }

    /// Consul's `ServiceResolverFailoverPolicy`.
    struct ServiceResolverFailoverPolicyRef "ServiceResolverFailoverPolicy" {
        "Mode" mode: Text<'a>, omit_empty;
        "Regions" regions: List<'a, Text<'a>>, omit_empty;
    }

    /// Consul's `ServiceResolverPrioritizeByLocality`.
    struct ServiceResolverPrioritizeByLocalityRef "ServiceResolverPrioritizeByLocality" {
        "Mode" mode: Text<'a>, omit_empty;
    }

    /// Consul's `LoadBalancer`.
    struct LoadBalancerRef "LoadBalancer" {
        "Policy" policy: Text<'a>, omit_empty;
        "RingHashConfig" ring_hash_config: Nested<'a, Option<RingHashConfigRef<'a>>>, omit_empty;
        "LeastRequestConfig" least_request_config: Nested<'a, Option<LeastRequestConfigRef<'a>>>, omit_empty;
        "HashPolicies" hash_policies: List<'a, HashPolicyRef<'a>>, omit_empty;
    }

    /// Consul's `RingHashConfig`.
    struct RingHashConfigRef "RingHashConfig" {
        "MinimumRingSize" minimum_ring_size: u64, omit_empty;
        "MaximumRingSize" maximum_ring_size: u64, omit_empty;
    }

    /// Consul's `LeastRequestConfig`.
    struct LeastRequestConfigRef "LeastRequestConfig" {
        "ChoiceCount" choice_count: u32, omit_empty;
    }

    /// Consul's `HashPolicy`.
    struct HashPolicyRef "HashPolicy" {
        "Field" field: Text<'a>, omit_empty;
        "FieldValue" field_value: Text<'a>, omit_empty;
        "CookieConfig" cookie_config: Nested<'a, Option<CookieConfigRef<'a>>>, omit_empty;
        "SourceIP" source_ip: bool, omit_empty;
        "Terminal" terminal: bool, omit_empty;
    }

    /// Consul's `CookieConfig`.
    struct CookieConfigRef "CookieConfig" {
        "Session" session: bool, omit_empty;
        "TTL" ttl: Nanos, omit_empty;
        "Path" path: Text<'a>, omit_empty;
    }
}
