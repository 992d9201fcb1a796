//! Writes objects that the API takes one by one.
//!
//! Only keys and config entries can be written on the condition that they did not change. All others are
//! read again just before.

use super::between::is_between;
use super::cluster::{IN_FLIGHT, one};
use super::keys::changed;
use super::model::{Planned, Written};
use super::pace::is_of_the_moment;
use super::write::Run;
use super::{Action, Live, endpoints};
use crate::client::ClientError;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use snapscope_analyze::api::written::{chosen_id, text};
use snapscope_objects::kind::KindId;

impl Run<'_> {
    /// Writes objects of a kind whose objects do not depend on each other.
    pub(super) async fn singles(&self, objects: &[usize]) {
        let writes = stream::iter(objects).map(|at| async {
            if let Some(how) = self.single(*at).await {
                self.ended(&[*at], &how);
            }
        });
        writes.buffer_unordered(IN_FLIGHT).collect::<Vec<()>>().await;
    }

    /// Writes one object. `None` if the run was stopped before the outcome is known.
    pub(super) async fn single(&self, at: usize) -> Option<Written> {
        let planned = self.planned(at)?;
        let kind = planned.wanted.kind;
        let mut tries = 0;
        // Servers refuse to create an existing object, so it is read only if a request may have
        // been executed. Objects without a name are always read, because servers would create them
        // repeatedly.
        let mut reads = planned.action() != Some(Action::Create)
            || kind == KindId::BindingRules
            || (kind == KindId::Queries && text(&planned.wanted.object, "Name").is_empty());
        while !self.is_stopped() {
            let known = planned.live.as_ref();
            let mut now = known.cloned();
            if reads {
                match one(self.client, kind, &planned.wanted.object, known.map(|l| &l.object)).await
                {
                    Ok(live) => now = live,
                    Err(e) if self.is_worth_a_try(&e, &mut tries).await => continue,
                    Err(e) => return self.refusal(&e),
                }
                if let Some(how) = self.known_end(planned, now.as_ref()) {
                    return Some(how);
                }
            }
            self.pace.take(1).await;
            match self.send(planned, now.as_ref()).await {
                Ok(Ok(id)) => return Some(Written::Done(id)),
                Ok(Err(why)) => return Some(Written::Refused(why.to_owned())),
                Err(e) if is_of_the_moment(&e) && self.is_worth_a_try(&e, &mut tries).await => {
                    reads = true;
                }
                Err(e) => match self.refusal(&e)? {
                    Written::Refused(why) => return self.after_refusal(planned, why).await,
                    how => return Some(how),
                },
            }
        }
        None
    }

    /// How a write ended, if the cluster's state shows that it did.
    pub(super) fn known_end(&self, planned: &Planned, now: Option<&Live>) -> Option<Written> {
        if self.is_done(planned, now) {
            let id = now.and_then(|live| chosen_id(planned.wanted.kind, &live.object));
            return Some(Written::Done(id.map(str::to_owned)));
        }
        let index = |live: Option<&Live>| live.map(|live| live.index);
        let known = planned.live.as_ref();
        // An earlier try may have written a part of a node.
        let is_on_its_way = planned.wanted.kind == KindId::Nodes
            && now.is_some_and(|now| {
                let wanted = (!planned.wanted.delete).then_some(&planned.wanted.object);
                is_between(known.map(|live| &live.object), &now.object, wanted)
            });
        let is_same = is_on_its_way || index(now) == index(known);
        (!is_same && !self.overwrite)
            .then(|| Written::Conflict(changed(planned.action(), index(now))))
    }

    /// After a refusal: whether the object changed meanwhile is the better reason.
    async fn after_refusal(&self, planned: &Planned, why: String) -> Option<Written> {
        let known = planned.live.as_ref().map(|live| &live.object);
        let Planned { wanted, .. } = planned;
        let ask = async || one(self.client, wanted.kind, &wanted.object, known).await;
        let end = match self.patiently(ask).await {
            Ok(now) => self.known_end(planned, now.as_ref()),
            Err(_) => None,
        };
        Some(end.unwrap_or(Written::Refused(why)))
    }

    /// What an error means for one object; stops the run if it concerns all.
    pub(super) fn refusal(&self, error: &ClientError) -> Option<Written> {
        let is_of_one = error.status().is_some_and(|status| {
            matches!(status, 400 | 403 | 404 | 405 | 409 | 413) || status == 500
        });
        if is_of_one && !error.is_unknown_token() && !is_of_the_moment(error) {
            return Some(Written::Refused(error.to_string()));
        }
        self.stop(error.to_string());
        None
    }

    /// Sends the requests for an object. Returns the ID that the cluster chose, or why the object cannot be
    /// requested.
    async fn send(
        &self,
        planned: &Planned,
        now: Option<&Live>,
    ) -> Result<Result<Option<String>, &'static str>, ClientError> {
        let kind = planned.wanted.kind;
        if kind == KindId::Nodes {
            return self.node(planned, now).await.map(|()| Ok(None));
        }
        let live = now.map(|live| &live.object);
        let call = match (planned.wanted.delete, live) {
            (true, Some(live)) => endpoints::delete(kind, live, self.intentions_by_name),
            (true, None) => return Ok(Ok(None)),
            (false, live) => {
                endpoints::write(kind, &planned.wanted.object, live, self.intentions_by_name)
            }
        };
        let call = match call {
            Ok(call) => call,
            Err(why) => return Ok(Err(why)),
        };
        let answer = self.client.once(call.verb, &call.path, call.query, call.body).await?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let id = answer.as_object().and_then(|answer| chosen_id(kind, answer));
        // An update does not repeat it.
        let id = id.or_else(|| live.and_then(|live| chosen_id(kind, live)));
        Ok(Ok(id.map(str::to_owned).filter(|_| !planned.wanted.delete)))
    }
}
