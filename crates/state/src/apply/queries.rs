//! Prepared queries.

use crate::document::{Applied, Doc, lower, refused};
use crate::machine::{Machine, unknown_operation};
use crate::rows::{Body, Key};
use crate::table::{Link, Table, key_of};

const INDEX: &[u8] = b"prepared-queries";

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    let query = request.doc("Query")?;
    let key = key_of(&[query.text("ID")]);
    match request.text("Op") {
        b"create" | b"update" => set(machine, key, query),
        b"delete" => {
            delete(machine, &key);
            Ok(())
        }
        _ => unknown_operation(),
    }
}

fn set(machine: &mut Machine, key: Vec<u8>, mut query: Doc<'_>) -> Applied {
    if query.text("ID").is_empty() {
        return refused("the query has no ID");
    }
    let name = lower(query.text("Name"));
    let others = machine.tables.linked(Link::QueryName, &name);
    if !name.is_empty() && others.iter().any(|other| **other != *key) {
        return refused("another query has this name");
    }
    // Queries are looked up by ID first, so a name must not equal an ID.
    if !name.is_empty() && machine.tables.contains(Table::Queries, &key_of(&[&name])) {
        return refused("the name is another query's ID");
    }
    if name.is_empty() && is_template(&query) {
        let is_other = |(other, body): (&Key, &Body)| {
            **other != *key
                && Doc::read(body).is_ok_and(|doc| doc.text("Name").is_empty() && is_template(&doc))
        };
        if machine.tables.rows(Table::Queries).any(is_other) {
            return refused("another template without a name exists");
        }
    }
    let session = query.text("Session");
    if !session.is_empty() && !machine.tables.contains(Table::Sessions, &key_of(&[session])) {
        return refused("the query's session doesn't exist");
    }
    machine.upsert(Table::Queries, &key, &mut query, INDEX)
}

fn is_template(query: &Doc<'_>) -> bool {
    query.doc("Template").is_ok_and(|template| !template.text("Type").is_empty())
}

pub(super) fn delete(machine: &mut Machine, key: &[u8]) {
    machine.remove(Table::Queries, key, INDEX);
}
