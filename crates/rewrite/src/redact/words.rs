//! Words with the same meaning in every cluster, which are not names.

use snapscope_decode::records::ENTRY_KINDS;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Values of a closed set: what `word` and `setting` in the table of fields keep.
static WORDS: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    words_of(
        "
         passing warning critical maintenance http http2 https tcp udp grpc ttl script docker
         alias h2ping os_service typical connect-proxy connect-enabled destination mesh-gateway
         terminating-gateway ingress-gateway api-gateway service prepared_query local remote none
         direct transparent default strict permissive legacy active reset

         release delete name_prefix_match _agent _ip

         client management global role node policy templated-policy allow deny consul vault
         aws-pca kubernetes jwt oidc aws-iam upsert create update set ec rsa

         exact prefix suffix present regex file stderr stdout random round_robin least_request
         ring_hash maglev exact_balance header cookie query_parameter sequential order-by-locality
         failover connect-failure gateway-error retriable-4xx refused-stream reset-before-request
         cancelled deadline-exceeded internal resource-exhausted unavailable auto static
         strict_dns logical_dns eds original_dst implementation_specific_behavior keep
         keep_unchanged reject_request unescape_and_redirect unescape_and_forward drop_header
         Accepted Bound Conflicted NoConflict ResolvedRefs True False Unknown

         true false yes no config-entry intention-format virtual-ips
         virtual-ips-term-gateway server-management-token
         intention-migrated STATE_TRUE STATE_FALSE STATE_UNKNOWN

         GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE",
    )
});

/// Texts that servers generate.
static TEXTS: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    let texts = "consul
serfHealth
Serf Health Status
Agent alive and reachable
Agent not live or unreachable
_nodeMaintenance
Node Maintenance Mode
global-management
builtin/global-read-only
builtin/service
builtin/node
builtin/dns
builtin/nomad-server
builtin/workload-identity
builtin/api-gateway
builtin/nomad-client
anonymous
Anonymous Token
Master Token
Initial Management Token
Bootstrap Token (Global Management)
Server Management Token
Builtin Policy that grants unlimited access
A policy that grants unlimited access
Builtin Policy that grants read-only access
A policy that grants read-only access
Consul CA Root Cert
Consul CA Primary Cert
Consul CA Root
external-node
external-probe
consul-network-segment
consul-version
consul-virtual
serf_protocol_current
serf_protocol_min
serf_protocol_max
raft_version
grpc_port
grpc_tls_port
read_replica
use_tls
wan_join_port
non_voter
lan
wan
lan_ipv4
lan_ipv6
wan_ipv4
wan_ipv6
virtual
*";
    texts.lines().map(str::as_bytes).collect()
});

/// Words that are never names: from addresses, rules, filters and templates. Some may be names
/// after all; they are treated alike everywhere, so references stay correct.
static RESERVED: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    words_of(
        "
         acl agent alpha alnum and any arguments builtin cacert checks connect consul contains
         default deny destination digit empty event external false full global grpc health host http
         https identity intentions ipv4 ipv6 is key keyring lan list listener local localhost
         lower match matches mesh meta name namespace node not ns null operator or partition peer
         peering policy prefix proxy query read segment selector sentinel serfhealth service
         serviceaccount serviceaccountjwt session sidecar spiffe suffix svc tcp true udp upper
         value virtual wan write xdigit",
    )
});

/// Settings of auth methods, the mesh CA and proxies.
static SETTINGS: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    words_of(
        "
         Host CACert ServiceAccountJWT JWTSupportedAlgs BoundAudiences ClaimMappings
         ListClaimMappings OIDCDiscoveryURL OIDCDiscoveryCACert OIDCClientID OIDCClientSecret
         OIDCScopes OIDCACRValues AllowedRedirectURIs VerboseOIDCLogging JWKSURL JWKSCACert
         JWTValidationPubKeys BoundIssuer ExpirationLeeway NotBeforeLeeway ClockSkewLeeway
         SessionID BoundIAMPrincipalARNs EnableIAMEntityDetails IAMEntityTags ServerIDHeaderValue
         MaxRetries IAMEndpoint STSEndpoint STSRegion AllowedSTSHeaderValues

         LeafCertTTL IntermediateCertTTL RootCertTTL RotationPeriod PrivateKey RootCert
         PrivateKeyType PrivateKeyBits CSRMaxPerSecond CSRMaxConcurrent SkipValidate Address Token
         RootPKIPath IntermediatePKIPath CAFile CAPath CertFile KeyFile TLSServerName
         TLSSkipVerify Namespace AuthMethod ExistingARN DeleteOnExit

         protocol bind_address bind_port bind_addr limits passive_health_check
         connect_timeout_ms local_connect_timeout_ms local_request_timeout_ms
         local_idle_timeout_ms handshake_timeout_ms max_connections max_inbound_connections
         max_pending_requests max_concurrent_requests balance_inbound_connections
         balance_outbound_connections xds_fetch_timeout_ms envoy_extra_static_clusters_json
         envoy_public_listener_json envoy_listener_json envoy_cluster_json envoy_local_cluster_json
         envoy_prometheus_bind_addr envoy_stats_bind_addr envoy_statsd_url envoy_dogstatsd_url
         envoy_tracing_json envoy_stats_tags envoy_stats_flush_interval envoy_bootstrap_json_tpl
         envoy_static_clusters_json envoy_static_listeners_json envoy_stats_config_json
         envoy_stats_sinks_json envoy_extra_static_listeners_json envoy_extra_stats_sinks_json
         envoy_mesh_gateway_bind_addresses envoy_mesh_gateway_no_default_bind
         envoy_gateway_bind_addresses envoy_gateway_bind_tagged_addresses
         envoy_gateway_no_default_bind envoy_dns_discovery_type envoy_gateway_remote_tcp_enable_keepalive
         envoy_hcp_metrics_bind_socket_dir envoy_listener_tracing_json envoy_ready_bind_address
         envoy_ready_bind_port envoy_telemetry_collector_bind_socket_dir",
    )
});

fn words_of(text: &'static str) -> HashSet<&'static [u8]> {
    text.split_whitespace().map(str::as_bytes).collect()
}

/// Whether a text is one of a closed set of words, a duration, a version or a number.
pub(super) fn is_word(text: &[u8]) -> bool {
    let short = text.len() <= 20;
    let measure = || {
        text.first().is_some_and(u8::is_ascii_digit)
            && text.iter().filter(|b| b.is_ascii_digit()).count() <= 9
            // Four numbers with points between them are an address.
            && text.iter().filter(|b| **b == b'.').count() <= 2
            && text.iter().all(|b| {
                b.is_ascii_digit() || matches!(b, b'h' | b'm' | b's' | b'u' | b'n' | b'.' | b'x' | 0xc2 | 0xb5)
            })
    };
    let tls = || {
        text.len() <= 64
            && (text.starts_with(b"TLS_")
                || text.starts_with(b"TLSv")
                || text.starts_with(b"ECDHE-"))
            && text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    text.is_empty()
        || WORDS.contains(text)
        || ENTRY_KINDS.iter().any(|kind| kind.name.as_bytes() == text)
        || short && measure()
        || tls()
}

/// Whether servers generate this text.
pub(super) fn is_server_text(text: &[u8]) -> bool {
    TEXTS.contains(text)
}

/// Whether a key of a configuration has a meaning for Consul or Envoy.
pub(super) fn is_setting(key: &[u8]) -> bool {
    SETTINGS.contains(key)
}

/// Whether a word, in any case, is never a name.
pub(super) fn is_reserved(word: &[u8]) -> bool {
    // The longest has 17 letters.
    let mut lower = [0u8; 17];
    let Some(lower) = lower.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    RESERVED.contains(&*lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_durations_and_versions_are_told_from_names() {
        for word in ["", "passing", "service-router", "1h30m", "72h", "5xx", "1.8.7", "TLSv1_2"] {
            assert!(is_word(word.as_bytes()), "{word}");
        }
        for name in ["web", "10.1.2.3", "hunter2", "123456789012", "TLS cert of web"] {
            assert!(!is_word(name.as_bytes()), "{name}");
        }
        assert!(is_server_text(b"serfHealth") && !is_server_text(b"serf"));
        assert!(is_reserved(b"Service") && !is_reserved(b"frontend"));
        assert!(RESERVED.iter().all(|word| word.len() <= 17 && is_reserved(word)));
    }
}
