//! Shows how an object changed over many snapshots.

use super::{Answer, object};
use crate::error::{failed, refused};
use crate::places::sources;
use pyo3::prelude::*;
use pyo3::types::PyAny;
use snapscope_analyze::Jobs;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::history::{
    Chosen, Collect, Event, IdQuery, Meant, Question, Seen, ask_again, choose, lives,
};
use snapscope_analyze::series::{Cluster, Named, Series, read};
use snapscope_answers::Names;
use snapscope_answers::history::{EventOf, Told, event, in_order, members};
use snapscope_answers::series::incomplete;
use snapscope_archive::OpenOptions;
use snapscope_objects::kind::{KindId, ObjectKind, PeerSelection};
use snapscope_objects::kinds::{by_name, by_object, of};
use snapscope_objects::printable::one_line;
use snapscope_runs::{Room, Sorted, Sorter};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Returns how an object changed over snapshots, as `snapscope history -o json` prints it. `type` is a type of objects,
/// such as `kv`; `id` is an object's ID, or with `prefix=True` the start of IDs. `places` are files, folders, patterns
/// and URLs.
#[pyfunction]
#[pyo3(signature = (r#type, id, /, *places, prefix = false, show_secrets = false))]
pub(crate) fn history<'py>(
    py: Python<'py>,
    r#type: &str,
    id: String,
    places: Vec<PathBuf>,
    prefix: bool,
    show_secrets: bool,
) -> PyResult<Bound<'py, PyAny>> {
    if places.is_empty() {
        return Err(refused("no snapshots given; usage: history(TYPE, ID, SNAPSHOT, ...)"));
    }
    let kind = kind(r#type, &id)?;
    let peers = if id.starts_with("peer:") { PeerSelection::All } else { PeerSelection::Local };
    let ids = if prefix { IdQuery::Under(id.into()) } else { IdQuery::Named(id.into()) };
    let question = Question { kind, peers, ids };
    let json = py.detach(|| told(&question, &places, show_secrets))?;
    object(py, &json)
}

fn kind(name: &str, id: &str) -> PyResult<&'static ObjectKind> {
    let kind = by_name(name).or_else(|| by_object(&name.to_ascii_lowercase()));
    let kind = kind.ok_or_else(|| refused(format!("unknown type {name:?}")))?;
    // NODE/SERVICE-ID is an instance.
    let is_instance = kind.id == KindId::Services && id.contains('/');
    Ok(if is_instance { of(KindId::Instances) } else { kind })
}

fn told(question: &Question, places: &[PathBuf], show_secrets: bool) -> PyResult<Vec<u8>> {
    let mut named = Vec::new();
    for place in places {
        named.append(&mut sources(place)?);
    }
    let (room, options, jobs) = (Room::default(), OpenOptions::default(), Jobs::default());
    let all: Vec<&Named> = named.iter().collect();
    let new = || Collect::new(question, &room);
    let answers = read(&all, jobs, &options, new, |_, found| found.seen());
    let mut series = Series::new(&named, answers).transposed().map_err(failed)?;
    let meant = match choose(question, &series, &BTreeMap::new()).map_err(failed)? {
        Chosen::Known(meant) => meant,
        Chosen::AskAgain { ids, at } => {
            let again = Question { ids: IdQuery::Ids(ids.clone()), ..question.clone() };
            ask_again(&again, &named, &at, jobs, &options, &room, &mut series).map_err(failed)?;
            Meant::Ids(ids)
        }
        Chosen::Several(ids, more) => return Err(refused(several(question, &ids, more))),
    };
    let options = CompareOptions { show_secrets, whole_entries: true, ..CompareOptions::default() };
    let comparer = Comparer::new(options);
    let of = |cluster: &Cluster<Seen>| events(question, cluster, &meant, &comparer, &room);
    let all: Vec<(u64, Sorted)> =
        series.clusters.iter().map(of).collect::<io::Result<_>>().map_err(failed)?;
    let told = series.clusters.iter().zip(&all);
    let told =
        told.map(|(cluster, (at_first, events))| Told { cluster, at_first: *at_first, events });
    let mut answer = Answer::begin();
    answer.members(|json, out| members(question, told, &series, json, out))?;
    answer.incomplete(incomplete(&series).as_ref(), Names::Ours);
    answer.end()
}

/// The events of the objects in a cluster, and how many objects its first snapshot has.
fn events(
    question: &Question,
    cluster: &Cluster<Seen>,
    meant: &Meant,
    comparer: &Comparer,
    room: &Room,
) -> io::Result<(u64, Sorted)> {
    let mut events = Sorter::new(room);
    let mut take = |id: &[u8], found: Event| {
        let of = EventOf { question, cluster, id, event: &found, write: None };
        events.push(&in_order(&found, cluster), &event(of))
    };
    let lives = lives(question, cluster, meant, comparer, &mut take)?;
    Ok((lives.at_first, events.finish()?))
}

fn several(question: &Question, ids: &[Vec<u8>], more: bool) -> String {
    let ids: Vec<String> = ids.iter().map(|id| one_line(id)).collect();
    let more = if more { " and more" } else { "" };
    format!("the ID matches several {}: {}{more}", question.kind.name, ids.join(", "))
}
