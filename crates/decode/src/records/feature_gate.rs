//! Feature gates (2.1): requested and effective state.

use crate::schema::{Map, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// The one `FeatureGate` record; either half may be missing.
    struct FeatureGateRef "FeatureGate" {
        "Policy" policy: Nested<'a, Option<FeatureGatePolicyRef<'a>>>;
        "Status" status: Nested<'a, Option<FeatureGateStatusRef<'a>>>;
    }

    /// The requested state.
    struct FeatureGatePolicyRef "FeatureGatePolicy" {
        "Settings" settings: Map<'a, FeatureSettingRef<'a>>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// The requested state of one feature.
    struct FeatureSettingRef "FeatureGateSetting" {
        "Enabled" enabled: bool;
        "Source" source: Text<'a>;
    }

    /// The effective state.
    struct FeatureGateStatusRef "FeatureGateStatus" {
        "PolicyIndex" policy_index: u64;
        "RegistryDigest" registry_digest: Text<'a>;
        "Features" features: Map<'a, FeatureStateRef<'a>>;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// The effective state of one feature.
    struct FeatureStateRef "FeatureGateState" {
        "DesiredEnabled" desired_enabled: bool;
        "EffectiveEnabled" effective_enabled: bool;
        "Eligible" eligible: bool;
        "Source" source: Text<'a>;
        "Reason" reason: Text<'a>;
    }
}
