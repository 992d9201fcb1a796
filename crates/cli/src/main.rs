//! Opens a Consul snapshot and answers questions about it.
//!
//! A thin shell: it parses arguments, calls one command's function and renders its answer. [`exit`]
//! alone decides the exit code.

mod answer;
#[cfg(feature = "live")]
mod api_flags;
#[cfg(feature = "live")]
mod asking;
mod authors;
mod command_line;
mod commands;
mod data_dir;
#[cfg(feature = "columnar")]
mod destination;
mod display;
mod elsewhere;
mod exit;
mod form;
mod go_flags;
mod help;
mod index_times;
mod kinds;
mod log_damage;
mod manifest;
mod near;
mod object_writes;
mod own_input;
mod pager;
#[cfg(all(test, feature = "live"))]
mod pages;
mod passes;
mod place;
mod progress;
mod reading;
#[cfg(feature = "live")]
mod remote;
mod render;
mod rolled;
mod secret_ids;
mod series;
mod server_log;
mod shell_line;
mod suggest;
mod terminal;
mod times;
mod tty;
mod twice;
mod unmatched;
mod usage;
mod version;
mod writing;

use clap::builder::StyledStr;
use command_line::Cli;
use exit::Exit;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use terminal::say;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let command = Cli::command_for(&args);
    let args = go_flags::with_two_dashes(&command, args.into_iter());
    let parsed = command.try_get_matches_from(&args);
    let cli = match parsed.and_then(|matches| Cli::of(&matches)) {
        Ok(cli) => cli,
        Err(e) => {
            let laid_out = help::is_help(&e).then(|| help::page(Cli::command(), &args)).flatten();
            let e = laid_out.unwrap_or(e);
            let failed = e.use_stderr();
            // A closed pipe is success. If standard error is closed, nothing can be reported.
            if failed {
                let mut command = Cli::command();
                command.build();
                // The error repeats arguments, which may be file names from a shell pattern.
                let message =
                    usage::message(&e, &command, &args).unwrap_or_else(|| e.render().to_string());
                let message = with_plain_numbers(message);
                terminal::say_to(format_args!("{}", with_safe_args(message, &args)));
            } else {
                let _ = e.print();
            }
            return if failed { Exit::Failed.into() } else { Exit::Done.into() };
        }
    };
    cli.display.apply();
    if cli.command.is_paged() {
        terminal::allow_paging();
    }
    let exit = exit_of(cli.command.run()).with_exactness().max(log_damage::exit_of_states());
    terminal::end_paging();
    exit.into()
}

/// The exit code; reports the error if the program failed.
fn exit_of(done: anyhow::Result<Exit>) -> Exit {
    match done {
        Ok(exit) => exit,
        Err(e) if is_closed_pipe(&e) => Exit::Done,
        Err(e) => {
            // The error of an expression marks the position on separate lines.
            let message = format!("{e:#}");
            let lines: Vec<String> = message
                .split("\n  ")
                .map(|line| render::escape::one_line(line.as_bytes()))
                .collect();
            say!("snapscope: {}", lines.join("\n  "));
            Exit::Failed
        }
    }
}

/// Rewrites a parser's message about a number in plain words.
fn with_plain_numbers(message: String) -> String {
    [
        ("invalid digit found in string", "expected a whole number"),
        ("cannot parse integer from empty string", "expected a whole number"),
        ("number would be zero for non-zero type", "expected a number above 0"),
        ("number too large to fit in target type", "the number is too large"),
    ]
    .iter()
    .fold(message, |message, (of_parser, plain)| message.replace(of_parser, plain))
}

/// Makes a message safe: no argument, or part of one, can start a line or become invisible.
fn with_safe_args(mut message: String, args: &[OsString]) -> String {
    for arg in args {
        let arg = arg.to_string_lossy();
        let value = arg.split_once('=').map_or("", |(_, value)| value);
        for part in [&*arg, value].into_iter().chain(arg.split([',', '='])) {
            let safe = render::escape::one_line(part.as_bytes());
            if safe != part {
                // Escape sequences were already removed where this is printed.
                let printed = StyledStr::from(part.to_owned()).to_string();
                message = message.replace(part, &safe).replace(&printed, &safe);
            }
        }
    }
    message
}

/// Whether the reader of the output has closed the pipe.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
