//! Writes config entries one after the other: servers refuse an entry that refers to a missing one,
//! and the deletion of an entry that others refer to.

use super::cluster::one;
use super::endpoints;
use super::keys::changed;
use super::model::Written;
use super::pace::is_of_the_moment;
use super::write::Run;
use crate::client::{ClientError, Query};
use snapscope_objects::kind::KindId;

impl Run<'_> {
    /// Writes or deletes entries. What is refused is tried again after the others.
    pub(super) async fn entries(&self, objects: &[usize]) {
        let mut left: Vec<usize> = objects.to_vec();
        loop {
            let mut refused: Vec<(usize, String)> = Vec::new();
            let before = left.len();
            for at in left {
                match self.entry(at).await {
                    Some(Written::Refused(why)) => refused.push((at, why)),
                    Some(how) => self.ended(&[at], &how),
                    None => {}
                }
            }
            if self.is_stopped() {
                return;
            }
            if refused.is_empty() || refused.len() == before {
                for (at, why) in refused {
                    self.ended(&[at], &Written::Refused(why));
                }
                return;
            }
            left = refused.into_iter().map(|(at, _)| at).collect();
        }
    }

    /// Writes an entry if the cluster still has the state that the plan saw.
    async fn entry(&self, at: usize) -> Option<Written> {
        let planned = self.planned(at)?;
        let index = planned.live.as_ref().map_or(0, |live| live.index);
        let call = match (planned.wanted.delete, planned.live.as_ref()) {
            (true, Some(live)) => endpoints::delete(KindId::ConfigEntries, &live.object, false),
            _ => endpoints::write(KindId::ConfigEntries, &planned.wanted.object, None, false),
        };
        let call = match call {
            Ok(call) => call,
            Err(why) => return Some(Written::Refused(why.to_owned())),
        };
        let mut query = Query::default();
        if !self.overwrite {
            query = query.with("cas", index.to_string());
        }
        let mut tries = 0;
        // Before 1.12 a deletion knows no condition.
        let mut reads = planned.wanted.delete;
        while !self.is_stopped() {
            if reads && let Some(how) = self.entry_now(at, &mut tries).await {
                return how;
            }
            self.pace.take(1).await;
            let body = call.body.clone();
            match self.client.once(call.verb, &call.path, query.clone(), body).await {
                Ok(answer) if answer.trim_ascii() == b"false" => {
                    let stale = Written::Conflict(changed(planned.action(), None));
                    return self.entry_now(at, &mut tries).await.unwrap_or(Some(stale));
                }
                Ok(_) => return Some(Written::Done(None)),
                Err(e) if is_of_the_moment(&e) && self.is_worth_a_try(&e, &mut tries).await => {
                    reads = true;
                }
                Err(e) => return self.refusal(&e),
            }
        }
        None
    }

    /// How a write ended, if the entry's state shows that it did; `Some(None)` if the run was stopped.
    async fn entry_now(&self, at: usize, tries: &mut u32) -> Option<Option<Written>> {
        let planned = self.planned(at)?;
        let now: Result<_, ClientError> = loop {
            match one(self.client, KindId::ConfigEntries, &planned.wanted.object, None).await {
                Err(e) if self.is_worth_a_try(&e, tries).await => {}
                answer => break answer,
            }
        };
        match now {
            Ok(now) => self.known_end(planned, now.as_ref()).map(Some),
            Err(e) => Some(self.refusal(&e)),
        }
    }
}
