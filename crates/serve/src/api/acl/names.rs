//! Names in links: servers show the current names of policies and roles.

use crate::api::rows::{is_empty, text_member};
use crate::state::View;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::value::Node;

/// The type of a link's target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Linked {
    Policies,
    Roles,
}

impl Linked {
    /// The list with this name.
    pub(super) const fn of(name: &[u8]) -> Option<Self> {
        match name {
            b"Policies" => Some(Self::Policies),
            b"Roles" => Some(Self::Roles),
            _ => None,
        }
    }

    const fn list(self) -> &'static str {
        match self {
            Self::Policies => "Policies",
            Self::Roles => "Roles",
        }
    }

    fn name<'v>(self, view: &View<'v>, id: &str) -> Option<&'v str> {
        match self {
            Self::Policies => view.authorizer.policy(id).map(|policy| &*policy.name),
            Self::Roles => view.authorizer.role(id).map(|role| &*role.name),
        }
    }
}

/// Writes a list of links with current names, without links whose target is gone. Writes nothing if
/// none are left.
pub(super) fn write_links(json: &mut JsonText, view: &View<'_>, linked: Linked, links: Node<'_>) {
    let known: Vec<(String, &str)> = links
        .items()
        .filter_map(|link| {
            let id = String::from_utf8_lossy(link.get("ID")?.text()?).into_owned();
            let name = linked.name(view, &id)?;
            Some((id, name))
        })
        .collect();
    if known.is_empty() && is_empty(links) || known.is_empty() {
        return;
    }
    json.key(linked.list().as_bytes());
    json.begin_list();
    for (id, name) in known {
        json.begin_object();
        text_member(json, "ID", id);
        text_member(json, "Name", name);
        json.end_object();
    }
    json.end_list();
}

/// Whether an object links to an ID.
pub(super) fn links_to(object: Node<'_>, linked: Linked, id: &str) -> bool {
    let links = object.get(linked.list()).into_iter().flat_map(|links| links.items());
    links.filter_map(|link| link.get("ID")?.text()).any(|own| own == id.as_bytes())
}
