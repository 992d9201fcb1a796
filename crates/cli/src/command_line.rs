//! The command line: the commands, and which of them are built.

use crate::{commands, display, go_flags, version};
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches, Parser};
use std::ffi::OsString;

/// Opens a Consul snapshot and answers questions about it.
#[derive(Debug, Parser)]
#[command(name = "snapscope", version, long_version = version::LONG, max_term_width = 100, propagate_version = true)]
#[command(arg_required_else_help = true, subcommand_required = true)]
struct Root {
    #[command(flatten)]
    display: display::DisplayArgs,
}

/// What was asked.
#[derive(Debug)]
pub(crate) struct Cli {
    pub(crate) command: Command,
    pub(crate) display: display::DisplayArgs,
}

/// Which commands are built. Their flags are more than a thousand, which takes longer than to read a small snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Built<'a> {
    All,
    Only(&'a str),
    None,
}

impl Built<'_> {
    fn includes(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => only == name,
            Self::None => false,
        }
    }

    /// What is needed to understand these arguments, unless they are wrong or ask for help.
    fn for_args(args: &[OsString]) -> Built<'_> {
        match args {
            [_, only] if only == "--version" || only == "-V" => Built::None,
            [_, first, rest @ ..] if !rest.iter().any(|arg| go_flags::may_be_long(arg)) => {
                first.to_str().filter(|name| Command::exists(name)).map_or(Built::All, Built::Only)
            }
            _ => Built::All,
        }
    }
}

macro_rules! commands {
    ($($(#[$condition:meta])* $name:literal $variant:ident($args:ty),)*) => {
        /// A command with its arguments.
        #[derive(Debug)]
        pub(crate) enum Command {
            $($(#[$condition])* $variant($args),)*
        }

        impl Command {
            fn exists(name: &str) -> bool {
                [$($(#[$condition])* $name),*].contains(&name)
            }

            fn add(root: clap::Command, built: Built<'_>) -> clap::Command {
                $(
                    $(#[$condition])*
                    let root = match built.includes($name) {
                        true => root.subcommand(<$args>::augment_args(clap::Command::new($name))),
                        false => root,
                    };
                )*
                root
            }

            fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
                match matches.subcommand() {
                    $(
                        $(#[$condition])*
                        Some(($name, matches)) => {
                            <$args>::from_arg_matches(matches).map(Self::$variant)
                        }
                    )*
                    _ => Err(clap::Error::new(ErrorKind::MissingSubcommand)),
                }
            }
        }
    };
}

// In the order of their help.
commands! {
    "inspect" Inspect(commands::inspect::InspectArgs),
    "decode" Decode(commands::decode::DecodeArgs),
    "breakdown" Breakdown(commands::breakdown::BreakdownArgs),
    #[cfg(feature = "tui")]
    "browse" Browse(commands::browse::BrowseArgs),
    "top" Top(commands::top::TopArgs),
    "export" Export(commands::export::ExportArgs),
    "extract" Extract(commands::extract::ExtractArgs),
    "list" List(commands::list::ListArgs),
    "sql" Sql(commands::sql::SqlArgs),
    "get" Get(commands::get::GetArgs),
    "diff" Diff(commands::diff::DiffArgs),
    "acl" Acl(commands::acl::AclArgs),
    "audit" Audit(commands::audit::AuditArgs),
    "redact" Redact(commands::redact::RedactArgs),
    "history" History(commands::history::HistoryArgs),
    "trend" Trend(commands::trend::TrendArgs),
    "report" Report(commands::report::ReportArgs),
    "log" Log(Box<commands::log::LogArgs>),
    "at" At(commands::at::AtArgs),
    "undo" Undo(commands::undo::UndoArgs),
    "timeline" Timeline(commands::timeline::TimelineArgs),
    "verify" Verify(commands::verify::VerifyArgs),
    "pack" Pack(commands::pack::PackArgs),
    "salvage" Salvage(commands::salvage::SalvageArgs),
    #[cfg(feature = "live")]
    "agent" Agent(Box<commands::agent::AgentArgs>),
    #[cfg(feature = "live")]
    "save" Save(commands::save::SaveArgs),
    #[cfg(feature = "live")]
    "restore" Restore(commands::restore::RestoreArgs),
    #[cfg(feature = "live")]
    "apply" Apply(Box<commands::apply::ApplyArgs>),
    #[cfg(feature = "live")]
    "serve" Serve(Box<commands::serve::ServeArgs>),
    #[cfg(feature = "live")]
    "snapshots" Snapshots(commands::snapshots::SnapshotsArgs),
    #[cfg(feature = "live")]
    "prune" Prune(Box<commands::prune::PruneArgs>),
    "completions" Completions(commands::completions::CompletionsArgs),
    "flags" Flags(commands::flags::FlagsArgs),
    "manual" Manual(commands::manual::ManualArgs),
}

impl Cli {
    /// The command line with all commands.
    pub(crate) fn command() -> clap::Command {
        Command::add(Root::command(), Built::All)
    }

    /// The command line with the commands that these arguments need.
    pub(crate) fn command_for(args: &[OsString]) -> clap::Command {
        Command::add(Root::command(), Built::for_args(args))
    }

    /// Reads what clap understood.
    ///
    /// # Errors
    /// If the arguments of a command contradict each other.
    pub(crate) fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Root { display } = Root::from_arg_matches(matches)?;
        Ok(Self { command: Command::of(matches)?, display })
    }
}
