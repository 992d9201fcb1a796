//! Which lines are shown.

use super::line::Line;
use crate::kinds::compared_named;
use crate::render::escape::one_line;
use crate::server_log::{ServerLog, time_of, timeless};
use crate::terminal::note;
use crate::times;
use anyhow::{Result, anyhow};
use clap::Args;
use snapscope_decode::GoTime;
use snapscope_objects::filter::{Filter, Shape};
use snapscope_objects::kind::KindId;
use snapscope_objects::value::Tape;
use snapscope_state::Identities;
use std::ops::ControlFlow;

/// Selects lines; all commands about the log share these flags.
#[derive(Debug, Clone, Args)]
pub(crate) struct FilterArgs {
    /// Only lines that match this expression, in Consul's filter language: op == delete
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) filter: Option<String>,
    /// Start at this index or time; 10:02 is on the log's last day, in local time
    #[arg(long, value_name = "INDEX|TIME")]
    pub(super) since: Option<String>,
    /// End at this index or time
    #[arg(long, value_name = "INDEX|TIME")]
    pub(super) until: Option<String>,
    /// Only writes to this object or to those below it: kv/app/x, service/NODE/ID,
    /// config-entry/KIND
    #[arg(long, value_name = "TYPE/ID")]
    pub(super) object: Option<String>,
    /// Only writes with this token, by accessor, description or SecretID (which is never printed);
    /// `-` for no token
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    pub(super) who: Option<String>,
}

/// An end of a range.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Index(u64),
    Time(GoTime),
}

pub(crate) struct Filters {
    /// As they were asked.
    pub(super) args: FilterArgs,
    filter: Option<Filter>,
    since: Option<Bound>,
    until: Option<Bound>,
    object: Option<Vec<u8>>,
    who: Option<Vec<u8>>,
}

/// One of the filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum One {
    Since,
    Until,
    Object,
    Who,
}

impl Filters {
    pub(crate) fn new(args: &FilterArgs, shape: &Shape, servers: &[&ServerLog]) -> Result<Self> {
        let filter = args.filter.as_deref().map(|text| Filter::compile(text, shape));
        let filters = Self {
            args: args.clone(),
            filter: filter.transpose()?,
            since: args.since.as_deref().map(|text| bound(text, servers)).transpose()?,
            until: args.until.as_deref().map(|text| bound(text, servers)).transpose()?,
            object: args.object.as_deref().map(object),
            who: args.who.as_ref().map(|who| who.as_bytes().to_vec()),
        };
        let is_about_time = |bound: Option<Bound>| matches!(bound, Some(Bound::Time(_)));
        if is_about_time(filters.since) || is_about_time(filters.until) {
            has_times(servers)?;
        }
        Ok(filters)
    }

    /// Replaces a SecretID by the token that has it, and reports that token.
    pub(crate) fn know(&mut self, identities: &Identities) {
        let Some(who) = &mut self.who else { return };
        let Some(identity) = identities.of(who).filter(|known| !known.accessor.is_empty()) else {
            return;
        };
        // The SecretID of the anonymous token is public.
        if who != b"anonymous" {
            note!(
                "snapscope: note: that is the SecretID of token {}",
                one_line(&identity.accessor)
            );
        }
        who.clone_from(&identity.accessor);
    }

    /// Whether the state is needed to decide whether a line is shown.
    pub(super) fn need_effects(&self) -> bool {
        let is_of_effect = |field: &str| matches!(field, "effect" | "changes" | "reason");
        self.filter.as_ref().is_some_and(|filter| filter.fields().any(is_of_effect))
    }

    /// No line after this index is shown.
    pub(crate) const fn last_index(&self) -> u64 {
        match self.until {
            Some(Bound::Index(index)) => index,
            _ => u64::MAX,
        }
    }

    /// Whether a line is shown. `tape` is working memory.
    pub(crate) fn shows(&self, line: &Line<'_>, tape: &mut Tape) -> bool {
        self.shows_as(line, tape, |tape| line.render(tape))
    }

    /// Whether a line is shown that was rendered before.
    pub(crate) fn shows_as(
        &self,
        line: &Line<'_>,
        tape: &mut Tape,
        render: impl FnOnce(&mut Tape),
    ) -> bool {
        self.is_in_range(line) && self.is_meant(line) && self.holds(tape, render)
    }

    /// Whether a snapshot or a gap between these indexes is shown.
    pub(crate) fn shows_other(
        &self,
        (first, last): (u64, u64),
        tape: &mut Tape,
        render: impl FnOnce(&mut Tape),
    ) -> bool {
        let is_since = match self.since {
            Some(Bound::Index(index)) => last >= index,
            _ => true,
        };
        is_since && first <= self.last_index() && self.holds(tape, render)
    }

    /// Whether only writes to an object or with a token are shown.
    pub(crate) const fn are_about_writes(&self) -> bool {
        self.object.is_some() || self.who.is_some()
    }

    fn is_in_range(&self, line: &Line<'_>) -> bool {
        self.passes(One::Until, line) && self.passes(One::Since, line)
    }

    fn is_meant(&self, line: &Line<'_>) -> bool {
        self.passes(One::Object, line) && self.passes(One::Who, line)
    }

    /// Whether one of the filters matches a line.
    pub(super) fn passes(&self, one: One, line: &Line<'_>) -> bool {
        let place = |time: GoTime| (time.seconds, time.nanos);
        match one {
            One::Since => match self.since {
                None => true,
                Some(Bound::Index(index)) => line.index >= index,
                Some(Bound::Time(since)) => {
                    line.time.is_some_and(|time| place(time) >= place(since))
                }
            },
            One::Until => match self.until {
                None => true,
                Some(Bound::Index(index)) => line.index <= index,
                Some(Bound::Time(until)) => {
                    line.time.is_some_and(|time| place(time) <= place(until))
                }
            },
            One::Object => self.object.as_ref().is_none_or(|object| {
                let is_it = line.object.strip_prefix(object.as_slice()).is_some_and(|rest| {
                    rest.is_empty() || rest.starts_with(b"/") || object.ends_with(b"/")
                });
                // A folder includes its keys.
                is_it || line.op == b"delete-tree" && object.starts_with(&line.object)
            }),
            One::Who => self.who.as_ref().is_none_or(|who| match who.as_slice() {
                b"-" => line.who.is_empty(),
                who => line.who == who || line.accessor == who,
            }),
        }
    }

    fn holds(&self, tape: &mut Tape, render: impl FnOnce(&mut Tape)) -> bool {
        let Some(filter) = &self.filter else { return true };
        tape.clear();
        render(tape);
        tape.root().is_some_and(|object| filter.holds(object))
    }
}

/// An object in the terms of lines. Its type may have any name that other commands accept.
fn object(given: &str) -> Vec<u8> {
    let (kind, rest) = given.split_at(given.find('/').unwrap_or(given.len()));
    let kinds = compared_named(kind).unwrap_or_default();
    let kind = match kinds.as_slice() {
        // Record types without their own object kind have names of their own.
        [only] if only.id != KindId::Records => only.object_name(),
        _ => kind,
    };
    [kind.as_bytes(), rest.as_bytes()].concat()
}

fn bound(text: &str, servers: &[&ServerLog]) -> Result<Bound> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Ok(Bound::Index(text.parse()?));
    }
    let typed =
        times::typed(text).map_err(|e| anyhow!("{text:?}: {e}; or an index such as 12345"))?;
    time_of(text, typed, servers).map(Bound::Time)
}

/// Whether at least one log records when entries were written.
fn has_times(servers: &[&ServerLog]) -> Result<()> {
    for server in servers {
        let mut is_timed = false;
        server.walk(0, &mut |entry| {
            is_timed = entry.appended_at.is_some();
            if is_timed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if is_timed {
            return Ok(());
        }
    }
    Err(anyhow!(timeless(servers)))
}
