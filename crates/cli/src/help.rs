//! The layout of help: commands in groups, and flags that all commands share on a page of their
//! own.
//!
//! Only help is laid out like this. Completions, man pages and the tables in docs come from the
//! declared commands.

use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use std::ffi::OsString;
use std::fmt::Write as _;

/// Headings of shared flags, which only [`SHARED_PAGE`] describes.
const SHARED: [&str; 2] = ["Reading", "Display"];
/// The command whose help describes them.
const SHARED_PAGE: &str = "flags";

/// Printed below the flags of each command.
const POINTER: &str =
    "Flags that commands share (--jobs, --color, -q, ...): `snapscope help flags`";

/// Commands as grouped in the overview. A name of two words is a subcommand.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Look at a snapshot",
        &["inspect", "list", "get", "sql", "browse", "breakdown", "top", "decode", "serve"],
    ),
    ("Check a snapshot", &["verify", "audit", "report"]),
    ("Compare snapshots", &["diff", "history", "trend"]),
    ("Who may do what (ACLs)", &["acl can", "acl who-can", "acl explain", "acl check"]),
    ("Write new files", &["export", "compact", "extract", "redact", "pack", "salvage"]),
    ("A server's Raft log", &["log", "at", "undo", "timeline"]),
    (
        "Live clusters, and where their snapshots are kept",
        &["save", "restore", "apply", "agent", "snapshots", "prune"],
    ),
    ("More", &["completions", "help"]),
];

/// Printed below the overview.
const EXAMPLES: &str = "
Examples:
  snapscope inspect backup.snap
  snapscope list services backup.snap
  snapscope breakdown --by prefix backup.snap
  snapscope acl who-can key write config/app backup.snap
  snapscope diff yesterday.snap today.snap
";

/// Further facts for newcomers.
const NOTES: &str = if cfg!(feature = "live") {
    "
FILE is a .snap file, a tar archive, a state.bin, a server's data directory, an
object in a bucket (s3://BUCKET/NAME, az://, gs://), or - for standard input.
Only save, restore, apply and agent need a cluster.
"
} else {
    "
FILE is a .snap file, a tar archive, a state.bin, a server's data directory, or -
for standard input. This build has no commands for live clusters and buckets.
"
};

/// The last lines of the overview.
const MORE: &str = "
`snapscope COMMAND --help` describes a command, and ends with examples.
`snapscope help flags` describes flags that all commands share.
";

/// Whether parsing ended with a page of help.
pub(crate) fn is_help(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// The requested page of help.
pub(crate) fn page(root: Command, args: &[OsString]) -> Option<Error> {
    laid_out(root).try_get_matches_from(args).err().filter(is_help)
}

/// The page about flags that commands share.
pub(crate) fn shared_flags(root: Command) -> Option<Error> {
    page(root, &["snapscope", "help", SHARED_PAGE].map(OsString::from))
}

/// Commands as the help shows them.
fn laid_out(mut root: Command) -> Command {
    root.build();
    let overview = overview(&root);
    root.mut_args(without_shared)
        .mut_subcommands(below)
        .override_usage("snapscope COMMAND [WHAT ...] FILE [FLAGS]")
        .help_template(overview)
}

/// A subcommand.
fn below(command: Command) -> Command {
    if command.get_name() == SHARED_PAGE {
        return command.help_template("{about-with-newline}\n{all-args}");
    }
    let template = format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{{all-args}}\n\n{POINTER}\
         {{after-help}}"
    );
    command.mut_args(without_shared).mut_subcommands(below).help_template(template)
}

fn without_shared(arg: Arg) -> Arg {
    let is_shared = arg.get_help_heading().is_some_and(|heading| SHARED.contains(&heading));
    if is_shared { arg.hide(true) } else { arg }
}

/// The command with this name of one or several words.
fn command<'c>(root: &'c Command, words: &str) -> Option<&'c Command> {
    words.split(' ').try_fold(root, |command, word| command.find_subcommand(word))
}

/// The first page: all commands, in groups.
fn overview(root: &Command) -> String {
    let header = root.get_styles().get_header();
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (title, names) in GROUPS {
        // A build without network code has no commands for live clusters.
        let there: Vec<(&str, &Command)> =
            names.iter().filter_map(|name| Some((*name, command(root, name)?))).collect();
        if there.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{header}{title}:{header:#}");
        for (name, command) in there {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {name:<11}  {about}");
        }
    }
    let (heading, rest) = EXAMPLES.split_once("Examples:").unwrap_or_default();
    let _ = write!(text, "{heading}{header}Examples:{header:#}{rest}{NOTES}{MORE}");
    text
}

/// The words of a command as a shell splits them, up to a pipe or redirection.
#[cfg(all(test, unix))]
#[allow(clippy::expect_used)] // a test has a shell
pub(crate) fn words(line: &str) -> Vec<OsString> {
    let ends = [" | ", " && ", " > ", " < ", " #", "; "];
    let line = ends.iter().fold(line, |line, end| line.split(end).next().unwrap_or(line));
    let program = format!("printf '%s\\0' {line}");
    let mut shell = std::process::Command::new("sh");
    let done = shell.args(["-fc", &program]).stdin(std::process::Stdio::null()).output();
    let text = String::from_utf8(done.expect("a shell").stdout).expect("text");
    text.split_terminator('\0').map(OsString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cli, go_flags};

    fn built() -> Command {
        let mut root = Cli::command();
        root.build();
        root
    }

    fn text(args: &[&str]) -> String {
        let args: Vec<OsString> =
            ["snapscope"].iter().chain(args).map(|arg| OsString::from(*arg)).collect();
        page(Cli::command(), &args).expect("a page").render().to_string()
    }

    /// All commands that help lists, with their names.
    fn commands() -> Vec<(String, Command)> {
        fn collect(above: &str, command: &Command, all: &mut Vec<(String, Command)>) {
            let visible = |below: &&Command| !below.is_hide_set() && below.get_name() != "help";
            for below in command.get_subcommands().filter(visible) {
                let name = format!("{above} {}", below.get_name()).trim().to_owned();
                collect(&name, below, all);
                all.push((name, below.clone()));
            }
        }
        let mut all = Vec::new();
        collect("", &built(), &mut all);
        all
    }

    #[test]
    fn every_command_is_in_one_group() {
        let root = built();
        for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = command.get_name();
            let is_it = |listed: &&&str| listed.split(' ').next() == Some(name);
            let groups: Vec<usize> = GROUPS
                .iter()
                .map(|(_, names)| names.iter().filter(is_it).count())
                .filter(|count| *count > 0)
                .collect();
            assert_eq!(groups.len(), 1, "{name}");
        }
        let overview = text(&["--help"]);
        for (title, names) in GROUPS {
            for name in names.iter().filter(|name| command(&root, name).is_some()) {
                assert!(overview.contains(&format!("\n  {name} ")), "{name}: {overview}");
                assert!(overview.contains(title));
            }
        }
        for line in overview.lines() {
            assert!(line.len() <= 80, "{} wide: {line}", line.len());
        }
        assert!(!overview.contains("--jobs") && !overview.contains("manual"));
    }

    /// The description of a command is short enough for the overview at 80 columns.
    #[test]
    fn every_command_is_described_in_a_line() {
        for (name, command) in commands() {
            let about = command.get_about().expect("a description").to_string();
            let is_sentence = about.ends_with('.') && !about.ends_with("...");
            assert!(about.len() <= 65 && !is_sentence, "{name}: {about}");
        }
    }

    #[test]
    fn shared_flags_are_on_a_page_of_their_own() {
        let shared = text(&["help", "flags"]);
        for flag in ["--jobs", "--max-ratio", "--verbose", "--color", "--no-headers", "--quiet"] {
            assert!(shared.contains(flag), "{shared}");
        }
        for (name, _) in commands() {
            for wanted in ["-h", "--help"] {
                let words: Vec<&str> = name.split(' ').chain([wanted]).collect();
                let page = text(&words);
                assert!(!page.contains("--max-ratio") && !page.contains("--no-pager"), "{page}");
                assert!(page.contains(POINTER), "{page}");
            }
            let words: Vec<&str> = ["help"].into_iter().chain(name.split(' ')).collect();
            assert!(text(&words).contains(POINTER), "{name}");
        }
    }

    /// Each command's help ends with at least two examples, and the command line accepts each of
    /// them.
    #[cfg(unix)]
    #[test]
    fn every_command_has_examples() {
        let mut all = vec![(String::new(), EXAMPLES.to_owned())];
        for (name, command) in commands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:\n"), "{name} has no examples");
            all.push((name, help));
        }
        for (name, help) in all {
            let is_one = |line: &&str| line.starts_with(&format!("  snapscope {name}"));
            assert!(help.lines().filter(is_one).count() >= 2, "{name}: {help}");
            let examples = help.lines().filter(|line| line.starts_with("  snapscope "));
            for example in examples {
                let words = go_flags::with_two_dashes(&built(), words(example.trim()).into_iter());
                let parsed = Cli::command().try_get_matches_from(&words);
                assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
            }
        }
    }
}
