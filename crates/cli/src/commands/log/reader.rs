//! Entries as lines: with who wrote them, and what they changed.

use super::line::{Line, entry_name};
use crate::reading::ReadArgs;
use crate::server_log::ServerLog;
use anyhow::Result;
use snapscope_archive::Source;
use snapscope_raftlog::{Assembled, Chunks, Command, Entry, LogFinding};
use snapscope_state::{
    Effect, Identities, Loaded, Loading, Machine, Operation, Touched, operations, token_secret,
};
use std::borrow::Cow;
use std::io;
use std::ops::ControlFlow;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selected {
    Shown,
    PassedOver,
    /// Neither this one nor any after it.
    Done,
}

/// What is known before the first line is made.
pub(crate) struct Lines {
    identities: Identities,
    /// The state that entries after an index are applied to.
    state: Option<(u64, Machine)>,
    chunks: Chunks,
    is_damaged: bool,
}

impl Lines {
    /// Learns about tokens and, if effects are wanted, about the state the log begins with.
    pub(crate) fn prepare(
        server: &ServerLog,
        read: &ReadArgs,
        with_effects: bool,
        last: u64,
    ) -> Result<Self> {
        let mut identities = Identities::new();
        let mut touched = Touched::new();
        let mut chunks = Chunks::default();
        let mut first = None;
        // Damage is reported by the pass that shows the lines.
        server.walk(0, &mut |entry| {
            first.get_or_insert(entry.index);
            if entry.index > last {
                return ControlFlow::Break(());
            }
            if with_effects {
                touched.see(&entry);
            }
            if let Assembled::Whole(data) = chunks.take(&entry)
                && let Some(command) = Command::read(&data)
            {
                identities.see_command(&command);
            }
            ControlFlow::Continue(())
        })?;
        let mut lines =
            Self { identities, state: None, chunks: Chunks::default(), is_damaged: false };
        let base = server.snapshots.first().filter(|_| first != Some(1));
        let mut loading = Loading::new(touched);
        for snapshot in &server.snapshots {
            let is_base = base == Some(snapshot);
            let source = Source::Directory(snapshot.path.clone());
            let mut blocks = read.open_quietly(&source)?;
            for block in blocks.by_ref() {
                for frame in block.frames() {
                    lines.identities.see_record(&frame);
                    if is_base && with_effects {
                        loading.take(&frame);
                    }
                }
            }
            lines.is_damaged |= blocks.finish().is_damaged();
        }
        // Without a state to begin with nobody knows.
        if with_effects && (base.is_some() || first == Some(1)) {
            let Loaded { machine, .. } = loading.finish();
            lines.state = Some((base.map_or(0, |base| base.index), machine));
        }
        Ok(lines)
    }

    /// Whether a snapshot that was read is damaged.
    pub(crate) const fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// Gives all lines, oldest first, until there are enough.
    pub(crate) fn each(
        &mut self,
        server: &ServerLog,
        take: &mut dyn FnMut(Line) -> io::Result<Selected>,
    ) -> Result<Vec<LogFinding>> {
        let mut failed = Ok(());
        let findings = server.walk(0, &mut |entry| {
            for line in self.lines_of(&entry) {
                match take(line) {
                    Ok(Selected::Done) => return ControlFlow::Break(()),
                    Ok(_) => {}
                    Err(e) => {
                        failed = Err(e);
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        failed?;
        Ok(findings)
    }

    /// The lines of the next entry.
    fn lines_of(&mut self, entry: &Entry<'_>) -> Vec<Line> {
        let (effect, changes, reason) = self.effect(entry);
        let mut line = Line {
            index: entry.index,
            term: entry.term,
            time: entry.appended_at,
            kind: entry_name(entry.kind),
            op: Vec::new(),
            object: Vec::new(),
            accessor: Vec::new(),
            who: Vec::new(),
            auth_method: Vec::new(),
            effect,
            changes,
            reason,
            bytes: entry.data.len() as u64 + entry.extensions.len() as u64,
        };
        let Assembled::Whole(data) = self.chunks.take(entry) else { return vec![line] };
        let Some(command) = Command::read(&data) else { return vec![line] };
        line.kind = match command.kind.consul_name() {
            Some(name) => name.into(),
            None => format!("Unknown({})", command.kind.0).into(),
        };
        self.who(&command, &mut line);
        let operations = operations(&command);
        if operations.is_empty() {
            return vec![line];
        }
        let with = |Operation { op, kind, id }: Operation| {
            let object = match (kind, id.as_slice()) {
                ("", _) => Vec::new(),
                (kind, b"") => kind.as_bytes().to_vec(),
                (kind, id) => [kind.as_bytes(), b"/", id].concat(),
            };
            Line { op, object, ..line.clone() }
        };
        operations.into_iter().map(with).collect()
    }

    fn who(&self, command: &Command<'_>, line: &mut Line) {
        let Some(secret) = token_secret(command).filter(|secret| !secret.is_empty()) else {
            return;
        };
        match self.identities.of(&secret) {
            Some(identity) => {
                line.accessor.clone_from(&identity.accessor);
                line.who.clone_from(&identity.description);
                line.auth_method.clone_from(&identity.auth_method);
                if line.who.is_empty() {
                    line.who.clone_from(&identity.accessor);
                }
            }
            // The secret itself is not for showing.
            None => line.who = b"a token that is not known".to_vec(),
        }
    }

    fn effect(
        &mut self,
        entry: &Entry<'_>,
    ) -> (Option<&'static str>, Option<u64>, Cow<'static, str>) {
        let Some((base, machine)) = &mut self.state else { return (None, None, "".into()) };
        if entry.index <= *base {
            return (None, None, "it is older than the oldest snapshot".into());
        }
        match machine.apply(entry) {
            Effect::Changed(records) => (Some("changed"), Some(records as u64), "".into()),
            Effect::Unchanged => (Some("none"), Some(0), "".into()),
            Effect::Refused(why) => (Some("refused"), Some(0), why),
            Effect::Part => (Some("part"), Some(0), "".into()),
            Effect::NotApplied(why) => (Some("unknown"), None, why.into()),
            Effect::NoCommand => (None, None, "".into()),
        }
    }
}
