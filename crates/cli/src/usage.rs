//! Errors of the command line: what is wrong and what was probably meant, on one line; then the usage.

use crate::elsewhere::{self, after_snapshot};
use crate::place::{Likeness, likeness, place_and_moment};
use crate::suggest::unknown_text;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use snapscope_objects::kinds::by_name;
use snapscope_objects::nearest;
use std::error::Error as _;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The command that arguments name, and its parents.
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

/// The long flags of a command, with dashes.
fn flags(command: &Command) -> Vec<String> {
    let visible = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let longs = visible.filter_map(|argument| argument.get_long());
    longs.map(|long| format!("--{long}")).collect()
}

/// A flag without the placeholder for its value: `--limit <N>` is `--limit`.
fn flag_alone(argument: &str) -> &str {
    argument.split([' ', '=']).next().unwrap_or(argument)
}

/// A hint about a word in the place of a command.
fn misplaced(given: &str, command: &Command, args: &[OsString]) -> Option<String> {
    if command.get_name() != "snapscope" {
        return None;
    }
    if matches!(likeness(OsStr::new(given)), Likeness::Name | Likeness::Snapshot) {
        return Some("a command comes first, such as `snapscope inspect FILE`".to_owned());
    }
    let known = elsewhere::command(given).or_else(|| after_snapshot(given, command, args));
    let known = known.map(str::to_owned);
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

/// The error about a flag that a command does not have.
fn unknown_flag(given: &str, command: &Command) -> String {
    let name = given.trim_start_matches('-');
    if let Some(meant) = elsewhere::flag(name, command) {
        return format!("unknown flag {given:?}; did you mean \"--{meant}\"?");
    }
    let flags = flags(command);
    // With dashes, all short names would look similar.
    if let Some(meant) = nearest(name, flags.iter().map(|flag| flag.trim_start_matches('-'))) {
        return format!("unknown flag {given:?}; did you mean \"--{meant}\"?");
    }
    let instead = elsewhere::instead(name, command).unwrap_or_else(|| {
        format!("`{} --help` lists them", command.get_bin_name().unwrap_or(command.get_name()))
    });
    format!("unknown flag {given:?}; {instead}")
}

/// The flag without which `at` has no moment, as the parser names it.
const AT_INDEX: &str = "--index <N>";

/// The hint to `at` with an index among the other words; empty if there is none.
fn meant_index(args: &[OsString]) -> String {
    let is_flag = |arg: &OsString| {
        let text = arg.to_string_lossy();
        text.starts_with("--index") || text.starts_with("--time")
    };
    if args.iter().any(is_flag) {
        return String::new();
    }
    let mut words = args.iter().skip(2).filter_map(|arg| arg.to_str());
    let found = words.find_map(|word| {
        if is_number(word) {
            return Some(format!("--index {word}"));
        }
        let (place, moment) = place_and_moment(Path::new(word))?;
        let flag = if is_number(moment) { "--index" } else { "--time" };
        Some(format!("{place} {flag} {moment}"))
    });
    found.map_or_else(String::new, |meant| format!("; did you mean {meant}?"))
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The error about several words after `log`: an object is not a separate argument, and neither is
/// an index.
fn after_log(command: &Command, args: &[OsString]) -> String {
    let words = || args.iter().skip(2).filter_map(|arg| arg.to_str());
    let is_nothing = |word: &str| likeness(OsStr::new(word)) == Likeness::None;
    let is_object = |word: &&str| !word.starts_with('-') && word.contains('/') && is_nothing(word);
    if let Some(object) = words().find(is_object) {
        return format!("a log is one argument; did you mean --object {object}?");
    }
    match (words().next(), words().nth(1)) {
        (Some(index), Some(place)) if is_number(index) && is_nothing(index) => {
            format!("did you mean `log show {index} {place}`?")
        }
        (Some(first), _) if !first.starts_with('-') && is_nothing(first) => {
            let names = command.get_subcommands().map(Command::get_name);
            unknown_text("command of log", first, names, "`snapscope log --help` lists them")
        }
        _ => "log reads one data directory; `snapscope timeline` merges several".to_owned(),
    }
}

/// The error about arguments that exclude each other.
fn conflict(error: &Error) -> Option<String> {
    let argument = flag_alone(text(error, ContextKind::InvalidArg)?);
    let others = texts(error, ContextKind::PriorArg);
    let others: Vec<&str> = others.into_iter().map(flag_alone).collect();
    let others = (!others.is_empty()).then(|| others.join(" and "))?;
    Some(match argument == others {
        true => format!("{argument} can be given only once"),
        false => format!("{argument} cannot be used with {others}"),
    })
}

fn what_is_wrong(error: &Error, root: &Command, args: &[OsString]) -> Option<String> {
    let command = command_of(root, args);
    let argument = text(error, ContextKind::InvalidArg);
    Some(match error.kind() {
        ErrorKind::UnknownArgument => {
            let argument = argument?;
            if !argument.starts_with('-') {
                let is_there = |arg: &&OsString| likeness(arg) >= Likeness::Exists;
                let several = args.iter().skip(1).filter(is_there).count() > 1;
                let why = if several { ": this command takes one snapshot" } else { "" };
                let meant =
                    if command.get_name() == "at" { meant_index(args) } else { String::new() };
                return Some(format!("unexpected argument {argument:?}{why}{meant}"));
            }
            unknown_flag(flag_alone(argument), command)
        }
        ErrorKind::InvalidSubcommand => {
            let given = text(error, ContextKind::InvalidSubcommand)?;
            // Words after it belong to no command.
            let above: Vec<OsString> =
                args.iter().take_while(|arg| *arg != given).cloned().collect();
            let command = command_of(root, &above);
            if let Some(hint) = misplaced(given, command, args) {
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
            let is_path = flag == "--output" && given.contains(['.', '/']);
            let hint = match nearest(given, known.iter().copied()) {
                _ if is_path && flags(command).iter().any(|flag| flag == "--out") => {
                    "did you mean --out, which names the file?".to_owned()
                }
                Some(meant) => format!("did you mean {meant:?}?"),
                None => format!("known values: {}", known.join(", ")),
            };
            format!("invalid value {given:?} for {flag}; {hint}")
        }
        ErrorKind::ValueValidation => {
            let given = text(error, ContextKind::InvalidValue)?;
            let why = error.source()?.to_string();
            // A message that names the value itself needs no introduction.
            if why.contains(&format!("{given:?}")) {
                return Some(why);
            }
            format!("invalid value {given:?} for {}: {why}", flag_alone(argument?))
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = texts(error, ContextKind::InvalidArg).join(", ");
            let is_there = args.iter().skip(1).any(|arg| likeness(arg) == Likeness::Snapshot);
            match missing.as_str() {
                missing if command.get_name() == "at" && missing.contains(AT_INDEX) => {
                    let both = missing.replace(AT_INDEX, "--index <N> or --time <TIME>");
                    format!("missing: {both}{}", meant_index(args))
                }
                "<FILE>" if is_there => "missing: an argument before FILE".to_owned(),
                missing => format!("missing: {missing}"),
            }
        }
        ErrorKind::ArgumentConflict if command.get_name() == "log" => after_log(command, args),
        ErrorKind::ArgumentConflict => conflict(error)?,
        _ => return None,
    })
}

/// The error for people; `None` if clap's own is better.
pub(crate) fn message(error: &Error, root: &Command, args: &[OsString]) -> Option<String> {
    let wrong = what_is_wrong(error, root, args)?;
    let usage = match error.get(ContextKind::Usage) {
        // Clap's message would suggest a similar flag.
        _ if error.kind() == ErrorKind::UnknownArgument => {
            command_of(root, args).clone().render_usage().to_string()
        }
        Some(ContextValue::StyledStr(usage)) => StyledStr::to_string(usage),
        _ => String::new(),
    };
    let usage = usage.trim();
    let end = if usage.is_empty() { String::new() } else { format!("\n{usage}") };
    Some(format!("snapscope: {wrong}{end}\n"))
}
