// Made by examples/resource_messages.rs from data/; edit the tables, not this file.

use crate::protobuf::MessageClass::{
    AnyMessage, Bool, Duration, Int32, Map, Message, Named, Struct, Text, Timestamp, Uint, Uint32, Wrapped,
};
use crate::protobuf::{EnumValue, MessageSchema, field, value};
use crate::records::resource_type::ResourceType;

static AUTH_V2BETA1_ACTION: [EnumValue; 3] = [
    value(0, "ACTION_UNSPECIFIED"),
    value(1, "ACTION_DENY"),
    value(2, "ACTION_ALLOW"),
];
static CATALOG_V1ALPHA1_HEALTH: [EnumValue; 5] = [
    value(0, "HEALTH_ANY"),
    value(1, "HEALTH_PASSING"),
    value(2, "HEALTH_WARNING"),
    value(3, "HEALTH_CRITICAL"),
    value(4, "HEALTH_MAINTENANCE"),
];
static CATALOG_V1ALPHA1_PROTOCOL: [EnumValue; 5] = [
    value(0, "PROTOCOL_TCP"),
    value(1, "PROTOCOL_HTTP"),
    value(2, "PROTOCOL_HTTP2"),
    value(3, "PROTOCOL_GRPC"),
    value(4, "PROTOCOL_MESH"),
];
static CATALOG_V2BETA1_FAILOVERMODE: [EnumValue; 3] = [
    value(0, "FAILOVER_MODE_UNSPECIFIED"),
    value(1, "FAILOVER_MODE_SEQUENTIAL"),
    value(2, "FAILOVER_MODE_ORDER_BY_LOCALITY"),
];
static CATALOG_V2BETA1_HEALTH: [EnumValue; 5] = [
    value(0, "HEALTH_ANY"),
    value(1, "HEALTH_PASSING"),
    value(2, "HEALTH_WARNING"),
    value(3, "HEALTH_CRITICAL"),
    value(4, "HEALTH_MAINTENANCE"),
];
static CATALOG_V2BETA1_PROTOCOL: [EnumValue; 6] = [
    value(0, "PROTOCOL_UNSPECIFIED"),
    value(1, "PROTOCOL_TCP"),
    value(2, "PROTOCOL_HTTP"),
    value(3, "PROTOCOL_HTTP2"),
    value(4, "PROTOCOL_GRPC"),
    value(5, "PROTOCOL_MESH"),
];
static HCP_V2_ACCESSLEVEL: [EnumValue; 3] = [
    value(0, "ACCESS_LEVEL_UNSPECIFIED"),
    value(1, "ACCESS_LEVEL_GLOBAL_READ_WRITE"),
    value(2, "ACCESS_LEVEL_GLOBAL_READ_ONLY"),
];
static INTERNAL_DEMO_V1_GENRE: [EnumValue; 13] = [
    value(0, "GENRE_UNSPECIFIED"),
    value(1, "GENRE_JAZZ"),
    value(2, "GENRE_FOLK"),
    value(3, "GENRE_POP"),
    value(4, "GENRE_METAL"),
    value(5, "GENRE_PUNK"),
    value(6, "GENRE_BLUES"),
    value(7, "GENRE_R_AND_B"),
    value(8, "GENRE_COUNTRY"),
    value(9, "GENRE_DISCO"),
    value(10, "GENRE_SKA"),
    value(11, "GENRE_HIP_HOP"),
    value(12, "GENRE_INDIE"),
];
static INTERNAL_DEMO_V2_GENRE: [EnumValue; 14] = [
    value(0, "GENRE_UNSPECIFIED"),
    value(1, "GENRE_JAZZ"),
    value(2, "GENRE_FOLK"),
    value(3, "GENRE_POP"),
    value(4, "GENRE_METAL"),
    value(5, "GENRE_PUNK"),
    value(6, "GENRE_BLUES"),
    value(7, "GENRE_R_AND_B"),
    value(8, "GENRE_COUNTRY"),
    value(9, "GENRE_DISCO"),
    value(10, "GENRE_SKA"),
    value(11, "GENRE_HIP_HOP"),
    value(12, "GENRE_INDIE"),
    value(13, "GENRE_ROCK").since(20),
];
static MESH_V1ALPHA1_BALANCEINBOUNDCONNECTIONS: [EnumValue; 2] = [
    value(0, "BALANCE_INBOUND_CONNECTIONS_DEFAULT"),
    value(1, "BALANCE_INBOUND_CONNECTIONS_EXACT"),
];
static MESH_V1ALPHA1_MESHGATEWAYMODE: [EnumValue; 4] = [
    value(0, "MESH_GATEWAY_MODE_UNSPECIFIED"),
    value(1, "MESH_GATEWAY_MODE_NONE"),
    value(2, "MESH_GATEWAY_MODE_LOCAL"),
    value(3, "MESH_GATEWAY_MODE_REMOTE"),
];
static MESH_V1ALPHA1_PROXYMODE: [EnumValue; 3] = [
    value(0, "PROXY_MODE_DEFAULT"),
    value(1, "PROXY_MODE_TRANSPARENT"),
    value(2, "PROXY_MODE_DIRECT"),
];
static MESH_V2BETA1_BACKENDTARGETDETAILSTYPE: [EnumValue; 3] = [
    value(0, "BACKEND_TARGET_DETAILS_TYPE_UNSPECIFIED"),
    value(1, "BACKEND_TARGET_DETAILS_TYPE_DIRECT"),
    value(2, "BACKEND_TARGET_DETAILS_TYPE_INDIRECT"),
];
static MESH_V2BETA1_BALANCECONNECTIONS: [EnumValue; 2] = [
    value(0, "BALANCE_CONNECTIONS_DEFAULT"),
    value(1, "BALANCE_CONNECTIONS_EXACT"),
];
static MESH_V2BETA1_EXPOSEPATHPROTOCOL: [EnumValue; 2] = [
    value(0, "EXPOSE_PATH_PROTOCOL_HTTP"),
    value(1, "EXPOSE_PATH_PROTOCOL_HTTP2"),
];
static MESH_V2BETA1_GRPCMETHODMATCHTYPE: [EnumValue; 3] = [
    value(0, "GRPC_METHOD_MATCH_TYPE_UNSPECIFIED"),
    value(1, "GRPC_METHOD_MATCH_TYPE_EXACT"),
    value(2, "GRPC_METHOD_MATCH_TYPE_REGEX"),
];
static MESH_V2BETA1_HASHPOLICYFIELD: [EnumValue; 4] = [
    value(0, "HASH_POLICY_FIELD_UNSPECIFIED"),
    value(1, "HASH_POLICY_FIELD_HEADER"),
    value(2, "HASH_POLICY_FIELD_COOKIE"),
    value(3, "HASH_POLICY_FIELD_QUERY_PARAMETER"),
];
static MESH_V2BETA1_HEADERMATCHTYPE: [EnumValue; 6] = [
    value(0, "HEADER_MATCH_TYPE_UNSPECIFIED"),
    value(1, "HEADER_MATCH_TYPE_EXACT"),
    value(2, "HEADER_MATCH_TYPE_REGEX"),
    value(3, "HEADER_MATCH_TYPE_PRESENT"),
    value(4, "HEADER_MATCH_TYPE_PREFIX"),
    value(5, "HEADER_MATCH_TYPE_SUFFIX"),
];
static MESH_V2BETA1_LOADBALANCERPOLICY: [EnumValue; 6] = [
    value(0, "LOAD_BALANCER_POLICY_UNSPECIFIED"),
    value(1, "LOAD_BALANCER_POLICY_RANDOM"),
    value(2, "LOAD_BALANCER_POLICY_ROUND_ROBIN"),
    value(3, "LOAD_BALANCER_POLICY_LEAST_REQUEST"),
    value(4, "LOAD_BALANCER_POLICY_MAGLEV"),
    value(5, "LOAD_BALANCER_POLICY_RING_HASH"),
];
static MESH_V2BETA1_LOCALITYPRIORITIZATIONMODE: [EnumValue; 3] = [
    value(0, "LOCALITY_PRIORITIZATION_MODE_UNSPECIFIED"),
    value(1, "LOCALITY_PRIORITIZATION_MODE_NONE"),
    value(2, "LOCALITY_PRIORITIZATION_MODE_FAILOVER"),
];
static MESH_V2BETA1_LOGSINKTYPE: [EnumValue; 4] = [
    value(0, "LOG_SINK_TYPE_DEFAULT"),
    value(1, "LOG_SINK_TYPE_FILE"),
    value(2, "LOG_SINK_TYPE_STDERR"),
    value(3, "LOG_SINK_TYPE_STDOUT"),
];
static MESH_V2BETA1_MESHGATEWAYMODE: [EnumValue; 4] = [
    value(0, "MESH_GATEWAY_MODE_UNSPECIFIED"),
    value(1, "MESH_GATEWAY_MODE_NONE"),
    value(2, "MESH_GATEWAY_MODE_LOCAL"),
    value(3, "MESH_GATEWAY_MODE_REMOTE"),
];
static MESH_V2BETA1_MUTUALTLSMODE: [EnumValue; 3] = [
    value(0, "MUTUAL_TLS_MODE_DEFAULT"),
    value(1, "MUTUAL_TLS_MODE_STRICT"),
    value(2, "MUTUAL_TLS_MODE_PERMISSIVE"),
];
static MESH_V2BETA1_PATHMATCHTYPE: [EnumValue; 4] = [
    value(0, "PATH_MATCH_TYPE_UNSPECIFIED"),
    value(1, "PATH_MATCH_TYPE_EXACT"),
    value(2, "PATH_MATCH_TYPE_PREFIX"),
    value(3, "PATH_MATCH_TYPE_REGEX"),
];
static MESH_V2BETA1_PROXYMODE: [EnumValue; 3] = [
    value(0, "PROXY_MODE_DEFAULT"),
    value(1, "PROXY_MODE_TRANSPARENT"),
    value(2, "PROXY_MODE_DIRECT"),
];
static MESH_V2BETA1_QUERYPARAMMATCHTYPE: [EnumValue; 4] = [
    value(0, "QUERY_PARAM_MATCH_TYPE_UNSPECIFIED"),
    value(1, "QUERY_PARAM_MATCH_TYPE_EXACT"),
    value(2, "QUERY_PARAM_MATCH_TYPE_REGEX"),
    value(3, "QUERY_PARAM_MATCH_TYPE_PRESENT"),
];
static MESH_V2BETA1_PBPROXYSTATE_APPENDACTION: [EnumValue; 4] = [
    value(0, "APPEND_ACTION_APPEND_IF_EXISTS_OR_ADD"),
    value(1, "APPEND_ACTION_OVERWRITE_IF_EXISTS_OR_ADD").until(18),
    value(1, "APPEND_ACTION_ADD_IF_ABSENT").since(18),
    value(2, "APPEND_ACTION_OVERWRITE_IF_EXISTS_OR_ADD").since(18),
];
static MESH_V2BETA1_PBPROXYSTATE_BALANCECONNECTIONS: [EnumValue; 2] = [
    value(0, "BALANCE_CONNECTIONS_DEFAULT"),
    value(1, "BALANCE_CONNECTIONS_EXACT"),
];
static MESH_V2BETA1_PBPROXYSTATE_CAPABILITY: [EnumValue; 3] = [
    value(0, "CAPABILITY_TRANSPARENT"),
    value(1, "CAPABILITY_L7_PROTOCOL_INSPECTION"),
    value(2, "CAPABILITY_L4_TLS_INSPECTION"),
];
static MESH_V2BETA1_PBPROXYSTATE_DIRECTION: [EnumValue; 3] = [
    value(0, "DIRECTION_UNSPECIFIED"),
    value(1, "DIRECTION_INBOUND"),
    value(2, "DIRECTION_OUTBOUND"),
];
static MESH_V2BETA1_PBPROXYSTATE_DISCOVERYTYPE: [EnumValue; 2] = [
    value(0, "DISCOVERY_TYPE_LOGICAL"),
    value(1, "DISCOVERY_TYPE_STRICT"),
];
static MESH_V2BETA1_PBPROXYSTATE_HEALTHSTATUS: [EnumValue; 3] = [
    value(0, "HEALTH_STATUS_UNKNOWN"),
    value(1, "HEALTH_STATUS_HEALTHY"),
    value(2, "HEALTH_STATUS_UNHEALTHY"),
];
static MESH_V2BETA1_PBPROXYSTATE_L7PROTOCOL: [EnumValue; 3] = [
    value(0, "L7_PROTOCOL_HTTP"),
    value(1, "L7_PROTOCOL_HTTP2"),
    value(2, "L7_PROTOCOL_GRPC"),
];
static MESH_V2BETA1_PBPROXYSTATE_LOGSINKTYPE: [EnumValue; 4] = [
    value(0, "LOG_SINK_TYPE_DEFAULT"),
    value(1, "LOG_SINK_TYPE_FILE"),
    value(2, "LOG_SINK_TYPE_STDERR"),
    value(3, "LOG_SINK_TYPE_STDOUT"),
];
static MESH_V2BETA1_PBPROXYSTATE_PROTOCOL: [EnumValue; 6] = [
    value(0, "PROTOCOL_UNSPECIFIED"),
    value(1, "PROTOCOL_TCP"),
    value(2, "PROTOCOL_HTTP"),
    value(3, "PROTOCOL_HTTP2"),
    value(4, "PROTOCOL_GRPC"),
    value(5, "PROTOCOL_MESH"),
];
static MESH_V2BETA1_PBPROXYSTATE_TLSCIPHERSUITE: [EnumValue; 14] = [
    value(0, "TLS_CIPHER_SUITE_ECDHE_ECDSA_AES128_GCM_SHA256"),
    value(1, "TLS_CIPHER_SUITE_ECDHE_ECDSA_CHACHA20_POLY1305"),
    value(2, "TLS_CIPHER_SUITE_ECDHE_RSA_AES128_GCM_SHA256"),
    value(3, "TLS_CIPHER_SUITE_ECDHE_RSA_CHACHA20_POLY1305"),
    value(4, "TLS_CIPHER_SUITE_ECDHE_ECDSA_AES128_SHA"),
    value(5, "TLS_CIPHER_SUITE_ECDHE_RSA_AES128_SHA"),
    value(6, "TLS_CIPHER_SUITE_AES128_GCM_SHA256"),
    value(7, "TLS_CIPHER_SUITE_AES128_SHA"),
    value(8, "TLS_CIPHER_SUITE_ECDHE_ECDSA_AES256_GCM_SHA384"),
    value(9, "TLS_CIPHER_SUITE_ECDHE_RSA_AES256_GCM_SHA384"),
    value(10, "TLS_CIPHER_SUITE_ECDHE_ECDSA_AES256_SHA"),
    value(11, "TLS_CIPHER_SUITE_ECDHE_RSA_AES256_SHA"),
    value(12, "TLS_CIPHER_SUITE_AES256_GCM_SHA384"),
    value(13, "TLS_CIPHER_SUITE_AES256_SHA"),
];
static MESH_V2BETA1_PBPROXYSTATE_TLSVERSION: [EnumValue; 7] = [
    value(0, "TLS_VERSION_AUTO"),
    value(1, "TLS_VERSION_1_0"),
    value(2, "TLS_VERSION_1_1"),
    value(3, "TLS_VERSION_1_2"),
    value(4, "TLS_VERSION_1_3"),
    value(5, "TLS_VERSION_INVALID"),
    value(6, "TLS_VERSION_UNSPECIFIED"),
];
static MESH_V2BETA1_PBPROXYSTATE_XFCCPOLICY: [EnumValue; 5] = [
    value(0, "XFCC_POLICY_SANITIZE"),
    value(1, "XFCC_POLICY_FORWARD_ONLY"),
    value(2, "XFCC_POLICY_APPEND_FORWARD"),
    value(3, "XFCC_POLICY_SANITIZE_SET"),
    value(4, "XFCC_POLICY_ALWAYS_FORWARD_ONLY"),
];
static RESOURCE_CONDITION_STATE: [EnumValue; 3] = [
    value(0, "STATE_UNKNOWN"),
    value(1, "STATE_TRUE"),
    value(2, "STATE_FALSE"),
];

/// `hashicorp.consul.auth.v2beta1.ComputedTrafficPermissions`
pub static AUTH_V2BETA1_COMPUTEDTRAFFICPERMISSIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.ComputedTrafficPermissions",
    fields: &[
        field(1, "allowPermissions", Message(&AUTH_V2BETA1_PERMISSION)).repeated(),
        field(2, "denyPermissions", Message(&AUTH_V2BETA1_PERMISSION)).repeated(),
        field(3, "isDefault", Bool),
        field(4, "boundReferences", Message(&RESOURCE_REFERENCE)).repeated().since(18),
    ],
};

/// `hashicorp.consul.auth.v2beta1.Destination`
pub static AUTH_V2BETA1_DESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.Destination",
    fields: &[
        field(1, "identityName", Text),
    ],
};

/// `hashicorp.consul.auth.v2beta1.DestinationRule`
pub static AUTH_V2BETA1_DESTINATIONRULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.DestinationRule",
    fields: &[
        field(1, "pathExact", Text),
        field(2, "pathPrefix", Text),
        field(3, "pathRegex", Text),
        field(4, "methods", Text).repeated(),
        field(5, "header", Message(&AUTH_V2BETA1_DESTINATIONRULEHEADER)).until(18),
        field(5, "headers", Message(&AUTH_V2BETA1_DESTINATIONRULEHEADER)).repeated().since(18),
        field(6, "portNames", Text).repeated(),
        field(7, "exclude", Message(&AUTH_V2BETA1_EXCLUDEPERMISSIONRULE)).repeated(),
    ],
};

/// `hashicorp.consul.auth.v2beta1.DestinationRuleHeader`
pub static AUTH_V2BETA1_DESTINATIONRULEHEADER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.DestinationRuleHeader",
    fields: &[
        field(1, "name", Text),
        field(2, "present", Bool),
        field(3, "exact", Text),
        field(4, "prefix", Text),
        field(5, "suffix", Text),
        field(6, "regex", Text),
        field(7, "invert", Bool),
    ],
};

/// `hashicorp.consul.auth.v2beta1.ExcludePermissionRule`
pub static AUTH_V2BETA1_EXCLUDEPERMISSIONRULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.ExcludePermissionRule",
    fields: &[
        field(1, "pathExact", Text),
        field(2, "pathPrefix", Text),
        field(3, "pathRegex", Text),
        field(4, "methods", Text).repeated(),
        field(5, "header", Message(&AUTH_V2BETA1_DESTINATIONRULEHEADER)).until(18),
        field(5, "headers", Message(&AUTH_V2BETA1_DESTINATIONRULEHEADER)).repeated().since(18),
        field(6, "portNames", Text).repeated(),
    ],
};

/// `hashicorp.consul.auth.v2beta1.ExcludeSource`
pub static AUTH_V2BETA1_EXCLUDESOURCE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.ExcludeSource",
    fields: &[
        field(1, "identityName", Text),
        field(2, "namespace", Text),
        field(3, "partition", Text),
        field(4, "peer", Text),
        field(5, "samenessGroup", Text),
    ],
};

/// `hashicorp.consul.auth.v2beta1.NamespaceTrafficPermissions`
pub static AUTH_V2BETA1_NAMESPACETRAFFICPERMISSIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.NamespaceTrafficPermissions",
    fields: &[
        field(1, "action", Named(&AUTH_V2BETA1_ACTION)),
        field(2, "permissions", Message(&AUTH_V2BETA1_PERMISSION)).repeated(),
    ],
};

/// `hashicorp.consul.auth.v2beta1.PartitionTrafficPermissions`
pub static AUTH_V2BETA1_PARTITIONTRAFFICPERMISSIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.PartitionTrafficPermissions",
    fields: &[
        field(1, "action", Named(&AUTH_V2BETA1_ACTION)),
        field(2, "permissions", Message(&AUTH_V2BETA1_PERMISSION)).repeated(),
    ],
};

/// `hashicorp.consul.auth.v2beta1.Permission`
pub static AUTH_V2BETA1_PERMISSION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.Permission",
    fields: &[
        field(1, "sources", Message(&AUTH_V2BETA1_SOURCE)).repeated(),
        field(2, "destinationRules", Message(&AUTH_V2BETA1_DESTINATIONRULE)).repeated(),
    ],
};

/// `hashicorp.consul.auth.v2beta1.Source`
pub static AUTH_V2BETA1_SOURCE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.Source",
    fields: &[
        field(1, "identityName", Text),
        field(2, "namespace", Text),
        field(3, "partition", Text),
        field(4, "peer", Text),
        field(5, "samenessGroup", Text),
        field(6, "exclude", Message(&AUTH_V2BETA1_EXCLUDESOURCE)).repeated(),
    ],
};

/// `hashicorp.consul.auth.v2beta1.TrafficPermissions`
pub static AUTH_V2BETA1_TRAFFICPERMISSIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.TrafficPermissions",
    fields: &[
        field(1, "destination", Message(&AUTH_V2BETA1_DESTINATION)),
        field(2, "action", Named(&AUTH_V2BETA1_ACTION)),
        field(3, "permissions", Message(&AUTH_V2BETA1_PERMISSION)).repeated(),
    ],
};

/// `hashicorp.consul.auth.v2beta1.WorkloadIdentity`
pub static AUTH_V2BETA1_WORKLOADIDENTITY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.auth.v2beta1.WorkloadIdentity",
    fields: &[],
};

/// `hashicorp.consul.catalog.v1alpha1.CheckTLSConfig`
pub static CATALOG_V1ALPHA1_CHECKTLSCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.CheckTLSConfig",
    fields: &[
        field(1, "tlsServerName", Text),
        field(2, "tlsSkipVerify", Bool),
        field(3, "useTls", Bool),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.DNSPolicy`
pub static CATALOG_V1ALPHA1_DNSPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.DNSPolicy",
    fields: &[
        field(1, "workloads", Message(&CATALOG_V1ALPHA1_WORKLOADSELECTOR)),
        field(2, "weights", Message(&CATALOG_V1ALPHA1_WEIGHTS)),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.Endpoint`
pub static CATALOG_V1ALPHA1_ENDPOINT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.Endpoint",
    fields: &[
        field(1, "targetRef", Message(&RESOURCE_ID)),
        field(2, "addresses", Message(&CATALOG_V1ALPHA1_WORKLOADADDRESS)).repeated(),
        field(3, "ports", Map(&Message(&CATALOG_V1ALPHA1_WORKLOADPORT))),
        field(4, "healthStatus", Named(&CATALOG_V1ALPHA1_HEALTH)),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.GRPCCheck`
pub static CATALOG_V1ALPHA1_GRPCCHECK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.GRPCCheck",
    fields: &[
        field(1, "address", Text),
        field(2, "tls", Message(&CATALOG_V1ALPHA1_CHECKTLSCONFIG)),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.HTTPCheck`
pub static CATALOG_V1ALPHA1_HTTPCHECK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.HTTPCheck",
    fields: &[
        field(1, "url", Text),
        field(2, "header", Map(&Text)),
        field(3, "method", Text),
        field(4, "body", Text),
        field(5, "disableRedirects", Bool),
        field(6, "tls", Message(&CATALOG_V1ALPHA1_CHECKTLSCONFIG)),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.HealthCheck`
pub static CATALOG_V1ALPHA1_HEALTHCHECK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.HealthCheck",
    fields: &[
        field(1, "name", Text),
        field(2, "http", Message(&CATALOG_V1ALPHA1_HTTPCHECK)).one_of(1),
        field(3, "tcp", Message(&CATALOG_V1ALPHA1_TCPCHECK)).one_of(1),
        field(4, "udp", Message(&CATALOG_V1ALPHA1_UDPCHECK)).one_of(1),
        field(5, "grpc", Message(&CATALOG_V1ALPHA1_GRPCCHECK)).one_of(1),
        field(6, "osService", Message(&CATALOG_V1ALPHA1_OSSERVICECHECK)).one_of(1),
        field(7, "interval", Duration),
        field(8, "timeout", Duration),
        field(9, "deregisterCriticalAfter", Duration),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.HealthChecks`
pub static CATALOG_V1ALPHA1_HEALTHCHECKS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.HealthChecks",
    fields: &[
        field(1, "workloads", Message(&CATALOG_V1ALPHA1_WORKLOADSELECTOR)),
        field(2, "healthChecks", Message(&CATALOG_V1ALPHA1_HEALTHCHECK)).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.HealthStatus`
pub static CATALOG_V1ALPHA1_HEALTHSTATUS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.HealthStatus",
    fields: &[
        field(1, "type", Text),
        field(2, "status", Named(&CATALOG_V1ALPHA1_HEALTH)),
        field(3, "description", Text),
        field(4, "output", Text),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.IP`
pub static CATALOG_V1ALPHA1_IP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.IP",
    fields: &[
        field(1, "address", Text),
        field(2, "generated", Bool),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.Locality`
pub static CATALOG_V1ALPHA1_LOCALITY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.Locality",
    fields: &[
        field(1, "region", Text),
        field(2, "zone", Text),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.Node`
pub static CATALOG_V1ALPHA1_NODE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.Node",
    fields: &[
        field(1, "addresses", Message(&CATALOG_V1ALPHA1_NODEADDRESS)).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.NodeAddress`
pub static CATALOG_V1ALPHA1_NODEADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.NodeAddress",
    fields: &[
        field(1, "host", Text),
        field(3, "external", Bool),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.OSServiceCheck`
pub static CATALOG_V1ALPHA1_OSSERVICECHECK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.OSServiceCheck",
    fields: &[
        field(1, "address", Text),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.Service`
pub static CATALOG_V1ALPHA1_SERVICE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.Service",
    fields: &[
        field(1, "workloads", Message(&CATALOG_V1ALPHA1_WORKLOADSELECTOR)),
        field(2, "ports", Message(&CATALOG_V1ALPHA1_SERVICEPORT)).repeated(),
        field(3, "virtualIps", Text).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.ServiceEndpoints`
pub static CATALOG_V1ALPHA1_SERVICEENDPOINTS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.ServiceEndpoints",
    fields: &[
        field(1, "endpoints", Message(&CATALOG_V1ALPHA1_ENDPOINT)).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.ServicePort`
pub static CATALOG_V1ALPHA1_SERVICEPORT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.ServicePort",
    fields: &[
        field(1, "virtualPort", Uint32),
        field(2, "targetPort", Text),
        field(3, "protocol", Named(&CATALOG_V1ALPHA1_PROTOCOL)),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.TCPCheck`
pub static CATALOG_V1ALPHA1_TCPCHECK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.TCPCheck",
    fields: &[
        field(1, "address", Text),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.UDPCheck`
pub static CATALOG_V1ALPHA1_UDPCHECK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.UDPCheck",
    fields: &[
        field(1, "address", Text),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.VirtualIPs`
pub static CATALOG_V1ALPHA1_VIRTUALIPS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.VirtualIPs",
    fields: &[
        field(1, "ips", Message(&CATALOG_V1ALPHA1_IP)).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.Weights`
pub static CATALOG_V1ALPHA1_WEIGHTS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.Weights",
    fields: &[
        field(1, "passing", Uint32),
        field(2, "warning", Uint32),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.Workload`
pub static CATALOG_V1ALPHA1_WORKLOAD: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.Workload",
    fields: &[
        field(1, "addresses", Message(&CATALOG_V1ALPHA1_WORKLOADADDRESS)).repeated(),
        field(2, "ports", Map(&Message(&CATALOG_V1ALPHA1_WORKLOADPORT))),
        field(3, "nodeName", Text),
        field(4, "identity", Text),
        field(5, "locality", Message(&CATALOG_V1ALPHA1_LOCALITY)),
        field(6, "tags", Text).repeated(),
        field(7, "enableTagOverride", Bool),
        field(8, "connectNative", Bool),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.WorkloadAddress`
pub static CATALOG_V1ALPHA1_WORKLOADADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.WorkloadAddress",
    fields: &[
        field(1, "host", Text),
        field(2, "ports", Text).repeated(),
        field(3, "external", Bool),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.WorkloadPort`
pub static CATALOG_V1ALPHA1_WORKLOADPORT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.WorkloadPort",
    fields: &[
        field(1, "port", Uint32),
        field(2, "protocol", Named(&CATALOG_V1ALPHA1_PROTOCOL)),
    ],
};

/// `hashicorp.consul.catalog.v1alpha1.WorkloadSelector`
pub static CATALOG_V1ALPHA1_WORKLOADSELECTOR: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v1alpha1.WorkloadSelector",
    fields: &[
        field(1, "prefixes", Text).repeated(),
        field(2, "names", Text).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.ComputedFailoverPolicy`
pub static CATALOG_V2BETA1_COMPUTEDFAILOVERPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.ComputedFailoverPolicy",
    fields: &[
        field(1, "config", Message(&CATALOG_V2BETA1_FAILOVERCONFIG)),
        field(2, "portConfigs", Map(&Message(&CATALOG_V2BETA1_FAILOVERCONFIG))),
        field(3, "boundReferences", Message(&RESOURCE_REFERENCE)).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.DNSPolicy`
pub static CATALOG_V2BETA1_DNSPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.DNSPolicy",
    fields: &[
        field(1, "weights", Message(&CATALOG_V2BETA1_WEIGHTS)),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.Endpoint`
pub static CATALOG_V2BETA1_ENDPOINT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.Endpoint",
    fields: &[
        field(1, "targetRef", Message(&RESOURCE_ID)),
        field(2, "addresses", Message(&CATALOG_V2BETA1_WORKLOADADDRESS)).repeated(),
        field(3, "ports", Map(&Message(&CATALOG_V2BETA1_WORKLOADPORT))),
        field(4, "healthStatus", Named(&CATALOG_V2BETA1_HEALTH)),
        field(5, "identity", Text),
        field(6, "dns", Message(&CATALOG_V2BETA1_DNSPOLICY)).since(18),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.FailoverConfig`
pub static CATALOG_V2BETA1_FAILOVERCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.FailoverConfig",
    fields: &[
        field(1, "destinations", Message(&CATALOG_V2BETA1_FAILOVERDESTINATION)).repeated(),
        field(2, "mode", Named(&CATALOG_V2BETA1_FAILOVERMODE)),
        field(3, "regions", Text).repeated(),
        field(4, "samenessGroup", Text),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.FailoverDestination`
pub static CATALOG_V2BETA1_FAILOVERDESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.FailoverDestination",
    fields: &[
        field(1, "ref", Message(&RESOURCE_REFERENCE)),
        field(2, "port", Text),
        field(3, "datacenter", Text),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.FailoverPolicy`
pub static CATALOG_V2BETA1_FAILOVERPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.FailoverPolicy",
    fields: &[
        field(1, "config", Message(&CATALOG_V2BETA1_FAILOVERCONFIG)),
        field(2, "portConfigs", Map(&Message(&CATALOG_V2BETA1_FAILOVERCONFIG))),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.HealthStatus`
pub static CATALOG_V2BETA1_HEALTHSTATUS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.HealthStatus",
    fields: &[
        field(1, "type", Text),
        field(2, "status", Named(&CATALOG_V2BETA1_HEALTH)),
        field(3, "description", Text),
        field(4, "output", Text),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.Locality`
pub static CATALOG_V2BETA1_LOCALITY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.Locality",
    fields: &[
        field(1, "region", Text),
        field(2, "zone", Text),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.Node`
pub static CATALOG_V2BETA1_NODE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.Node",
    fields: &[
        field(1, "addresses", Message(&CATALOG_V2BETA1_NODEADDRESS)).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.NodeAddress`
pub static CATALOG_V2BETA1_NODEADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.NodeAddress",
    fields: &[
        field(1, "host", Text),
        field(3, "external", Bool),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.NodeHealthStatus`
pub static CATALOG_V2BETA1_NODEHEALTHSTATUS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.NodeHealthStatus",
    fields: &[
        field(1, "type", Text),
        field(2, "status", Named(&CATALOG_V2BETA1_HEALTH)),
        field(3, "description", Text),
        field(4, "output", Text),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.Service`
pub static CATALOG_V2BETA1_SERVICE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.Service",
    fields: &[
        field(1, "workloads", Message(&CATALOG_V2BETA1_WORKLOADSELECTOR)),
        field(2, "ports", Message(&CATALOG_V2BETA1_SERVICEPORT)).repeated(),
        field(3, "virtualIps", Text).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.ServiceEndpoints`
pub static CATALOG_V2BETA1_SERVICEENDPOINTS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.ServiceEndpoints",
    fields: &[
        field(1, "endpoints", Message(&CATALOG_V2BETA1_ENDPOINT)).repeated(),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.ServicePort`
pub static CATALOG_V2BETA1_SERVICEPORT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.ServicePort",
    fields: &[
        field(1, "virtualPort", Uint32),
        field(2, "targetPort", Text),
        field(3, "protocol", Named(&CATALOG_V2BETA1_PROTOCOL)),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.Weights`
pub static CATALOG_V2BETA1_WEIGHTS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.Weights",
    fields: &[
        field(1, "passing", Uint32),
        field(2, "warning", Uint32),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.Workload`
pub static CATALOG_V2BETA1_WORKLOAD: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.Workload",
    fields: &[
        field(1, "addresses", Message(&CATALOG_V2BETA1_WORKLOADADDRESS)).repeated(),
        field(2, "ports", Map(&Message(&CATALOG_V2BETA1_WORKLOADPORT))),
        field(3, "nodeName", Text),
        field(4, "identity", Text),
        field(5, "locality", Message(&CATALOG_V2BETA1_LOCALITY)),
        field(6, "tags", Text).repeated(),
        field(7, "enableTagOverride", Bool),
        field(8, "connectNative", Bool),
        field(9, "dns", Message(&CATALOG_V2BETA1_DNSPOLICY)).since(18),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.WorkloadAddress`
pub static CATALOG_V2BETA1_WORKLOADADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.WorkloadAddress",
    fields: &[
        field(1, "host", Text),
        field(2, "ports", Text).repeated(),
        field(3, "external", Bool),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.WorkloadPort`
pub static CATALOG_V2BETA1_WORKLOADPORT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.WorkloadPort",
    fields: &[
        field(1, "port", Uint32),
        field(2, "protocol", Named(&CATALOG_V2BETA1_PROTOCOL)),
    ],
};

/// `hashicorp.consul.catalog.v2beta1.WorkloadSelector`
pub static CATALOG_V2BETA1_WORKLOADSELECTOR: MessageSchema = MessageSchema {
    name: "hashicorp.consul.catalog.v2beta1.WorkloadSelector",
    fields: &[
        field(1, "prefixes", Text).repeated(),
        field(2, "names", Text).repeated(),
        field(3, "filter", Text),
    ],
};

/// `hashicorp.consul.hcp.v2.HCPConfig`
pub static HCP_V2_HCPCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.hcp.v2.HCPConfig",
    fields: &[
        field(1, "authUrl", Text),
        field(2, "apiAddress", Text),
        field(3, "scadaAddress", Text),
        field(4, "tlsInsecureSkipVerify", Bool),
    ],
};

/// `hashicorp.consul.hcp.v2.Link`
pub static HCP_V2_LINK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.hcp.v2.Link",
    fields: &[
        field(1, "resourceId", Text),
        field(2, "clientId", Text),
        field(3, "clientSecret", Text),
        field(4, "hcpClusterUrl", Text),
        field(5, "accessLevel", Named(&HCP_V2_ACCESSLEVEL)),
        field(6, "hcpConfig", Message(&HCP_V2_HCPCONFIG)),
    ],
};

/// `hashicorp.consul.hcp.v2.MetricsConfig`
pub static HCP_V2_METRICSCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.hcp.v2.MetricsConfig",
    fields: &[
        field(1, "endpoint", Text),
        field(2, "includeList", Text).repeated(),
        field(3, "labels", Map(&Text)),
        field(4, "disabled", Bool),
    ],
};

/// `hashicorp.consul.hcp.v2.ProxyConfig`
pub static HCP_V2_PROXYCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.hcp.v2.ProxyConfig",
    fields: &[
        field(1, "httpProxy", Text),
        field(2, "httpsProxy", Text),
        field(3, "noProxy", Text).repeated(),
    ],
};

/// `hashicorp.consul.hcp.v2.TelemetryState`
pub static HCP_V2_TELEMETRYSTATE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.hcp.v2.TelemetryState",
    fields: &[
        field(1, "resourceId", Text),
        field(2, "clientId", Text),
        field(3, "clientSecret", Text),
        field(4, "hcpConfig", Message(&HCP_V2_HCPCONFIG)),
        field(5, "proxy", Message(&HCP_V2_PROXYCONFIG)),
        field(6, "metrics", Message(&HCP_V2_METRICSCONFIG)),
    ],
};

/// `hashicorp.consul.internal.demo.v1.Album`
pub static INTERNAL_DEMO_V1_ALBUM: MessageSchema = MessageSchema {
    name: "hashicorp.consul.internal.demo.v1.Album",
    fields: &[
        field(1, "name", Text),
        field(2, "yearOfRelease", Int32),
        field(3, "criticallyAclaimed", Bool).until(17),
        field(3, "criticallyAcclaimed", Bool).since(17),
        field(4, "tracks", Text).repeated(),
    ],
};

/// `hashicorp.consul.internal.demo.v1.Artist`
pub static INTERNAL_DEMO_V1_ARTIST: MessageSchema = MessageSchema {
    name: "hashicorp.consul.internal.demo.v1.Artist",
    fields: &[
        field(1, "name", Text),
        field(2, "description", Text),
        field(3, "genre", Named(&INTERNAL_DEMO_V1_GENRE)),
        field(4, "groupMembers", Int32),
    ],
};

/// `hashicorp.consul.internal.demo.v1.Concept`
pub static INTERNAL_DEMO_V1_CONCEPT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.internal.demo.v1.Concept",
    fields: &[],
};

/// `hashicorp.consul.internal.demo.v1.Executive`
pub static INTERNAL_DEMO_V1_EXECUTIVE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.internal.demo.v1.Executive",
    fields: &[
        field(1, "position", Text),
    ],
};

/// `hashicorp.consul.internal.demo.v1.RecordLabel`
pub static INTERNAL_DEMO_V1_RECORDLABEL: MessageSchema = MessageSchema {
    name: "hashicorp.consul.internal.demo.v1.RecordLabel",
    fields: &[
        field(1, "name", Text),
        field(2, "description", Text),
    ],
};

/// `hashicorp.consul.internal.demo.v2.Album`
pub static INTERNAL_DEMO_V2_ALBUM: MessageSchema = MessageSchema {
    name: "hashicorp.consul.internal.demo.v2.Album",
    fields: &[
        field(1, "title", Text),
        field(2, "yearOfRelease", Int32),
        field(3, "criticallyAclaimed", Bool),
        field(4, "tracks", Text).repeated(),
    ],
};

/// `hashicorp.consul.internal.demo.v2.Artist`
pub static INTERNAL_DEMO_V2_ARTIST: MessageSchema = MessageSchema {
    name: "hashicorp.consul.internal.demo.v2.Artist",
    fields: &[
        field(1, "name", Text),
        field(2, "genre", Named(&INTERNAL_DEMO_V2_GENRE)),
        field(3, "groupMembers", Map(&Text)),
    ],
};

/// `hashicorp.consul.internal.demo.v2.Festival`
pub static INTERNAL_DEMO_V2_FESTIVAL: MessageSchema = MessageSchema {
    name: "hashicorp.consul.internal.demo.v2.Festival",
    fields: &[
        field(1, "name", Text),
        field(2, "genres", Named(&INTERNAL_DEMO_V2_GENRE)).repeated(),
        field(3, "artists", Message(&INTERNAL_DEMO_V2_ARTIST)).repeated(),
        field(4, "boundReferences", Message(&RESOURCE_REFERENCE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.BootstrapConfig`
pub static MESH_V1ALPHA1_BOOTSTRAPCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.BootstrapConfig",
    fields: &[
        field(1, "statsdUrl", Text),
        field(2, "dogstatsdUrl", Text),
        field(3, "statsTags", Text).repeated(),
        field(4, "prometheusBindAddr", Text),
        field(5, "statsBindAddr", Text),
        field(6, "readyBindAddr", Text),
        field(7, "overrideJsonTpl", Text),
        field(8, "staticClustersJson", Text),
        field(9, "staticListenersJson", Text),
        field(10, "statsSinksJson", Text),
        field(11, "statsConfigJson", Text),
        field(12, "statsFlushInterval", Text),
        field(13, "tracingConfigJson", Text),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.ConnectionConfig`
pub static MESH_V1ALPHA1_CONNECTIONCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.ConnectionConfig",
    fields: &[
        field(2, "connectTimeoutMs", Uint),
        field(3, "requestTimeoutMs", Uint),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.DynamicConfig`
pub static MESH_V1ALPHA1_DYNAMICCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.DynamicConfig",
    fields: &[
        field(1, "mode", Named(&MESH_V1ALPHA1_PROXYMODE)),
        field(2, "transparentProxy", Message(&MESH_V1ALPHA1_TRANSPARENTPROXY)),
        field(3, "localConnection", Map(&Message(&MESH_V1ALPHA1_CONNECTIONCONFIG))),
        field(4, "inboundConnections", Message(&MESH_V1ALPHA1_INBOUNDCONNECTIONSCONFIG)),
        field(5, "meshGatewayMode", Named(&MESH_V1ALPHA1_MESHGATEWAYMODE)),
        field(6, "exposeConfig", Message(&MESH_V1ALPHA1_EXPOSECONFIG)),
        field(7, "publicListenerJson", Text),
        field(8, "listenerTracingJson", Text),
        field(9, "localClusterJson", Text),
        field(10, "localWorkloadAddress", Text),
        field(11, "localWorkloadPort", Uint32),
        field(12, "localWorkloadSocketPath", Text),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.ExposeConfig`
pub static MESH_V1ALPHA1_EXPOSECONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.ExposeConfig",
    fields: &[
        field(1, "exposePaths", Message(&MESH_V1ALPHA1_EXPOSEPATH)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.ExposePath`
pub static MESH_V1ALPHA1_EXPOSEPATH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.ExposePath",
    fields: &[
        field(1, "listenerPort", Uint32),
        field(2, "path", Text),
        field(3, "localPathPort", Uint32),
        field(4, "protocol", Named(&CATALOG_V1ALPHA1_PROTOCOL)),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.InboundConnectionsConfig`
pub static MESH_V1ALPHA1_INBOUNDCONNECTIONSCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.InboundConnectionsConfig",
    fields: &[
        field(12, "maxInboundConnections", Uint),
        field(13, "balanceInboundConnections", Named(&MESH_V1ALPHA1_BALANCEINBOUNDCONNECTIONS)),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.PassiveHealthCheck`
pub static MESH_V1ALPHA1_PASSIVEHEALTHCHECK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.PassiveHealthCheck",
    fields: &[
        field(1, "interval", Duration),
        field(2, "maxFailures", Uint32),
        field(3, "enforcingConsecutive5xx", Uint32),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.PreparedQueryUpstream`
pub static MESH_V1ALPHA1_PREPAREDQUERYUPSTREAM: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.PreparedQueryUpstream",
    fields: &[
        field(1, "name", Text),
        field(2, "datacenter", Text),
        field(4, "tcp", Message(&MESH_V1ALPHA1_TCPADDRESS)).one_of(1),
        field(5, "unix", Message(&MESH_V1ALPHA1_UNIXSOCKETADDRESS)).one_of(1),
        field(6, "upstreamConfig", Message(&MESH_V1ALPHA1_UPSTREAMCONFIG)),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.ProxyConfiguration`
pub static MESH_V1ALPHA1_PROXYCONFIGURATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.ProxyConfiguration",
    fields: &[
        field(1, "workloads", Message(&CATALOG_V1ALPHA1_WORKLOADSELECTOR)),
        field(2, "dynamicConfig", Message(&MESH_V1ALPHA1_DYNAMICCONFIG)),
        field(3, "bootstrapConfig", Message(&MESH_V1ALPHA1_BOOTSTRAPCONFIG)),
        field(4, "opaqueConfig", Struct),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.TCPAddress`
pub static MESH_V1ALPHA1_TCPADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.TCPAddress",
    fields: &[
        field(1, "ip", Text),
        field(2, "port", Uint32),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.TransparentProxy`
pub static MESH_V1ALPHA1_TRANSPARENTPROXY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.TransparentProxy",
    fields: &[
        field(1, "outboundListenerPort", Uint32),
        field(2, "dialedDirectly", Bool),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.UnixSocketAddress`
pub static MESH_V1ALPHA1_UNIXSOCKETADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.UnixSocketAddress",
    fields: &[
        field(1, "path", Text),
        field(2, "mode", Text),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.Upstream`
pub static MESH_V1ALPHA1_UPSTREAM: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.Upstream",
    fields: &[
        field(1, "destinationRef", Message(&RESOURCE_ID)),
        field(2, "destinationPort", Text),
        field(3, "datacenter", Text),
        field(4, "tcp", Message(&MESH_V1ALPHA1_TCPADDRESS)).one_of(1),
        field(5, "unix", Message(&MESH_V1ALPHA1_UNIXSOCKETADDRESS)).one_of(1),
        field(7, "upstreamConfig", Message(&MESH_V1ALPHA1_UPSTREAMCONFIG)),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.UpstreamConfig`
pub static MESH_V1ALPHA1_UPSTREAMCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.UpstreamConfig",
    fields: &[
        field(2, "connectTimeoutMs", Uint),
        field(3, "limits", Message(&MESH_V1ALPHA1_UPSTREAMLIMITS)),
        field(4, "passiveHealthCheck", Message(&MESH_V1ALPHA1_PASSIVEHEALTHCHECK)),
        field(5, "balanceInboundConnections", Named(&MESH_V1ALPHA1_BALANCEINBOUNDCONNECTIONS)),
        field(6, "meshGatewayMode", Named(&MESH_V1ALPHA1_MESHGATEWAYMODE)),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.UpstreamLimits`
pub static MESH_V1ALPHA1_UPSTREAMLIMITS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.UpstreamLimits",
    fields: &[
        field(1, "maxConnections", Int32),
        field(2, "maxPendingRequests", Int32),
        field(3, "maxConcurrentRequests", Int32),
    ],
};

/// `hashicorp.consul.mesh.v1alpha1.Upstreams`
pub static MESH_V1ALPHA1_UPSTREAMS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v1alpha1.Upstreams",
    fields: &[
        field(1, "workloads", Message(&CATALOG_V1ALPHA1_WORKLOADSELECTOR)),
        field(2, "upstreams", Message(&MESH_V1ALPHA1_UPSTREAM)).repeated(),
        field(3, "pqUpstreams", Message(&MESH_V1ALPHA1_PREPAREDQUERYUPSTREAM)).repeated(),
        field(4, "upstreamConfig", Message(&MESH_V1ALPHA1_UPSTREAMCONFIG)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.APIGateway`
pub static MESH_V2BETA1_APIGATEWAY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.APIGateway",
    fields: &[
        field(1, "gatewayClassName", Text),
        field(2, "listeners", Message(&MESH_V2BETA1_APIGATEWAYLISTENER)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.APIGatewayListener`
pub static MESH_V2BETA1_APIGATEWAYLISTENER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.APIGatewayListener",
    fields: &[
        field(1, "name", Text),
        field(2, "port", Uint32),
        field(3, "protocol", Text),
        field(4, "hostname", Text),
        field(5, "tls", Message(&MESH_V2BETA1_APIGATEWAYTLSCONFIGURATION)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.APIGatewayTLSConfiguration`
pub static MESH_V2BETA1_APIGATEWAYTLSCONFIGURATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.APIGatewayTLSConfiguration",
    fields: &[
        field(1, "certificates", Message(&RESOURCE_REFERENCE)).repeated(),
        field(2, "tlsParameters", Message(&MESH_V2BETA1_PBPROXYSTATE_TLSPARAMETERS)).optional(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.AccessLogsConfig`
pub static MESH_V2BETA1_ACCESSLOGSCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.AccessLogsConfig",
    fields: &[
        field(1, "enabled", Bool),
        field(2, "disableListenerLogs", Bool),
        field(3, "type", Named(&MESH_V2BETA1_LOGSINKTYPE)),
        field(4, "path", Text),
        field(5, "jsonFormat", Text),
        field(6, "textFormat", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.BackendReference`
pub static MESH_V2BETA1_BACKENDREFERENCE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.BackendReference",
    fields: &[
        field(1, "ref", Message(&RESOURCE_REFERENCE)),
        field(2, "port", Text),
        field(3, "datacenter", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.BackendTargetDetails`
pub static MESH_V2BETA1_BACKENDTARGETDETAILS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.BackendTargetDetails",
    fields: &[
        field(1, "type", Named(&MESH_V2BETA1_BACKENDTARGETDETAILSTYPE)),
        field(2, "backendRef", Message(&MESH_V2BETA1_BACKENDREFERENCE)),
        field(3, "meshPort", Text),
        field(4, "failoverConfig", Message(&MESH_V2BETA1_COMPUTEDFAILOVERCONFIG)),
        field(5, "destinationConfig", Message(&MESH_V2BETA1_DESTINATIONCONFIG)),
        field(21, "serviceEndpointsId", Message(&RESOURCE_ID)).until(18),
        field(22, "serviceEndpoints", Message(&CATALOG_V2BETA1_SERVICEENDPOINTS)).until(18),
        field(23, "identityRefs", Message(&RESOURCE_REFERENCE)).repeated(),
        field(24, "serviceEndpointsRef", Message(&MESH_V2BETA1_PBPROXYSTATE_ENDPOINTREF)).since(18),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.BootstrapConfig`
pub static MESH_V2BETA1_BOOTSTRAPCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.BootstrapConfig",
    fields: &[
        field(1, "statsdUrl", Text),
        field(2, "dogstatsdUrl", Text),
        field(3, "statsTags", Text).repeated(),
        field(4, "prometheusBindAddr", Text),
        field(5, "statsBindAddr", Text),
        field(6, "readyBindAddr", Text),
        field(7, "overrideJsonTpl", Text),
        field(8, "staticClustersJson", Text),
        field(9, "staticListenersJson", Text),
        field(10, "statsSinksJson", Text),
        field(11, "statsConfigJson", Text),
        field(12, "statsFlushInterval", Text),
        field(13, "tracingConfigJson", Text),
        field(14, "telemetryCollectorBindSocketDir", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedExplicitDestinations`
pub static MESH_V2BETA1_COMPUTEDEXPLICITDESTINATIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedExplicitDestinations",
    fields: &[
        field(1, "destinations", Message(&MESH_V2BETA1_DESTINATION)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedFailoverConfig`
pub static MESH_V2BETA1_COMPUTEDFAILOVERCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedFailoverConfig",
    fields: &[
        field(1, "destinations", Message(&MESH_V2BETA1_COMPUTEDFAILOVERDESTINATION)).repeated(),
        field(2, "mode", Named(&CATALOG_V2BETA1_FAILOVERMODE)),
        field(3, "regions", Text).repeated(),
        field(4, "samenessGroup", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedFailoverDestination`
pub static MESH_V2BETA1_COMPUTEDFAILOVERDESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedFailoverDestination",
    fields: &[
        field(1, "backendTarget", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedGRPCBackendRef`
pub static MESH_V2BETA1_COMPUTEDGRPCBACKENDREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedGRPCBackendRef",
    fields: &[
        field(1, "backendTarget", Text),
        field(2, "weight", Uint32),
        field(3, "filters", Message(&MESH_V2BETA1_GRPCROUTEFILTER)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedGRPCRoute`
pub static MESH_V2BETA1_COMPUTEDGRPCROUTE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedGRPCRoute",
    fields: &[
        field(2, "rules", Message(&MESH_V2BETA1_COMPUTEDGRPCROUTERULE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedGRPCRouteRule`
pub static MESH_V2BETA1_COMPUTEDGRPCROUTERULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedGRPCRouteRule",
    fields: &[
        field(1, "matches", Message(&MESH_V2BETA1_GRPCROUTEMATCH)).repeated(),
        field(2, "filters", Message(&MESH_V2BETA1_GRPCROUTEFILTER)).repeated(),
        field(3, "backendRefs", Message(&MESH_V2BETA1_COMPUTEDGRPCBACKENDREF)).repeated(),
        field(4, "timeouts", Message(&MESH_V2BETA1_HTTPROUTETIMEOUTS)),
        field(5, "retries", Message(&MESH_V2BETA1_HTTPROUTERETRIES)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedHTTPBackendRef`
pub static MESH_V2BETA1_COMPUTEDHTTPBACKENDREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedHTTPBackendRef",
    fields: &[
        field(1, "backendTarget", Text),
        field(2, "weight", Uint32),
        field(3, "filters", Message(&MESH_V2BETA1_HTTPROUTEFILTER)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedHTTPRoute`
pub static MESH_V2BETA1_COMPUTEDHTTPROUTE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedHTTPRoute",
    fields: &[
        field(2, "rules", Message(&MESH_V2BETA1_COMPUTEDHTTPROUTERULE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedHTTPRouteRule`
pub static MESH_V2BETA1_COMPUTEDHTTPROUTERULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedHTTPRouteRule",
    fields: &[
        field(1, "matches", Message(&MESH_V2BETA1_HTTPROUTEMATCH)).repeated(),
        field(2, "filters", Message(&MESH_V2BETA1_HTTPROUTEFILTER)).repeated(),
        field(3, "backendRefs", Message(&MESH_V2BETA1_COMPUTEDHTTPBACKENDREF)).repeated(),
        field(4, "timeouts", Message(&MESH_V2BETA1_HTTPROUTETIMEOUTS)),
        field(5, "retries", Message(&MESH_V2BETA1_HTTPROUTERETRIES)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedImplicitDestinations`
pub static MESH_V2BETA1_COMPUTEDIMPLICITDESTINATIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedImplicitDestinations",
    fields: &[
        field(1, "destinations", Message(&MESH_V2BETA1_IMPLICITDESTINATION)).repeated(),
        field(2, "boundReferences", Message(&RESOURCE_REFERENCE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedPortRoutes`
pub static MESH_V2BETA1_COMPUTEDPORTROUTES: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedPortRoutes",
    fields: &[
        field(1, "http", Message(&MESH_V2BETA1_COMPUTEDHTTPROUTE)).one_of(1),
        field(2, "grpc", Message(&MESH_V2BETA1_COMPUTEDGRPCROUTE)).one_of(1),
        field(3, "tcp", Message(&MESH_V2BETA1_COMPUTEDTCPROUTE)).one_of(1),
        field(4, "usingDefaultConfig", Bool),
        field(5, "parentRef", Message(&MESH_V2BETA1_PARENTREFERENCE)),
        field(6, "protocol", Named(&CATALOG_V2BETA1_PROTOCOL)),
        field(7, "targets", Map(&Message(&MESH_V2BETA1_BACKENDTARGETDETAILS))),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedProxyConfiguration`
pub static MESH_V2BETA1_COMPUTEDPROXYCONFIGURATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedProxyConfiguration",
    fields: &[
        field(2, "dynamicConfig", Message(&MESH_V2BETA1_DYNAMICCONFIG)),
        field(3, "bootstrapConfig", Message(&MESH_V2BETA1_BOOTSTRAPCONFIG)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedRoutes`
pub static MESH_V2BETA1_COMPUTEDROUTES: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedRoutes",
    fields: &[
        field(1, "portedConfigs", Map(&Message(&MESH_V2BETA1_COMPUTEDPORTROUTES))),
        field(2, "boundReferences", Message(&RESOURCE_REFERENCE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedTCPBackendRef`
pub static MESH_V2BETA1_COMPUTEDTCPBACKENDREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedTCPBackendRef",
    fields: &[
        field(1, "backendTarget", Text),
        field(2, "weight", Uint32),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedTCPRoute`
pub static MESH_V2BETA1_COMPUTEDTCPROUTE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedTCPRoute",
    fields: &[
        field(1, "rules", Message(&MESH_V2BETA1_COMPUTEDTCPROUTERULE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ComputedTCPRouteRule`
pub static MESH_V2BETA1_COMPUTEDTCPROUTERULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ComputedTCPRouteRule",
    fields: &[
        field(1, "backendRefs", Message(&MESH_V2BETA1_COMPUTEDTCPBACKENDREF)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ConnectionConfig`
pub static MESH_V2BETA1_CONNECTIONCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ConnectionConfig",
    fields: &[
        field(1, "connectTimeout", Duration),
        field(2, "requestTimeout", Duration),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.CookieConfig`
pub static MESH_V2BETA1_COOKIECONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.CookieConfig",
    fields: &[
        field(1, "session", Bool),
        field(2, "ttl", Duration),
        field(3, "path", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.Destination`
pub static MESH_V2BETA1_DESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.Destination",
    fields: &[
        field(1, "destinationRef", Message(&RESOURCE_REFERENCE)),
        field(2, "destinationPort", Text),
        field(3, "datacenter", Text),
        field(4, "ipPort", Message(&MESH_V2BETA1_IPPORTADDRESS)).one_of(1),
        field(5, "unix", Message(&MESH_V2BETA1_UNIXSOCKETADDRESS)).one_of(1),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.DestinationConfig`
pub static MESH_V2BETA1_DESTINATIONCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.DestinationConfig",
    fields: &[
        field(1, "connectTimeout", Duration),
        field(2, "requestTimeout", Duration),
        field(3, "loadBalancer", Message(&MESH_V2BETA1_LOADBALANCER)),
        field(4, "localityPrioritization", Message(&MESH_V2BETA1_LOCALITYPRIORITIZATION)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.DestinationConfiguration`
pub static MESH_V2BETA1_DESTINATIONCONFIGURATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.DestinationConfiguration",
    fields: &[
        field(1, "protocol", Named(&CATALOG_V2BETA1_PROTOCOL)),
        field(2, "connectTimeout", Duration),
        field(3, "limits", Message(&MESH_V2BETA1_DESTINATIONLIMITS)),
        field(4, "passiveHealthCheck", Message(&MESH_V2BETA1_PASSIVEHEALTHCHECK)),
        field(5, "balanceOutboundConnections", Named(&MESH_V2BETA1_BALANCECONNECTIONS)),
        field(6, "meshGatewayMode", Named(&MESH_V2BETA1_MESHGATEWAYMODE)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.DestinationLimits`
pub static MESH_V2BETA1_DESTINATIONLIMITS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.DestinationLimits",
    fields: &[
        field(1, "maxConnections", Wrapped(&Uint32)),
        field(2, "maxPendingRequests", Wrapped(&Uint32)),
        field(3, "maxConcurrentRequests", Wrapped(&Uint32)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.DestinationPolicy`
pub static MESH_V2BETA1_DESTINATIONPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.DestinationPolicy",
    fields: &[
        field(1, "portConfigs", Map(&Message(&MESH_V2BETA1_DESTINATIONCONFIG))),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.Destinations`
pub static MESH_V2BETA1_DESTINATIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.Destinations",
    fields: &[
        field(1, "workloads", Message(&CATALOG_V2BETA1_WORKLOADSELECTOR)),
        field(2, "destinations", Message(&MESH_V2BETA1_DESTINATION)).repeated(),
        field(3, "pqDestinations", Message(&MESH_V2BETA1_PREPAREDQUERYDESTINATION)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.DynamicConfig`
pub static MESH_V2BETA1_DYNAMICCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.DynamicConfig",
    fields: &[
        field(1, "mode", Named(&MESH_V2BETA1_PROXYMODE)),
        field(2, "transparentProxy", Message(&MESH_V2BETA1_TRANSPARENTPROXY)),
        field(3, "mutualTlsMode", Named(&MESH_V2BETA1_MUTUALTLSMODE)),
        field(4, "localConnection", Map(&Message(&MESH_V2BETA1_CONNECTIONCONFIG))),
        field(5, "inboundConnections", Message(&MESH_V2BETA1_INBOUNDCONNECTIONSCONFIG)),
        field(6, "meshGatewayMode", Named(&MESH_V2BETA1_MESHGATEWAYMODE)),
        field(7, "exposeConfig", Message(&MESH_V2BETA1_EXPOSECONFIG)),
        field(8, "accessLogs", Message(&MESH_V2BETA1_ACCESSLOGSCONFIG)),
        field(9, "publicListenerJson", Text),
        field(10, "listenerTracingJson", Text),
        field(11, "localClusterJson", Text),
        field(12, "localWorkloadAddress", Text),
        field(13, "localWorkloadPort", Uint32),
        field(14, "localWorkloadSocketPath", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ExposeConfig`
pub static MESH_V2BETA1_EXPOSECONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ExposeConfig",
    fields: &[
        field(1, "exposePaths", Message(&MESH_V2BETA1_EXPOSEPATH)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ExposePath`
pub static MESH_V2BETA1_EXPOSEPATH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ExposePath",
    fields: &[
        field(1, "listenerPort", Uint32),
        field(2, "path", Text),
        field(3, "localPathPort", Uint32),
        field(4, "protocol", Named(&MESH_V2BETA1_EXPOSEPATHPROTOCOL)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.GRPCBackendRef`
pub static MESH_V2BETA1_GRPCBACKENDREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.GRPCBackendRef",
    fields: &[
        field(1, "backendRef", Message(&MESH_V2BETA1_BACKENDREFERENCE)),
        field(2, "weight", Uint32),
        field(3, "filters", Message(&MESH_V2BETA1_GRPCROUTEFILTER)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.GRPCHeaderMatch`
pub static MESH_V2BETA1_GRPCHEADERMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.GRPCHeaderMatch",
    fields: &[
        field(1, "type", Named(&MESH_V2BETA1_HEADERMATCHTYPE)),
        field(2, "name", Text),
        field(3, "value", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.GRPCMethodMatch`
pub static MESH_V2BETA1_GRPCMETHODMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.GRPCMethodMatch",
    fields: &[
        field(1, "type", Named(&MESH_V2BETA1_GRPCMETHODMATCHTYPE)),
        field(2, "service", Text),
        field(3, "method", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.GRPCRoute`
pub static MESH_V2BETA1_GRPCROUTE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.GRPCRoute",
    fields: &[
        field(1, "parentRefs", Message(&MESH_V2BETA1_PARENTREFERENCE)).repeated(),
        field(2, "hostnames", Text).repeated(),
        field(3, "rules", Message(&MESH_V2BETA1_GRPCROUTERULE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.GRPCRouteFilter`
pub static MESH_V2BETA1_GRPCROUTEFILTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.GRPCRouteFilter",
    fields: &[
        field(1, "requestHeaderModifier", Message(&MESH_V2BETA1_HTTPHEADERFILTER)),
        field(2, "responseHeaderModifier", Message(&MESH_V2BETA1_HTTPHEADERFILTER)),
        field(5, "urlRewrite", Message(&MESH_V2BETA1_HTTPURLREWRITEFILTER)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.GRPCRouteMatch`
pub static MESH_V2BETA1_GRPCROUTEMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.GRPCRouteMatch",
    fields: &[
        field(1, "method", Message(&MESH_V2BETA1_GRPCMETHODMATCH)),
        field(2, "headers", Message(&MESH_V2BETA1_GRPCHEADERMATCH)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.GRPCRouteRule`
pub static MESH_V2BETA1_GRPCROUTERULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.GRPCRouteRule",
    fields: &[
        field(1, "matches", Message(&MESH_V2BETA1_GRPCROUTEMATCH)).repeated(),
        field(2, "filters", Message(&MESH_V2BETA1_GRPCROUTEFILTER)).repeated(),
        field(3, "backendRefs", Message(&MESH_V2BETA1_GRPCBACKENDREF)).repeated(),
        field(4, "timeouts", Message(&MESH_V2BETA1_HTTPROUTETIMEOUTS)),
        field(5, "retries", Message(&MESH_V2BETA1_HTTPROUTERETRIES)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPBackendRef`
pub static MESH_V2BETA1_HTTPBACKENDREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPBackendRef",
    fields: &[
        field(1, "backendRef", Message(&MESH_V2BETA1_BACKENDREFERENCE)),
        field(2, "weight", Uint32),
        field(3, "filters", Message(&MESH_V2BETA1_HTTPROUTEFILTER)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPHeader`
pub static MESH_V2BETA1_HTTPHEADER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPHeader",
    fields: &[
        field(1, "name", Text),
        field(2, "value", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPHeaderFilter`
pub static MESH_V2BETA1_HTTPHEADERFILTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPHeaderFilter",
    fields: &[
        field(1, "set", Message(&MESH_V2BETA1_HTTPHEADER)).repeated(),
        field(2, "add", Message(&MESH_V2BETA1_HTTPHEADER)).repeated(),
        field(3, "remove", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPHeaderMatch`
pub static MESH_V2BETA1_HTTPHEADERMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPHeaderMatch",
    fields: &[
        field(1, "type", Named(&MESH_V2BETA1_HEADERMATCHTYPE)),
        field(2, "name", Text),
        field(3, "value", Text),
        field(4, "invert", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPPathMatch`
pub static MESH_V2BETA1_HTTPPATHMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPPathMatch",
    fields: &[
        field(1, "type", Named(&MESH_V2BETA1_PATHMATCHTYPE)),
        field(2, "value", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPQueryParamMatch`
pub static MESH_V2BETA1_HTTPQUERYPARAMMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPQueryParamMatch",
    fields: &[
        field(1, "type", Named(&MESH_V2BETA1_QUERYPARAMMATCHTYPE)),
        field(2, "name", Text),
        field(3, "value", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPRoute`
pub static MESH_V2BETA1_HTTPROUTE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPRoute",
    fields: &[
        field(1, "parentRefs", Message(&MESH_V2BETA1_PARENTREFERENCE)).repeated(),
        field(2, "hostnames", Text).repeated(),
        field(3, "rules", Message(&MESH_V2BETA1_HTTPROUTERULE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPRouteFilter`
pub static MESH_V2BETA1_HTTPROUTEFILTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPRouteFilter",
    fields: &[
        field(1, "requestHeaderModifier", Message(&MESH_V2BETA1_HTTPHEADERFILTER)),
        field(2, "responseHeaderModifier", Message(&MESH_V2BETA1_HTTPHEADERFILTER)),
        field(5, "urlRewrite", Message(&MESH_V2BETA1_HTTPURLREWRITEFILTER)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPRouteMatch`
pub static MESH_V2BETA1_HTTPROUTEMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPRouteMatch",
    fields: &[
        field(1, "path", Message(&MESH_V2BETA1_HTTPPATHMATCH)),
        field(2, "headers", Message(&MESH_V2BETA1_HTTPHEADERMATCH)).repeated(),
        field(3, "queryParams", Message(&MESH_V2BETA1_HTTPQUERYPARAMMATCH)).repeated(),
        field(4, "method", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPRouteRetries`
pub static MESH_V2BETA1_HTTPROUTERETRIES: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPRouteRetries",
    fields: &[
        field(1, "number", Wrapped(&Uint32)),
        field(2, "onConnectFailure", Bool),
        field(3, "onConditions", Text).repeated(),
        field(4, "onStatusCodes", Uint32).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPRouteRule`
pub static MESH_V2BETA1_HTTPROUTERULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPRouteRule",
    fields: &[
        field(1, "matches", Message(&MESH_V2BETA1_HTTPROUTEMATCH)).repeated(),
        field(2, "filters", Message(&MESH_V2BETA1_HTTPROUTEFILTER)).repeated(),
        field(3, "backendRefs", Message(&MESH_V2BETA1_HTTPBACKENDREF)).repeated(),
        field(4, "timeouts", Message(&MESH_V2BETA1_HTTPROUTETIMEOUTS)),
        field(5, "retries", Message(&MESH_V2BETA1_HTTPROUTERETRIES)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPRouteTimeouts`
pub static MESH_V2BETA1_HTTPROUTETIMEOUTS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPRouteTimeouts",
    fields: &[
        field(1, "request", Duration),
        field(2, "idle", Duration),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HTTPURLRewriteFilter`
pub static MESH_V2BETA1_HTTPURLREWRITEFILTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HTTPURLRewriteFilter",
    fields: &[
        field(1, "pathPrefix", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.HashPolicy`
pub static MESH_V2BETA1_HASHPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.HashPolicy",
    fields: &[
        field(1, "field", Named(&MESH_V2BETA1_HASHPOLICYFIELD)),
        field(2, "fieldValue", Text),
        field(3, "cookieConfig", Message(&MESH_V2BETA1_COOKIECONFIG)),
        field(4, "sourceIp", Bool),
        field(5, "terminal", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.IPPortAddress`
pub static MESH_V2BETA1_IPPORTADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.IPPortAddress",
    fields: &[
        field(1, "ip", Text),
        field(2, "port", Uint32),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ImplicitDestination`
pub static MESH_V2BETA1_IMPLICITDESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ImplicitDestination",
    fields: &[
        field(1, "destinationRef", Message(&RESOURCE_REFERENCE)),
        field(2, "destinationPorts", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.InboundConnectionsConfig`
pub static MESH_V2BETA1_INBOUNDCONNECTIONSCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.InboundConnectionsConfig",
    fields: &[
        field(1, "maxInboundConnections", Uint32),
        field(2, "balanceInboundConnections", Named(&MESH_V2BETA1_BALANCECONNECTIONS)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.LeastRequestConfig`
pub static MESH_V2BETA1_LEASTREQUESTCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.LeastRequestConfig",
    fields: &[
        field(1, "choiceCount", Uint32),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.LoadBalancer`
pub static MESH_V2BETA1_LOADBALANCER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.LoadBalancer",
    fields: &[
        field(1, "policy", Named(&MESH_V2BETA1_LOADBALANCERPOLICY)),
        field(2, "hashPolicies", Message(&MESH_V2BETA1_HASHPOLICY)).repeated(),
        field(3, "ringHashConfig", Message(&MESH_V2BETA1_RINGHASHCONFIG)).one_of(1),
        field(4, "leastRequestConfig", Message(&MESH_V2BETA1_LEASTREQUESTCONFIG)).one_of(1),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.LocalityPrioritization`
pub static MESH_V2BETA1_LOCALITYPRIORITIZATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.LocalityPrioritization",
    fields: &[
        field(1, "mode", Named(&MESH_V2BETA1_LOCALITYPRIORITIZATIONMODE)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.MeshConfiguration`
pub static MESH_V2BETA1_MESHCONFIGURATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.MeshConfiguration",
    fields: &[],
};

/// `hashicorp.consul.mesh.v2beta1.MeshGateway`
pub static MESH_V2BETA1_MESHGATEWAY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.MeshGateway",
    fields: &[
        field(1, "gatewayClassName", Text),
        field(2, "listeners", Message(&MESH_V2BETA1_MESHGATEWAYLISTENER)).repeated(),
        field(3, "workloads", Message(&CATALOG_V2BETA1_WORKLOADSELECTOR)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.MeshGatewayListener`
pub static MESH_V2BETA1_MESHGATEWAYLISTENER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.MeshGatewayListener",
    fields: &[
        field(1, "name", Text),
        field(2, "port", Uint32),
        field(3, "protocol", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ParentReference`
pub static MESH_V2BETA1_PARENTREFERENCE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ParentReference",
    fields: &[
        field(1, "ref", Message(&RESOURCE_REFERENCE)),
        field(2, "port", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.PassiveHealthCheck`
pub static MESH_V2BETA1_PASSIVEHEALTHCHECK: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.PassiveHealthCheck",
    fields: &[
        field(1, "interval", Duration),
        field(2, "maxFailures", Uint32),
        field(3, "enforcingConsecutive5xx", Uint32),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.PreparedQueryDestination`
pub static MESH_V2BETA1_PREPAREDQUERYDESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.PreparedQueryDestination",
    fields: &[
        field(1, "name", Text),
        field(2, "datacenter", Text),
        field(4, "tcp", Message(&MESH_V2BETA1_IPPORTADDRESS)).one_of(1),
        field(5, "unix", Message(&MESH_V2BETA1_UNIXSOCKETADDRESS)).one_of(1),
        field(6, "destinationConfig", Message(&MESH_V2BETA1_DESTINATIONCONFIGURATION)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ProxyConfiguration`
pub static MESH_V2BETA1_PROXYCONFIGURATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ProxyConfiguration",
    fields: &[
        field(1, "workloads", Message(&CATALOG_V2BETA1_WORKLOADSELECTOR)),
        field(2, "dynamicConfig", Message(&MESH_V2BETA1_DYNAMICCONFIG)),
        field(3, "bootstrapConfig", Message(&MESH_V2BETA1_BOOTSTRAPCONFIG)),
        field(4, "opaqueConfig", Struct),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ProxyState`
pub static MESH_V2BETA1_PROXYSTATE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ProxyState",
    fields: &[
        field(1, "identity", Message(&RESOURCE_REFERENCE)),
        field(2, "listeners", Message(&MESH_V2BETA1_PBPROXYSTATE_LISTENER)).repeated(),
        field(3, "clusters", Map(&Message(&MESH_V2BETA1_PBPROXYSTATE_CLUSTER))),
        field(4, "routes", Map(&Message(&MESH_V2BETA1_PBPROXYSTATE_ROUTE))),
        field(5, "endpoints", Map(&Message(&MESH_V2BETA1_PBPROXYSTATE_ENDPOINTS))),
        field(6, "leafCertificates", Map(&Message(&MESH_V2BETA1_PBPROXYSTATE_LEAFCERTIFICATE))),
        field(7, "trustBundles", Map(&Message(&MESH_V2BETA1_PBPROXYSTATE_TRUSTBUNDLE))),
        field(8, "tls", Message(&MESH_V2BETA1_PBPROXYSTATE_TLS)),
        field(9, "escape", Message(&MESH_V2BETA1_PBPROXYSTATE_ESCAPEHATCHES)),
        field(10, "accessLogs", Message(&MESH_V2BETA1_PBPROXYSTATE_ACCESSLOGS)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.ProxyStateTemplate`
pub static MESH_V2BETA1_PROXYSTATETEMPLATE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.ProxyStateTemplate",
    fields: &[
        field(1, "proxyState", Message(&MESH_V2BETA1_PROXYSTATE)),
        field(2, "requiredEndpoints", Map(&Message(&MESH_V2BETA1_PBPROXYSTATE_ENDPOINTREF))),
        field(3, "requiredLeafCertificates", Map(&Message(&MESH_V2BETA1_PBPROXYSTATE_LEAFCERTIFICATEREF))),
        field(4, "requiredTrustBundles", Map(&Message(&MESH_V2BETA1_PBPROXYSTATE_TRUSTBUNDLEREF))),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.RingHashConfig`
pub static MESH_V2BETA1_RINGHASHCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.RingHashConfig",
    fields: &[
        field(1, "minimumRingSize", Uint),
        field(2, "maximumRingSize", Uint),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.TCPBackendRef`
pub static MESH_V2BETA1_TCPBACKENDREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.TCPBackendRef",
    fields: &[
        field(1, "backendRef", Message(&MESH_V2BETA1_BACKENDREFERENCE)),
        field(2, "weight", Uint32),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.TCPRoute`
pub static MESH_V2BETA1_TCPROUTE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.TCPRoute",
    fields: &[
        field(1, "parentRefs", Message(&MESH_V2BETA1_PARENTREFERENCE)).repeated(),
        field(2, "rules", Message(&MESH_V2BETA1_TCPROUTERULE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.TCPRouteRule`
pub static MESH_V2BETA1_TCPROUTERULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.TCPRouteRule",
    fields: &[
        field(1, "backendRefs", Message(&MESH_V2BETA1_TCPBACKENDREF)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.TransparentProxy`
pub static MESH_V2BETA1_TRANSPARENTPROXY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.TransparentProxy",
    fields: &[
        field(1, "outboundListenerPort", Uint32),
        field(2, "dialedDirectly", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.UnixSocketAddress`
pub static MESH_V2BETA1_UNIXSOCKETADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.UnixSocketAddress",
    fields: &[
        field(1, "path", Text),
        field(2, "mode", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.AccessLogs`
pub static MESH_V2BETA1_PBPROXYSTATE_ACCESSLOGS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.AccessLogs",
    fields: &[
        field(1, "enabled", Bool),
        field(2, "disableListenerLogs", Bool),
        field(3, "type", Named(&MESH_V2BETA1_PBPROXYSTATE_LOGSINKTYPE)),
        field(4, "path", Text),
        field(5, "json", Text).one_of(1),
        field(6, "text", Text).one_of(1),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.CidrRange`
pub static MESH_V2BETA1_PBPROXYSTATE_CIDRRANGE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.CidrRange",
    fields: &[
        field(1, "addressPrefix", Text),
        field(2, "prefixLen", Wrapped(&Uint32)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.CircuitBreakers`
pub static MESH_V2BETA1_PBPROXYSTATE_CIRCUITBREAKERS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.CircuitBreakers",
    fields: &[
        field(1, "upstreamLimits", Message(&MESH_V2BETA1_PBPROXYSTATE_UPSTREAMLIMITS)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Cluster`
pub static MESH_V2BETA1_PBPROXYSTATE_CLUSTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Cluster",
    fields: &[
        field(1, "name", Text),
        field(2, "failoverGroup", Message(&MESH_V2BETA1_PBPROXYSTATE_FAILOVERGROUP)).one_of(1),
        field(3, "endpointGroup", Message(&MESH_V2BETA1_PBPROXYSTATE_ENDPOINTGROUP)).one_of(1),
        field(4, "escapeHatchClusterJson", Text),
        field(5, "altStatName", Text),
        field(6, "protocol", Named(&MESH_V2BETA1_PBPROXYSTATE_PROTOCOL)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.ConnectionPropertiesPolicy`
pub static MESH_V2BETA1_PBPROXYSTATE_CONNECTIONPROPERTIESPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.ConnectionPropertiesPolicy",
    fields: &[
        field(1, "sourceIp", Bool),
        field(2, "terminal", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.CookiePolicy`
pub static MESH_V2BETA1_PBPROXYSTATE_COOKIEPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.CookiePolicy",
    fields: &[
        field(1, "name", Text),
        field(2, "ttl", Duration),
        field(3, "path", Text),
        field(4, "terminal", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.DNSEndpointGroup`
pub static MESH_V2BETA1_PBPROXYSTATE_DNSENDPOINTGROUP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.DNSEndpointGroup",
    fields: &[
        field(1, "config", Message(&MESH_V2BETA1_PBPROXYSTATE_DNSENDPOINTGROUPCONFIG)),
        field(2, "outboundTls", Message(&MESH_V2BETA1_PBPROXYSTATE_TRANSPORTSOCKET)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.DNSEndpointGroupConfig`
pub static MESH_V2BETA1_PBPROXYSTATE_DNSENDPOINTGROUPCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.DNSEndpointGroupConfig",
    fields: &[
        field(1, "connectTimeout", Duration),
        field(2, "disablePanicThreshold", Bool),
        field(3, "discoveryType", Named(&MESH_V2BETA1_PBPROXYSTATE_DISCOVERYTYPE)),
        field(4, "circuitBreakers", Message(&MESH_V2BETA1_PBPROXYSTATE_CIRCUITBREAKERS)),
        field(5, "outlierDetection", Message(&MESH_V2BETA1_PBPROXYSTATE_OUTLIERDETECTION)),
        field(6, "upstreamConnectionOptions", Message(&MESH_V2BETA1_PBPROXYSTATE_UPSTREAMCONNECTIONOPTIONS)),
        field(7, "useAltStatName", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationCluster`
pub static MESH_V2BETA1_PBPROXYSTATE_DESTINATIONCLUSTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationCluster",
    fields: &[
        field(1, "name", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationConfiguration`
pub static MESH_V2BETA1_PBPROXYSTATE_DESTINATIONCONFIGURATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationConfiguration",
    fields: &[
        field(1, "autoHostRewrite", Wrapped(&Bool)),
        field(2, "hashPolicies", Message(&MESH_V2BETA1_PBPROXYSTATE_LOADBALANCERHASHPOLICY)).repeated(),
        field(3, "timeoutConfig", Message(&MESH_V2BETA1_PBPROXYSTATE_TIMEOUTCONFIG)),
        field(4, "prefixRewrite", Text),
        field(5, "retryPolicy", Message(&MESH_V2BETA1_PBPROXYSTATE_RETRYPOLICY)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationRule`
pub static MESH_V2BETA1_PBPROXYSTATE_DESTINATIONRULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationRule",
    fields: &[
        field(1, "pathExact", Text),
        field(2, "pathPrefix", Text),
        field(3, "pathRegex", Text),
        field(4, "methods", Text).repeated(),
        field(5, "destinationRuleHeader", Message(&MESH_V2BETA1_PBPROXYSTATE_DESTINATIONRULEHEADER)).repeated(),
        field(6, "exclude", Message(&MESH_V2BETA1_PBPROXYSTATE_EXCLUDEPERMISSIONRULE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationRuleHeader`
pub static MESH_V2BETA1_PBPROXYSTATE_DESTINATIONRULEHEADER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationRuleHeader",
    fields: &[
        field(1, "name", Text),
        field(2, "present", Bool),
        field(3, "exact", Text),
        field(4, "prefix", Text),
        field(5, "suffix", Text),
        field(6, "regex", Text),
        field(7, "invert", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.DynamicEndpointGroup`
pub static MESH_V2BETA1_PBPROXYSTATE_DYNAMICENDPOINTGROUP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.DynamicEndpointGroup",
    fields: &[
        field(1, "config", Message(&MESH_V2BETA1_PBPROXYSTATE_DYNAMICENDPOINTGROUPCONFIG)),
        field(2, "outboundTls", Message(&MESH_V2BETA1_PBPROXYSTATE_TRANSPORTSOCKET)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.DynamicEndpointGroupConfig`
pub static MESH_V2BETA1_PBPROXYSTATE_DYNAMICENDPOINTGROUPCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.DynamicEndpointGroupConfig",
    fields: &[
        field(1, "connectTimeout", Duration),
        field(2, "disablePanicThreshold", Bool),
        field(3, "leastRequest", Message(&MESH_V2BETA1_PBPROXYSTATE_LBPOLICYLEASTREQUEST)).one_of(1),
        field(4, "roundRobin", Message(&MESH_V2BETA1_PBPROXYSTATE_LBPOLICYROUNDROBIN)).one_of(1),
        field(5, "random", Message(&MESH_V2BETA1_PBPROXYSTATE_LBPOLICYRANDOM)).one_of(1),
        field(6, "ringHash", Message(&MESH_V2BETA1_PBPROXYSTATE_LBPOLICYRINGHASH)).one_of(1),
        field(7, "maglev", Message(&MESH_V2BETA1_PBPROXYSTATE_LBPOLICYMAGLEV)).one_of(1),
        field(8, "circuitBreakers", Message(&MESH_V2BETA1_PBPROXYSTATE_CIRCUITBREAKERS)),
        field(9, "outlierDetection", Message(&MESH_V2BETA1_PBPROXYSTATE_OUTLIERDETECTION)),
        field(10, "upstreamConnectionOptions", Message(&MESH_V2BETA1_PBPROXYSTATE_UPSTREAMCONNECTIONOPTIONS)),
        field(11, "useAltStatName", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Endpoint`
pub static MESH_V2BETA1_PBPROXYSTATE_ENDPOINT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Endpoint",
    fields: &[
        field(1, "hostPort", Message(&MESH_V2BETA1_PBPROXYSTATE_HOSTPORTADDRESS)).one_of(1),
        field(2, "unixSocket", Message(&MESH_V2BETA1_PBPROXYSTATE_UNIXSOCKETADDRESS)).one_of(1),
        field(3, "healthStatus", Named(&MESH_V2BETA1_PBPROXYSTATE_HEALTHSTATUS)),
        field(4, "loadBalancingWeight", Wrapped(&Uint32)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.EndpointGroup`
pub static MESH_V2BETA1_PBPROXYSTATE_ENDPOINTGROUP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.EndpointGroup",
    fields: &[
        field(1, "dynamic", Message(&MESH_V2BETA1_PBPROXYSTATE_DYNAMICENDPOINTGROUP)).one_of(1),
        field(2, "static", Message(&MESH_V2BETA1_PBPROXYSTATE_STATICENDPOINTGROUP)).one_of(1),
        field(3, "dns", Message(&MESH_V2BETA1_PBPROXYSTATE_DNSENDPOINTGROUP)).one_of(1),
        field(4, "passthrough", Message(&MESH_V2BETA1_PBPROXYSTATE_PASSTHROUGHENDPOINTGROUP)).one_of(1),
        field(5, "name", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.EndpointRef`
pub static MESH_V2BETA1_PBPROXYSTATE_ENDPOINTREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.EndpointRef",
    fields: &[
        field(1, "id", Message(&RESOURCE_ID)),
        field(2, "port", Text).until(18),
        field(2, "meshPort", Text).since(18),
        field(3, "routePort", Text).since(18),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Endpoints`
pub static MESH_V2BETA1_PBPROXYSTATE_ENDPOINTS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Endpoints",
    fields: &[
        field(1, "endpoints", Message(&MESH_V2BETA1_PBPROXYSTATE_ENDPOINT)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.EscapeHatches`
pub static MESH_V2BETA1_PBPROXYSTATE_ESCAPEHATCHES: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.EscapeHatches",
    fields: &[
        field(1, "listenerTracingJson", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.ExcludePermissionRule`
pub static MESH_V2BETA1_PBPROXYSTATE_EXCLUDEPERMISSIONRULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.ExcludePermissionRule",
    fields: &[
        field(1, "pathExact", Text),
        field(2, "pathPrefix", Text),
        field(3, "pathRegex", Text),
        field(4, "methods", Text).repeated(),
        field(5, "headers", Message(&MESH_V2BETA1_PBPROXYSTATE_DESTINATIONRULEHEADER)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.FailoverGroup`
pub static MESH_V2BETA1_PBPROXYSTATE_FAILOVERGROUP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.FailoverGroup",
    fields: &[
        field(1, "endpointGroups", Message(&MESH_V2BETA1_PBPROXYSTATE_ENDPOINTGROUP)).repeated(),
        field(2, "config", Message(&MESH_V2BETA1_PBPROXYSTATE_FAILOVERGROUPCONFIG)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.FailoverGroupConfig`
pub static MESH_V2BETA1_PBPROXYSTATE_FAILOVERGROUPCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.FailoverGroupConfig",
    fields: &[
        field(1, "useAltStatName", Bool),
        field(2, "connectTimeout", Duration),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Header`
pub static MESH_V2BETA1_PBPROXYSTATE_HEADER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Header",
    fields: &[
        field(1, "key", Text),
        field(2, "value", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.HeaderMatch`
pub static MESH_V2BETA1_PBPROXYSTATE_HEADERMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.HeaderMatch",
    fields: &[
        field(1, "name", Text),
        field(2, "exact", Text).one_of(1),
        field(3, "prefix", Text).one_of(1),
        field(4, "suffix", Text).one_of(1),
        field(5, "regex", Text).one_of(1),
        field(6, "present", Bool).one_of(1),
        field(7, "invertMatch", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.HeaderMutation`
pub static MESH_V2BETA1_PBPROXYSTATE_HEADERMUTATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.HeaderMutation",
    fields: &[
        field(1, "requestHeaderAdd", Message(&MESH_V2BETA1_PBPROXYSTATE_REQUESTHEADERADD)).one_of(1),
        field(2, "requestHeaderRemove", Message(&MESH_V2BETA1_PBPROXYSTATE_REQUESTHEADERREMOVE)).one_of(1),
        field(3, "responseHeaderAdd", Message(&MESH_V2BETA1_PBPROXYSTATE_RESPONSEHEADERADD)).one_of(1),
        field(4, "responseHeaderRemove", Message(&MESH_V2BETA1_PBPROXYSTATE_RESPONSEHEADERREMOVE)).one_of(1),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.HeaderPolicy`
pub static MESH_V2BETA1_PBPROXYSTATE_HEADERPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.HeaderPolicy",
    fields: &[
        field(1, "name", Text),
        field(2, "terminal", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.HostPortAddress`
pub static MESH_V2BETA1_PBPROXYSTATE_HOSTPORTADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.HostPortAddress",
    fields: &[
        field(1, "host", Text),
        field(2, "port", Uint32),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.InboundMeshMTLS`
pub static MESH_V2BETA1_PBPROXYSTATE_INBOUNDMESHMTLS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.InboundMeshMTLS",
    fields: &[
        field(1, "identityKey", Text),
        field(2, "validationContext", Message(&MESH_V2BETA1_PBPROXYSTATE_MESHINBOUNDVALIDATIONCONTEXT)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.InboundNonMeshTLS`
pub static MESH_V2BETA1_PBPROXYSTATE_INBOUNDNONMESHTLS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.InboundNonMeshTLS",
    fields: &[
        field(1, "leafKey", Text).one_of(1),
        field(2, "sds", Message(&MESH_V2BETA1_PBPROXYSTATE_SDSCERTIFICATE)).one_of(1),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.L4Destination`
pub static MESH_V2BETA1_PBPROXYSTATE_L4DESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.L4Destination",
    fields: &[
        field(1, "cluster", Message(&MESH_V2BETA1_PBPROXYSTATE_DESTINATIONCLUSTER)).one_of(1),
        field(2, "weightedClusters", Message(&MESH_V2BETA1_PBPROXYSTATE_L4WEIGHTEDCLUSTERGROUP)).one_of(1),
        field(3, "statPrefix", Text),
        field(4, "trafficPermissions", Message(&MESH_V2BETA1_PBPROXYSTATE_TRAFFICPERMISSIONS)),
        field(5, "maxInboundConnections", Uint),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.L4WeightedClusterGroup`
pub static MESH_V2BETA1_PBPROXYSTATE_L4WEIGHTEDCLUSTERGROUP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.L4WeightedClusterGroup",
    fields: &[
        field(1, "clusters", Message(&MESH_V2BETA1_PBPROXYSTATE_L4WEIGHTEDDESTINATIONCLUSTER)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.L4WeightedDestinationCluster`
pub static MESH_V2BETA1_PBPROXYSTATE_L4WEIGHTEDDESTINATIONCLUSTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.L4WeightedDestinationCluster",
    fields: &[
        field(1, "name", Text),
        field(2, "weight", Wrapped(&Uint32)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.L7Destination`
pub static MESH_V2BETA1_PBPROXYSTATE_L7DESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.L7Destination",
    fields: &[
        field(1, "route", Message(&MESH_V2BETA1_PBPROXYSTATE_L7DESTINATIONROUTE)),
        field(2, "statPrefix", Text),
        field(3, "protocol", Named(&MESH_V2BETA1_PBPROXYSTATE_L7PROTOCOL)),
        field(4, "trafficPermissions", Message(&MESH_V2BETA1_PBPROXYSTATE_TRAFFICPERMISSIONS)),
        field(5, "includeXfccPolicy", Bool),
        field(6, "xfccPolicy", Named(&MESH_V2BETA1_PBPROXYSTATE_XFCCPOLICY)),
        field(7, "parseXfccHeaders", Bool),
        field(8, "staticRoute", Bool),
        field(9, "maxInboundConnections", Uint),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.L7DestinationRoute`
pub static MESH_V2BETA1_PBPROXYSTATE_L7DESTINATIONROUTE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.L7DestinationRoute",
    fields: &[
        field(1, "name", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.L7WeightedClusterGroup`
pub static MESH_V2BETA1_PBPROXYSTATE_L7WEIGHTEDCLUSTERGROUP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.L7WeightedClusterGroup",
    fields: &[
        field(1, "clusters", Message(&MESH_V2BETA1_PBPROXYSTATE_L7WEIGHTEDDESTINATIONCLUSTER)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.L7WeightedDestinationCluster`
pub static MESH_V2BETA1_PBPROXYSTATE_L7WEIGHTEDDESTINATIONCLUSTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.L7WeightedDestinationCluster",
    fields: &[
        field(1, "name", Text),
        field(2, "weight", Wrapped(&Uint32)),
        field(3, "headerMutations", Message(&MESH_V2BETA1_PBPROXYSTATE_HEADERMUTATION)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyLeastRequest`
pub static MESH_V2BETA1_PBPROXYSTATE_LBPOLICYLEASTREQUEST: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyLeastRequest",
    fields: &[
        field(1, "choiceCount", Wrapped(&Uint32)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyMaglev`
pub static MESH_V2BETA1_PBPROXYSTATE_LBPOLICYMAGLEV: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyMaglev",
    fields: &[],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyRandom`
pub static MESH_V2BETA1_PBPROXYSTATE_LBPOLICYRANDOM: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyRandom",
    fields: &[],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyRingHash`
pub static MESH_V2BETA1_PBPROXYSTATE_LBPOLICYRINGHASH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyRingHash",
    fields: &[
        field(1, "minimumRingSize", Wrapped(&Uint)),
        field(2, "maximumRingSize", Wrapped(&Uint)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyRoundRobin`
pub static MESH_V2BETA1_PBPROXYSTATE_LBPOLICYROUNDROBIN: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.LBPolicyRoundRobin",
    fields: &[],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.LeafCertificate`
pub static MESH_V2BETA1_PBPROXYSTATE_LEAFCERTIFICATE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.LeafCertificate",
    fields: &[
        field(1, "cert", Text),
        field(2, "key", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.LeafCertificateRef`
pub static MESH_V2BETA1_PBPROXYSTATE_LEAFCERTIFICATEREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.LeafCertificateRef",
    fields: &[
        field(1, "name", Text),
        field(2, "namespace", Text),
        field(3, "partition", Text),
        field(4, "host", Text),
        field(5, "datacenter", Text),
        field(6, "dnsSan", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Listener`
pub static MESH_V2BETA1_PBPROXYSTATE_LISTENER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Listener",
    fields: &[
        field(1, "name", Text),
        field(2, "direction", Named(&MESH_V2BETA1_PBPROXYSTATE_DIRECTION)),
        field(3, "hostPort", Message(&MESH_V2BETA1_PBPROXYSTATE_HOSTPORTADDRESS)).one_of(1),
        field(4, "unixSocket", Message(&MESH_V2BETA1_PBPROXYSTATE_UNIXSOCKETADDRESS)).one_of(1),
        field(5, "routers", Message(&MESH_V2BETA1_PBPROXYSTATE_ROUTER)).repeated(),
        field(6, "defaultRouter", Message(&MESH_V2BETA1_PBPROXYSTATE_ROUTER)),
        field(7, "capabilities", Named(&MESH_V2BETA1_PBPROXYSTATE_CAPABILITY)).repeated(),
        field(8, "balanceConnections", Named(&MESH_V2BETA1_PBPROXYSTATE_BALANCECONNECTIONS)),
        field(9, "escapeHatchListener", Text),
        field(10, "useEscapeHatchTracing", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.LoadBalancerHashPolicy`
pub static MESH_V2BETA1_PBPROXYSTATE_LOADBALANCERHASHPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.LoadBalancerHashPolicy",
    fields: &[
        field(1, "cookie", Message(&MESH_V2BETA1_PBPROXYSTATE_COOKIEPOLICY)).one_of(1),
        field(2, "header", Message(&MESH_V2BETA1_PBPROXYSTATE_HEADERPOLICY)).one_of(1),
        field(3, "queryParameter", Message(&MESH_V2BETA1_PBPROXYSTATE_QUERYPARAMETERPOLICY)).one_of(1),
        field(4, "connectionProperties", Message(&MESH_V2BETA1_PBPROXYSTATE_CONNECTIONPROPERTIESPOLICY)).one_of(1),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Match`
pub static MESH_V2BETA1_PBPROXYSTATE_MATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Match",
    fields: &[
        field(1, "alpnProtocols", Text).repeated(),
        field(2, "destinationPort", Wrapped(&Uint32)),
        field(3, "prefixRanges", Message(&MESH_V2BETA1_PBPROXYSTATE_CIDRRANGE)).repeated(),
        field(4, "sourcePrefixRanges", Message(&MESH_V2BETA1_PBPROXYSTATE_CIDRRANGE)).repeated(),
        field(5, "serverNames", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.MeshInboundValidationContext`
pub static MESH_V2BETA1_PBPROXYSTATE_MESHINBOUNDVALIDATIONCONTEXT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.MeshInboundValidationContext",
    fields: &[
        field(1, "trustBundlePeerNameKeys", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.MeshOutboundValidationContext`
pub static MESH_V2BETA1_PBPROXYSTATE_MESHOUTBOUNDVALIDATIONCONTEXT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.MeshOutboundValidationContext",
    fields: &[
        field(1, "trustBundlePeerNameKey", Text),
        field(2, "spiffeIds", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.NonMeshOutboundValidationContext`
pub static MESH_V2BETA1_PBPROXYSTATE_NONMESHOUTBOUNDVALIDATIONCONTEXT: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.NonMeshOutboundValidationContext",
    fields: &[
        field(1, "caFile", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.OutboundMeshMTLS`
pub static MESH_V2BETA1_PBPROXYSTATE_OUTBOUNDMESHMTLS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.OutboundMeshMTLS",
    fields: &[
        field(1, "identityKey", Text),
        field(2, "validationContext", Message(&MESH_V2BETA1_PBPROXYSTATE_MESHOUTBOUNDVALIDATIONCONTEXT)),
        field(3, "sni", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.OutboundNonMeshTLS`
pub static MESH_V2BETA1_PBPROXYSTATE_OUTBOUNDNONMESHTLS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.OutboundNonMeshTLS",
    fields: &[
        field(1, "certFile", Text),
        field(2, "keyFile", Text),
        field(3, "validationContext", Message(&MESH_V2BETA1_PBPROXYSTATE_NONMESHOUTBOUNDVALIDATIONCONTEXT)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.OutlierDetection`
pub static MESH_V2BETA1_PBPROXYSTATE_OUTLIERDETECTION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.OutlierDetection",
    fields: &[
        field(1, "interval", Duration),
        field(2, "consecutive5xx", Wrapped(&Uint32)),
        field(3, "enforcingConsecutive5xx", Wrapped(&Uint32)),
        field(4, "maxEjectionPercent", Wrapped(&Uint32)),
        field(5, "baseEjectionTime", Duration),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.PassthroughEndpointGroup`
pub static MESH_V2BETA1_PBPROXYSTATE_PASSTHROUGHENDPOINTGROUP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.PassthroughEndpointGroup",
    fields: &[
        field(1, "config", Message(&MESH_V2BETA1_PBPROXYSTATE_PASSTHROUGHENDPOINTGROUPCONFIG)),
        field(2, "outboundTls", Message(&MESH_V2BETA1_PBPROXYSTATE_TRANSPORTSOCKET)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.PassthroughEndpointGroupConfig`
pub static MESH_V2BETA1_PBPROXYSTATE_PASSTHROUGHENDPOINTGROUPCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.PassthroughEndpointGroupConfig",
    fields: &[
        field(1, "connectTimeout", Duration),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.PathMatch`
pub static MESH_V2BETA1_PBPROXYSTATE_PATHMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.PathMatch",
    fields: &[
        field(1, "exact", Text).one_of(1),
        field(2, "prefix", Text).one_of(1),
        field(3, "regex", Text).one_of(1),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Permission`
pub static MESH_V2BETA1_PBPROXYSTATE_PERMISSION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Permission",
    fields: &[
        field(1, "principals", Message(&MESH_V2BETA1_PBPROXYSTATE_PRINCIPAL)).repeated(),
        field(2, "destinationRules", Message(&MESH_V2BETA1_PBPROXYSTATE_DESTINATIONRULE)).repeated().since(18),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Principal`
pub static MESH_V2BETA1_PBPROXYSTATE_PRINCIPAL: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Principal",
    fields: &[
        field(1, "spiffe", Message(&MESH_V2BETA1_PBPROXYSTATE_SPIFFE)),
        field(2, "excludeSpiffes", Message(&MESH_V2BETA1_PBPROXYSTATE_SPIFFE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.QueryParameterMatch`
pub static MESH_V2BETA1_PBPROXYSTATE_QUERYPARAMETERMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.QueryParameterMatch",
    fields: &[
        field(1, "name", Text),
        field(2, "exact", Text).one_of(1),
        field(3, "regex", Text).one_of(1),
        field(4, "present", Bool).one_of(1),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.QueryParameterPolicy`
pub static MESH_V2BETA1_PBPROXYSTATE_QUERYPARAMETERPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.QueryParameterPolicy",
    fields: &[
        field(1, "name", Text),
        field(2, "terminal", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.RequestHeaderAdd`
pub static MESH_V2BETA1_PBPROXYSTATE_REQUESTHEADERADD: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.RequestHeaderAdd",
    fields: &[
        field(1, "header", Message(&MESH_V2BETA1_PBPROXYSTATE_HEADER)),
        field(2, "appendAction", Named(&MESH_V2BETA1_PBPROXYSTATE_APPENDACTION)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.RequestHeaderRemove`
pub static MESH_V2BETA1_PBPROXYSTATE_REQUESTHEADERREMOVE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.RequestHeaderRemove",
    fields: &[
        field(1, "headerKeys", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.ResponseHeaderAdd`
pub static MESH_V2BETA1_PBPROXYSTATE_RESPONSEHEADERADD: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.ResponseHeaderAdd",
    fields: &[
        field(1, "header", Message(&MESH_V2BETA1_PBPROXYSTATE_HEADER)),
        field(2, "appendAction", Named(&MESH_V2BETA1_PBPROXYSTATE_APPENDACTION)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.ResponseHeaderRemove`
pub static MESH_V2BETA1_PBPROXYSTATE_RESPONSEHEADERREMOVE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.ResponseHeaderRemove",
    fields: &[
        field(1, "headerKeys", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.RetryPolicy`
pub static MESH_V2BETA1_PBPROXYSTATE_RETRYPOLICY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.RetryPolicy",
    fields: &[
        field(1, "retryOn", Text),
        field(2, "numRetries", Wrapped(&Uint32)),
        field(3, "retriableStatusCodes", Uint32).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Route`
pub static MESH_V2BETA1_PBPROXYSTATE_ROUTE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Route",
    fields: &[
        field(1, "virtualHosts", Message(&MESH_V2BETA1_PBPROXYSTATE_VIRTUALHOST)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.RouteDestination`
pub static MESH_V2BETA1_PBPROXYSTATE_ROUTEDESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.RouteDestination",
    fields: &[
        field(1, "cluster", Message(&MESH_V2BETA1_PBPROXYSTATE_DESTINATIONCLUSTER)).one_of(1),
        field(2, "weightedClusters", Message(&MESH_V2BETA1_PBPROXYSTATE_L7WEIGHTEDCLUSTERGROUP)).one_of(1),
        field(3, "destinationConfiguration", Message(&MESH_V2BETA1_PBPROXYSTATE_DESTINATIONCONFIGURATION)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.RouteMatch`
pub static MESH_V2BETA1_PBPROXYSTATE_ROUTEMATCH: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.RouteMatch",
    fields: &[
        field(1, "pathMatch", Message(&MESH_V2BETA1_PBPROXYSTATE_PATHMATCH)),
        field(2, "headerMatches", Message(&MESH_V2BETA1_PBPROXYSTATE_HEADERMATCH)).repeated(),
        field(3, "methodMatches", Text).repeated(),
        field(4, "queryParameterMatches", Message(&MESH_V2BETA1_PBPROXYSTATE_QUERYPARAMETERMATCH)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.RouteRule`
pub static MESH_V2BETA1_PBPROXYSTATE_ROUTERULE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.RouteRule",
    fields: &[
        field(1, "match", Message(&MESH_V2BETA1_PBPROXYSTATE_ROUTEMATCH)),
        field(2, "destination", Message(&MESH_V2BETA1_PBPROXYSTATE_ROUTEDESTINATION)),
        field(3, "headerMutations", Message(&MESH_V2BETA1_PBPROXYSTATE_HEADERMUTATION)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Router`
pub static MESH_V2BETA1_PBPROXYSTATE_ROUTER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Router",
    fields: &[
        field(1, "match", Message(&MESH_V2BETA1_PBPROXYSTATE_MATCH)),
        field(2, "l4", Message(&MESH_V2BETA1_PBPROXYSTATE_L4DESTINATION)).one_of(1),
        field(3, "l7", Message(&MESH_V2BETA1_PBPROXYSTATE_L7DESTINATION)).one_of(1),
        field(4, "sni", Message(&MESH_V2BETA1_PBPROXYSTATE_SNIDESTINATION)).one_of(1),
        field(5, "inboundTls", Message(&MESH_V2BETA1_PBPROXYSTATE_TRANSPORTSOCKET)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.SDSCertificate`
pub static MESH_V2BETA1_PBPROXYSTATE_SDSCERTIFICATE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.SDSCertificate",
    fields: &[
        field(1, "clusterName", Text),
        field(2, "certResource", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.SNIDestination`
pub static MESH_V2BETA1_PBPROXYSTATE_SNIDESTINATION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.SNIDestination",
    fields: &[
        field(1, "statPrefix", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.Spiffe`
pub static MESH_V2BETA1_PBPROXYSTATE_SPIFFE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.Spiffe",
    fields: &[
        field(1, "regex", Text),
        field(2, "xfccRegex", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.StaticEndpointGroup`
pub static MESH_V2BETA1_PBPROXYSTATE_STATICENDPOINTGROUP: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.StaticEndpointGroup",
    fields: &[
        field(1, "config", Message(&MESH_V2BETA1_PBPROXYSTATE_STATICENDPOINTGROUPCONFIG)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.StaticEndpointGroupConfig`
pub static MESH_V2BETA1_PBPROXYSTATE_STATICENDPOINTGROUPCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.StaticEndpointGroupConfig",
    fields: &[
        field(1, "connectTimeout", Duration),
        field(2, "circuitBreakers", Message(&MESH_V2BETA1_PBPROXYSTATE_CIRCUITBREAKERS)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.TLS`
pub static MESH_V2BETA1_PBPROXYSTATE_TLS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.TLS",
    fields: &[
        field(1, "inboundTlsParameters", Message(&MESH_V2BETA1_PBPROXYSTATE_TLSPARAMETERS)),
        field(2, "outboundTlsParameters", Message(&MESH_V2BETA1_PBPROXYSTATE_TLSPARAMETERS)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.TLSParameters`
pub static MESH_V2BETA1_PBPROXYSTATE_TLSPARAMETERS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.TLSParameters",
    fields: &[
        field(1, "minVersion", Named(&MESH_V2BETA1_PBPROXYSTATE_TLSVERSION)),
        field(2, "maxVersion", Named(&MESH_V2BETA1_PBPROXYSTATE_TLSVERSION)),
        field(3, "cipherSuites", Named(&MESH_V2BETA1_PBPROXYSTATE_TLSCIPHERSUITE)).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.TimeoutConfig`
pub static MESH_V2BETA1_PBPROXYSTATE_TIMEOUTCONFIG: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.TimeoutConfig",
    fields: &[
        field(1, "timeout", Duration),
        field(2, "idleTimeout", Duration),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.TrafficPermissions`
pub static MESH_V2BETA1_PBPROXYSTATE_TRAFFICPERMISSIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.TrafficPermissions",
    fields: &[
        field(1, "allowPermissions", Message(&MESH_V2BETA1_PBPROXYSTATE_PERMISSION)).repeated(),
        field(2, "denyPermissions", Message(&MESH_V2BETA1_PBPROXYSTATE_PERMISSION)).repeated(),
        field(4, "defaultAllow", Bool),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.TransportSocket`
pub static MESH_V2BETA1_PBPROXYSTATE_TRANSPORTSOCKET: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.TransportSocket",
    fields: &[
        field(1, "name", Text),
        field(2, "inboundMesh", Message(&MESH_V2BETA1_PBPROXYSTATE_INBOUNDMESHMTLS)).one_of(1),
        field(3, "outboundMesh", Message(&MESH_V2BETA1_PBPROXYSTATE_OUTBOUNDMESHMTLS)).one_of(1),
        field(4, "inboundNonMesh", Message(&MESH_V2BETA1_PBPROXYSTATE_INBOUNDNONMESHTLS)).one_of(1),
        field(5, "outboundNonMesh", Message(&MESH_V2BETA1_PBPROXYSTATE_OUTBOUNDNONMESHTLS)).one_of(1),
        field(6, "tlsParameters", Message(&MESH_V2BETA1_PBPROXYSTATE_TLSPARAMETERS)),
        field(7, "alpnProtocols", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.TrustBundle`
pub static MESH_V2BETA1_PBPROXYSTATE_TRUSTBUNDLE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.TrustBundle",
    fields: &[
        field(1, "trustDomain", Text),
        field(2, "roots", Text).repeated(),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.TrustBundleRef`
pub static MESH_V2BETA1_PBPROXYSTATE_TRUSTBUNDLEREF: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.TrustBundleRef",
    fields: &[
        field(1, "peer", Text),
        field(2, "trustDomain", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.UnixSocketAddress`
pub static MESH_V2BETA1_PBPROXYSTATE_UNIXSOCKETADDRESS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.UnixSocketAddress",
    fields: &[
        field(1, "path", Text),
        field(2, "mode", Text),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.UpstreamConnectionOptions`
pub static MESH_V2BETA1_PBPROXYSTATE_UPSTREAMCONNECTIONOPTIONS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.UpstreamConnectionOptions",
    fields: &[
        field(1, "tcpKeepaliveTime", Wrapped(&Uint32)),
        field(2, "tcpKeepaliveInterval", Wrapped(&Uint32)),
        field(3, "tcpKeepaliveProbes", Wrapped(&Uint32)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.UpstreamLimits`
pub static MESH_V2BETA1_PBPROXYSTATE_UPSTREAMLIMITS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.UpstreamLimits",
    fields: &[
        field(1, "maxConnections", Wrapped(&Uint32)),
        field(2, "maxPendingRequests", Wrapped(&Uint32)),
        field(3, "maxConcurrentRequests", Wrapped(&Uint32)),
    ],
};

/// `hashicorp.consul.mesh.v2beta1.pbproxystate.VirtualHost`
pub static MESH_V2BETA1_PBPROXYSTATE_VIRTUALHOST: MessageSchema = MessageSchema {
    name: "hashicorp.consul.mesh.v2beta1.pbproxystate.VirtualHost",
    fields: &[
        field(1, "name", Text),
        field(2, "domains", Text).repeated(),
        field(3, "headerMutations", Message(&MESH_V2BETA1_PBPROXYSTATE_HEADERMUTATION)).repeated(),
        field(4, "routeRules", Message(&MESH_V2BETA1_PBPROXYSTATE_ROUTERULE)).repeated(),
    ],
};

/// `hashicorp.consul.multicluster.v2.ComputedExportedService`
pub static MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.multicluster.v2.ComputedExportedService",
    fields: &[
        field(1, "targetRef", Message(&RESOURCE_REFERENCE)),
        field(2, "consumers", Message(&MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICECONSUMER)).repeated(),
    ],
};

/// `hashicorp.consul.multicluster.v2.ComputedExportedServiceConsumer`
pub static MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICECONSUMER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.multicluster.v2.ComputedExportedServiceConsumer",
    fields: &[
        field(3, "peer", Text).one_of(1),
        field(4, "partition", Text).one_of(1),
    ],
};

/// `hashicorp.consul.multicluster.v2.ComputedExportedServices`
pub static MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICES: MessageSchema = MessageSchema {
    name: "hashicorp.consul.multicluster.v2.ComputedExportedServices",
    fields: &[
        field(1, "services", Message(&MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICE)).repeated(),
    ],
};

/// `hashicorp.consul.multicluster.v2.ExportedServices`
pub static MULTICLUSTER_V2_EXPORTEDSERVICES: MessageSchema = MessageSchema {
    name: "hashicorp.consul.multicluster.v2.ExportedServices",
    fields: &[
        field(1, "services", Text).repeated(),
        field(2, "consumers", Message(&MULTICLUSTER_V2_EXPORTEDSERVICESCONSUMER)).repeated(),
    ],
};

/// `hashicorp.consul.multicluster.v2.ExportedServicesConsumer`
pub static MULTICLUSTER_V2_EXPORTEDSERVICESCONSUMER: MessageSchema = MessageSchema {
    name: "hashicorp.consul.multicluster.v2.ExportedServicesConsumer",
    fields: &[
        field(1, "peer", Text).one_of(1),
        field(2, "partition", Text).one_of(1),
        field(3, "samenessGroup", Text).one_of(1),
    ],
};

/// `hashicorp.consul.multicluster.v2.NamespaceExportedServices`
pub static MULTICLUSTER_V2_NAMESPACEEXPORTEDSERVICES: MessageSchema = MessageSchema {
    name: "hashicorp.consul.multicluster.v2.NamespaceExportedServices",
    fields: &[
        field(1, "consumers", Message(&MULTICLUSTER_V2_EXPORTEDSERVICESCONSUMER)).repeated(),
    ],
};

/// `hashicorp.consul.multicluster.v2.PartitionExportedServices`
pub static MULTICLUSTER_V2_PARTITIONEXPORTEDSERVICES: MessageSchema = MessageSchema {
    name: "hashicorp.consul.multicluster.v2.PartitionExportedServices",
    fields: &[
        field(1, "consumers", Message(&MULTICLUSTER_V2_EXPORTEDSERVICESCONSUMER)).repeated(),
    ],
};

/// `hashicorp.consul.resource.Condition`
pub static RESOURCE_CONDITION: MessageSchema = MessageSchema {
    name: "hashicorp.consul.resource.Condition",
    fields: &[
        field(1, "type", Text),
        field(2, "state", Named(&RESOURCE_CONDITION_STATE)),
        field(3, "reason", Text),
        field(4, "message", Text),
        field(5, "resource", Message(&RESOURCE_REFERENCE)),
    ],
};

/// `hashicorp.consul.resource.ID`
pub static RESOURCE_ID: MessageSchema = MessageSchema {
    name: "hashicorp.consul.resource.ID",
    fields: &[
        field(1, "uid", Text),
        field(2, "name", Text),
        field(3, "type", Message(&RESOURCE_TYPE)),
        field(4, "tenancy", Message(&RESOURCE_TENANCY)),
    ],
};

/// `hashicorp.consul.resource.Reference`
pub static RESOURCE_REFERENCE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.resource.Reference",
    fields: &[
        field(1, "type", Message(&RESOURCE_TYPE)),
        field(2, "tenancy", Message(&RESOURCE_TENANCY)),
        field(3, "name", Text),
        field(4, "section", Text),
    ],
};

/// `hashicorp.consul.resource.Resource`
pub static RESOURCE_RESOURCE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.resource.Resource",
    fields: &[
        field(1, "id", Message(&RESOURCE_ID)),
        field(2, "owner", Message(&RESOURCE_ID)),
        field(3, "version", Text),
        field(4, "generation", Text),
        field(5, "metadata", Map(&Text)),
        field(6, "status", Map(&Message(&RESOURCE_STATUS))),
        field(7, "data", AnyMessage),
    ],
};

/// `hashicorp.consul.resource.Status`
pub static RESOURCE_STATUS: MessageSchema = MessageSchema {
    name: "hashicorp.consul.resource.Status",
    fields: &[
        field(1, "observedGeneration", Text),
        field(2, "conditions", Message(&RESOURCE_CONDITION)).repeated(),
        field(3, "updatedAt", Timestamp),
    ],
};

/// `hashicorp.consul.resource.Tenancy`
pub static RESOURCE_TENANCY: MessageSchema = MessageSchema {
    name: "hashicorp.consul.resource.Tenancy",
    fields: &[
        field(1, "partition", Text),
        field(2, "namespace", Text),
        field(3, "peerName", Text).until(18),
    ],
};

/// `hashicorp.consul.resource.Tombstone`
pub static RESOURCE_TOMBSTONE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.resource.Tombstone",
    fields: &[
        field(1, "owner", Message(&RESOURCE_ID)),
    ],
};

/// `hashicorp.consul.resource.Type`
pub static RESOURCE_TYPE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.resource.Type",
    fields: &[
        field(1, "group", Text),
        field(2, "groupVersion", Text),
        field(3, "kind", Text),
    ],
};

/// `hashicorp.consul.tenancy.v1alpha1.Namespace`
pub static TENANCY_V1ALPHA1_NAMESPACE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.tenancy.v1alpha1.Namespace",
    fields: &[
        field(1, "description", Text),
    ],
};

/// `hashicorp.consul.tenancy.v2beta1.Namespace`
pub static TENANCY_V2BETA1_NAMESPACE: MessageSchema = MessageSchema {
    name: "hashicorp.consul.tenancy.v2beta1.Namespace",
    fields: &[
        field(1, "description", Text),
    ],
};

/// All messages, by name.
pub static MESSAGES: &[&MessageSchema] = &[
    &AUTH_V2BETA1_COMPUTEDTRAFFICPERMISSIONS,
    &AUTH_V2BETA1_DESTINATION,
    &AUTH_V2BETA1_DESTINATIONRULE,
    &AUTH_V2BETA1_DESTINATIONRULEHEADER,
    &AUTH_V2BETA1_EXCLUDEPERMISSIONRULE,
    &AUTH_V2BETA1_EXCLUDESOURCE,
    &AUTH_V2BETA1_NAMESPACETRAFFICPERMISSIONS,
    &AUTH_V2BETA1_PARTITIONTRAFFICPERMISSIONS,
    &AUTH_V2BETA1_PERMISSION,
    &AUTH_V2BETA1_SOURCE,
    &AUTH_V2BETA1_TRAFFICPERMISSIONS,
    &AUTH_V2BETA1_WORKLOADIDENTITY,
    &CATALOG_V1ALPHA1_CHECKTLSCONFIG,
    &CATALOG_V1ALPHA1_DNSPOLICY,
    &CATALOG_V1ALPHA1_ENDPOINT,
    &CATALOG_V1ALPHA1_GRPCCHECK,
    &CATALOG_V1ALPHA1_HTTPCHECK,
    &CATALOG_V1ALPHA1_HEALTHCHECK,
    &CATALOG_V1ALPHA1_HEALTHCHECKS,
    &CATALOG_V1ALPHA1_HEALTHSTATUS,
    &CATALOG_V1ALPHA1_IP,
    &CATALOG_V1ALPHA1_LOCALITY,
    &CATALOG_V1ALPHA1_NODE,
    &CATALOG_V1ALPHA1_NODEADDRESS,
    &CATALOG_V1ALPHA1_OSSERVICECHECK,
    &CATALOG_V1ALPHA1_SERVICE,
    &CATALOG_V1ALPHA1_SERVICEENDPOINTS,
    &CATALOG_V1ALPHA1_SERVICEPORT,
    &CATALOG_V1ALPHA1_TCPCHECK,
    &CATALOG_V1ALPHA1_UDPCHECK,
    &CATALOG_V1ALPHA1_VIRTUALIPS,
    &CATALOG_V1ALPHA1_WEIGHTS,
    &CATALOG_V1ALPHA1_WORKLOAD,
    &CATALOG_V1ALPHA1_WORKLOADADDRESS,
    &CATALOG_V1ALPHA1_WORKLOADPORT,
    &CATALOG_V1ALPHA1_WORKLOADSELECTOR,
    &CATALOG_V2BETA1_COMPUTEDFAILOVERPOLICY,
    &CATALOG_V2BETA1_DNSPOLICY,
    &CATALOG_V2BETA1_ENDPOINT,
    &CATALOG_V2BETA1_FAILOVERCONFIG,
    &CATALOG_V2BETA1_FAILOVERDESTINATION,
    &CATALOG_V2BETA1_FAILOVERPOLICY,
    &CATALOG_V2BETA1_HEALTHSTATUS,
    &CATALOG_V2BETA1_LOCALITY,
    &CATALOG_V2BETA1_NODE,
    &CATALOG_V2BETA1_NODEADDRESS,
    &CATALOG_V2BETA1_NODEHEALTHSTATUS,
    &CATALOG_V2BETA1_SERVICE,
    &CATALOG_V2BETA1_SERVICEENDPOINTS,
    &CATALOG_V2BETA1_SERVICEPORT,
    &CATALOG_V2BETA1_WEIGHTS,
    &CATALOG_V2BETA1_WORKLOAD,
    &CATALOG_V2BETA1_WORKLOADADDRESS,
    &CATALOG_V2BETA1_WORKLOADPORT,
    &CATALOG_V2BETA1_WORKLOADSELECTOR,
    &HCP_V2_HCPCONFIG,
    &HCP_V2_LINK,
    &HCP_V2_METRICSCONFIG,
    &HCP_V2_PROXYCONFIG,
    &HCP_V2_TELEMETRYSTATE,
    &INTERNAL_DEMO_V1_ALBUM,
    &INTERNAL_DEMO_V1_ARTIST,
    &INTERNAL_DEMO_V1_CONCEPT,
    &INTERNAL_DEMO_V1_EXECUTIVE,
    &INTERNAL_DEMO_V1_RECORDLABEL,
    &INTERNAL_DEMO_V2_ALBUM,
    &INTERNAL_DEMO_V2_ARTIST,
    &INTERNAL_DEMO_V2_FESTIVAL,
    &MESH_V1ALPHA1_BOOTSTRAPCONFIG,
    &MESH_V1ALPHA1_CONNECTIONCONFIG,
    &MESH_V1ALPHA1_DYNAMICCONFIG,
    &MESH_V1ALPHA1_EXPOSECONFIG,
    &MESH_V1ALPHA1_EXPOSEPATH,
    &MESH_V1ALPHA1_INBOUNDCONNECTIONSCONFIG,
    &MESH_V1ALPHA1_PASSIVEHEALTHCHECK,
    &MESH_V1ALPHA1_PREPAREDQUERYUPSTREAM,
    &MESH_V1ALPHA1_PROXYCONFIGURATION,
    &MESH_V1ALPHA1_TCPADDRESS,
    &MESH_V1ALPHA1_TRANSPARENTPROXY,
    &MESH_V1ALPHA1_UNIXSOCKETADDRESS,
    &MESH_V1ALPHA1_UPSTREAM,
    &MESH_V1ALPHA1_UPSTREAMCONFIG,
    &MESH_V1ALPHA1_UPSTREAMLIMITS,
    &MESH_V1ALPHA1_UPSTREAMS,
    &MESH_V2BETA1_APIGATEWAY,
    &MESH_V2BETA1_APIGATEWAYLISTENER,
    &MESH_V2BETA1_APIGATEWAYTLSCONFIGURATION,
    &MESH_V2BETA1_ACCESSLOGSCONFIG,
    &MESH_V2BETA1_BACKENDREFERENCE,
    &MESH_V2BETA1_BACKENDTARGETDETAILS,
    &MESH_V2BETA1_BOOTSTRAPCONFIG,
    &MESH_V2BETA1_COMPUTEDEXPLICITDESTINATIONS,
    &MESH_V2BETA1_COMPUTEDFAILOVERCONFIG,
    &MESH_V2BETA1_COMPUTEDFAILOVERDESTINATION,
    &MESH_V2BETA1_COMPUTEDGRPCBACKENDREF,
    &MESH_V2BETA1_COMPUTEDGRPCROUTE,
    &MESH_V2BETA1_COMPUTEDGRPCROUTERULE,
    &MESH_V2BETA1_COMPUTEDHTTPBACKENDREF,
    &MESH_V2BETA1_COMPUTEDHTTPROUTE,
    &MESH_V2BETA1_COMPUTEDHTTPROUTERULE,
    &MESH_V2BETA1_COMPUTEDIMPLICITDESTINATIONS,
    &MESH_V2BETA1_COMPUTEDPORTROUTES,
    &MESH_V2BETA1_COMPUTEDPROXYCONFIGURATION,
    &MESH_V2BETA1_COMPUTEDROUTES,
    &MESH_V2BETA1_COMPUTEDTCPBACKENDREF,
    &MESH_V2BETA1_COMPUTEDTCPROUTE,
    &MESH_V2BETA1_COMPUTEDTCPROUTERULE,
    &MESH_V2BETA1_CONNECTIONCONFIG,
    &MESH_V2BETA1_COOKIECONFIG,
    &MESH_V2BETA1_DESTINATION,
    &MESH_V2BETA1_DESTINATIONCONFIG,
    &MESH_V2BETA1_DESTINATIONCONFIGURATION,
    &MESH_V2BETA1_DESTINATIONLIMITS,
    &MESH_V2BETA1_DESTINATIONPOLICY,
    &MESH_V2BETA1_DESTINATIONS,
    &MESH_V2BETA1_DYNAMICCONFIG,
    &MESH_V2BETA1_EXPOSECONFIG,
    &MESH_V2BETA1_EXPOSEPATH,
    &MESH_V2BETA1_GRPCBACKENDREF,
    &MESH_V2BETA1_GRPCHEADERMATCH,
    &MESH_V2BETA1_GRPCMETHODMATCH,
    &MESH_V2BETA1_GRPCROUTE,
    &MESH_V2BETA1_GRPCROUTEFILTER,
    &MESH_V2BETA1_GRPCROUTEMATCH,
    &MESH_V2BETA1_GRPCROUTERULE,
    &MESH_V2BETA1_HTTPBACKENDREF,
    &MESH_V2BETA1_HTTPHEADER,
    &MESH_V2BETA1_HTTPHEADERFILTER,
    &MESH_V2BETA1_HTTPHEADERMATCH,
    &MESH_V2BETA1_HTTPPATHMATCH,
    &MESH_V2BETA1_HTTPQUERYPARAMMATCH,
    &MESH_V2BETA1_HTTPROUTE,
    &MESH_V2BETA1_HTTPROUTEFILTER,
    &MESH_V2BETA1_HTTPROUTEMATCH,
    &MESH_V2BETA1_HTTPROUTERETRIES,
    &MESH_V2BETA1_HTTPROUTERULE,
    &MESH_V2BETA1_HTTPROUTETIMEOUTS,
    &MESH_V2BETA1_HTTPURLREWRITEFILTER,
    &MESH_V2BETA1_HASHPOLICY,
    &MESH_V2BETA1_IPPORTADDRESS,
    &MESH_V2BETA1_IMPLICITDESTINATION,
    &MESH_V2BETA1_INBOUNDCONNECTIONSCONFIG,
    &MESH_V2BETA1_LEASTREQUESTCONFIG,
    &MESH_V2BETA1_LOADBALANCER,
    &MESH_V2BETA1_LOCALITYPRIORITIZATION,
    &MESH_V2BETA1_MESHCONFIGURATION,
    &MESH_V2BETA1_MESHGATEWAY,
    &MESH_V2BETA1_MESHGATEWAYLISTENER,
    &MESH_V2BETA1_PARENTREFERENCE,
    &MESH_V2BETA1_PASSIVEHEALTHCHECK,
    &MESH_V2BETA1_PREPAREDQUERYDESTINATION,
    &MESH_V2BETA1_PROXYCONFIGURATION,
    &MESH_V2BETA1_PROXYSTATE,
    &MESH_V2BETA1_PROXYSTATETEMPLATE,
    &MESH_V2BETA1_RINGHASHCONFIG,
    &MESH_V2BETA1_TCPBACKENDREF,
    &MESH_V2BETA1_TCPROUTE,
    &MESH_V2BETA1_TCPROUTERULE,
    &MESH_V2BETA1_TRANSPARENTPROXY,
    &MESH_V2BETA1_UNIXSOCKETADDRESS,
    &MESH_V2BETA1_PBPROXYSTATE_ACCESSLOGS,
    &MESH_V2BETA1_PBPROXYSTATE_CIDRRANGE,
    &MESH_V2BETA1_PBPROXYSTATE_CIRCUITBREAKERS,
    &MESH_V2BETA1_PBPROXYSTATE_CLUSTER,
    &MESH_V2BETA1_PBPROXYSTATE_CONNECTIONPROPERTIESPOLICY,
    &MESH_V2BETA1_PBPROXYSTATE_COOKIEPOLICY,
    &MESH_V2BETA1_PBPROXYSTATE_DNSENDPOINTGROUP,
    &MESH_V2BETA1_PBPROXYSTATE_DNSENDPOINTGROUPCONFIG,
    &MESH_V2BETA1_PBPROXYSTATE_DESTINATIONCLUSTER,
    &MESH_V2BETA1_PBPROXYSTATE_DESTINATIONCONFIGURATION,
    &MESH_V2BETA1_PBPROXYSTATE_DESTINATIONRULE,
    &MESH_V2BETA1_PBPROXYSTATE_DESTINATIONRULEHEADER,
    &MESH_V2BETA1_PBPROXYSTATE_DYNAMICENDPOINTGROUP,
    &MESH_V2BETA1_PBPROXYSTATE_DYNAMICENDPOINTGROUPCONFIG,
    &MESH_V2BETA1_PBPROXYSTATE_ENDPOINT,
    &MESH_V2BETA1_PBPROXYSTATE_ENDPOINTGROUP,
    &MESH_V2BETA1_PBPROXYSTATE_ENDPOINTREF,
    &MESH_V2BETA1_PBPROXYSTATE_ENDPOINTS,
    &MESH_V2BETA1_PBPROXYSTATE_ESCAPEHATCHES,
    &MESH_V2BETA1_PBPROXYSTATE_EXCLUDEPERMISSIONRULE,
    &MESH_V2BETA1_PBPROXYSTATE_FAILOVERGROUP,
    &MESH_V2BETA1_PBPROXYSTATE_FAILOVERGROUPCONFIG,
    &MESH_V2BETA1_PBPROXYSTATE_HEADER,
    &MESH_V2BETA1_PBPROXYSTATE_HEADERMATCH,
    &MESH_V2BETA1_PBPROXYSTATE_HEADERMUTATION,
    &MESH_V2BETA1_PBPROXYSTATE_HEADERPOLICY,
    &MESH_V2BETA1_PBPROXYSTATE_HOSTPORTADDRESS,
    &MESH_V2BETA1_PBPROXYSTATE_INBOUNDMESHMTLS,
    &MESH_V2BETA1_PBPROXYSTATE_INBOUNDNONMESHTLS,
    &MESH_V2BETA1_PBPROXYSTATE_L4DESTINATION,
    &MESH_V2BETA1_PBPROXYSTATE_L4WEIGHTEDCLUSTERGROUP,
    &MESH_V2BETA1_PBPROXYSTATE_L4WEIGHTEDDESTINATIONCLUSTER,
    &MESH_V2BETA1_PBPROXYSTATE_L7DESTINATION,
    &MESH_V2BETA1_PBPROXYSTATE_L7DESTINATIONROUTE,
    &MESH_V2BETA1_PBPROXYSTATE_L7WEIGHTEDCLUSTERGROUP,
    &MESH_V2BETA1_PBPROXYSTATE_L7WEIGHTEDDESTINATIONCLUSTER,
    &MESH_V2BETA1_PBPROXYSTATE_LBPOLICYLEASTREQUEST,
    &MESH_V2BETA1_PBPROXYSTATE_LBPOLICYMAGLEV,
    &MESH_V2BETA1_PBPROXYSTATE_LBPOLICYRANDOM,
    &MESH_V2BETA1_PBPROXYSTATE_LBPOLICYRINGHASH,
    &MESH_V2BETA1_PBPROXYSTATE_LBPOLICYROUNDROBIN,
    &MESH_V2BETA1_PBPROXYSTATE_LEAFCERTIFICATE,
    &MESH_V2BETA1_PBPROXYSTATE_LEAFCERTIFICATEREF,
    &MESH_V2BETA1_PBPROXYSTATE_LISTENER,
    &MESH_V2BETA1_PBPROXYSTATE_LOADBALANCERHASHPOLICY,
    &MESH_V2BETA1_PBPROXYSTATE_MATCH,
    &MESH_V2BETA1_PBPROXYSTATE_MESHINBOUNDVALIDATIONCONTEXT,
    &MESH_V2BETA1_PBPROXYSTATE_MESHOUTBOUNDVALIDATIONCONTEXT,
    &MESH_V2BETA1_PBPROXYSTATE_NONMESHOUTBOUNDVALIDATIONCONTEXT,
    &MESH_V2BETA1_PBPROXYSTATE_OUTBOUNDMESHMTLS,
    &MESH_V2BETA1_PBPROXYSTATE_OUTBOUNDNONMESHTLS,
    &MESH_V2BETA1_PBPROXYSTATE_OUTLIERDETECTION,
    &MESH_V2BETA1_PBPROXYSTATE_PASSTHROUGHENDPOINTGROUP,
    &MESH_V2BETA1_PBPROXYSTATE_PASSTHROUGHENDPOINTGROUPCONFIG,
    &MESH_V2BETA1_PBPROXYSTATE_PATHMATCH,
    &MESH_V2BETA1_PBPROXYSTATE_PERMISSION,
    &MESH_V2BETA1_PBPROXYSTATE_PRINCIPAL,
    &MESH_V2BETA1_PBPROXYSTATE_QUERYPARAMETERMATCH,
    &MESH_V2BETA1_PBPROXYSTATE_QUERYPARAMETERPOLICY,
    &MESH_V2BETA1_PBPROXYSTATE_REQUESTHEADERADD,
    &MESH_V2BETA1_PBPROXYSTATE_REQUESTHEADERREMOVE,
    &MESH_V2BETA1_PBPROXYSTATE_RESPONSEHEADERADD,
    &MESH_V2BETA1_PBPROXYSTATE_RESPONSEHEADERREMOVE,
    &MESH_V2BETA1_PBPROXYSTATE_RETRYPOLICY,
    &MESH_V2BETA1_PBPROXYSTATE_ROUTE,
    &MESH_V2BETA1_PBPROXYSTATE_ROUTEDESTINATION,
    &MESH_V2BETA1_PBPROXYSTATE_ROUTEMATCH,
    &MESH_V2BETA1_PBPROXYSTATE_ROUTERULE,
    &MESH_V2BETA1_PBPROXYSTATE_ROUTER,
    &MESH_V2BETA1_PBPROXYSTATE_SDSCERTIFICATE,
    &MESH_V2BETA1_PBPROXYSTATE_SNIDESTINATION,
    &MESH_V2BETA1_PBPROXYSTATE_SPIFFE,
    &MESH_V2BETA1_PBPROXYSTATE_STATICENDPOINTGROUP,
    &MESH_V2BETA1_PBPROXYSTATE_STATICENDPOINTGROUPCONFIG,
    &MESH_V2BETA1_PBPROXYSTATE_TLS,
    &MESH_V2BETA1_PBPROXYSTATE_TLSPARAMETERS,
    &MESH_V2BETA1_PBPROXYSTATE_TIMEOUTCONFIG,
    &MESH_V2BETA1_PBPROXYSTATE_TRAFFICPERMISSIONS,
    &MESH_V2BETA1_PBPROXYSTATE_TRANSPORTSOCKET,
    &MESH_V2BETA1_PBPROXYSTATE_TRUSTBUNDLE,
    &MESH_V2BETA1_PBPROXYSTATE_TRUSTBUNDLEREF,
    &MESH_V2BETA1_PBPROXYSTATE_UNIXSOCKETADDRESS,
    &MESH_V2BETA1_PBPROXYSTATE_UPSTREAMCONNECTIONOPTIONS,
    &MESH_V2BETA1_PBPROXYSTATE_UPSTREAMLIMITS,
    &MESH_V2BETA1_PBPROXYSTATE_VIRTUALHOST,
    &MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICE,
    &MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICECONSUMER,
    &MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICES,
    &MULTICLUSTER_V2_EXPORTEDSERVICES,
    &MULTICLUSTER_V2_EXPORTEDSERVICESCONSUMER,
    &MULTICLUSTER_V2_NAMESPACEEXPORTEDSERVICES,
    &MULTICLUSTER_V2_PARTITIONEXPORTEDSERVICES,
    &RESOURCE_CONDITION,
    &RESOURCE_ID,
    &RESOURCE_REFERENCE,
    &RESOURCE_RESOURCE,
    &RESOURCE_STATUS,
    &RESOURCE_TENANCY,
    &RESOURCE_TOMBSTONE,
    &RESOURCE_TYPE,
    &TENANCY_V1ALPHA1_NAMESPACE,
    &TENANCY_V2BETA1_NAMESPACE,
];

/// The types servers of 1.16 and later register.
pub static RESOURCE_TYPES: &[ResourceType] = &[
    ResourceType::new("catalog.v1alpha1.DNSPolicy", &CATALOG_V1ALPHA1_DNSPOLICY, "-", 16, 17),
    ResourceType::new("catalog.v1alpha1.HealthChecks", &CATALOG_V1ALPHA1_HEALTHCHECKS, "-", 16, 17),
    ResourceType::new("catalog.v1alpha1.HealthStatus", &CATALOG_V1ALPHA1_HEALTHSTATUS, "-", 16, 17),
    ResourceType::new("catalog.v1alpha1.Node", &CATALOG_V1ALPHA1_NODE, "-", 16, 17),
    ResourceType::new("catalog.v1alpha1.Service", &CATALOG_V1ALPHA1_SERVICE, "-", 16, 17),
    ResourceType::new("catalog.v1alpha1.ServiceEndpoints", &CATALOG_V1ALPHA1_SERVICEENDPOINTS, "-", 16, 17),
    ResourceType::new("catalog.v1alpha1.VirtualIPs", &CATALOG_V1ALPHA1_VIRTUALIPS, "-", 16, 17),
    ResourceType::new("catalog.v1alpha1.Workload", &CATALOG_V1ALPHA1_WORKLOAD, "-", 16, 17),
    ResourceType::new("demo.v1.Album", &INTERNAL_DEMO_V1_ALBUM, "namespace", 16, 0),
    ResourceType::new("demo.v1.Artist", &INTERNAL_DEMO_V1_ARTIST, "namespace", 16, 0),
    ResourceType::new("demo.v2.Album", &INTERNAL_DEMO_V2_ALBUM, "namespace", 16, 0),
    ResourceType::new("demo.v2.Artist", &INTERNAL_DEMO_V2_ARTIST, "namespace", 16, 0),
    ResourceType::new("mesh.v1alpha1.ProxyConfiguration", &MESH_V1ALPHA1_PROXYCONFIGURATION, "-", 16, 17),
    ResourceType::new("mesh.v1alpha1.Upstreams", &MESH_V1ALPHA1_UPSTREAMS, "-", 16, 17),
    ResourceType::new("auth.v2beta1.ComputedTrafficPermissions", &AUTH_V2BETA1_COMPUTEDTRAFFICPERMISSIONS, "namespace", 17, 20),
    ResourceType::new("auth.v2beta1.TrafficPermissions", &AUTH_V2BETA1_TRAFFICPERMISSIONS, "namespace", 17, 20),
    ResourceType::new("auth.v2beta1.WorkloadIdentity", &AUTH_V2BETA1_WORKLOADIDENTITY, "namespace", 17, 20),
    ResourceType::new("catalog.v2beta1.FailoverPolicy", &CATALOG_V2BETA1_FAILOVERPOLICY, "namespace", 17, 20),
    ResourceType::new("catalog.v2beta1.HealthStatus", &CATALOG_V2BETA1_HEALTHSTATUS, "namespace", 17, 20),
    ResourceType::new("catalog.v2beta1.Node", &CATALOG_V2BETA1_NODE, "partition", 17, 20),
    ResourceType::new("catalog.v2beta1.Service", &CATALOG_V2BETA1_SERVICE, "namespace", 17, 20),
    ResourceType::new("catalog.v2beta1.ServiceEndpoints", &CATALOG_V2BETA1_SERVICEENDPOINTS, "namespace", 17, 20),
    ResourceType::new("catalog.v2beta1.Workload", &CATALOG_V2BETA1_WORKLOAD, "namespace", 17, 20),
    ResourceType::new("demo.v1.Concept", &INTERNAL_DEMO_V1_CONCEPT, "namespace", 17, 0),
    ResourceType::new("demo.v1.Executive", &INTERNAL_DEMO_V1_EXECUTIVE, "cluster", 17, 0),
    ResourceType::new("demo.v1.RecordLabel", &INTERNAL_DEMO_V1_RECORDLABEL, "partition", 17, 0),
    ResourceType::new("internal.v1.Tombstone", &RESOURCE_TOMBSTONE, "undefined", 17, 0),
    ResourceType::new("mesh.v2beta1.ComputedExplicitDestinations", &MESH_V2BETA1_COMPUTEDEXPLICITDESTINATIONS, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.ComputedProxyConfiguration", &MESH_V2BETA1_COMPUTEDPROXYCONFIGURATION, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.ComputedRoutes", &MESH_V2BETA1_COMPUTEDROUTES, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.DestinationPolicy", &MESH_V2BETA1_DESTINATIONPOLICY, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.Destinations", &MESH_V2BETA1_DESTINATIONS, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.GRPCRoute", &MESH_V2BETA1_GRPCROUTE, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.HTTPRoute", &MESH_V2BETA1_HTTPROUTE, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.ProxyConfiguration", &MESH_V2BETA1_PROXYCONFIGURATION, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.ProxyStateTemplate", &MESH_V2BETA1_PROXYSTATETEMPLATE, "namespace", 17, 20),
    ResourceType::new("mesh.v2beta1.TCPRoute", &MESH_V2BETA1_TCPROUTE, "namespace", 17, 20),
    ResourceType::new("tenancy.v1alpha1.Namespace", &TENANCY_V1ALPHA1_NAMESPACE, "partition", 17, 18),
    ResourceType::new("auth.v2beta1.NamespaceTrafficPermissions", &AUTH_V2BETA1_NAMESPACETRAFFICPERMISSIONS, "namespace", 18, 20),
    ResourceType::new("auth.v2beta1.PartitionTrafficPermissions", &AUTH_V2BETA1_PARTITIONTRAFFICPERMISSIONS, "partition", 18, 20),
    ResourceType::new("catalog.v2beta1.ComputedFailoverPolicy", &CATALOG_V2BETA1_COMPUTEDFAILOVERPOLICY, "namespace", 18, 20),
    ResourceType::new("catalog.v2beta1.NodeHealthStatus", &CATALOG_V2BETA1_NODEHEALTHSTATUS, "partition", 18, 20),
    ResourceType::new("hcp.v2.Link", &HCP_V2_LINK, "cluster", 18, 21),
    ResourceType::new("hcp.v2.TelemetryState", &HCP_V2_TELEMETRYSTATE, "cluster", 18, 21),
    ResourceType::new("mesh.v2beta1.ComputedImplicitDestinations", &MESH_V2BETA1_COMPUTEDIMPLICITDESTINATIONS, "namespace", 18, 20),
    ResourceType::new("mesh.v2beta1.MeshConfiguration", &MESH_V2BETA1_MESHCONFIGURATION, "partition", 18, 20),
    ResourceType::new("mesh.v2beta1.MeshGateway", &MESH_V2BETA1_MESHGATEWAY, "partition", 18, 20),
    ResourceType::new("multicluster.v2.ComputedExportedServices", &MULTICLUSTER_V2_COMPUTEDEXPORTEDSERVICES, "partition", 18, 0),
    ResourceType::new("multicluster.v2.ExportedServices", &MULTICLUSTER_V2_EXPORTEDSERVICES, "namespace", 18, 0),
    ResourceType::new("multicluster.v2.NamespaceExportedServices", &MULTICLUSTER_V2_NAMESPACEEXPORTEDSERVICES, "namespace", 18, 0),
    ResourceType::new("multicluster.v2.PartitionExportedServices", &MULTICLUSTER_V2_PARTITIONEXPORTEDSERVICES, "partition", 18, 0),
    ResourceType::new("tenancy.v2beta1.Namespace", &TENANCY_V2BETA1_NAMESPACE, "partition", 18, 20),
    ResourceType::new("mesh.v2beta1.APIGateway", &MESH_V2BETA1_APIGATEWAY, "namespace", 19, 20),
    ResourceType::new("demo.v2.Festival", &INTERNAL_DEMO_V2_FESTIVAL, "namespace", 20, 0),
];
