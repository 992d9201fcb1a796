//! `snapscope completions`: what a shell needs to complete commands, flags and their values.

use crate::exit::Exit;
use crate::terminal;
use anyhow::Result;
use clap::{Args, Command, ValueEnum};
use std::io::Write as _;

/// Print what a shell needs to complete commands, flags and values
///
/// Packages install this already. Otherwise, for bash:
///
///   source <(snapscope completions bash)
///
/// For zsh, write it to a file named _snapscope in a folder of $fpath; for fish, to
/// ~/.config/fish/completions/snapscope.fish.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompletionsArgs {
    /// Shell that reads it
    #[arg(value_enum)]
    shell: Shell,
}

/// Shells that completions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Zsh,
}

impl Shell {
    const fn generator(self) -> clap_complete::Shell {
        match self {
            Self::Bash => clap_complete::Shell::Bash,
            Self::Elvish => clap_complete::Shell::Elvish,
            Self::Fish => clap_complete::Shell::Fish,
            Self::PowerShell => clap_complete::Shell::PowerShell,
            Self::Zsh => clap_complete::Shell::Zsh,
        }
    }
}

/// Prints the script for this command line.
pub(crate) fn run(args: &CompletionsArgs, mut command: Command) -> Result<Exit> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell.generator(), &mut command, name, &mut script);
    let mut out = terminal::out();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Done)
}
