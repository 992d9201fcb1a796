//! Rules with the links through which a token has them, as text and as JSON.

use crate::render::json::{List, Members as _, Object, ToJson};
use snapscope_analyze::acl::{Origin, Reason, RulePart, Via};
use snapscope_objects::json::JsonText;

/// `policy "app" (line 3, column 1), through role "dev"`.
pub(super) fn words(origin: &Origin<'_>) -> String {
    let place = if origin.rule.place.line > 0 {
        format!(" ({})", origin.rule.place)
    } else {
        String::new()
    };
    format!("{}{place}, {}", origin.source, links(&origin.via))
}

/// `through the token and role "dev"`.
pub(super) fn links(via: &[Via<'_>]) -> String {
    let links: Vec<String> = via.iter().map(Via::words).collect();
    links.join(" and ")
}

pub(super) fn json(origin: &Origin<'_>) -> impl ToJson {
    let place = origin.rule.place;
    Object(move |json: &mut JsonText| {
        json.member("Source", origin.source.to_string()).member("Rule", origin.rule.to_string());
        json.member("Line", (place.line > 0).then_some(place.line));
        json.member("Column", (place.line > 0).then_some(place.column));
        json.member("Via", List(origin.via.iter().map(ToString::to_string)));
    })
}

/// Writes the deciding rule as a member of an open object; null if the default policy decided.
pub(super) fn reason_member(reason: Option<&Reason<'_>>, json: &mut JsonText) {
    let rule = |reason: &Reason<'_>, json: &mut JsonText| {
        json.member("Title", reason.title()).member("Part", part(reason.part));
        json.member("Access", reason.access.word());
        json.member("Origins", List(reason.origins.iter().map(self::json)));
        json.member("Overruled", List(reason.overruled.iter().map(self::json)));
    };
    json.member("Rule", reason.map(|reason| Object(move |json: &mut JsonText| rule(reason, json))));
}

pub(super) const fn part(part: RulePart) -> &'static str {
    match part {
        RulePart::Policy => "policy",
        RulePart::Intentions => "intentions",
    }
}
