//! Rules with the links through which a token has them, as text.

use snapscope_analyze::acl::{Origin, Via};

pub(super) use snapscope_answers::acl::{origin as json, part, reason_member};

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
