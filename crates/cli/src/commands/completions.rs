//! `snapscope completions`: what a shell needs to complete commands, flags and their values.

use crate::exit::Exit;
use crate::terminal;
use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Args, Command, ValueEnum};
use snapscope_decode::stream::KINDS as RECORD_TYPES;
use snapscope_export::FORMATS;
use snapscope_objects::kinds::KINDS;
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
    Powershell,
    Zsh,
}

impl Shell {
    const fn generator(self) -> clap_complete::Shell {
        match self {
            Self::Bash => clap_complete::Shell::Bash,
            Self::Elvish => clap_complete::Shell::Elvish,
            Self::Fish => clap_complete::Shell::Fish,
            Self::Powershell => clap_complete::Shell::PowerShell,
            Self::Zsh => clap_complete::Shell::Zsh,
        }
    }
}

/// Adds values to arguments that read them by themselves, because they also take other spellings. What such an
/// argument takes follows from the name of its value in the help.
fn with_values(command: Command) -> Command {
    let is_of_records = matches!(command.get_name(), "decode" | "top");
    let values = move |arg: Arg| -> Arg {
        let name = arg.get_value_names().unwrap_or_default().first().map(ToString::to_string);
        let values: Vec<&'static str> = match name.as_deref() {
            Some("TYPE") if is_of_records => RECORD_TYPES.iter().map(|kind| kind.name).collect(),
            Some("TYPE") => KINDS.iter().map(|kind| kind.name).collect(),
            Some("FORMAT") => FORMATS.iter().map(|format| format.name).collect(),
            _ => return arg,
        };
        arg.value_parser(PossibleValuesParser::new(values))
    };
    command.mut_args(values).mut_subcommands(with_values)
}

/// Prints the script for this command line.
pub(crate) fn run(args: &CompletionsArgs, command: Command) -> Result<Exit> {
    let mut command = with_values(command);
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell.generator(), &mut command, name, &mut script);
    let mut out = terminal::out();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Done)
}
