//! Checks the permission to read the agent.

use crate::answer::Refused;
use crate::api::call::Call;
use snapscope_analyze::acl::{Access, Resource};

/// Returns an error if the token may not read the agent.
pub(super) fn read_agent(call: &Call<'_>) -> Result<(), Refused> {
    call.check_token()?;
    let node = call.view.facts.server_name();
    call.require(Resource::Agent, Access::Read, Some(node.as_bytes()))
}
