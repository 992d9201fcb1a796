//! Writes keys in transactions, several at a time. A key is written only if it still has the state
//! that the plan saw.

use super::cluster::IN_FLIGHT;
use super::decide::is_equal;
use super::model::{Planned, Written};
use super::write::Run;
use super::{Action, Live, readers};
use crate::client::{ClientError, OperationError, Query, Verb};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use snapscope_analyze::api::keys::MOST_OPERATIONS;
use snapscope_analyze::api::path;
use snapscope_analyze::api::written::{Object, large_key, text};
use snapscope_objects::kind::KindId;
use std::cell::Cell;

/// An operation of a transaction.
#[derive(Debug, Clone)]
struct Operation {
    /// The position of the key in the plan.
    at: usize,
    text: String,
}

/// Operations of one transaction.
type Batch = Vec<Operation>;

impl Run<'_> {
    /// Writes all keys of the plan.
    pub(super) async fn keys(&self) {
        let limit = Cell::new(self.limits.transaction);
        let (batches, alone) = self.batches(limit.get());
        let batches = stream::iter(batches).map(|batch| self.transaction(batch, &limit));
        batches.buffer_unordered(IN_FLIGHT).collect::<Vec<()>>().await;
        let alone = stream::iter(alone).map(|at| self.alone(at));
        alone.buffer_unordered(IN_FLIGHT).collect::<Vec<()>>().await;
    }

    /// The keys in batches, and those that are too large for any batch.
    fn batches(&self, limit: usize) -> (Vec<Batch>, Vec<usize>) {
        let mut batches: Vec<Batch> = Vec::new();
        let mut alone = Vec::new();
        let mut size = usize::MAX;
        for (at, planned) in self.plan.objects.iter().enumerate() {
            if planned.wanted.kind != KindId::Kv || planned.action().is_none() {
                continue;
            }
            let text = self.operation(planned);
            // Brackets and commas.
            let own = text.len() + 2;
            if own + 2 > limit {
                alone.push(at);
                continue;
            }
            let operation = Operation { at, text };
            match batches.last_mut() {
                Some(batch) if batch.len() < MOST_OPERATIONS && size + own + 2 <= limit => {
                    size += own;
                    batch.push(operation);
                }
                _ => {
                    size = own;
                    batches.push(vec![operation]);
                }
            }
        }
        (batches, alone)
    }

    fn operation(&self, planned: &Planned) -> String {
        let object = &planned.wanted.object;
        let index = planned.live.as_ref().map_or(0, |live| live.index);
        let key = text(object, "Key");
        let is_deleted = planned.wanted.delete;
        let verb = match (is_deleted, self.overwrite) {
            (false, false) => "cas",
            (false, true) => "set",
            (true, false) => "delete-cas",
            (true, true) => "delete",
        };
        let mut kv = json!({"Verb": verb, "Key": key});
        if let Some(members) = kv.as_object_mut() {
            if !is_deleted {
                members.insert("Value".to_owned(), text(object, "Value").into());
                let flags = object.get("Flags").and_then(Value::as_u64).unwrap_or(0);
                members.insert("Flags".to_owned(), flags.into());
            }
            if !self.overwrite {
                members.insert("Index".to_owned(), index.into());
            }
        }
        json!({ "KV": kv }).to_string()
    }

    /// Sends a transaction until all its keys are written, or known not to be.
    async fn transaction(&self, batch: Batch, limit: &Cell<usize>) {
        // Parts of it that servers accept.
        let mut parts = vec![batch];
        while let Some(mut batch) = parts.pop() {
            if size(&batch) > limit.get() && batch.len() > 1 {
                let rest = batch.split_off(batch.len() / 2);
                parts.extend([rest, batch]);
                continue;
            }
            let mut tries = 0;
            while !batch.is_empty() && !self.is_stopped() {
                self.pace.take(batch.len()).await;
                let texts: Vec<&str> = batch.iter().map(|one| one.text.as_str()).collect();
                match self.client.transaction(format!("[{}]", texts.join(","))).await {
                    Ok(answer) if answer.errors().is_empty() => {
                        let at: Vec<usize> = batch.iter().map(|one| one.at).collect();
                        self.ended(&at, &Written::Done(None));
                        break;
                    }
                    Ok(answer) => batch = self.without_failed(batch, answer.errors()).await,
                    Err(e) if e.status() == Some(413) && batch.len() > 1 => {
                        // Later transactions are smaller.
                        limit.set(limit.get().min(size(&batch) / 2 + 1));
                        let rest = batch.split_off(batch.len() / 2);
                        parts.push(rest);
                    }
                    Err(e) if e.status() == Some(413) => {
                        self.refused(&batch, &e);
                        break;
                    }
                    Err(e) if self.is_worth_a_try(&e, &mut tries).await => {
                        // It may still have been applied.
                        match self.not_done(batch.clone()).await {
                            Ok(rest) => batch = rest,
                            Err(e) => return self.stop(e.to_string()),
                        }
                    }
                    Err(e) => return self.stop(e.to_string()),
                }
            }
        }
    }

    fn refused(&self, batch: &[Operation], error: &ClientError) {
        for one in batch {
            self.ended(&[one.at], &Written::Refused(error.to_string()));
        }
    }

    /// The operations that did not make a transaction fail; records how the others ended.
    async fn without_failed(&self, batch: Batch, errors: &[OperationError]) -> Batch {
        let mut failed = Vec::new();
        for error in errors {
            let Some(one) = batch.get(error.operation) else { continue };
            failed.push(one.at);
            if error.what.contains("index is stale") {
                self.stale(one.at).await;
            } else {
                self.ended(&[one.at], &Written::Refused(error.what.clone()));
            }
        }
        if failed.is_empty() {
            let what: Vec<&str> = errors.iter().map(|error| error.what.as_str()).collect();
            self.stop(format!("a transaction failed: {}", what.join("; ")));
        }
        batch.into_iter().filter(|one| !failed.contains(&one.at)).collect()
    }

    /// A key differs from the state that the plan saw: somebody changed it, or an earlier attempt
    /// has written it.
    async fn stale(&self, at: usize) {
        let Some(planned) = self.planned(at) else { return };
        let key = [text(&planned.wanted.object, "Key")];
        let found = match self.patiently(async || readers::keys(self.client, &key).await).await {
            Ok(found) => found,
            Err(e) => return self.stop(e.to_string()),
        };
        let live = found.first();
        let how = if self.is_done(planned, live) {
            Written::Done(None)
        } else {
            Written::Conflict(changed(planned.action(), live.map(|live| live.index)))
        };
        self.ended(&[at], &how);
    }

    /// Whether the cluster has the intended result of a write.
    pub(super) fn is_done(&self, planned: &Planned, live: Option<&Live>) -> bool {
        match live {
            Some(live) => !planned.wanted.delete && self.has(planned, &live.object),
            None => planned.wanted.delete,
        }
    }

    /// Whether an object has the content to be written.
    fn has(&self, planned: &Planned, object: &Object) -> bool {
        is_equal(&self.comparer, planned.wanted.kind, &planned.wanted.object, object)
    }

    /// The remaining operations of a transaction whose answer was lost. A key in neither the old
    /// nor the new state is left to the servers, which refuse it.
    async fn not_done(&self, batch: Batch) -> Result<Batch, ClientError> {
        let name = |one: &Operation| self.planned(one.at).map(|p| text(&p.wanted.object, "Key"));
        let names: Vec<&str> = batch.iter().filter_map(name).collect();
        let found = self.patiently(async || readers::keys(self.client, &names).await).await?;
        let is_done = |one: &Operation| {
            let Some(planned) = self.planned(one.at) else { return false };
            let key = text(&planned.wanted.object, "Key");
            let live = found.iter().find(|live| text(&live.object, "Key") == key);
            self.is_done(planned, live)
        };
        let (done, rest): (Batch, Batch) = batch.into_iter().partition(is_done);
        let done: Vec<usize> = done.iter().map(|one| one.at).collect();
        if !done.is_empty() {
            self.ended(&done, &Written::Done(None));
        }
        Ok(rest)
    }

    /// Puts a value that is too large for a transaction to the key's own path.
    async fn alone(&self, at: usize) {
        let Some(planned) = self.planned(at) else { return };
        let object = &planned.wanted.object;
        let key = text(object, "Key");
        let value = BASE64.decode(text(object, "Value")).unwrap_or_default();
        let is_deleted = planned.wanted.delete;
        let path = if is_deleted {
            path::escaped(key).map_err(str::to_owned)
        } else {
            large_key(key, value.len(), self.limits.value)
        };
        let path = match path {
            Ok(path) => format!("v1/kv/{path}"),
            Err(why) => return self.ended(&[at], &Written::Refused(why)),
        };
        let index = planned.live.as_ref().map_or(0, |live| live.index);
        let flags = object.get("Flags").and_then(Value::as_u64).unwrap_or(0);
        let mut query = Query::default();
        if !is_deleted {
            query = query.with("flags", flags.to_string());
        }
        if !self.overwrite {
            query = query.with("cas", index.to_string());
        }
        let (verb, body) = if is_deleted { (Verb::Delete, Vec::new()) } else { (Verb::Put, value) };
        let body = bytes::Bytes::from(body);
        let mut tries = 0;
        while !self.is_stopped() {
            self.pace.take(1).await;
            match self.client.once(verb, &path, query.clone(), body.clone()).await {
                Ok(answer) if answer.trim_ascii() == b"true" => {
                    return self.ended(&[at], &Written::Done(None));
                }
                Ok(_) => return self.stale(at).await,
                // A second attempt finds the result of the first one: stale, and done.
                Err(e) if self.is_worth_a_try(&e, &mut tries).await => {}
                Err(e)
                    if e.status().is_some_and(|status| matches!(status, 400 | 403 | 413))
                        && !e.is_unknown_token() =>
                {
                    return self.ended(&[at], &Written::Refused(e.to_string()));
                }
                Err(e) => return self.stop(e.to_string()),
            }
        }
    }
}

/// The size of a transaction, with brackets and commas.
fn size(batch: &[Operation]) -> usize {
    batch.iter().map(|one| one.text.len() + 1).sum::<usize>() + 1
}

/// How an object was changed after the plan was made.
pub(super) fn changed(action: Option<Action>, now: Option<u64>) -> String {
    match (action, now) {
        (Some(Action::Create), Some(index)) => {
            format!("it was created after the plan was made, at index {index}")
        }
        (_, Some(index)) => format!("it was changed after the plan was made, at index {index}"),
        (_, None) => "it was deleted after the plan was made".to_owned(),
    }
}
