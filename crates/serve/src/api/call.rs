//! A request to an endpoint.

use super::traits::Traits;
use crate::answer::Refused;
use crate::authorizer::Who;
use crate::request::{Consistency, Query, Request};
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};

/// A request to an endpoint, whose common parameters were read.
pub(crate) struct Call<'c> {
    pub(crate) view: &'c View<'c>,
    pub(crate) request: &'c Request,
    /// What the endpoint's answers are like.
    pub(crate) traits: Traits,
    /// The part of the path after the endpoint's, decoded.
    pub(super) rest: Vec<u8>,
    /// Whose request it is.
    pub(crate) who: Who<'c>,
    /// The requested consistency.
    pub(crate) consistency: Consistency,
}

impl<'c> Call<'c> {
    /// The parameters.
    pub(super) const fn query(&self) -> &'c Query {
        &self.request.query
    }

    /// The part of the path after the endpoint's, as text.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.rest).into_owned()
    }

    /// The same, which must not be empty.
    pub(super) fn named(&self, missing: &str) -> Result<String, Refused> {
        if self.rest.is_empty() { Err(Refused::early(400, missing)) } else { Ok(self.name()) }
    }

    /// The error if the token is unknown.
    pub(super) fn check_token(&self) -> Result<(), Refused> {
        match &self.who {
            Who::Refused(refused) => Err(refused.clone()),
            _ => Ok(()),
        }
    }

    /// Whether the token may do that.
    pub(super) fn allows(&self, resource: Resource, access: Access, segment: &[u8]) -> bool {
        self.view.authorizer.allows(&self.who, resource, access, segment)
    }

    /// Whether the token may read that.
    pub(super) fn may_read(&self, resource: Resource, segment: &[u8]) -> bool {
        self.allows(resource, Access::Read, segment)
    }

    /// The error if the token may not do that.
    pub(super) fn require(
        &self,
        resource: Resource,
        access: Access,
        segment: Option<&[u8]>,
    ) -> Result<(), Refused> {
        self.view.authorizer.require(&self.who, resource, access, segment)
    }
}
