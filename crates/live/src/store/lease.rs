//! The right to write, which may end at any time.

use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The right to write. Copies end together.
#[derive(Debug, Clone)]
pub struct Lease(Option<watch::Receiver<Instant>>);

/// The keeper of a [`Lease`], which ends when this is dropped.
#[derive(Debug)]
pub struct LeaseHolder(watch::Sender<Instant>);

impl Lease {
    /// A right that never ends, where nobody else writes.
    #[must_use]
    pub const fn forever() -> Self {
        Self(None)
    }

    /// A right that ends `length` after `since` unless it is renewed. It uses the monotonic clock:
    /// a jump of the time of day neither ends nor extends it.
    #[must_use]
    pub fn until(since: Instant, length: Duration) -> (LeaseHolder, Self) {
        let (send, receive) = watch::channel(since + length);
        (LeaseHolder(send), Self(Some(receive)))
    }

    /// Whether it holds at this moment.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|end| end.has_changed().is_ok() && *end.borrow() > Instant::now())
    }

    /// Returns when it has ended.
    pub async fn ended(&self) {
        let Some(mut end) = self.0.clone() else { return std::future::pending().await };
        loop {
            let at = *end.borrow_and_update();
            if at <= Instant::now() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(at) => {}
                changed = end.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Runs `work`; returns `None` if the lease ends first, which drops the work.
    pub async fn guard<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if !self.holds() {
            return None;
        }
        tokio::select! {
            biased;
            () = self.ended() => None,
            done = work => Some(done),
        }
    }
}

impl LeaseHolder {
    /// Extends it until `length` after `since`.
    pub fn renew(&self, since: Instant, length: Duration) {
        self.0.send_replace(since + length);
    }

    /// Ends it now.
    pub fn end(&self) {
        self.0.send_replace(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn run(work: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work);
    }

    #[test]
    fn ends_in_time_unless_renewed() {
        run(async {
            let (holder, lease) = Lease::until(Instant::now(), SECOND / 20);
            assert!(lease.holds());
            holder.renew(Instant::now(), SECOND / 5);
            tokio::time::sleep(SECOND / 10).await;
            assert!(lease.holds());
            lease.ended().await;
            assert!(!lease.holds());
        });
    }

    #[test]
    fn stops_what_runs_under_it() {
        run(async {
            let (holder, lease) = Lease::until(Instant::now(), SECOND * 60);
            let other = lease.clone();
            let work = tokio::spawn(async move { other.guard(std::future::pending::<()>()).await });
            tokio::task::yield_now().await;
            holder.end();
            assert_eq!(work.await.unwrap(), None);
            assert!(lease.guard(async {}).await.is_none());
            let (holder, lease) = Lease::until(Instant::now(), SECOND * 60);
            drop(holder);
            lease.ended().await;
            assert!(!lease.holds());
            assert!(Lease::forever().guard(async {}).await.is_some());
        });
    }
}
