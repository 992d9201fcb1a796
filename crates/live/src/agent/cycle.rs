//! The time between two configurations that cannot replace each other while the agent runs.

use super::context::Context;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

/// The order to all tasks of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Continue.
    Go,
    /// Finish the current work, then end the cycle; another one follows.
    Finish,
    /// End at once, without leaving anything unfinished.
    Stop,
}

/// The shared state of a cycle's tasks.
#[derive(Debug)]
pub(super) struct Cycle {
    context: watch::Sender<Arc<Context>>,
    order: watch::Sender<Order>,
    token_refused: Arc<Notify>,
}

impl Cycle {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context: watch::Sender::new(Arc::new(context)),
            order: watch::Sender::new(Order::Go),
            token_refused: Arc::default(),
        }
    }

    /// Returns the current context.
    pub(super) fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context.borrow())
    }

    /// Replaces the context.
    pub(super) fn replace(&self, context: Context) {
        self.context.send_replace(Arc::new(context));
    }

    /// Reports that the cluster no longer knows the token.
    pub(super) fn token_refused(&self) -> Arc<Notify> {
        Arc::clone(&self.token_refused)
    }

    pub(super) fn contexts(&self) -> watch::Receiver<Arc<Context>> {
        self.context.subscribe()
    }

    /// Returns an order, which can only be made stricter.
    pub(super) fn order(&self, order: Order) {
        self.order.send_if_modified(|now| {
            let is_stricter = *now == Order::Go || order == Order::Stop;
            if is_stricter {
                *now = order;
            }
            is_stricter
        });
    }

    /// Whether all tasks have to end at once.
    pub(super) fn is_stopped(&self) -> bool {
        *self.order.borrow() == Order::Stop
    }

    /// Returns when the cycle has to end.
    pub(super) async fn over(&self) {
        self.wait_for(|order| order != Order::Go).await;
    }

    /// Returns when all tasks have to end at once.
    pub(super) async fn stopped(&self) {
        self.wait_for(|order| order == Order::Stop).await;
    }

    async fn wait_for(&self, is_it: impl Fn(Order) -> bool) {
        // The sender belongs to this struct, so this cannot fail.
        let _ = self.order.subscribe().wait_for(|order| is_it(*order)).await;
    }

    /// Runs `work`; returns `None` if the cycle has to end first.
    pub(super) async fn unless_over<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.over() => None,
            done = work => Some(done),
        }
    }
}
