//! Rules with the links through which a token has them, as text and as JSON.

use serde_json::{Value, json};
use snapscope_analyze::acl::{Origin, Part, Reason, Via};
use std::io::{self, Write};

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
    let links: Vec<String> = via
        .iter()
        .map(|via| match via {
            Via::Token => "linked by the token".to_owned(),
            Via::Role(role) => format!("through role {:?}", role.name),
        })
        .collect();
    links.join(" and ")
}

pub(super) fn json(origin: &Origin<'_>) -> Value {
    let place = origin.rule.place;
    json!({
        "Source": origin.source.to_string(),
        "Rule": origin.rule.to_string(),
        "Line": (place.line > 0).then_some(place.line),
        "Column": (place.line > 0).then_some(place.column),
        "Via": origin.via.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// The rule that decided, as JSON; null where the default policy did.
pub(super) fn reason_json(reason: Option<&Reason<'_>>) -> Value {
    let Some(reason) = reason else { return Value::Null };
    json!({
        "Title": reason.title(),
        "Part": part(reason.part),
        "Access": reason.access.word(),
        "Origins": reason.origins.iter().map(json).collect::<Vec<_>>(),
        "Overruled": reason.overruled.iter().map(json).collect::<Vec<_>>(),
    })
}

/// Writes the same, rule by rule.
pub(super) fn write_reason(reason: Option<&Reason<'_>>, out: &mut dyn Write) -> io::Result<()> {
    let Some(reason) = reason else { return out.write_all(b"null") };
    write!(out, "{{\"Title\":{},\"Part\":{}", json!(reason.title()), json!(part(reason.part)))?;
    write!(out, ",\"Access\":{}", json!(reason.access.word()))?;
    for (name, origins) in [("Origins", &reason.origins), ("Overruled", &reason.overruled)] {
        write!(out, ",\"{name}\":[")?;
        for (at, origin) in origins.iter().enumerate() {
            write!(out, "{}{}", if at > 0 { "," } else { "" }, json(origin))?;
        }
        out.write_all(b"]")?;
    }
    out.write_all(b"}")
}

pub(super) const fn part(part: Part) -> &'static str {
    match part {
        Part::Policy => "policy",
        Part::Intentions => "intentions",
    }
}
