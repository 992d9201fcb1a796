//! What an agent counts and measures, as Prometheus reads it.

use super::failure::Stage;
use super::take::Taken;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// What an agent counts and measures. Ages are by the clock that is never set.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    /// Since when this agent leads, and how long it may take between two snapshots.
    leads: Option<Instant>,
    interval: Duration,
    last: Option<Last>,
    snapshots: u64,
    shrunk: u64,
    failures: BTreeMap<Stage, u64>,
}

#[derive(Debug)]
struct Last {
    taken: Taken,
    at: Instant,
    time: SystemTime,
}

/// Whether an agent does what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Health {
    /// It does.
    Good(String),
    /// It doesn't, and why.
    Bad(String),
}

impl Metrics {
    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This agent leads from now on, or does no longer.
    pub(super) fn leads(&self, leads: bool) {
        self.counted().leads = leads.then(Instant::now);
    }

    /// How long it may take between two snapshots.
    pub(super) fn every(&self, interval: Duration) {
        self.counted().interval = interval;
    }

    /// A snapshot is stored.
    pub(super) fn taken(&self, taken: &Taken) {
        let mut counted = self.counted();
        counted.snapshots += 1;
        for (stage, _) in &taken.oddities {
            match stage {
                Some(stage) => *counted.failures.entry(*stage).or_default() += 1,
                None => counted.shrunk += 1,
            }
        }
        let (at, time) = (Instant::now(), SystemTime::now());
        counted.last = Some(Last { taken: taken.clone(), at, time });
    }

    /// Something failed.
    pub(super) fn failed(&self, stage: Stage) {
        *self.counted().failures.entry(stage).or_default() += 1;
    }

    /// Whether a leading agent has stored a snapshot within two intervals. One that waits for
    /// leadership has nothing to store.
    pub(super) fn health(&self) -> Health {
        let counted = self.counted();
        let Some(since) = counted.leads else {
            return Health::Good("waits for leadership".to_owned());
        };
        // What happened before it led is another agent's.
        let base = counted.last.as_ref().map_or(since, |last| last.at.max(since));
        let age = base.elapsed();
        let said = format!(
            "leads; the last snapshot was stored {} s ago, one is due every {} s",
            age.as_secs(),
            counted.interval.as_secs()
        );
        if age > counted.interval * 2 { Health::Bad(said) } else { Health::Good(said) }
    }

    /// All of it in Prometheus' text format.
    pub(super) fn render(&self) -> String {
        let counted = self.counted();
        let mut page = Page::default();
        let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
        page.one("info", "gauge", "The agent itself.", &version, 1);
        let leads = u8::from(counted.leads.is_some());
        page.one("leader", "gauge", "Whether this agent leads.", "", leads);
        page.one("snapshots_total", "counter", "Snapshots stored.", "", counted.snapshots);
        let help = "Snapshots marked as much smaller than the one before.";
        page.one("shrunk_total", "counter", help, "", counted.shrunk);
        page.head("failures_total", "counter", "Failures, by stage.");
        for stage in Stage::ALL {
            let count = counted.failures.get(&stage).copied().unwrap_or(0);
            page.line("failures_total", &format!("stage=\"{}\"", stage.name()), count);
        }
        if let Some(Last { taken, at, time }) = &counted.last {
            let time = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
            let help = "When a snapshot was stored last, Unix time.";
            page.one("last_success_timestamp_seconds", "gauge", help, "", time);
            let help = "How long ago that was.";
            page.one("last_success_age_seconds", "gauge", help, "", at.elapsed().as_secs_f64());
            let help = "How long the last snapshot took.";
            page.one("snapshot_duration_seconds", "gauge", help, "", taken.took.as_secs_f64());
            page.one("snapshot_size_bytes", "gauge", "Its size.", "", taken.size);
            page.one("snapshot_index", "gauge", "Its Raft index.", "", taken.index);
            page.head("snapshot_records", "gauge", "Its records, by type.");
            for (kind, count) in &taken.counts {
                page.line("snapshot_records", &format!("type=\"{kind}\""), count);
            }
        }
        page.0
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP snapscope_agent_{name} {help}");
        let _ = writeln!(self.0, "# TYPE snapscope_agent_{name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let braces = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let _ = writeln!(self.0, "snapscope_agent_{name}{braces} {value}");
    }

    fn one(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        labels: &str,
        value: impl std::fmt::Display,
    ) {
        self.head(name, kind, help);
        self.line(name, labels, value);
    }
}
