//! The mesh's certificate authority.

use crate::schema::{Any, List, Map, Text};
use crate::time::GoTime;
use crate::wire_struct;

wire_struct! {
    /// A root certificate of the mesh CA.
    struct CaRootRef "ConnectCA" {
        "ID" id: Text<'a>;
        "Name" name: Text<'a>;
        "SerialNumber" serial_number: u64;
        "SigningKeyID" signing_key_id: Text<'a>;
        "ExternalTrustDomain" external_trust_domain: Text<'a>;
        "NotBefore" not_before: GoTime;
        "NotAfter" not_after: GoTime;
        "RootCert" root_cert: Text<'a>;
        "IntermediateCerts" intermediate_certs: List<'a, Text<'a>>;
        "SigningCert" signing_cert: Text<'a>, omit_empty;
        "SigningKey" signing_key: Text<'a>, omit_empty;
        "Active" active: bool;
        "RotatedOutAt" rotated_out_at: GoTime, hidden;
        "PrivateKeyType" private_key_type: Text<'a>;
        "PrivateKeyBits" private_key_bits: i64;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// State of the built-in CA provider, with the root's private key in plain text.
    struct CaProviderStateRef "ConnectCAProviderState" {
        "ID" id: Text<'a>;
        "PrivateKey" private_key: Text<'a>;
        "RootCert" root_cert: Text<'a>;
        "IntermediateCert" intermediate_cert: Text<'a>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// The configuration of the mesh CA.
    struct CaConfigRef "ConnectCAConfig" {
        "ClusterID" cluster_id: Text<'a>, hidden;
        "Provider" provider: Text<'a>;
        "Config" config: Map<'a, Any<'a>>;
        "State" state: Map<'a, Text<'a>>;
        "ForceWithoutCrossSigning" force_without_cross_signing: bool;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }
}
