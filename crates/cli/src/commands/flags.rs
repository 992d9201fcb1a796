//! `snapscope help flags`: the flags that commands share. Hidden, because it only prints that page.

use crate::command_line::Cli;
use crate::exit::Exit;
use crate::help;
use crate::reading::ReadArgs;
use clap::Args;

/// Flags that commands share
///
/// All commands take the flags of "Display", and those that read a snapshot also the flags of "Reading".
/// They may be anywhere on the command line, and long ones may have one dash.
#[derive(Debug, Args)]
#[command(hide = true)]
pub(crate) struct FlagsArgs {
    #[command(flatten)]
    _read: ReadArgs,
}

pub(crate) fn run(_: &FlagsArgs) -> Exit {
    // As for all help, a closed pipe is success.
    help::shared_flags(Cli::command()).map(|page| page.print());
    Exit::Done
}
