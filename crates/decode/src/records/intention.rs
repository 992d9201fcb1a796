//! Legacy intentions, and what they share with `service-intentions` entries.

use crate::schema::{Bytes, List, Map, Nested, Text};
use crate::time::GoTime;
use crate::wire_struct;

wire_struct! {
    /// A legacy intention; newer servers keep intentions in `service-intentions` config entries.
    struct IntentionRef "Intention" {
        "ID" id: Text<'a>, omit_empty;
        "Description" description: Text<'a>, omit_empty;
        "SourceNS" source_ns: Text<'a>;
        "SourceName" source_name: Text<'a>;
        "DestinationNS" destination_ns: Text<'a>;
        "DestinationName" destination_name: Text<'a>;
        "SourcePartition" source_partition: Text<'a>, omit_empty;
        "DestinationPartition" destination_partition: Text<'a>, omit_empty;
        "SourcePeer" source_peer: Text<'a>, omit_empty;
        "SourceSamenessGroup" source_sameness_group: Text<'a>, omit_empty;
        "SourceType" source_type: Text<'a>;
        "Action" action: Text<'a>, omit_empty;
        "Permissions" permissions: List<'a, Option<IntentionPermissionRef<'a>>>, omit_empty;
        "JWT" jwt: Nested<'a, Option<IntentionJwtRequirementRef<'a>>>, omit_empty;
        "DefaultAddr" default_addr: Text<'a>, omit_empty;
        "DefaultPort" default_port: i64, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Precedence" precedence: i64;
        "CreatedAt" created_at: GoTime, omit_zero;
        "UpdatedAt" updated_at: GoTime, omit_zero;
        "Hash" hash: Bytes<'a>, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `IntentionPermission`.
    struct IntentionPermissionRef "IntentionPermission" {
        "Action" action: Text<'a>;
        "HTTP" http: Nested<'a, Option<IntentionHttpPermissionRef<'a>>>, omit_empty;
        "JWT" jwt: Nested<'a, Option<IntentionJwtRequirementRef<'a>>>, omit_empty;
    }

    /// Consul's `IntentionHTTPPermission`.
    struct IntentionHttpPermissionRef "IntentionHTTPPermission" {
        "PathExact" path_exact: Text<'a>, omit_empty;
        "PathPrefix" path_prefix: Text<'a>, omit_empty;
        "PathRegex" path_regex: Text<'a>, omit_empty;
        "Header" header: List<'a, IntentionHttpHeaderPermissionRef<'a>>, omit_empty;
        "Methods" methods: List<'a, Text<'a>>, omit_empty;
    }

    /// Consul's `IntentionHTTPHeaderPermission`.
    struct IntentionHttpHeaderPermissionRef "IntentionHTTPHeaderPermission" {
        "Name" name: Text<'a>;
        "Present" present: bool, omit_empty;
        "Exact" exact: Text<'a>, omit_empty;
        "Prefix" prefix: Text<'a>, omit_empty;
        "Suffix" suffix: Text<'a>, omit_empty;
        "Contains" contains: Text<'a>, omit_empty;
        "Regex" regex: Text<'a>, omit_empty;
        "Invert" invert: bool, omit_empty;
        "IgnoreCase" ignore_case: bool, omit_empty;
    }

    /// Consul's `IntentionJWTRequirement`.
    struct IntentionJwtRequirementRef "IntentionJWTRequirement" {
        "Providers" providers: List<'a, Option<IntentionJwtProviderRef<'a>>>, omit_empty;
    }

    /// Consul's `IntentionJWTProvider`.
    struct IntentionJwtProviderRef "IntentionJWTProvider" {
        "Name" name: Text<'a>, omit_empty;
        "VerifyClaims" verify_claims: List<'a, Option<IntentionJwtClaimVerificationRef<'a>>>, omit_empty;
    }

    /// Consul's `IntentionJWTClaimVerification`.
    struct IntentionJwtClaimVerificationRef "IntentionJWTClaimVerification" {
        "Path" path: List<'a, Text<'a>>, omit_empty;
        "Value" value: Text<'a>, omit_empty;
    }
}
