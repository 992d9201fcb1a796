//! `snapscope completions`: what a shell needs to complete commands, flags and their values.

use crate::exit::Exit;
use crate::terminal;
use anyhow::Result;
use clap::builder::{PossibleValuesParser, ValueHint};
use clap::{Arg, ArgAction, Args, Command, ValueEnum};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::stream::KINDS as RECORD_TYPES;
use snapscope_export::FORMATS;
use snapscope_objects::kinds::KINDS;
use std::io::Write as _;

/// Print a shell script that completes commands, flags and values
///
/// Packages install it for you. For bash, load it in ~/.bashrc with `source <(snapscope completions
/// bash)`. For zsh, write it to a file named _snapscope in a folder of $fpath; for fish, to
/// ~/.config/fish/completions/snapscope.fish.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope completions bash
  snapscope completions zsh > _snapscope")]
pub(crate) struct CompletionsArgs {
    /// Shell that reads it
    #[arg(value_enum)]
    shell: Shell,
}

/// Shells for which completions are generated.
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

/// The name that people type.
const NAME: &str = "snapscope";

/// What a shell completes for an argument, by the name of its value in the help.
fn values(name: &str, is_of_records: bool) -> Option<Vec<&'static str>> {
    Some(match name {
        "TYPE" if is_of_records => RECORD_TYPES.iter().map(|kind| kind.name).collect(),
        "TYPE" => KINDS.iter().map(|kind| kind.name).collect(),
        "FORMAT" => FORMATS.iter().map(|format| format.name).collect(),
        "RESOURCE" => Resource::ALL.iter().map(|resource| resource.word()).collect(),
        "ACCESS" => Access::ALL.iter().map(|access| access.word()).collect(),
        _ => return None,
    })
}

/// The values of arguments that take several things in a row.
const IN_A_ROW: [&str; 7] = ["TOKEN", "RESOURCE", "ACCESS", "SEGMENT", "ID", "FILE", "SNAPSHOT"];

/// Adds values to arguments that have their own parsers, because those also take other spellings.
/// An argument that takes several things in a row (`TOKEN RESOURCE ACCESS SEGMENT FILE`) becomes
/// one argument for each.
fn with_values(command: Command) -> Command {
    let is_of_records = matches!(command.get_name(), "decode" | "top");
    let named = move |arg: Arg, name: &str| match values(name, is_of_records) {
        Some(values) => arg.value_parser(PossibleValuesParser::new(values)),
        None if matches!(name, "FILE" | "SNAPSHOT") => arg.value_hint(ValueHint::AnyPath),
        None => arg,
    };
    let mut more = Vec::new();
    let command = command.mut_args(|arg| {
        let of_help = arg.get_value_names().unwrap_or_default().first().map(ToString::to_string);
        let of_help = of_help.unwrap_or_default();
        if !of_help.contains(' ') {
            return named(arg, &of_help);
        }
        let known = |word: &str| IN_A_ROW.into_iter().find(|known| *known == word);
        let mut names = of_help.split(' ').filter_map(known);
        let Some(first) = names.next() else { return arg };
        more.extend(names.map(|name| named(Arg::new(name).value_name(name), name)));
        named(arg.num_args(1).action(ArgAction::Set).value_name(first), first)
    });
    command.args(more).mut_subcommands(with_values)
}

/// The command line without hidden commands, which nobody types.
fn visible(root: &Command) -> Command {
    let commands = root.get_subcommands().filter(|command| !command.is_hide_set());
    Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .args(root.get_arguments().cloned())
        .subcommands(commands.cloned())
}

/// A script for bash without names of arguments, such as `<FILE>`: bash would offer them as words.
fn without_names(script: &str) -> String {
    let mut text = String::with_capacity(script.len());
    for line in script.split_inclusive('\n') {
        match line.trim_start().strip_prefix("opts=\"").and_then(|rest| rest.strip_suffix("\"\n")) {
            Some(words) => {
                let is_name = |word: &&str| word.starts_with(['<', '[']);
                let words: Vec<&str> = words.split(' ').filter(|word| !is_name(word)).collect();
                text.push_str(&format!("            opts=\"{}\"\n", words.join(" ")));
            }
            None => text.push_str(line),
        }
    }
    text
}

/// Prints the script for this command line.
pub(crate) fn run(args: &CompletionsArgs, command: &Command) -> Result<Exit> {
    let mut command = with_values(visible(command));
    let mut script = Vec::new();
    clap_complete::generate(args.shell.generator(), &mut command, NAME, &mut script);
    if args.shell == Shell::Bash {
        script = without_names(&String::from_utf8(script)?).into_bytes();
    }
    let mut out = terminal::out();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Done)
}
