//! The agent's metrics, in Prometheus' format.

use super::failure::Stage;
use super::take::{Attempt, Oddity, Taken, Tidied};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// The agent's metrics. Ages use the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    leads: bool,
    /// Since when no other agent is known to lead, so that snapshots are this agent's task.
    on_duty: Option<Instant>,
    /// Maximum time between two snapshots.
    interval: Duration,
    last: Option<Last>,
    snapshots: u64,
    shrunk: u64,
    failures: BTreeMap<Stage, u64>,
    /// Metrics of each destination, by name.
    destinations: BTreeMap<String, Destination>,
}

/// Metrics of a destination.
#[derive(Debug, Default)]
struct Destination {
    stored: u64,
    /// When a snapshot was last stored there.
    last: Option<SystemTime>,
    /// Consecutive rounds in which old snapshots could not be removed at the destination.
    untidy: u32,
}

/// Number of consecutive rounds in which old snapshots may remain; after that an operator has to
/// act.
const MOST_UNTIDY: u32 = 3;

#[derive(Debug)]
struct Last {
    taken: Taken,
    at: Instant,
    time: SystemTime,
}

/// The health of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Health {
    /// It is healthy.
    Good(String),
    /// It is not, with the reason.
    Bad(String),
}

impl Metrics {
    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records whether this agent leads.
    pub(super) fn leads(&self, leads: bool) {
        let mut counted = self.counted();
        counted.leads = leads;
        if leads {
            counted.on_duty.get_or_insert_with(Instant::now);
        }
    }

    /// Records that another agent leads.
    pub(super) fn another_leads(&self) {
        self.counted().on_duty = None;
    }

    /// Records that neither this agent nor, as far as known, another leads.
    pub(super) fn obstructed(&self) {
        self.counted().on_duty.get_or_insert_with(Instant::now);
    }

    /// Maximum time between two snapshots.
    pub(super) fn every(&self, interval: Duration) {
        self.counted().interval = interval;
    }

    /// Records the result of an attempt.
    pub(super) fn attempted(&self, attempt: &Attempt) {
        let mut counted = self.counted();
        let (at, time) = (Instant::now(), SystemTime::now());
        for (oddity, _) in attempt.oddities() {
            match oddity {
                Oddity::Failed(stage) => *counted.failures.entry(*stage).or_default() += 1,
                Oddity::Shrunk => counted.shrunk += 1,
                Oddity::Shared => {}
            }
        }
        let failed = attempt.reports.iter().filter_map(|report| report.failure.as_ref());
        for failure in failed.chain(&attempt.failure).filter(|f| f.stage != Stage::Leadership) {
            *counted.failures.entry(failure.stage).or_default() += 1;
        }
        for report in &attempt.reports {
            let destination = counted.destinations.entry(report.name.clone()).or_default();
            if report.is_stored {
                destination.stored += 1;
                destination.last = Some(time);
            }
            match report.tidied {
                Some(Tidied::Yes) => destination.untidy = 0,
                Some(Tidied::No) => destination.untidy += 1,
                None => {}
            }
        }
        if let Some(taken) = &attempt.taken {
            counted.snapshots += 1;
            counted.last = Some(Last { taken: taken.clone(), at, time });
        }
    }

    /// Records a failure.
    pub(super) fn failed(&self, stage: Stage) {
        *self.counted().failures.entry(stage).or_default() += 1;
    }

    /// Returns whether a snapshot was stored within two intervals, as far as that is this agent's
    /// task: while another one leads it has nothing to store. An agent that keeps failing, gives up
    /// leadership and regains it is responsible all the time, and so is one that cannot reach
    /// Consul.
    pub(super) fn health(&self) -> Health {
        let counted = self.counted();
        let Some(since) = counted.on_duty else {
            return Health::Good("waits for leadership".to_owned());
        };
        let role = if counted.leads { "leads" } else { "can't lead" };
        let every = counted.interval.as_secs();
        // Earlier events belong to another agent.
        let (what, base) = match counted.last.as_ref().map(|last| last.at) {
            Some(at) if at >= since => ("the last snapshot was stored", at),
            _ => ("no snapshot was stored since it started,", since),
        };
        let age = base.elapsed();
        let said = format!("{role}; {what} {} s ago; one is due every {every} s", age.as_secs());
        if age > counted.interval * 2 {
            return Health::Bad(said);
        }
        let untidy = counted.destinations.iter().find(|(_, known)| known.untidy >= MOST_UNTIDY);
        match untidy {
            Some((name, known)) => Health::Bad(format!(
                "{role}; {name}: old snapshots could not be removed {} times in a row",
                known.untidy
            )),
            None => Health::Good(said),
        }
    }

    /// Returns all metrics in Prometheus' text format.
    pub(super) fn render(&self) -> String {
        let counted = self.counted();
        let mut page = Page::default();
        let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
        page.one("info", "gauge", "The agent itself.", &version, 1);
        let leads = u8::from(counted.leads);
        page.one("leader", "gauge", "1 if this agent leads.", "", leads);
        page.one("snapshots_total", "counter", "Snapshots stored.", "", counted.snapshots);
        let help = "Snapshots marked as much smaller than the previous one.";
        page.one("shrunk_total", "counter", help, "", counted.shrunk);
        page.head("failures_total", "counter", "Failures, by stage.");
        for stage in Stage::ALL {
            let count = counted.failures.get(&stage).copied().unwrap_or(0);
            page.line("failures_total", &format!("stage=\"{}\"", stage.name()), count);
        }
        destinations(&mut page, &counted.destinations);
        if let Some(Last { taken, at, time }) = &counted.last {
            let time = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
            let help = "When a snapshot was last stored, as Unix time.";
            page.one("last_success_timestamp_seconds", "gauge", help, "", time);
            let help = "Seconds since a snapshot was last stored.";
            page.one("last_success_age_seconds", "gauge", help, "", at.elapsed().as_secs_f64());
            let help = "Seconds that the last snapshot took.";
            page.one("snapshot_duration_seconds", "gauge", help, "", taken.took.as_secs_f64());
            page.one("snapshot_size_bytes", "gauge", "Size of the last snapshot.", "", taken.size);
            page.one(
                "snapshot_index",
                "gauge",
                "Raft index of the last snapshot.",
                "",
                taken.index,
            );
            page.head("snapshot_records", "gauge", "Records of the last snapshot, by type.");
            for (kind, count) in &taken.counts {
                page.line("snapshot_records", &format!("type=\"{kind}\""), count);
            }
        }
        page.0
    }
}

fn destinations(page: &mut Page, known: &BTreeMap<String, Destination>) {
    let label = |name: &str| {
        let escaped = name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("destination=\"{escaped}\"")
    };
    page.head("stored_total", "counter", "Snapshots stored, by destination.");
    for (name, known) in known {
        page.line("stored_total", &label(name), known.stored);
    }
    let name = "last_stored_timestamp_seconds";
    page.head(name, "gauge", "When a snapshot was last stored there, as Unix time.");
    for (destination, last) in known.iter().filter_map(|(name, known)| Some((name, known.last?))) {
        let time = last.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        page.line(name, &label(destination), time);
    }
    let name = "untidy_rounds";
    let help = "Consecutive rounds in which old snapshots could not be removed there.";
    page.head(name, "gauge", help);
    for (destination, known) in known {
        page.line(name, &label(destination), known.untidy);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn is_good(metrics: &Metrics) -> bool {
        matches!(metrics.health(), Health::Good(_))
    }

    #[test]
    fn who_fails_all_the_time_is_not_well_however_often_it_begins_to_lead() {
        let metrics = Metrics::default();
        metrics.every(Duration::from_millis(20));
        assert!(is_good(&metrics), "nothing is known yet");
        metrics.leads(true);
        assert!(is_good(&metrics));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!is_good(&metrics));
        metrics.leads(false);
        assert!(!is_good(&metrics), "it gave up");
        metrics.leads(true);
        assert!(!is_good(&metrics), "it leads again and has stored nothing yet");
        metrics.another_leads();
        metrics.leads(false);
        assert!(is_good(&metrics));
    }

    #[test]
    fn who_can_t_reach_consul_is_not_well() {
        let metrics = Metrics::default();
        metrics.every(Duration::from_millis(20));
        metrics.obstructed();
        assert!(is_good(&metrics), "it may pass");
        std::thread::sleep(Duration::from_millis(50));
        metrics.obstructed();
        assert!(!is_good(&metrics));
    }
}
