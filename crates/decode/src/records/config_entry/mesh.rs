//! Settings of the whole mesh.

use crate::schema::{List, Map, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A `mesh` config entry.
    struct MeshEntryRef "mesh" as "mesh" {
        "TransparentProxy" transparent_proxy: Nested<'a, TransparentProxyMeshConfigRef<'a>>;
        "AllowEnablingPermissiveMutualTLS" allow_enabling_permissive_mutual_tls: bool, omit_empty;
        "ValidateClusters" validate_clusters: bool, omit_empty;
        "TLS" tls: Nested<'a, Option<MeshTlsConfigRef<'a>>>, omit_empty;
        "HTTP" http: Nested<'a, Option<MeshHttpConfigRef<'a>>>, omit_empty;
        "Peering" peering: Nested<'a, Option<PeeringMeshConfigRef<'a>>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `TransparentProxyMeshConfig`.
    struct TransparentProxyMeshConfigRef "TransparentProxyMeshConfig" {
        "MeshDestinationsOnly" mesh_destinations_only: bool;
    }

    /// Consul's `MeshTLSConfig`.
    struct MeshTlsConfigRef "MeshTLSConfig" {
        "Incoming" incoming: Nested<'a, Option<MeshDirectionalTlsConfigRef<'a>>>, omit_empty;
        "Outgoing" outgoing: Nested<'a, Option<MeshDirectionalTlsConfigRef<'a>>>, omit_empty;
    }

    /// Consul's `MeshDirectionalTLSConfig`.
    struct MeshDirectionalTlsConfigRef "MeshDirectionalTLSConfig" {
        "TLSMinVersion" tls_min_version: Text<'a>, omit_empty;
        "TLSMaxVersion" tls_max_version: Text<'a>, omit_empty;
        "CipherSuites" cipher_suites: List<'a, Text<'a>>, omit_empty;
        "ECDHCurves" ecdh_curves: List<'a, Text<'a>>, omit_empty;
    }

    /// Consul's `MeshHTTPConfig`.
    struct MeshHttpConfigRef "MeshHTTPConfig" {
        "SanitizeXForwardedClientCert" sanitize_x_forwarded_client_cert: bool;
        "Incoming" incoming: Nested<'a, Option<MeshDirectionalHttpConfigRef<'a>>>, omit_empty;
    }

    /// Consul's `MeshDirectionalHTTPConfig`.
    struct MeshDirectionalHttpConfigRef "MeshDirectionalHTTPConfig" {
        "RequestNormalization" request_normalization: Nested<'a, Option<RequestNormalizationMeshConfigRef<'a>>>, omit_empty;
    }

    /// Consul's `RequestNormalizationMeshConfig`.
    struct RequestNormalizationMeshConfigRef "RequestNormalizationMeshConfig" {
        "InsecureDisablePathNormalization" insecure_disable_path_normalization: bool;
        "MergeSlashes" merge_slashes: bool;
        "PathWithEscapedSlashesAction" path_with_escaped_slashes_action: Text<'a>;
        "HeadersWithUnderscoresAction" headers_with_underscores_action: Text<'a>;
    }

    /// Consul's `PeeringMeshConfig`.
    struct PeeringMeshConfigRef "PeeringMeshConfig" {
        "PeerThroughMeshGateways" peer_through_mesh_gateways: bool;
    }
}
