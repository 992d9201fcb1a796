//! `agent/`: the answering agent. It is assumed to be one of the servers.

mod local;
mod members;
mod own;
mod rights;

use super::call::Call;
use super::endpoint::Endpoint;
use crate::answer::{Answered, Refused};
use rights::read_agent;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;

/// `agent/version`
const VERSIONS: VersionRange = VersionRange::since(1, 13);
/// `agent/metrics/stream`
const STREAMS: VersionRange = VersionRange::since(1, 9);

/// An endpoint that only a real agent could answer.
const fn of_agent(path: &'static str) -> Endpoint {
    Endpoint::get(path, needs_agent).bare().without_options()
}

pub(super) static ROWS: &[Endpoint] = &[
    Endpoint::get("agent/self", own::own).bare().without_options(),
    Endpoint::get("agent/version", own::version).bare().without_options().versions(VERSIONS),
    Endpoint::get("agent/members", members::members).bare().without_options(),
    Endpoint::get("agent/services", local::nothing).bare().without_options(),
    Endpoint::get("agent/checks", local::nothing).bare().without_options(),
    Endpoint::get("agent/service/", local::service).bare().without_options(),
    Endpoint::get("agent/health/service/id/", local::health_by_id).bare().without_options(),
    Endpoint::get("agent/health/service/name/", local::health_by_name).bare().without_options(),
    Endpoint::get("agent/host", needs_operator).bare().without_options(),
    of_agent("agent/metrics"),
    of_agent("agent/metrics/stream").versions(STREAMS),
    of_agent("agent/monitor"),
    Endpoint::writes(&["PUT"], "agent/maintenance"),
    Endpoint::writes(&["PUT"], "agent/reload"),
    Endpoint::writes(&["PUT"], "agent/join/"),
    Endpoint::writes(&["PUT"], "agent/leave"),
    Endpoint::writes(&["PUT"], "agent/force-leave/"),
    Endpoint::writes(&["PUT"], "agent/token/"),
    Endpoint::writes(&["PUT"], "agent/check/register"),
    Endpoint::writes(&["PUT"], "agent/check/deregister/"),
    Endpoint::writes(&["PUT"], "agent/check/pass/"),
    Endpoint::writes(&["PUT"], "agent/check/warn/"),
    Endpoint::writes(&["PUT"], "agent/check/fail/"),
    Endpoint::writes(&["PUT"], "agent/check/update/"),
    Endpoint::writes(&["PUT"], "agent/service/register"),
    Endpoint::writes(&["PUT"], "agent/service/deregister/"),
    Endpoint::writes(&["PUT"], "agent/service/maintenance/"),
];

fn needs_agent(call: &Call<'_>) -> Answered {
    read_agent(call)?;
    Err(Refused::not_in_a_snapshot())
}

fn needs_operator(call: &Call<'_>) -> Answered {
    call.check_token()?;
    call.require(Resource::Operator, Access::Read, None)?;
    Err(Refused::not_in_a_snapshot())
}
