//! Identifies an agent's process, so that a later agent can determine whether it still runs.

use serde::{Deserialize, Serialize};
use std::fs;

/// A process, unique on its machine since boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Process {
    /// The machine's boot ID.
    pub(super) boot: String,
    /// The PID namespace: each container has its own PIDs.
    pub(super) namespace: String,
    /// Its PID.
    pub(super) pid: u32,
    /// Its start time, in the system's ticks.
    pub(super) started: u64,
}

impl Process {
    /// Returns this process; `None` if the system does not provide all of it.
    pub(super) fn own() -> Option<Self> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
        let pid = std::process::id();
        Some(Self { boot, namespace: namespace()?, pid, started: started(pid)? })
    }

    /// Whether it has certainly ended. A process of another machine or container may still run.
    pub(super) fn has_ended(&self) -> bool {
        let Some(own) = Self::own() else { return false };
        if own.boot != self.boot || own.namespace != self.namespace {
            return false;
        }
        match started(self.pid) {
            Some(started) => started != self.started,
            // Processes of others can be hidden, but not from signal 0.
            None => is_nobody(self.pid),
        }
    }
}

fn namespace() -> Option<String> {
    fs::read_link("/proc/self/ns/pid").ok()?.into_os_string().into_string().ok()
}

/// The start time of a process; `None` if it has ended, or is not visible.
fn started(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may contain anything; the state follows it, and the time 19 fields
    // later.
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let started = fields.nth(18)?.parse().ok()?;
    // A zombie has ended.
    (!matches!(state, "Z" | "X")).then_some(started)
}

#[cfg(target_os = "linux")]
fn is_nobody(pid: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let Some(pid) = pid else { return false };
    match test_kill_process(pid) {
        Err(rustix::io::Errno::SRCH) => true,
        // It exists. If its state was readable, it has ended.
        _ => fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).is_ok(),
    }
}

#[cfg(not(target_os = "linux"))]
fn is_nobody(_: u32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_ended_has_ended() {
        let Some(own) = Process::own() else { return };
        assert!(!own.has_ended());
        assert!(Process { started: own.started + 1, ..own.clone() }.has_ended());
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let pid = child.id();
        let other = Process { pid, started: started(pid).unwrap(), ..own.clone() };
        assert!(!other.has_ended());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(other.has_ended());
        assert!(!Process { boot: "another".into(), ..other.clone() }.has_ended());
        assert!(!Process { namespace: "another".into(), ..other }.has_ended());
    }
}
