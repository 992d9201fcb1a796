//! Finds the query for a name or ID.

use super::object::{is_template, missing};
use super::template::Template;
use crate::answer::Refused;
use crate::api::rows::{each_row, find_row};
use crate::state::View;
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;

/// A query, and the values for its texts if it is a template.
pub(in crate::api) struct Resolved {
    pub(in crate::api) query: Row,
    pub(in crate::api) template: Option<Template>,
}

/// Finds a query by ID, by name, or by the template with the longest prefix of the name.
pub(in crate::api) fn resolve(view: &View<'_>, name: &str) -> Result<Resolved, Refused> {
    let is_named =
        |query: &Row, field: &str| query.text(field).eq_ignore_ascii_case(name.as_bytes());
    if let Some(query) = find_row(view, KindId::Queries, |query| is_named(query, "ID")) {
        if is_template(&query) {
            let text = "prepared query templates can only be resolved up by name, not by ID";
            return Err(Refused::new(500, text));
        }
        return Ok(Resolved { query, template: None });
    }
    let is_it = |query: &Row| !is_template(query) && is_named(query, "Name");
    if let Some(query) = find_row(view, KindId::Queries, is_it).filter(|_| !name.is_empty()) {
        return Ok(Resolved { query, template: None });
    }
    let mut longest: Option<Row> = None;
    each_row(view, KindId::Queries, &mut |query| {
        let prefix = query.text("Name");
        let starts = name
            .as_bytes()
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let is_longer =
            longest.as_ref().is_none_or(|other| other.text("Name").len() < prefix.len());
        if is_template(query) && starts && is_longer {
            longest = Some(query.clone());
        }
    });
    let query = longest.ok_or_else(|| missing(view))?;
    let template = Template::of(&query, name);
    Ok(Resolved { query, template: Some(template) })
}
