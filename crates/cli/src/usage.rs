//! Errors of the command line: what is wrong and what was probably meant, on one line; then the usage.

use crate::place::{Likeness, likeness};
use crate::suggest::unknown_text;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use snapscope_objects::kinds::by_name;
use snapscope_objects::nearest;
use std::error::Error as _;
use std::ffi::{OsStr, OsString};

/// The command that arguments name, with those above it.
fn command_of<'c>(root: &'c Command, args: &[OsString]) -> &'c Command {
    args.iter().skip(1).filter_map(|arg| arg.to_str()).fold(root, |command, word| {
        let below = command.get_subcommands().find(|below| below.get_name() == word);
        below.unwrap_or(command)
    })
}

fn text(error: &Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

fn texts(error: &Error, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        Some(ContextValue::String(text)) => vec![text],
        _ => Vec::new(),
    }
}

/// The long flags of a command, with their dashes.
fn flags(command: &Command) -> Vec<String> {
    let visible = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let longs = visible.filter_map(|argument| argument.get_long());
    longs.map(|long| format!("--{long}")).collect()
}

/// A flag without the placeholder of its value: `--limit <N>` is `--limit`.
fn flag_alone(argument: &str) -> &str {
    argument.split([' ', '=']).next().unwrap_or(argument)
}

/// Words that people know from other programs, and what they are here.
const ELSEWHERE: [(&str, &str); 6] = [
    ("version", "--version"),
    ("show", "get"),
    ("ls", "list"),
    ("cat", "get"),
    ("compare", "diff"),
    ("check", "verify"),
];

/// What a word is that is in the place of a command.
fn misplaced(given: &str, command: &Command) -> Option<String> {
    if command.get_name() != "snapscope" {
        return None;
    }
    if matches!(likeness(OsStr::new(given)), Likeness::Name | Likeness::Snapshot) {
        return Some("a command comes first, such as `snapscope inspect FILE`".to_owned());
    }
    let known =
        ELSEWHERE.iter().find(|(word, _)| *word == given).map(|(_, here)| (*here).to_owned());
    let below = || {
        let of = |above: &Command| {
            let below = above.get_subcommands().find(|below| below.get_name() == given)?;
            Some(format!("{} {}", above.get_name(), below.get_name()))
        };
        command.get_subcommands().filter(|above| above.get_name() != "help").find_map(of)
    };
    let kind = || by_name(given).map(|kind| format!("list {}", kind.name));
    let meant = known.or_else(below).or_else(kind)?;
    Some(format!("did you mean {meant:?}?"))
}

fn what_is_wrong(error: &Error, command: &Command, args: &[OsString]) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg);
    Some(match error.kind() {
        ErrorKind::UnknownArgument => {
            let argument = argument?;
            if !argument.starts_with('-') {
                let is_there = |arg: &&OsString| likeness(arg) >= Likeness::Exists;
                let several = args.iter().skip(1).filter(is_there).count() > 1;
                let why = if several { ": this command takes one snapshot" } else { "" };
                return Some(format!("unexpected argument {argument:?}{why}"));
            }
            let flags = flags(command);
            let name = command.get_name();
            let known = format!("`{} --help` lists them", command.get_bin_name().unwrap_or(name));
            let meant = flags.iter().map(String::as_str);
            unknown_text("flag", flag_alone(argument), meant, &known)
        }
        ErrorKind::InvalidSubcommand => {
            let given = text(error, ContextKind::InvalidSubcommand)?;
            if let Some(hint) = misplaced(given, command) {
                return Some(format!("unknown command {given:?}; {hint}"));
            }
            let names = command.get_subcommands().map(Command::get_name);
            let name = command.get_bin_name().unwrap_or("snapscope");
            unknown_text("command", given, names, &format!("`{name} --help` lists them"))
        }
        ErrorKind::InvalidValue => {
            let (given, flag) = (text(error, ContextKind::InvalidValue)?, flag_alone(argument?));
            if given.is_empty() {
                return Some(format!("{flag} needs a value"));
            }
            let known = texts(error, ContextKind::ValidValue);
            let hint = match nearest(given, known.iter().copied()) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => format!("known values: {}", known.join(", ")),
            };
            format!("invalid value {given:?} for {flag}; {hint}")
        }
        ErrorKind::ValueValidation => {
            let given = text(error, ContextKind::InvalidValue)?;
            let why = error.source()?.to_string();
            // What names the value itself needs no introduction.
            if why.contains(&format!("{given:?}")) {
                return Some(why);
            }
            format!("invalid value {given:?} for {}: {why}", flag_alone(argument?))
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = texts(error, ContextKind::InvalidArg).join(", ");
            let is_there = args.iter().skip(1).any(|arg| likeness(arg) == Likeness::Snapshot);
            match missing.as_str() {
                "<FILE>" if is_there => "missing: an argument before FILE".to_owned(),
                missing => format!("missing: {missing}"),
            }
        }
        _ => return None,
    })
}

/// The error for people; `None` if clap says it best.
pub(crate) fn message(error: &Error, root: &Command, args: &[OsString]) -> Option<String> {
    let wrong = what_is_wrong(error, command_of(root, args), args)?;
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => StyledStr::to_string(usage),
        _ => String::new(),
    };
    let usage = usage.trim();
    let end = if usage.is_empty() { String::new() } else { format!("\n{usage}") };
    Some(format!("snapscope: {wrong}{end}\n"))
}
