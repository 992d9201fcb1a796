//! A request to an endpoint.

use super::traits::Traits;
use crate::answer::Refused;
use crate::authorizer::Who;
use crate::request::{Consistency, Query, Request};
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::VersionRange;

/// Until then, errors in requests started with the name of their status.
const NAMES_STATUS: VersionRange = VersionRange::before(1, 10);

/// A request to an endpoint, with its common parameters parsed.
pub(crate) struct Call<'c> {
    pub(crate) view: &'c View<'c>,
    pub(crate) request: &'c Request,
    /// The traits of the endpoint's answers.
    pub(crate) traits: Traits,
    /// The path after the endpoint's own, decoded.
    pub(super) rest: Vec<u8>,
    /// The identity of the request.
    pub(crate) who: Who<'c>,
    /// The requested consistency.
    pub(crate) consistency: Consistency,
}

impl<'c> Call<'c> {
    /// The parameters.
    pub(super) const fn query(&self) -> &'c Query {
        &self.request.query
    }

    /// The path after the endpoint's own, as text.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.rest).into_owned()
    }

    /// The path after the endpoint's own, which must not be empty.
    pub(super) fn named(&self, missing: &str) -> Result<String, Refused> {
        if self.rest.is_empty() { Err(Refused::early(400, missing)) } else { Ok(self.name()) }
    }

    /// The text of an error in the request, as the servers' version words it.
    pub(super) fn bad_request_text(&self, text: &str) -> String {
        let prefix = if self.view.is(NAMES_STATUS) { "Bad request: " } else { "" };
        format!("{prefix}{text}")
    }

    /// An error in the request, found before a look at the state.
    pub(super) fn bad_request(&self, text: &str) -> Refused {
        Refused::early(400, self.bad_request_text(text))
    }

    /// Returns an error if the token is unknown.
    pub(super) fn check_token(&self) -> Result<(), Refused> {
        match &self.who {
            Who::Refused(refused) => Err(refused.clone()),
            _ => Ok(()),
        }
    }

    /// Whether the token has a permission.
    pub(super) fn allows(&self, resource: Resource, access: Access, segment: &[u8]) -> bool {
        self.view.authorizer.allows(&self.who, resource, access, segment)
    }

    /// Whether the token may read something.
    pub(super) fn may_read(&self, resource: Resource, segment: &[u8]) -> bool {
        self.allows(resource, Access::Read, segment)
    }

    /// Returns an error if the token lacks a permission.
    pub(super) fn require(
        &self,
        resource: Resource,
        access: Access,
        segment: Option<&[u8]>,
    ) -> Result<(), Refused> {
        self.view.authorizer.require(&self.who, resource, access, segment)
    }
}
