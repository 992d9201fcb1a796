//! Commands and flags of other programs, or that people expect, and their equivalents here.

use clap::{Arg, Command};
use std::ffi::OsString;

/// Words that people may type as a command.
const COMMANDS: [(&str, &str); 31] = [
    ("version", "--version"),
    ("show", "get"),
    ("cat", "get"),
    ("ls", "list"),
    ("search", "list"),
    ("find", "list"),
    ("grep", "list"),
    ("info", "inspect"),
    ("stat", "inspect"),
    ("summary", "inspect"),
    ("stats", "breakdown"),
    ("du", "breakdown"),
    ("size", "breakdown"),
    ("usage", "breakdown"),
    ("dump", "decode"),
    ("compare", "diff"),
    ("changes", "diff"),
    ("check", "verify"),
    ("validate", "verify"),
    ("lint", "audit"),
    ("convert", "export"),
    ("filter", "extract"),
    ("anonymize", "redact"),
    ("anonymise", "redact"),
    ("scrub", "redact"),
    ("repair", "salvage"),
    ("recover", "salvage"),
    ("rescue", "salvage"),
    ("rollback", "undo"),
    ("revert", "undo"),
    ("backup", "save"),
];

/// Flags, each with its possible meanings: the first one that the command has is suggested.
const FLAGS: [(&str, &[&str]); 39] = [
    ("last", &["limit"]),
    ("tail", &["limit"]),
    ("head", &["limit"]),
    ("max", &["limit"]),
    ("top", &["limit"]),
    ("all", &["limit", "deep"]),
    ("user", &["who"]),
    ("author", &["who"]),
    ("token", &["who"]),
    ("key", &["object", "prefix"]),
    ("path", &["object", "prefix", "out"]),
    ("prefix", &["object"]),
    ("type", &["only", "object"]),
    ("kind", &["type", "only", "object"]),
    ("only", &["type"]),
    ("exclude", &["drop", "skip", "ignore"]),
    ("format", &["to", "output"]),
    ("output", &["out"]),
    ("dest", &["out", "out-dir"]),
    ("dir", &["out-dir", "out"]),
    ("out", &["out-dir", "output"]),
    ("where", &["filter"]),
    ("query", &["filter"]),
    ("match", &["filter"]),
    ("select", &["columns", "filter"]),
    ("fields", &["columns"]),
    ("order", &["sort"]),
    ("order-by", &["sort"]),
    ("from", &["since"]),
    ("after", &["since"]),
    ("start", &["since"]),
    ("before", &["until"]),
    ("end", &["until"]),
    ("group-by", &["by"]),
    ("port", &["listen"]),
    ("http-addr", &["listen"]),
    ("http-port", &["listen"]),
    ("addr", &["listen"]),
    ("bind", &["listen"]),
];

/// Flags for things that are arguments here, by the name of the argument.
const ARGUMENTS: [(&str, &str); 10] = [
    ("type", "TYPE"),
    ("kind", "TYPE"),
    ("id", "ID"),
    ("key", "ID"),
    ("name", "ID"),
    ("file", "FILE"),
    ("from", "FILE"),
    ("input", "FILE"),
    ("snapshot", "FILE"),
    ("data-dir", "DATA_DIR"),
];

/// The equivalent command here.
pub(crate) fn command(word: &str) -> Option<&'static str> {
    COMMANDS.iter().find(|(known, _)| *known == word).map(|(_, here)| *here)
}

/// For a word after `snapshot`, as in Consul's `snapshot inspect`: the equivalent command here.
pub(crate) fn after_snapshot<'c>(
    given: &str,
    root: &'c Command,
    args: &[OsString],
) -> Option<&'c str> {
    let mut after = args.iter().skip_while(|arg| *arg != given).skip(1);
    let next = after.next().filter(|_| given == "snapshot")?.to_str()?;
    root.get_subcommands().map(Command::get_name).find(|name| *name == next)
}

fn has_flag(command: &Command, long: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_long() == Some(long) && !arg.is_hide_set())
}

/// The equivalent flag of a command, without dashes.
pub(crate) fn flag(given: &str, command: &Command) -> Option<&'static str> {
    let (_, here) = FLAGS.iter().find(|(known, _)| *known == given)?;
    here.iter().copied().find(|here| has_flag(command, here))
}

/// What to do instead of using a flag without a similar equivalent.
pub(crate) fn instead(given: &str, command: &Command) -> Option<String> {
    let names = |arg: &Arg| -> Vec<String> {
        let names = arg.get_value_names().unwrap_or_default();
        names.iter().flat_map(|name| name.split(' ')).map(str::to_owned).collect()
    };
    let positional: Vec<String> = command.get_positionals().flat_map(names).collect();
    let argument = ARGUMENTS
        .iter()
        .find(|(known, name)| *known == given && positional.iter().any(|there| there == name));
    if let Some((_, name)) = argument {
        return Some(format!("{name} is given without a flag"));
    }
    has_flag(command, "filter")
        .then(|| "to select by a field, use --filter 'FIELD == \"VALUE\"'".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::Cli;

    /// Every command and flag that is named here exists.
    #[test]
    fn what_is_meant_exists() {
        let mut root = Cli::command();
        root.build();
        fn all<'c>(command: &'c Command, into: &mut Vec<&'c Command>) {
            into.push(command);
            command.get_subcommands().for_each(|below| all(below, into));
        }
        let mut commands = Vec::new();
        all(&root, &mut commands);
        for (word, here) in COMMANDS {
            let is_there = here.starts_with("--") || commands.iter().any(|c| c.get_name() == here);
            assert!(is_there || !cfg!(feature = "live"), "{word}: {here}");
            assert!(root.get_subcommands().all(|c| c.get_name() != word), "{word}");
        }
        for (word, here) in FLAGS {
            for here in here {
                let is_there = commands.iter().any(|command| has_flag(command, here));
                assert!(is_there || !cfg!(feature = "live"), "{word}: {here}");
            }
        }
    }
}
