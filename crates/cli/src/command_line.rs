//! The command line: the commands, and which of them are built.

use crate::exit::Exit;
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

/// The parsed command line.
#[derive(Debug)]
pub(crate) struct Cli {
    pub(crate) command: Command,
    pub(crate) display: display::DisplayArgs,
}

/// Which commands are built. They have more than a thousand flags, and building all of them takes
/// longer than reading a small snapshot.
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

    /// The commands needed to parse these arguments, unless the arguments are wrong or ask for
    /// help.
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
    ($($(#[$condition:meta])* $name:literal $variant:ident($args:ty) => |$own:ident| $run:expr,)*) => {
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

            /// Runs the command.
            ///
            /// # Errors
            /// If the command fails.
            pub(crate) fn run(self) -> anyhow::Result<Exit> {
                match self {
                    $($(#[$condition])* Self::$variant($own) => $run,)*
                }
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

// In the order in which the help lists them.
commands! {
    "inspect" Inspect(commands::inspect::InspectArgs) => |args| commands::inspect::run(&args),
    "decode" Decode(commands::decode::DecodeArgs) => |args| commands::decode::run(&args),
    "breakdown" Breakdown(commands::breakdown::BreakdownArgs) => |args| commands::breakdown::run(&args),
    #[cfg(feature = "tui")]
    "browse" Browse(commands::browse::BrowseArgs) => |args| commands::browse::run(&args),
    "top" Top(commands::top::TopArgs) => |args| commands::top::run(&args),
    "export" Export(commands::export::ExportArgs) => |args| commands::export::run(&args),
    #[cfg(feature = "columnar")]
    "compact" Compact(commands::compact::CompactArgs) => |args| commands::compact::run(&args),
    "extract" Extract(commands::extract::ExtractArgs) => |args| commands::extract::run(&args),
    "list" List(commands::list::ListArgs) => |args| commands::list::run(&args),
    "sql" Sql(commands::sql::SqlArgs) => |args| commands::sql::run(&args),
    "get" Get(commands::get::GetArgs) => |args| commands::get::run(&args),
    "diff" Diff(commands::diff::DiffArgs) => |args| commands::diff::run(&args),
    "acl" Acl(commands::acl::AclArgs) => |args| commands::acl::run(&args),
    "audit" Audit(commands::audit::AuditArgs) => |args| commands::audit::run(&args),
    "redact" Redact(commands::redact::RedactArgs) => |args| commands::redact::run(&args),
    "history" History(commands::history::HistoryArgs) => |args| commands::history::run(&args),
    "trend" Trend(commands::trend::TrendArgs) => |args| commands::trend::run(&args),
    "report" Report(commands::report::ReportArgs) => |args| commands::report::run(&args),
    "log" Log(Box<commands::log::LogArgs>) => |args| commands::log::run(&args),
    "at" At(commands::at::AtArgs) => |args| commands::at::run(&args),
    "undo" Undo(commands::undo::UndoArgs) => |args| commands::undo::run(&args),
    "timeline" Timeline(commands::timeline::TimelineArgs) => |args| commands::timeline::run(&args),
    "verify" Verify(commands::verify::VerifyArgs) => |args| commands::verify::run(&args),
    "pack" Pack(commands::pack::PackArgs) => |args| commands::pack::run(&args),
    "salvage" Salvage(commands::salvage::SalvageArgs) => |args| commands::salvage::run(&args),
    #[cfg(feature = "live")]
    "agent" Agent(Box<commands::agent::AgentArgs>) => |args| commands::agent::run(*args),
    #[cfg(feature = "live")]
    "save" Save(commands::save::SaveArgs) => |args| commands::save::run(&args),
    #[cfg(feature = "live")]
    "restore" Restore(commands::restore::RestoreArgs) => |args| commands::restore::run(&args),
    #[cfg(feature = "live")]
    "apply" Apply(Box<commands::apply::ApplyArgs>) => |args| commands::apply::run(&args),
    #[cfg(feature = "live")]
    "serve" Serve(Box<commands::serve::ServeArgs>) => |args| commands::serve::run(&args),
    #[cfg(feature = "live")]
    "snapshots" Snapshots(commands::snapshots::SnapshotsArgs) => |args| commands::snapshots::run(&args),
    #[cfg(feature = "live")]
    "prune" Prune(Box<commands::prune::PruneArgs>) => |args| commands::prune::run(&args),
    "completions" Completions(commands::completions::CompletionsArgs) => |args| commands::completions::run(&args, &Cli::command()),
    "flags" Flags(commands::flags::FlagsArgs) => |args| Ok(commands::flags::run(&args)),
    "manual" Manual(commands::manual::ManualArgs) => |args| commands::manual::run(&args, Cli::command()),
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

    /// Reads the result of clap.
    ///
    /// # Errors
    /// If the arguments of a command contradict each other.
    pub(crate) fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Root { display } = Root::from_arg_matches(matches)?;
        Ok(Self { command: Command::of(matches)?, display })
    }
}

impl Command {
    /// Whether the command only answers questions. Commands that ask for confirmation, or run for a
    /// long time, are not paged.
    pub(crate) fn is_paged(&self) -> bool {
        match self {
            Self::Sql(args) => return !args.asks(),
            // It has no end, and a pager shows lines only once its screen is full.
            Self::Log(args) if args.follows() => return false,
            _ => {}
        }
        #[cfg(feature = "live")]
        if matches!(self, Self::Snapshots(_)) {
            return true;
        }
        matches!(
            self,
            Self::Inspect(_)
                | Self::Decode(_)
                | Self::Breakdown(_)
                | Self::Top(_)
                | Self::List(_)
                | Self::Get(_)
                | Self::Diff(_)
                | Self::Acl(_)
                | Self::Audit(_)
                | Self::History(_)
                | Self::Trend(_)
                | Self::Log(_)
                | Self::Timeline(_)
                | Self::Verify(_)
        )
    }
}
