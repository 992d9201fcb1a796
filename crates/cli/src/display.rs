//! Flags for the display of any command: colour, pager, notes, the line of column names.

use crate::form::one_of;
use clap::Args;
use std::ffi::OsStr;
use std::sync::OnceLock;

/// When a feature for people is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum When {
    /// On a terminal.
    #[default]
    Auto,
    Always,
    Never,
}

impl When {
    const ALL: [Self; 3] = [Self::Auto, Self::Always, Self::Never];

    const fn name(&self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// Flags of every command.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Display")]
pub(crate) struct DisplayArgs {
    /// Colour severities, changes and states; auto colours terminals, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", value_parser = one_of(When::ALL, When::name),
          default_value = "auto", hide_possible_values = true, alias = "colour")]
    color: When,
    /// Do not page long output on a terminal; PAGER names the pager
    #[arg(long, global = true)]
    no_pager: bool,
    /// Leave out the line of column names, in tables and CSV
    #[arg(long, global = true)]
    no_headers: bool,
    /// Leave out notes on standard error; errors and damage are still reported
    #[arg(short, long, global = true)]
    quiet: bool,
}

static DISPLAY: OnceLock<DisplayArgs> = OnceLock::new();

impl DisplayArgs {
    /// Applies these flags to the whole process.
    pub(crate) fn apply(self) {
        // Nothing was printed yet, so no cells are set.
        let _ = DISPLAY.set(self);
    }
}

fn display() -> DisplayArgs {
    DISPLAY.get().copied().unwrap_or_default()
}

/// Whether notes are left out.
pub(crate) fn is_quiet() -> bool {
    display().quiet
}

/// Whether tables and CSV start with the names of their columns.
pub(crate) fn has_headers() -> bool {
    !display().no_headers
}

/// Whether the flags allow long output to be paged.
pub(crate) fn may_page() -> bool {
    !display().no_pager
}

/// Whether standard output is coloured; `terminal` says whether it is one.
pub(crate) fn is_coloured(terminal: bool) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = || std::env::var_os("TERM").is_none_or(|term| term == OsStr::new("dumb"));
    match display().color {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && !is_set("NO_COLOR") && !is_dumb(),
    }
}
