//! `snapscope help flags`: flags that commands share. Hidden, because it does nothing but print that page.

use crate::reading::ReadArgs;
use clap::Args;

/// Flags that commands share
///
/// All commands take the flags of "Display", and those that read a snapshot also the flags of "Reading".
/// They may be anywhere on the command line, and long ones may have one dash.
#[derive(Debug, Args)]
pub(crate) struct FlagsArgs {
    #[command(flatten)]
    _read: ReadArgs,
}
