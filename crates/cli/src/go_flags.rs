//! Flags as Go's flag package accepts them and users of Consul type them: long ones with one dash,
//! numbers and bools in Go's forms.

use clap::Command;
use snapscope_objects::go_number;
use snapscope_objects::nearest;
use std::ffi::{OsStr, OsString};

/// Adds a second dash to every argument that is a long flag of some command with only one. It does
/// the same for arguments that are probably meant as such, so that errors are about that flag.
pub(crate) fn with_two_dashes(
    command: &Command,
    args: impl Iterator<Item = OsString>,
) -> Vec<OsString> {
    let args: Vec<OsString> = args.collect();
    // Usually nothing is to be done, and the list of all flags is not needed.
    if !args.iter().any(|arg| may_be_long(arg)) {
        return args;
    }
    let mut flags = Flags::default();
    flags.collect(command);
    let mut only_values = false;
    let mut is_value = false;
    args.into_iter()
        .map(|arg| {
            if only_values || std::mem::take(&mut is_value) {
                return arg;
            }
            let Some(text) = arg.to_str() else { return arg };
            if text == "--" {
                only_values = true;
                return arg;
            }
            is_value = flags.takes_dashes(text);
            let Some(flag) = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
                return arg;
            };
            let name = flag.split_once('=').map_or(flag, |(name, _)| name);
            if flags.has_long(name) || flags.is_mistyped(name) {
                return format!("--{flag}").into();
            }
            arg
        })
        .collect()
}

/// Whether an argument has one dash and more than a letter.
pub(crate) fn may_be_long(arg: &OsStr) -> bool {
    let bytes = arg.as_encoded_bytes();
    bytes.len() > 2 && bytes.starts_with(b"-") && !bytes.starts_with(b"--")
}

/// All flags of all commands.
#[derive(Debug, Default)]
struct Flags {
    long: Vec<String>,
    short: Vec<char>,
    /// Flags whose values may start with a dash, as in `--sort -size`.
    dashes: Vec<String>,
    /// Values of flags with a fixed set of values, which may follow a short flag without a blank.
    values: Vec<String>,
}

/// An argument with this many letters is not a group of short flags.
const LONG: usize = 4;

impl Flags {
    fn collect(&mut self, command: &Command) {
        for argument in command.get_arguments() {
            self.long.extend(
                argument.get_long_and_visible_aliases().into_iter().flatten().map(str::to_owned),
            );
            self.long.extend(argument.get_all_aliases().into_iter().flatten().map(str::to_owned));
            self.short.extend(argument.get_short());
            if argument.is_allow_hyphen_values_set() {
                self.dashes.extend(argument.get_long().map(str::to_owned));
                let older = argument.get_all_aliases().into_iter().flatten();
                self.dashes.extend(older.map(str::to_owned));
            }
            if argument.get_short().is_some() {
                let values = argument.get_possible_values();
                let names = values.iter().flat_map(|value| value.get_name_and_aliases());
                self.values.extend(names.map(str::to_owned));
            }
        }
        self.long.extend(["help".to_owned(), "version".to_owned()]);
        command.get_subcommands().for_each(|below| self.collect(below));
    }

    fn has_long(&self, name: &str) -> bool {
        name.len() > 1 && self.long.iter().any(|known| known == name)
    }

    /// Whether the argument after this one is its value, even with a leading dash.
    fn takes_dashes(&self, argument: &str) -> bool {
        let name = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-'));
        name.is_some_and(|name| self.dashes.iter().any(|known| known == name))
    }

    /// Whether it is meant as a long flag: neither several short ones, nor a short one with its
    /// value.
    fn is_mistyped(&self, name: &str) -> bool {
        let is_word = name.len() >= LONG && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_word || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            return false;
        }
        let mut letters = name.chars();
        let is_short = letters.next().is_some_and(|first| self.short.contains(&first));
        let rest = letters.as_str();
        let is_value = self.values.iter().any(|value| value == rest)
            || rest.chars().all(|c| c.is_ascii_digit());
        if is_short && is_value {
            return false;
        }
        !is_short || nearest(name, self.long.iter().map(String::as_str)).is_some()
    }
}

/// A whole number: `-1`, `0x10`, `1_000`.
pub(crate) fn int(text: &str) -> Result<i64, &'static str> {
    go_number::int(text).ok_or("not a whole number")
}

/// A bool: `true`, `1`, `t`, `F`.
pub(crate) fn bool(text: &str) -> Result<bool, &'static str> {
    go_number::bool(text).ok_or("neither true nor false")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Arg;

    #[test]
    fn only_known_long_flags_get_a_dash() {
        let command =
            Command::new("x").arg(Arg::new("a").long("kvdetails")).arg(Arg::new("n").short('n'));
        let args =
            ["x", "-kvdetails", "-kvdetails=true", "-n5", "-n", "-help", "-", "--", "-kvdetails"];
        let out = with_two_dashes(&command, args.iter().map(Into::into));
        let expected = [
            "x",
            "--kvdetails",
            "--kvdetails=true",
            "-n5",
            "-n",
            "--help",
            "-",
            "--",
            "-kvdetails",
        ];
        assert_eq!(out, expected.map(OsString::from));
    }

    #[test]
    fn what_is_nearly_a_long_flag_gets_a_dash_too() {
        let output = Arg::new("o").short('o').long("output").value_parser(["json", "table"]);
        let limit = Arg::new("n").short('n').long("limit");
        let sort = Arg::new("s").long("sort").allow_hyphen_values(true);
        let command = Command::new("x").args([output, limit, sort]);
        let sorted = ["x", "-sort", "-size", "-limt"].iter().map(Into::into);
        let sorted = with_two_dashes(&command, sorted);
        assert_eq!(sorted, ["x", "--sort", "-size", "--limt"].map(OsString::from));
        for (given, expected) in [
            ("-limt", "--limt"),
            ("-outptu=json", "--outptu=json"),
            ("-colums", "--colums"),
            ("-ojson", "-ojson"),
            ("-n5000", "-n5000"),
            ("-on", "-on"),
            ("-5000", "-5000"),
            ("-a b c d", "-a b c d"),
        ] {
            let out = with_two_dashes(&command, ["x", given].iter().map(Into::into));
            assert_eq!(out.last(), Some(&OsString::from(expected)));
        }
    }
}
