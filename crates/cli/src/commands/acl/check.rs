//! `acl check`: an answer for each of many questions.

use super::asked::{CommonArgs, load};
use crate::exit::Exit;
use crate::form::Form;
use crate::reading::{Asked, FileArg};
use crate::render::incomplete::{Names, last_line};
use crate::terminal::{self, note};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Map, Value};
use snapscope_analyze::acl::Resolver;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

/// Answer questions about rights, read as JSON lines
///
/// A question is a line of standard input, such as {"AccessorID": ..., "Resource": ..., "Segment":
/// ..., "Access": ...}, as in Consul's /v1/internal/acl/authorize. Each question is printed with
/// "Allow" added, in the order of the input. A question that a server would refuse gets "Error"
/// with the server's text instead.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope acl check backup.snap < /dev/null
  snapscope acl check --default-policy allow --at 2026-11-23 backup.snap

With a question:
  echo '{\"AccessorID\":\"00000000-0000-0000-0000-000000000002\",\"Resource\":\"key\",\"Segment\":\"a\",
    \"Access\":\"read\"}' | snapscope acl check backup.snap")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    file: FileArg,
    #[command(flatten)]
    common: CommonArgs,
}

/// Buffer size; questions and answers are lines of about a hundred bytes.
const BUFFER: usize = 1 << 16;

pub(super) fn run(args: &CheckArgs) -> Result<Exit> {
    if args.file.file == Path::new("-") {
        bail!("standard input holds the questions, so it cannot also hold the snapshot");
    }
    let Asked { out: model, exit, incomplete, .. } = load(&args.file, &args.common.read)?;
    let resolver = Resolver::new(&model, args.common.basis.options());
    let mut input = BufReader::with_capacity(BUFFER, io::stdin().lock());
    let mut out = BufWriter::with_capacity(BUFFER, terminal::out());
    let mut line = Vec::new();
    let mut number = 0u64;
    let done = loop {
        line.clear();
        // A caller that sends one question at a time waits for its answer.
        if input.buffer().is_empty() {
            out.flush()?;
        }
        if input.read_until(b'\n', &mut line)? == 0 {
            break Ok(());
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let parsed: Result<Map<String, Value>, _> = serde_json::from_slice(&line);
        let mut question = match parsed {
            Ok(question) => question,
            Err(e) => break Err(e).with_context(|| format!("line {number} is not a JSON object")),
        };
        match answer(&resolver, &question) {
            Ok(allow) => question.insert("Allow".to_owned(), allow.into()),
            Err(text) => {
                question.shift_remove("Allow");
                question.insert("Error".to_owned(), text.into())
            }
        };
        serde_json::to_writer(&mut out, &question)?;
        out.write_all(b"\n")?;
    };
    if let Some(why) = &incomplete {
        out.write_all(&last_line(why, Form::Jsonl, Names::Consul))?;
    }
    out.flush()?;
    if number > 0 {
        let line = args.common.basis.line(resolver.basis());
        // If standard error is closed, nothing can be reported.
        note!("snapscope: note: {line}");
    } else {
        note!("snapscope: note: no questions on standard input; each is a line of JSON (--help)");
    }
    done.map(|()| exit)
}

fn answer(resolver: &Resolver<'_>, question: &Map<String, Value>) -> Result<bool, String> {
    let field = |name: &str| question.get(name).and_then(Value::as_str).unwrap_or("");
    let [accessor, resource, access, segment] =
        ["AccessorID", "Resource", "Access", "Segment"].map(field);
    resolver.authorize(accessor, resource, access, segment)
}
