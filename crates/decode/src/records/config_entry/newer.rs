//! Kinds of config entries that came after 1.21.

use crate::schema::{Any, List, Map, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A `rate-limit` config entry, which stores `global-rate-limit` as its kind.
    struct RateLimitEntryRef "rate-limit" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Config" config: Nested<'a, Option<GlobalRateLimitRef<'a>>>, omit_empty as "config";
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `GlobalRateLimitConfig`.
    struct GlobalRateLimitRef "GlobalRateLimitConfig" {
        "ReadRate" read_rate: Option<f64>;
        "WriteRate" write_rate: Option<f64>;
        "Priority" priority: bool, always as "priority";
        "ExcludeEndpoints" exclude_endpoints: List<'a, Text<'a>>, always as "exclude_endpoints";
    }

    /// An `inference-gateway` config entry.
    struct InferenceGatewayEntryRef "inference-gateway" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Processor" processor: Nested<'a, InferenceProcessorRef<'a>>;
        "Failover" failover: Nested<'a, Option<InferenceFailoverRef<'a>>>, omit_empty;
        "RequestTimeout" request_timeout: Text<'a>, omit_empty;
        "PII" pii: Nested<'a, Option<InferencePiiRef<'a>>>, omit_empty;
        "Observability" observability: Nested<'a, Option<InferenceObservabilityRef<'a>>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `InferenceGatewayProcessor`.
    struct InferenceProcessorRef "InferenceGatewayProcessor" {
        "FailureMode" failure_mode: Text<'a>, omit_empty;
        "BodyModelRouting" body_model_routing: bool, omit_empty;
    }

    /// Consul's `InferenceGatewayFailover`.
    struct InferenceFailoverRef "InferenceGatewayFailover" {
        "RetryOn" retry_on: List<'a, Text<'a>>, omit_empty;
        "MaxTiers" max_tiers: i64, omit_empty;
        "PerTryTimeout" per_try_timeout: Text<'a>, omit_empty;
    }

    /// Consul's `InferenceGatewayPII`.
    struct InferencePiiRef "InferenceGatewayPII" {
        "Scope" scope: Text<'a>, omit_empty;
        "DefaultAction" default_action: Text<'a>, omit_empty;
        "StreamHoldbackBytes" stream_holdback_bytes: i64, omit_empty;
        "Mask" mask: Nested<'a, Option<InferencePiiMaskRef<'a>>>, omit_empty;
        "Detectors" detectors: List<'a, InferencePiiDetectorRef<'a>>, omit_empty;
    }

    /// Consul's `InferenceGatewayPIIMask`.
    struct InferencePiiMaskRef "InferenceGatewayPIIMask" {
        "Char" char_: Text<'a>, omit_empty;
        "KeepLast" keep_last: i64, omit_empty;
    }

    /// Consul's `InferenceGatewayPIIDetector`.
    struct InferencePiiDetectorRef "InferenceGatewayPIIDetector" {
        "Name" name: Text<'a>, omit_empty;
        "Regex" regex: Text<'a>, omit_empty;
        "Action" action: Text<'a>, omit_empty;
    }

    /// Consul's `InferenceGatewayObservability`.
    struct InferenceObservabilityRef "InferenceGatewayObservability" {
        "Metrics" metrics: Nested<'a, Option<InferenceMetricsRef<'a>>>, omit_empty;
        "Tracing" tracing: Nested<'a, Option<InferenceTracingRef<'a>>>, omit_empty;
    }

    /// Consul's `InferenceGatewayMetrics`.
    struct InferenceMetricsRef "InferenceGatewayMetrics" {
        "Enabled" enabled: Option<bool>, omit_empty;
        "Prometheus" prometheus: Nested<'a, Option<InferencePrometheusRef<'a>>>, omit_empty;
        "OTLP" otlp: Nested<'a, Option<InferenceOtlpRef<'a>>>, omit_empty;
    }

    /// Consul's `InferenceGatewayMetricsPrometheus`.
    struct InferencePrometheusRef "InferenceGatewayMetricsPrometheus" {
        "Port" port: Option<i64>, omit_empty;
    }

    /// Consul's `InferenceGatewayTracing`.
    struct InferenceTracingRef "InferenceGatewayTracing" {
        "Enabled" enabled: bool, omit_empty;
        "OTLP" otlp: Nested<'a, Option<InferenceOtlpRef<'a>>>, omit_empty;
        "SampleRatio" sample_ratio: f64, omit_empty;
    }

    /// Consul's `InferenceGatewayOTLPExport`.
    struct InferenceOtlpRef "InferenceGatewayOTLPExport" {
        "Endpoint" endpoint: Text<'a>, omit_empty;
        "Insecure" insecure: bool, omit_empty;
    }

    /// An `ai-gateway` config entry: what `inference-gateway` was at first.
    struct AiGatewayEntryRef "ai-gateway" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Processor" processor: Any<'a>, omit_empty;
        "ApplyTo" apply_to: List<'a, Text<'a>>, omit_empty;
        "Routing" routing: Any<'a>, omit_empty;
        "Policy" policy: Any<'a>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }
}
