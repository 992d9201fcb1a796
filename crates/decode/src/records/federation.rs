//! Federation states.

use crate::records::CheckServiceNodeRef;
use crate::schema::{List, Nested, Text};
use crate::time::GoTime;
use crate::wire_struct;

wire_struct! {
    /// A `FederationState` record: the request around a federation state.
    struct FederationStateRecordRef "FederationStateRequest" {
        "Datacenter" datacenter: Text<'a>;
        "Op" op: Text<'a>;
        "State" state: Nested<'a, Option<FederationStateRef<'a>>>;
        "Token" token: Text<'a>;
    }

    /// What one datacenter knows of the mesh gateways of another.
    struct FederationStateRef "FederationState" {
        "Datacenter" datacenter: Text<'a>;
        "MeshGateways" mesh_gateways: List<'a, CheckServiceNodeRef<'a>>, omit_empty;
        "UpdatedAt" updated_at: GoTime;
        "PrimaryModifyIndex" primary_modify_index: u64;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }
}
