//! The version since which a body may have a field: servers refuse fields that they do not know.
//!
//! Taken from the structs into which bodies are read, in the sources of 1.5.0, 1.6.0, 1.7.0, 1.8.7,
//! the first release of each minor version from 1.9 to 1.20, 1.21.5 and 1.22.0. Fields that were
//! backported to patch releases are not included, nor are those that servers before 1.8 do not
//! know.

use serde_json::Value;
use snapscope_decode::VersionRange;
use snapscope_objects::kind::KindId;

/// Kind of the config entry, path of the field (through lists, with `*` for any key), and the first
/// minor version of 1 that knows it. Fields as old as their kind are not included.
static SINCE: &[(&str, &str, u32)] = &[
    ("api-gateway", "Listeners.Default", 17),
    ("api-gateway", "Listeners.MaxRequestHeadersKB", 21),
    ("api-gateway", "Listeners.Override", 17),
    ("bound-api-gateway", "Services", 18),
    ("exported-services", "Services.Consumers.Peer", 14),
    ("exported-services", "Services.Consumers.SamenessGroup", 16),
    ("http-route", "Rules.Filters.JWT", 17),
    ("http-route", "Rules.Filters.RetryFilter", 17),
    ("http-route", "Rules.Filters.TimeoutFilter", 17),
    ("http-route", "Rules.ResponseFilters", 17),
    ("http-route", "Rules.Services.Filters.JWT", 17),
    ("http-route", "Rules.Services.Filters.RetryFilter", 17),
    ("http-route", "Rules.Services.Filters.TimeoutFilter", 17),
    ("http-route", "Rules.Services.ResponseFilters", 17),
    ("ingress-gateway", "Defaults", 14),
    ("ingress-gateway", "Defaults.PassiveHealthCheck", 15),
    ("ingress-gateway", "Defaults.PassiveHealthCheck.BaseEjectionTime", 16),
    ("ingress-gateway", "Defaults.PassiveHealthCheck.MaxEjectionPercent", 16),
    ("ingress-gateway", "Listeners.Services.MaxConcurrentRequests", 14),
    ("ingress-gateway", "Listeners.Services.MaxConnections", 14),
    ("ingress-gateway", "Listeners.Services.MaxPendingRequests", 14),
    ("ingress-gateway", "Listeners.Services.PassiveHealthCheck", 15),
    ("ingress-gateway", "Listeners.Services.PassiveHealthCheck.BaseEjectionTime", 16),
    ("ingress-gateway", "Listeners.Services.PassiveHealthCheck.MaxEjectionPercent", 16),
    ("ingress-gateway", "Listeners.Services.RequestHeaders", 11),
    ("ingress-gateway", "Listeners.Services.ResponseHeaders", 11),
    ("ingress-gateway", "Listeners.Services.TLS", 11),
    ("ingress-gateway", "Listeners.TLS", 11),
    ("ingress-gateway", "Listeners.TLS.CipherSuites", 12),
    ("ingress-gateway", "Listeners.TLS.TLSMaxVersion", 12),
    ("ingress-gateway", "Listeners.TLS.TLSMinVersion", 12),
    ("ingress-gateway", "TLS.CipherSuites", 12),
    ("ingress-gateway", "TLS.SDS", 11),
    ("ingress-gateway", "TLS.TLSMaxVersion", 12),
    ("ingress-gateway", "TLS.TLSMinVersion", 12),
    ("jwt-provider", "JSONWebKeySet.Remote.JWKSCluster", 17),
    ("jwt-provider", "JSONWebKeySet.Remote.UseSNI", 21),
    ("mesh", "AllowEnablingPermissiveMutualTLS", 16),
    ("mesh", "HTTP", 13),
    ("mesh", "HTTP.Incoming", 21),
    ("mesh", "Peering", 14),
    ("mesh", "TLS", 12),
    ("mesh", "ValidateClusters", 20),
    ("proxy-defaults", "AccessLogs", 15),
    ("proxy-defaults", "EnvoyExtensions", 15),
    ("proxy-defaults", "EnvoyExtensions.ConsulVersion", 16),
    ("proxy-defaults", "EnvoyExtensions.EnvoyVersion", 16),
    ("proxy-defaults", "FailoverPolicy", 16),
    ("proxy-defaults", "Mode", 10),
    ("proxy-defaults", "MutualTLSMode", 16),
    ("proxy-defaults", "PrioritizeByLocality", 16),
    ("proxy-defaults", "TransparentProxy", 10),
    ("service-defaults", "BalanceInboundConnections", 14),
    ("service-defaults", "Destination", 13),
    ("service-defaults", "EnvoyExtensions", 15),
    ("service-defaults", "EnvoyExtensions.ConsulVersion", 16),
    ("service-defaults", "EnvoyExtensions.EnvoyVersion", 16),
    ("service-defaults", "LocalConnectTimeoutMs", 14),
    ("service-defaults", "LocalRequestTimeoutMs", 14),
    ("service-defaults", "MaxInboundConnections", 13),
    ("service-defaults", "MaxRequestHeadersKB", 21),
    ("service-defaults", "Mode", 10),
    ("service-defaults", "MutualTLSMode", 16),
    ("service-defaults", "RateLimits", 17),
    ("service-defaults", "TransparentProxy", 10),
    ("service-defaults", "UpstreamConfig", 10),
    ("service-defaults", "UpstreamConfig.Defaults.BalanceOutboundConnections", 14),
    ("service-defaults", "UpstreamConfig.Defaults.PassiveHealthCheck.BaseEjectionTime", 16),
    ("service-defaults", "UpstreamConfig.Defaults.PassiveHealthCheck.EnforcingConsecutive5xx", 14),
    ("service-defaults", "UpstreamConfig.Defaults.PassiveHealthCheck.MaxEjectionPercent", 16),
    ("service-defaults", "UpstreamConfig.Defaults.Peer", 15),
    ("service-defaults", "UpstreamConfig.Overrides.BalanceOutboundConnections", 14),
    ("service-defaults", "UpstreamConfig.Overrides.PassiveHealthCheck.BaseEjectionTime", 16),
    ("service-defaults", "UpstreamConfig.Overrides.PassiveHealthCheck.EnforcingConsecutive5xx", 14),
    ("service-defaults", "UpstreamConfig.Overrides.PassiveHealthCheck.MaxEjectionPercent", 16),
    ("service-defaults", "UpstreamConfig.Overrides.Peer", 15),
    ("service-intentions", "JWT", 16),
    ("service-intentions", "Sources.Peer", 13),
    ("service-intentions", "Sources.Permissions.HTTP.Header.Contains", 21),
    ("service-intentions", "Sources.Permissions.HTTP.Header.IgnoreCase", 21),
    ("service-intentions", "Sources.Permissions.JWT", 16),
    ("service-intentions", "Sources.SamenessGroup", 16),
    ("service-resolver", "Failover.*.Policy", 16),
    ("service-resolver", "Failover.*.SamenessGroup", 16),
    ("service-resolver", "Failover.*.Targets", 14),
    ("service-resolver", "LoadBalancer", 9),
    ("service-resolver", "PrioritizeByLocality", 16),
    ("service-resolver", "Redirect.Partition", 11),
    ("service-resolver", "Redirect.Peer", 14),
    ("service-resolver", "Redirect.SamenessGroup", 16),
    ("service-resolver", "RequestTimeout", 16),
    ("service-router", "Routes.Destination.IdleTimeout", 15),
    ("service-router", "Routes.Destination.Partition", 11),
    ("service-router", "Routes.Destination.RequestHeaders", 11),
    ("service-router", "Routes.Destination.ResponseHeaders", 11),
    ("service-router", "Routes.Destination.RetryOn", 14),
    ("service-router", "Routes.Match.HTTP.CaseInsensitive", 18),
    ("service-splitter", "Splits.Partition", 11),
    ("service-splitter", "Splits.RequestHeaders", 11),
    ("service-splitter", "Splits.ResponseHeaders", 11),
    ("terminating-gateway", "Services.DisableAutoHostRewrite", 19),
];

/// The same for objects that are not config entries.
static OF_OBJECTS: &[(KindId, &str, u32)] = &[
    (KindId::BindingRules, "BindVars", 17),
    (KindId::Roles, "TemplatedPolicies", 17),
    (KindId::Tokens, "TemplatedPolicies", 17),
];

/// A field, and the servers that refuse a body with it.
#[derive(Debug)]
struct Newer {
    /// Its path, through lists.
    field: &'static str,
    /// The servers that do not know it.
    refused_by: VersionRange,
}

/// The fields of a body that are newer than its kind, the newest first. A null counts too: servers
/// refuse the name.
fn newer<K>(
    since: &'static [(K, &str, u32)],
    is_kind: impl Fn(&K) -> bool,
    body: &Value,
) -> Vec<Newer> {
    let of_kind = since.iter().filter(|(of, ..)| is_kind(of));
    let mut found: Vec<_> = of_kind.filter(|(_, path, _)| has(body, path)).collect();
    found.sort_by_key(|(.., since)| std::cmp::Reverse(*since));
    found
        .iter()
        .map(|(_, field, since)| Newer { field, refused_by: VersionRange::before(1, *since) })
        .collect()
}

/// The servers that refuse a config entry of a kind because of its fields.
#[must_use]
pub fn entry_refused(kind: &str, body: &Value) -> Option<super::Refusal> {
    refusal(&newer(SINCE, |of| *of == kind, body))
}

/// The servers that refuse another object because of its fields.
#[must_use]
pub fn object_refused(kind: KindId, body: &Value) -> Option<super::Refusal> {
    refusal(&newer(OF_OBJECTS, |of| *of == kind, body))
}

fn refusal(fields: &[Newer]) -> Option<super::Refusal> {
    let newest = fields.first()?;
    let names: Vec<&str> = fields.iter().map(|newer| newer.field).collect();
    Some((newest.refused_by, format!("they do not know {}", names.join(", "))))
}

fn has(value: &Value, path: &str) -> bool {
    if let Value::Array(items) = value {
        return items.iter().any(|item| has(item, path));
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let has_rest = |member: &Value| rest.is_empty() || has(member, rest);
    match value {
        Value::Object(members) if name == "*" => members.values().any(has_rest),
        Value::Object(members) => members.get(name).is_some_and(has_rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_found_through_lists_and_maps() {
        let fields = |kind: &str, body| -> Vec<String> {
            newer(SINCE, |of| *of == kind, &body)
                .iter()
                .map(|n| format!("{} {}", n.field, n.refused_by))
                .collect()
        };
        let resolver =
            json!({"Failover": {"*": {"Targets": [{"Service": "x"}]}}, "LoadBalancer": {}});
        let expected = ["Failover.*.Targets before 1.14", "LoadBalancer before 1.9"];
        assert_eq!(fields("service-resolver", resolver), expected);
        let splitter = json!({"Splits": [{"Weight": 1}, {"ResponseHeaders": null}]});
        assert_eq!(fields("service-splitter", splitter), ["Splits.ResponseHeaders before 1.11"]);
        assert_eq!(fields("service-splitter", json!({"Splits": [{"Weight": 1}]})), [""; 0]);
        assert!(object_refused(KindId::Tokens, &json!({"TemplatedPolicies": []})).is_some());
    }

    #[test]
    fn the_table_has_each_field_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (kind, path, since) in SINCE {
            assert!(seen.insert((kind, path)), "{kind} {path}");
            assert!((9..=22).contains(since));
        }
    }
}
