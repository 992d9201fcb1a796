//! `browse`: a snapshot on a terminal.
//!
//! [`state`] holds what is on the screen and what keys do to it; it asks, and a [`worker`] reads.
//! [`draw`] draws the state. [`spool`] is the copy of the snapshot's state that answers are read
//! from.

mod columns;
mod draw;
mod help;
mod keys;
mod listing;
mod object;
mod questions;
mod screen;
mod spool;
mod state;
mod stored;
mod table;
mod worker;

use crate::commands::acl::BasisArgs;
use crate::display::is_coloured;
use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::render::incomplete::incomplete_of;
use crate::terminal::{is_terminal, say};
use anyhow::{Result, anyhow, bail};
use clap::Args;
use draw::Shown;
use screen::{Input, Screen};
use snapscope_analyze::Problems;
use snapscope_archive::{Blocks, Closing, OpenOptions, open};
use snapscope_objects::printable::counted;
use state::{Browser, Key};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;
use worker::{Answer, Ask, Told, Worker};

/// Browse a snapshot on a terminal
///
/// Shows record types with counts and sizes, keys as a tree, objects of each type, audit findings, and who
/// can do what. The last line names the keys to press; ? lists them all. Secrets and values are
/// masked until you press v.
///
/// The snapshot's state is copied to the temporary folder (TMPDIR) while it is open; nothing is left there.
/// The exit code is 3 if the file is damaged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope browse backup.snap
  snapscope browse --default-policy allow backup.snap")]
pub(crate) struct BrowseArgs {
    #[command(flatten)]
    file: FileArg,
    #[command(flatten)]
    basis: BasisArgs,
    #[command(flatten)]
    read: ReadArgs,
}

/// How long the screen waits for a key before it checks for signals and answers.
const PATIENCE: Duration = Duration::from_millis(100);
const WAITING: Duration = Duration::from_millis(10);

/// What is known about the snapshot so far.
#[derive(Default)]
struct Known {
    /// FILE, as it was named.
    name: String,
    read: Option<(Arc<Closing>, Problems)>,
    /// Malformed records by the kind of objects in them.
    malformed: BTreeMap<&'static str, u64>,
}

pub(crate) fn run(args: &BrowseArgs) -> Result<Exit> {
    if !is_terminal() {
        bail!(
            "standard output is not a terminal, which `snapscope browse` draws on; \
             `snapscope inspect` and `snapscope list` print to pipes and files"
        );
    }
    if std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb") {
        bail!("this terminal cannot be drawn on; set TERM to its type, such as xterm");
    }
    let source = ReadArgs::source(&args.file)?;
    let seen = Arc::new(AtomicU64::new(0));
    let options = OpenOptions { progress: Some(Arc::clone(&seen)), ..args.read.options() };
    let blocks = open(&source, &options)?;
    // The last part of a path is enough to recognise it.
    let name = source.name();
    let short = Path::new(&name).file_name().and_then(|name| name.to_str());
    let browser = Browser::new(short.unwrap_or(&name));
    let progress = || {
        let seen = seen.load(Ordering::Relaxed).saturating_mul(100);
        seen.checked_div(source.size()?).map(|hundredths| hundredths.min(100))
    };
    let known = show(args, blocks, browser, &progress)?;
    let Some((closing, problems)) = known.read else { return Ok(Exit::Done) };
    let exit = args.read.report(&source, &closing, &problems);
    for (kind, count) in &known.malformed {
        let name = one_line(source.name().as_bytes());
        let records = counted(*count, "record is", "records are");
        say!("snapscope: {name}: damaged: {records} malformed; `snapscope list {kind}` names them");
    }
    Ok(if known.malformed.is_empty() { exit } else { exit.max(Exit::Damaged) })
}

/// Draws until the user quits; returns what is known about the snapshot by then.
fn show(
    args: &BrowseArgs,
    blocks: Blocks,
    mut browser: Browser,
    progress: &dyn Fn() -> Option<u64>,
) -> Result<Known> {
    let current = Arc::new(AtomicU64::new(0));
    let worker = Worker {
        read: args.read.clone(),
        basis: args.basis.clone(),
        current: Arc::clone(&current),
    };
    let (ask, asked) = channel();
    let (send, answers) = channel();
    let mut screen = Screen::open()?;
    thread::Builder::new()
        .name("reader".to_owned())
        .spawn(move || worker.run(blocks, &asked, &send))?;
    let name = args.file.file.display().to_string();
    let mut known = Known { name, ..Known::default() };
    let mut typed = VecDeque::new();
    let (width, height) = screen.size()?;
    browser.resize(width, height);
    while !browser.is_over && !screen.signals.have_come() {
        let shown =
            Shown { browser: &browser, is_coloured: is_coloured(true), progress: progress() };
        screen.draw(&shown)?;
        take_input(&mut screen, &mut browser, &mut typed)?;
        do_typed(&mut browser, &mut typed, &ask, &current)?;
        take_answers(&answers, &mut browser, &mut known)?;
    }
    let signals = std::mem::take(&mut screen.signals);
    drop(screen);
    signals.follow();
    Ok(known)
}

/// Handles input from the terminal.
fn take_input(screen: &mut Screen, browser: &mut Browser, typed: &mut VecDeque<Key>) -> Result<()> {
    let mut patience = if browser.is_waiting() { WAITING } else { PATIENCE };
    // After a paste the screen is drawn once.
    for _ in 0..1000 {
        match screen.input(patience)? {
            Input::Key(key) => {
                // A letter that was typed ahead may belong to a line of input.
                let is_letter = matches!(key, Key::Char(_)) && !typed.is_empty();
                if browser.is_urgent(key) && !is_letter {
                    typed.clear();
                    typed.push_front(key);
                    break;
                }
                typed.push_back(key);
            }
            Input::Resized => {
                let (width, height) = screen.size()?;
                browser.resize(width, height);
            }
            Input::Nothing => break,
        }
        patience = Duration::ZERO;
    }
    Ok(())
}

/// Executes keys. Keys that arrive while something is read wait for it, because they are meant for
/// what is shown then.
fn do_typed(
    browser: &mut Browser,
    typed: &mut VecDeque<Key>,
    ask: &Sender<(u64, Ask)>,
    current: &AtomicU64,
) -> Result<()> {
    while let Some(key) = typed.front().copied()
        && (!browser.is_waiting() || browser.is_urgent(key))
    {
        typed.pop_front();
        let asked = browser.key(key);
        current.store(browser.current(), Ordering::Relaxed);
        if let Some(asked) = asked {
            ask.send(asked).map_err(|_| gone())?;
        }
    }
    Ok(())
}

fn gone() -> anyhow::Error {
    anyhow!("the thread that reads the snapshot has ended")
}

/// Handles the answers that have arrived.
fn take_answers(
    answers: &Receiver<Answer>,
    browser: &mut Browser,
    known: &mut Known,
) -> Result<()> {
    loop {
        let Answer { to, told, malformed } = match answers.try_recv() {
            Ok(answer) => answer,
            Err(std::sync::mpsc::TryRecvError::Empty) => return Ok(()),
            Err(std::sync::mpsc::TryRecvError::Disconnected) => return Err(gone()),
        };
        if let Some((kind, count)) = malformed {
            known.malformed.insert(kind, count);
            browser.banner.get_or_insert_with(|| {
                format!("DAMAGED: {} of {kind} malformed", counted(count, "record", "records"))
            });
        }
        match &told {
            Told::Failed(why) if to == 0 => bail!("{why}"),
            Told::Loaded { closing, problems, .. } => {
                browser.banner = incomplete_of(&known.name, closing, problems)
                    .map(|incomplete| format!("DAMAGED: {}", incomplete.why()));
                known.read = Some((Arc::clone(closing), problems.clone()));
            }
            _ => {}
        }
        browser.answer(to, told);
    }
}
