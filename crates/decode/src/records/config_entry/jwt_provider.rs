//! JWT providers.

use crate::schema::{Bytes, List, Map, Nanos, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A `jwt-provider` config entry.
    struct JwtProviderEntryRef "jwt-provider" {
        "Kind" kind: Text<'a>, omit_empty;
        "Name" name: Text<'a>, omit_empty;
        "JSONWebKeySet" json_web_key_set: Nested<'a, Option<JsonWebKeySetRef<'a>>>, omit_empty;
        "Issuer" issuer: Text<'a>, omit_empty;
        "Audiences" audiences: List<'a, Text<'a>>, omit_empty;
        "Locations" locations: List<'a, Option<JwtLocationRef<'a>>>, omit_empty;
        "Forwarding" forwarding: Nested<'a, Option<JwtForwardingConfigRef<'a>>>, omit_empty;
        "ClockSkewSeconds" clock_skew_seconds: i64, omit_empty;
        "CacheConfig" cache_config: Nested<'a, Option<JwtCacheConfigRef<'a>>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `JSONWebKeySet`.
    struct JsonWebKeySetRef "JSONWebKeySet" {
        "Local" local: Nested<'a, Option<LocalJwksRef<'a>>>, omit_empty;
        "Remote" remote: Nested<'a, Option<RemoteJwksRef<'a>>>, omit_empty;
    }

    /// Consul's `LocalJWKS`.
    struct LocalJwksRef "LocalJWKS" {
        "JWKS" jwks: Text<'a>, omit_empty;
        "Filename" filename: Text<'a>, omit_empty;
    }

    /// Consul's `RemoteJWKS`.
    struct RemoteJwksRef "RemoteJWKS" {
        "URI" uri: Text<'a>, omit_empty;
        "RequestTimeoutMs" request_timeout_ms: i64, omit_empty;
        "CacheDuration" cache_duration: Nanos, omit_empty;
        "FetchAsynchronously" fetch_asynchronously: bool, omit_empty;
        "UseSNI" use_sni: bool, omit_empty;
        "RetryPolicy" retry_policy: Nested<'a, Option<JwksRetryPolicyRef<'a>>>, omit_empty;
        "JWKSCluster" jwks_cluster: Nested<'a, Option<JwksClusterRef<'a>>>, omit_empty;
    }

    /// Consul's `JWKSRetryPolicy`.
    struct JwksRetryPolicyRef "JWKSRetryPolicy" {
        "NumRetries" num_retries: i64, omit_empty;
        "RetryPolicyBackOff" retry_policy_back_off: Nested<'a, Option<RetryPolicyBackOffRef<'a>>>, omit_empty;
    }

    /// Consul's `RetryPolicyBackOff`.
    struct RetryPolicyBackOffRef "RetryPolicyBackOff" {
        "BaseInterval" base_interval: Nanos, omit_empty;
        "MaxInterval" max_interval: Nanos, omit_empty;
    }

    /// Consul's `JWKSCluster`.
    struct JwksClusterRef "JWKSCluster" {
        "DiscoveryType" discovery_type: Text<'a>, omit_empty;
        "TLSCertificates" tls_certificates: Nested<'a, Option<JwksTlsCertificateRef<'a>>>, omit_empty;
        "ConnectTimeout" connect_timeout: Nanos, omit_empty;
    }

    /// Consul's `JWKSTLSCertificate`.
    struct JwksTlsCertificateRef "JWKSTLSCertificate" {
        "CaCertificateProviderInstance" ca_certificate_provider_instance: Nested<'a, Option<JwksTlsCertProviderInstanceRef<'a>>>, omit_empty;
        "TrustedCA" trusted_ca: Nested<'a, Option<JwksTlsCertTrustedCaRef<'a>>>, omit_empty;
    }

    /// Consul's `JWKSTLSCertProviderInstance`.
    struct JwksTlsCertProviderInstanceRef "JWKSTLSCertProviderInstance" {
        "InstanceName" instance_name: Text<'a>, omit_empty;
        "CertificateName" certificate_name: Text<'a>, omit_empty;
    }

    /// Consul's `JWKSTLSCertTrustedCA`.
    struct JwksTlsCertTrustedCaRef "JWKSTLSCertTrustedCA" {
        "Filename" filename: Text<'a>, omit_empty;
        "EnvironmentVariable" environment_variable: Text<'a>, omit_empty;
        "InlineString" inline_string: Text<'a>, omit_empty;
        "InlineBytes" inline_bytes: Bytes<'a>, omit_empty;
    }

    /// Consul's `JWTLocation`.
    struct JwtLocationRef "JWTLocation" {
        "Header" header: Nested<'a, Option<JwtLocationHeaderRef<'a>>>, omit_empty;
        "QueryParam" query_param: Nested<'a, Option<JwtLocationQueryParamRef<'a>>>, omit_empty;
        "Cookie" cookie: Nested<'a, Option<JwtLocationCookieRef<'a>>>, omit_empty;
    }

    /// Consul's `JWTLocationHeader`.
    struct JwtLocationHeaderRef "JWTLocationHeader" {
        "Name" name: Text<'a>, omit_empty;
        "ValuePrefix" value_prefix: Text<'a>, omit_empty;
        "Forward" forward: bool, omit_empty;
    }

    /// Consul's `JWTLocationQueryParam`.
    struct JwtLocationQueryParamRef "JWTLocationQueryParam" {
        "Name" name: Text<'a>, omit_empty;
    }

    /// Consul's `JWTLocationCookie`.
    struct JwtLocationCookieRef "JWTLocationCookie" {
        "Name" name: Text<'a>, omit_empty;
    }

    /// Consul's `JWTForwardingConfig`.
    struct JwtForwardingConfigRef "JWTForwardingConfig" {
        "HeaderName" header_name: Text<'a>, omit_empty;
        "PadForwardPayloadHeader" pad_forward_payload_header: bool;
    }

    /// Consul's `JWTCacheConfig`.
    struct JwtCacheConfigRef "JWTCacheConfig" {
        "Size" size: i64, omit_empty;
    }
}
