//! An agent as a separate process, watched through its log.

use super::at;
use snapscope_testkit::clock::{self, Clock};
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A running agent. It is killed when this is dropped.
pub(super) struct AgentProcess {
    child: Option<Child>,
    log: PathBuf,
    /// The position in the log where [`expect`](Self::expect) continues.
    seen: usize,
    /// When it was killed.
    killed: Option<f64>,
    /// When it was started.
    started: f64,
    /// The clock of the agent, if it is not the true one.
    clock: Option<Arc<Clock>>,
}

impl AgentProcess {
    pub(super) fn start(command: Command, args: &[&str], log: &Path) -> Self {
        Self::start_by(None, command, args, log)
    }

    /// The same with another clock.
    pub(super) fn start_by(
        clock: Option<Arc<Clock>>,
        command: Command,
        args: &[&str],
        log: &Path,
    ) -> Self {
        let mut command = command;
        if let Some(clock) = &clock {
            clock.wind(&mut command);
        }
        let started = now();
        let file = File::create(log).unwrap();
        let child = command
            .arg("agent")
            .args(args)
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("the agent starts");
        Self { child: Some(child), log: log.to_owned(), seen: 0, killed: None, started, clock }
    }

    pub(super) fn at(consul: SocketAddr, token: &str, args: &[&str], log: &Path) -> Self {
        Self::start(at(consul, token), args, log)
    }

    pub(super) fn text(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// How often the log contains a text.
    pub(super) fn count(&self, what: &str) -> usize {
        self.text().matches(what).count()
    }

    /// Waits for a line with `what` after those that were waited for before.
    pub(super) fn expect(&mut self, what: &str, patience: Duration) {
        let begun = Instant::now();
        loop {
            let text = self.text();
            if let Some(at) = text[self.seen..].find(what) {
                self.seen += at + what.len();
                return;
            }
            assert!(begun.elapsed() < patience, "no {what:?} within {patience:?}:\n{text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Sends SIGTERM and returns the exit code.
    pub(super) fn stop(&mut self) -> i32 {
        self.signal("TERM");
        let mut child = self.child.take().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                clock::forget(child.id());
                assert!(!self.text().contains("panicked"), "{}", self.text());
                return status.code().unwrap_or(-1);
            }
            if begun.elapsed() > Duration::from_secs(20) {
                let _ = child.kill();
                panic!("the agent still runs after SIGTERM:\n{}", self.text());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills it, like a power cut.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            clock::forget(child.id());
            self.killed = Some(now());
        }
    }

    /// Whether it leads, according to its log.
    pub(super) fn leads(&self) -> bool {
        self.tenures().last().is_some_and(|(_, end)| *end == f64::INFINITY)
    }

    /// When it led: from, to; in seconds since 1970.
    pub(super) fn tenures(&self) -> Vec<(f64, f64)> {
        let mut tenures: Vec<(f64, f64)> = Vec::new();
        for (time, line) in self.lines() {
            let open = tenures.last_mut().filter(|(_, end)| *end == f64::INFINITY);
            if line.contains("Obtained leadership") {
                tenures.push((time, f64::INFINITY));
            } else if ["Lost leadership", "Released leadership", "Gave up leadership"]
                .iter()
                .any(|end| line.contains(end))
                && let Some(open) = open
            {
                open.1 = time;
            }
        }
        if let (Some(killed), Some(open)) = (self.killed, tenures.last_mut()) {
            open.1 = open.1.min(killed);
        }
        tenures
    }

    /// The stored snapshots, with their times.
    pub(super) fn saved(&self) -> Vec<(f64, u64)> {
        self.lines()
            .into_iter()
            .filter_map(|(time, line)| {
                let id = line.split_once("Saved snapshot ")?.1.trim().parse().unwrap();
                Some((time, id))
            })
            .collect()
    }

    /// Lines with the true time at which they were written, whatever time the agent's clock had.
    fn lines(&self) -> Vec<(f64, String)> {
        let (from, to) = (self.started - 1.0, now() + 1.0);
        let truly = |shown| match &self.clock {
            Some(clock) => clock.truly(shown, from, to).expect("a time its clock had"),
            None => shown,
        };
        self.text()
            .lines()
            .filter_map(|line| Some((truly(time_of(line.split(' ').next()?)?), line.to_owned())))
            .collect()
    }

    /// The time of the last line by the agent's clock.
    pub(super) fn last_shown(&self) -> Option<f64> {
        let text = self.text();
        text.lines().rev().find_map(|line| time_of(line.split(' ').next()?))
    }
}

impl Drop for AgentProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// Seconds since 1970 of a log line's time. All lines of a test are from about the same day, so no
/// calendar is needed except for the day's number.
fn time_of(text: &str) -> Option<f64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    // Days of the Gregorian calendar, counted from March, so that a leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    let mut parts = time.split(':').map(|part| part.parse::<f64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    Some((days - 719_468) as f64 * 86_400.0 + hours * 3600.0 + minutes * 60.0 + seconds)
}

#[test]
fn log_times_are_understood() {
    assert_eq!(time_of("2026-11-23T03:10:00.500Z"), Some(1_795_403_400.5));
    assert_eq!(time_of("1970-01-01T00:00:00.000Z"), Some(0.0));
    assert_eq!(time_of("snapscope:"), None);
}
