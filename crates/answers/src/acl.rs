//! Answers about permissions.

use crate::times;
use snapscope_analyze::acl::{
    AclError, Basis, Decision, Known, Origin, Question, Reason, RulePart, Token,
};
use snapscope_objects::json::{JsonText, List, Members as _, Object, ToJson};

/// The answer to whether a token can do something.
#[derive(Debug, Clone, Copy)]
pub struct Can<'a> {
    /// The token.
    pub token: &'a Token,
    /// The question.
    pub question: &'a Question<'a>,
    /// The name in the question.
    pub segment: &'a str,
    /// The decision, or why servers refuse the token.
    pub answer: &'a Result<Decision<'a>, AclError>,
    /// The assumptions behind it.
    pub basis: &'a Basis,
    /// Whether the default policy was given.
    pub default_known: Known,
}

impl Can<'_> {
    /// Writes the members of the answer.
    pub fn members(&self, json: &mut JsonText) {
        json.member("AccessorID", self.token.accessor.to_string());
        json.member("Resource", self.question.resource().word());
        json.member("Segment", self.segment);
        json.member("Access", self.question.access().word());
        json.member("Allow", self.answer.as_ref().is_ok_and(|decision| decision.allowed));
        match self.answer {
            Ok(decision) => reason_member(decision.reason.as_ref(), json),
            Err(e) => {
                json.member("Error", e.to_string());
            }
        }
        let basis = |json: &mut JsonText| basis_members(self.basis, self.default_known, json);
        json.member("Basis", Object(basis));
    }
}

/// Writes the assumptions behind an answer as members of an open object.
pub fn basis_members(basis: &Basis, default_known: Known, json: &mut JsonText) {
    json.member("ConsulVersion", basis.version.to_string());
    json.member("ConsulVersionFrom", from(basis.version_known));
    json.member("ConsulVersions", basis.versions.to_string());
    json.member("Datacenter", basis.datacenter.as_ref());
    json.member("DatacenterFrom", from(basis.datacenter_known));
    json.member("At", basis.at.map(times::rfc3339)).member("AtFrom", from(basis.at_known));
    json.member("DefaultPolicy", basis.default_policy.word());
    json.member("DefaultPolicyFrom", from(default_known));
}

const fn from(known: Known) -> &'static str {
    match known {
        Known::Given => "given",
        Known::Found => "snapshot",
        Known::Concluded => "fields",
        Known::Assumed => "assumed",
    }
}

/// A rule with the links through which a token has it.
pub fn origin(origin: &Origin<'_>) -> impl ToJson {
    let place = origin.rule.place;
    Object(move |json: &mut JsonText| {
        json.member("Source", origin.source.to_string()).member("Rule", origin.rule.to_string());
        json.member("Line", (place.line > 0).then_some(place.line));
        json.member("Column", (place.line > 0).then_some(place.column));
        json.member("Via", List(origin.via.iter().map(ToString::to_string)));
    })
}

/// Writes the deciding rule as a member of an open object; null if the default policy decided.
pub fn reason_member(reason: Option<&Reason<'_>>, json: &mut JsonText) {
    let rule = |reason: &Reason<'_>, json: &mut JsonText| {
        json.member("Title", reason.title()).member("Part", part(reason.part));
        json.member("Access", reason.access.word());
        json.member("Origins", List(reason.origins.iter().map(origin)));
        json.member("Overruled", List(reason.overruled.iter().map(origin)));
    };
    json.member("Rule", reason.map(|reason| Object(move |json: &mut JsonText| rule(reason, json))));
}

/// The part of a rule that decided.
#[must_use]
pub const fn part(part: RulePart) -> &'static str {
    match part {
        RulePart::Policy => "policy",
        RulePart::Intentions => "intentions",
    }
}
