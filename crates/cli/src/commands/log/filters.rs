//! Which lines are shown.

use super::line::Line;
use super::requested::Requested;
use crate::form::{Form, ROWS, forms, limit};
use crate::manifest::ManifestArg;
use crate::render::escape::one_line;
use crate::server_log::{ServerLog, time_of, timeless};
use crate::terminal::note;
use crate::times;
use anyhow::{Result, anyhow, bail, ensure};
use clap::Args;
use snapscope_decode::GoTime;
use snapscope_objects::filter::{Filter, Shape};
use snapscope_objects::value::Tape;
use snapscope_state::{Identities, Identity};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Selects lines; all commands about the log share these flags.
#[derive(Debug, Clone, Args)]
pub(crate) struct FilterArgs {
    /// Only lines that match this expression, in Consul's filter language: op == delete
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) filter: Option<String>,
    /// Start at this index or time; without a zone it is local time, and 10:02 is on the log's last
    /// day
    #[arg(long, value_name = "INDEX|TIME")]
    pub(super) since: Option<String>,
    /// End at this index or time
    #[arg(long, value_name = "INDEX|TIME")]
    pub(super) until: Option<String>,
    /// Only writes to this object or to those below it: kv/app/x, service/NODE/ID,
    /// config-entry/KIND
    #[arg(long, value_name = "TYPE/ID")]
    pub(super) object: Option<String>,
    /// Only writes with this token, by accessor or its start, description, or SecretID (which is
    /// never printed); `-` for no token
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    pub(super) who: Option<String>,
}

/// What commands that list writes have in common.
#[derive(Debug, Args)]
pub(crate) struct LinesArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Show only the first N lines, 0 for all
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = limit)]
    pub(crate) limit: Option<u64>,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(ROWS), default_value = "table")]
    pub(crate) output: Form,
    #[command(flatten)]
    pub(crate) manifest: ManifestArg,
}

/// An end of a range.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Index(u64),
    Time(GoTime),
}

pub(crate) struct Filters {
    /// The flags as given.
    pub(super) args: FilterArgs,
    filter: Option<Filter>,
    since: Option<Bound>,
    until: Option<Bound>,
    object: Option<Requested>,
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
        let mut filters = Self {
            args: args.clone(),
            filter: filter.transpose()?,
            since: None,
            until: None,
            object: args.object.as_deref().map(Requested::new),
            who: args.who.as_ref().map(|who| who.as_bytes().to_vec()),
        };
        let read = |text: &String| bound(text, servers);
        filters.since = args.since.as_ref().map(read).transpose()?;
        filters.until = match (&args.since, &args.until) {
            // A note about a time is given once.
            (Some(since), Some(until)) if since == until => filters.since,
            (_, until) => until.as_ref().map(read).transpose()?,
        };
        if let (Some(Bound::Time(until)), Some(text)) = (filters.until, &args.until) {
            filters.until = Some(Bound::Time(times::as_end(text, until)));
        }
        filters.ensure_order()?;
        let is_about_time = |bound: Option<Bound>| matches!(bound, Some(Bound::Time(_)));
        if is_about_time(filters.since) || is_about_time(filters.until) {
            has_times(servers)?;
        }
        Ok(filters)
    }

    /// Fails if no line can be between the ends of the range.
    fn ensure_order(&self) -> Result<()> {
        let place = |time: GoTime| (time.seconds, time.nanos);
        let is_reversed = match (self.since, self.until) {
            (Some(Bound::Index(since)), Some(Bound::Index(until))) => since > until,
            (Some(Bound::Time(since)), Some(Bound::Time(until))) => place(since) > place(until),
            _ => false,
        };
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        let (since, until) = (given(&self.args.since), given(&self.args.until));
        ensure!(!is_reversed, "--since {since:?} is after --until {until:?}; exchange them");
        Ok(())
    }

    /// The object of `--object`.
    pub(super) const fn requested(&self) -> Option<&Requested> {
        self.object.as_ref()
    }

    /// Replaces a SecretID or the start of an accessor by the accessor of that token. A note names
    /// the token of a SecretID.
    pub(crate) fn know(&mut self, identities: &Identities) -> Result<()> {
        let Some(who) = &mut self.who else { return Ok(()) };
        let Some(identity) = identities.of(who).filter(|known| !known.accessor.is_empty()) else {
            if let Some(accessor) = accessor_of_start(who, identities)? {
                *who = accessor;
            }
            return Ok(());
        };
        // The SecretID of the anonymous token is public.
        if who != b"anonymous" {
            note!(
                "snapscope: note: that is the SecretID of token {}",
                one_line(&identity.accessor)
            );
        }
        who.clone_from(&identity.accessor);
        Ok(())
    }

    /// Whether the state is needed to decide whether a line is shown.
    pub(super) fn need_effects(&self) -> bool {
        let is_of_effect = |field: &str| matches!(field, "effect" | "changes" | "reason");
        self.object.is_some()
            || self.filter.as_ref().is_some_and(|filter| filter.fields().any(is_of_effect))
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
                // A deleted folder includes its keys.
                object.is_at_or_above(&line.object)
                    || line.op == b"delete-tree"
                        && object.is_in_tree(&line.object)
                        && line.deletes_requested != Some(false)
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

/// The accessor that starts with a text, if there is one token with such an accessor. A text that
/// is a description or a whole accessor does not count as a start.
fn accessor_of_start(start: &[u8], identities: &Identities) -> Result<Option<Vec<u8>>> {
    let is_start = start.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let is_name = |known: &Identity| known.accessor == start || known.description == start;
    if !is_start || start == b"-" || start.is_empty() || identities.iter().any(is_name) {
        return Ok(None);
    }
    let accessors = identities.iter().map(|known| &known.accessor);
    let matching: BTreeSet<&Vec<u8>> = accessors.filter(|known| known.starts_with(start)).collect();
    if let (Some(first), Some(last)) = (matching.first(), matching.last())
        && first != last
    {
        let (start, first, last) = (one_line(start), one_line(first), one_line(last));
        let count = matching.len();
        bail!(
            "--who \"{start}\" is ambiguous; it matches {count} tokens, {first} to {last}: give more of the accessor"
        );
    }
    Ok(matching.first().map(|only| (*only).clone()))
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
