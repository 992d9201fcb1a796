//! `log --follow`: entries as a running server writes them.

use super::batch::Batch;
use super::filters::Filters;
use super::print::{Printer, Rendered, render};
use super::reader::Reader;
use crate::form::Form;
use crate::log_damage::Losses;
use crate::server_log::say_replaced;
use anyhow::{Context as _, Result};
use snapscope_objects::value::Tape;
use snapscope_raftlog::{Chunks, Follower};
use std::cell::Cell;
use std::ops::ControlFlow;
use std::time::Duration;

/// Time between two looks.
const INTERVAL: Duration = Duration::from_millis(100);

/// Prints new entries until the last requested one. Returns what is missing in the log.
pub(super) fn follow(
    mut follower: Follower,
    reader: &mut Reader,
    filters: &Filters,
    form: Form,
    printer: &mut Printer,
) -> Result<Losses> {
    let (mut losses, mut tape, mut rendered) =
        (Losses::default(), Tape::new(), Rendered::default());
    let mut chunks = Chunks::default();
    loop {
        let (mut findings, mut batch, mut is_done) = (Vec::new(), Batch::default(), false);
        let replaced = Cell::new(None);
        let Reader { identities, entries, state, .. } = &mut *reader;
        let looked = follower.look(
            &mut |finding| findings.push(finding),
            &mut |from| replaced.set(Some(from)),
            &mut |entry| {
                if let Some(from) = replaced.take() {
                    say_replaced(from);
                    state.apply(&mut batch);
                    state.lose_state("a new leader has replaced entries before it");
                }
                if entry.index > filters.last_index() {
                    is_done = true;
                    return ControlFlow::Break(());
                }
                identities.see(&entry, &mut chunks);
                entries.take(&entry, &mut batch);
                is_done = entry.index == filters.last_index();
                if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        looked.context("cannot read the log")?;
        reader.state.apply(&mut batch);
        if let Some(from) = replaced.take() {
            say_replaced(from);
            reader.state.lose_state("a new leader has replaced entries before it");
        }
        losses.absorb(Losses::of_log(&findings));
        batch.lines(&reader.identities, &mut |line| {
            if filters.shows(line, &mut tape) {
                rendered.add(|text| render(line, form, text));
            }
        });
        let is_full = printer.lines(&rendered)?.is_break();
        printer.flush()?;
        rendered.clear();
        if is_done || is_full {
            return Ok(losses);
        }
        std::thread::sleep(INTERVAL);
    }
}
