//! The content of the lock's value: its holder.

use super::health::Saving;
use super::process::Process;
use serde::{Deserialize, Serialize};

/// The current or last holder of the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Holder {
    /// The program.
    agent: String,
    /// Its machine, for people.
    host: String,
    /// The process, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process: Option<Process>,
    /// The state of saving snapshots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    saving: Option<String>,
}

const AGENT: &str = "snapscope";

impl Holder {
    /// This process.
    pub(super) fn own(saving: Option<Saving>) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            agent: AGENT.to_owned(),
            host: host.trim().to_owned(),
            process: Process::own(),
            saving: saving.map(|saving| saving.name().to_owned()),
        }
    }

    /// Parses a value; other programs write something else.
    pub(super) fn of(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok().filter(|holder: &Self| holder.agent == AGENT)
    }

    /// The value.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Its state of saving.
    pub(super) fn saving(&self) -> Option<Saving> {
        Saving::of_name(self.saving.as_deref()?)
    }

    /// Whether its process has certainly ended.
    pub(super) fn has_ended(&self) -> bool {
        self.process.as_ref().is_some_and(Process::has_ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_says_who_and_how() {
        let own = Holder::own(Some(Saving::Failing));
        let read = Holder::of(own.to_text().as_bytes()).unwrap();
        assert_eq!((read.saving(), read.has_ended()), (Some(Saving::Failing), false));
        for other in ["", "consul lock", "{}", r#"{"agent": "another", "host": "h"}"#] {
            assert_eq!(Holder::of(other.as_bytes()), None, "{other}");
        }
    }
}
