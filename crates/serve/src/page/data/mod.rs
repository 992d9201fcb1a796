//! The data of the page: one table of names and the functions that answer them.

mod access;
mod audit;
mod compare;
mod keys;
mod links;
mod objects;
mod overview;
mod search;
mod space;
mod timeline;

pub(crate) use compare::difference;
pub(crate) use timeline::{Point, timeline};

use super::ask::Ask;
use super::reply::Reply;
use serde_json::Value;

/// Answers a question.
type Handler = fn(&Ask<'_>) -> Result<Value, Reply>;

static DATA: &[(&str, Handler)] = &[
    ("overview", overview::overview),
    ("health", overview::health),
    ("kinds", objects::kinds),
    ("space", space::space),
    ("keys", keys::level),
    ("key", keys::key),
    ("list", objects::list),
    ("object", objects::object),
    ("graph", links::graph),
    ("acl", access::acl),
    ("dangerous", access::dangerous),
    ("can", access::can),
    ("who-can", access::who_can),
    ("explain", access::explain),
    ("check", access::check),
    ("audit", audit::audit),
    ("search", search::search),
];

/// Answers a question about one snapshot.
pub(crate) fn respond(ask: &Ask<'_>, what: &str) -> Reply {
    let Some((_, handler)) = DATA.iter().find(|(name, _)| *name == what) else {
        return Reply::error(404, format!("Unknown data {what:?}."));
    };
    match handler(ask) {
        Ok(mut json) => {
            // Then "nothing" means nothing in the part that could be read.
            json["incomplete"] = ask.view.facts.is_incomplete.into();
            Reply::of(json)
        }
        Err(mut reply) => {
            reply.json["is_anonymous"] = ask.reader().is_none().into();
            reply
        }
    }
}
