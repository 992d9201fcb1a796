//! The time between two configurations that can't replace each other while the agent runs.

use super::context::Context;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

/// What everybody in a cycle has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    Go,
    /// Finish what is under way, then end the cycle; another one follows.
    Finish,
    /// End at once, leaving nothing half done.
    Stop,
}

/// What everybody in a cycle shares.
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

    /// What there is to work with at this moment.
    pub(super) fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context.borrow())
    }

    /// Whoever asks from now on gets another one.
    pub(super) fn replace(&self, context: Context) {
        self.context.send_replace(Arc::new(context));
    }

    /// Tells that the cluster doesn't know the token any more.
    pub(super) fn token_refused(&self) -> Arc<Notify> {
        Arc::clone(&self.token_refused)
    }

    pub(super) fn contexts(&self) -> watch::Receiver<Arc<Context>> {
        self.context.subscribe()
    }

    /// Gives an order; it can't be taken back, only made stricter.
    pub(super) fn order(&self, order: Order) {
        self.order.send_if_modified(|now| {
            let is_stricter = *now == Order::Go || order == Order::Stop;
            if is_stricter {
                *now = order;
            }
            is_stricter
        });
    }

    /// Whether all has to end at once.
    pub(super) fn is_stopped(&self) -> bool {
        *self.order.borrow() == Order::Stop
    }

    /// Returns when the cycle is to end.
    pub(super) async fn over(&self) {
        self.wait_for(|order| order != Order::Go).await;
    }

    /// Returns when all has to end at once.
    pub(super) async fn stopped(&self) {
        self.wait_for(|order| order == Order::Stop).await;
    }

    async fn wait_for(&self, is_it: impl Fn(Order) -> bool) {
        // The sender is ours, so this can't fail.
        let _ = self.order.subscribe().wait_for(|order| is_it(*order)).await;
    }

    /// What `work` gives; `None` if the cycle is to end first.
    pub(super) async fn unless_over<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.over() => None,
            done = work => Some(done),
        }
    }
}
