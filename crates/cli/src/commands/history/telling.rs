//! Makes events ready to be printed.

use super::args::HistoryArgs;
use super::text;
use super::told::Told;
use super::writes::Writes;
use crate::authors::WriteOf;
use crate::form::Form;
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::history::{Event, IdQuery, Meant, Question, Seen, lives};
use snapscope_analyze::series::Cluster;
use snapscope_answers::history::{self as json, EventOf, in_order};
use snapscope_objects::json::JsonText;
use snapscope_runs::{Room, Sorter};
use std::io;

/// The parts of a history: the question, the meant objects, and how states are compared.
pub(super) struct Telling<'t> {
    pub(super) args: &'t HistoryArgs,
    pub(super) question: &'t Question,
    pub(super) meant: &'t Meant,
    pub(super) comparer: &'t Comparer,
}

impl Telling<'_> {
    /// The events of the objects in one cluster. Where the log has the writes, they replace what
    /// snapshots show.
    pub(super) fn told(
        &self,
        cluster: &Cluster<Seen>,
        writes: Option<&Writes>,
        room: &Room,
    ) -> io::Result<Told> {
        let mut events = Sorter::new(room);
        let mut count = 0u64;
        let mut take = |id: &[u8], event: &Event, write: Option<&WriteOf>| {
            count += 1;
            let (key, value) = self.printed(cluster, id, event, write);
            events.push(&key, &value)
        };
        let mut lives =
            lives(self.question, cluster, self.meant, self.comparer, &mut |id, event| {
                if writes.is_some_and(|writes| is_covered(&event, cluster, writes)) {
                    return Ok(());
                }
                take(id, &event, None)
            })?;
        if let Some(writes) = writes {
            let is_meant = |id: &[u8]| self.meant.has(id);
            writes.events(self.question, &is_meant, self.comparer, &mut |id, event, write| {
                take(id, &event, Some(write))
            })?;
            // The log has everything that the first snapshot shows.
            if writes.covered.first().is_some_and(|(after, _)| *after == 0) {
                lives.at_first = 0;
            }
        }
        if count > 0 {
            lives.count = lives.count.max(1);
        } else if writes.is_some() {
            lives.count = 0;
        }
        let log = writes.map(|writes| (writes.place.clone(), writes.covered.clone()));
        Ok(Told { lives, count, events: events.finish()?, log })
    }

    /// The position of an event among others, and what is printed.
    fn printed(
        &self,
        cluster: &Cluster<Seen>,
        id: &[u8],
        event: &Event,
        write: Option<&WriteOf>,
    ) -> (Vec<u8>, Vec<u8>) {
        let order = in_order(event, cluster);
        let is_under = matches!(self.question.ids, IdQuery::Under(_));
        match self.args.output {
            // For one object, or several with one name, the events of each object follow those of
            // the previous one.
            Form::Text if !is_under => {
                let key = [separated(id).as_slice(), &order].concat();
                (key, text::of_one(cluster, id, event, write))
            }
            Form::Text => (order.to_vec(), text::change(id, event, write)),
            form => {
                let members = write.map(|write| move |json: &mut JsonText| write.members(json));
                let write = members.as_ref().map(|members| members as &dyn Fn(&mut JsonText));
                let of = EventOf { question: self.question, cluster, id, event, write };
                let json = if form == Form::Jsonl { json::line(of) } else { json::event(of) };
                (order.to_vec(), json)
            }
        }
    }
}

/// Whether the log covers what happened between two snapshots, or at an index.
fn is_covered(event: &Event, cluster: &Cluster<Seen>, writes: &Writes) -> bool {
    let index = |at: usize| cluster.snapshots.get(at).map_or(u64::MAX, |snapshot| snapshot.index);
    let since = event.since.map_or(0, index);
    writes.covered.iter().any(|(after, to)| {
        let is_between = since >= *after && index(event.until) <= *to;
        let is_at = event.index.is_some_and(|index| index > *after && index <= *to);
        (is_between && index(event.until) > *after) || is_at
    })
}

/// An ID as the start of a key, so that none is a prefix of another.
fn separated(id: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in id {
        out.push(*byte);
        if *byte == 0 {
            out.push(0xff);
        }
    }
    out.extend([0, 0]);
    out
}
