//! Service intentions.

use crate::records::{IntentionJwtRequirementRef, IntentionPermissionRef};
use crate::schema::{List, Map, Nested, Text};
use crate::time::GoTime;
use crate::wire_struct;

wire_struct! {
    /// A `service-intentions` config entry.
    struct ServiceIntentionsEntryRef "service-intentions" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Sources" sources: List<'a, Option<SourceIntentionRef<'a>>>;
        "JWT" jwt: Nested<'a, Option<IntentionJwtRequirementRef<'a>>>, omit_empty;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// Consul's `SourceIntention`.
    struct SourceIntentionRef "SourceIntention" {
        "Name" name: Text<'a>;
        "Action" action: Text<'a>, omit_empty;
        "Permissions" permissions: List<'a, Option<IntentionPermissionRef<'a>>>, omit_empty;
        "Precedence" precedence: i64;
        "LegacyID" legacy_id: Text<'a>, omit_empty;
        "Type" type_: Text<'a>;
        "Description" description: Text<'a>, omit_empty;
        "LegacyMeta" legacy_meta: Map<'a, Text<'a>>, omit_empty;
        "LegacyCreateTime" legacy_create_time: Option<GoTime>, omit_empty;
        "LegacyUpdateTime" legacy_update_time: Option<GoTime>, omit_empty;
        "Peer" peer: Text<'a>, omit_empty;
        "SamenessGroup" sameness_group: Text<'a>, omit_empty;
    }
}
