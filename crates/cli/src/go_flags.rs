//! Flags as Go's flag package accepts them and Consul's users type them: long ones with one dash, numbers and bools
//! in Go's forms.

use clap::Command;
use snapscope_objects::go_number;
use std::ffi::OsString;

/// Adds a second dash to every argument that is a long flag of some command with only one.
pub(crate) fn with_two_dashes(
    command: &Command,
    args: impl Iterator<Item = OsString>,
) -> Vec<OsString> {
    let mut flags = Vec::new();
    collect(command, &mut flags);
    let mut only_values = false;
    args.map(|arg| {
        if only_values {
            return arg;
        }
        let Some(text) = arg.to_str() else { return arg };
        if text == "--" {
            only_values = true;
            return arg;
        }
        let Some(flag) = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
            return arg;
        };
        let name = flag.split_once('=').map_or(flag, |(name, _)| name);
        if name.len() > 1 && flags.iter().any(|known| known == name) {
            return format!("--{flag}").into();
        }
        arg
    })
    .collect()
}

fn collect(command: &Command, flags: &mut Vec<String>) {
    flags.extend(command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)));
    flags.extend(["help".to_owned(), "version".to_owned()]);
    for below in command.get_subcommands() {
        collect(below, flags);
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
}
