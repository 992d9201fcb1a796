//! The health that an agent reports: the state of its checks, and the part of it that the next
//! leader takes over.

use super::failure::Failure;
use super::take::{Attempt, Taken};
use crate::client::CheckStatus;

/// The state of saving snapshots, for the next leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saving {
    /// The last snapshot was stored everywhere.
    Stored,
    /// The last snapshot was not stored everywhere.
    Failing,
}

impl Saving {
    /// Its name in the lock's value.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Failing => "failing",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        [Self::Stored, Self::Failing].into_iter().find(|saving| saving.name() == name)
    }
}

/// The status of the checks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Health {
    /// Whether this agent leads.
    pub(super) leads: bool,
    /// Status of the check for snapshots; `None` if this agent has none.
    pub(super) check: Option<(CheckStatus, String)>,
}

impl Health {
    /// Leadership was taken over from an agent in this state. As long as every snapshot fails, the
    /// check says so, no matter which agent leads.
    pub(super) fn begins(&mut self, inherited: Option<Saving>) {
        self.leads = true;
        let is_failing = self.is_failing() || inherited == Some(Saving::Failing);
        if !is_failing {
            let said = "no snapshot was due since leadership was obtained";
            self.check = Some((CheckStatus::Passing, said.to_owned()));
        } else if !self.is_failing() {
            let said = "the previous leader's snapshot failed, and none was stored since";
            self.check = Some((CheckStatus::Critical, said.to_owned()));
        }
    }

    /// Leadership ended. A failure remains one.
    pub(super) fn ends(&mut self) {
        self.leads = false;
        if !self.is_failing() {
            self.check = None;
        }
    }

    /// Another agent leads, in this state if known.
    pub(super) fn another_leads(&mut self, saving: Option<Saving>) {
        if saving != Some(Saving::Failing) {
            self.check = None;
        }
    }

    /// A snapshot is stored everywhere.
    pub(super) fn stored(&mut self, taken: &Taken, attempt: &Attempt) {
        let mut said = format!("stored snapshot {}", taken.id);
        let mut status = CheckStatus::Passing;
        for (_, sentence) in attempt.oddities() {
            status = CheckStatus::Warning;
            said.push_str("; ");
            said.push_str(sentence);
        }
        self.check = Some((status, said));
    }

    /// A snapshot failed.
    pub(super) fn failed(&mut self, failure: &Failure) {
        self.check = Some((CheckStatus::Critical, failure.to_string()));
    }

    fn is_failing(&self) -> bool {
        matches!(self.check, Some((CheckStatus::Critical, _)))
    }

    /// The state for the next leader.
    pub(super) fn saving(&self) -> Option<Saving> {
        match &self.check {
            Some((CheckStatus::Critical, _)) => Some(Saving::Failing),
            Some((CheckStatus::Passing | CheckStatus::Warning, _)) => Some(Saving::Stored),
            None => None,
        }
    }
}
