//! `inspect`: what `consul snapshot inspect` prints, and with `--more` what it leaves out.

use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs, incomplete_line};
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::render::go_json::{Json, Members};
use crate::render::tabwriter::TakeText;
use crate::render::{more, tabwriter};
use crate::terminal;
use anyhow::{Result, bail};
use clap::{ArgAction, Args, ValueEnum};
use snapscope_analyze::{
    About, ClusterFacts, GroupKeys, Inspect, Inspection, KeyDetails, KeyGroups, Outcome, Problems,
    Tally, fold,
};
use snapscope_archive::{Closing, Meta};
use snapscope_runs::Room;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Show what is in a snapshot: records and bytes of each type, as `consul snapshot inspect` does
///
/// Output and flags are those of Consul 1.21, byte for byte, so that a script can call this
/// instead. Standard error says what is damaged; what could be read is printed all the same, and
/// its last line then says that it is not whole.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope inspect backup.snap
  snapscope inspect --kvdetails --kvdepth 1 --kvfilter app/ backup.snap
  snapscope inspect --more --format json backup.snap")]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    file: FileArg,
    /// Break the space that keys take down by their prefixes
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false,
          default_missing_value = "true", action = ArgAction::Set, value_name = "BOOL",
          hide_default_value = true, hide_possible_values = true)]
    kvdetails: bool,
    /// Parts of a key, split at /, that make its prefix
    #[arg(long, value_name = "N", default_value_t = 2, allow_negative_numbers = true)]
    kvdepth: i64,
    /// Count only keys that start so
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true)]
    kvfilter: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Pretty)]
    format: Format,
    /// Add what Consul leaves out: age, datacenter, versions, servers, integrity, indexes, writes
    /// in flight, what the bytes are spent on
    #[arg(long)]
    more: bool,
    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Pretty,
    Json,
}

pub(crate) fn run(args: &InspectArgs) -> Result<Exit> {
    let source = ReadArgs::source(&args.file)?;
    let (blocks, progress) = args.read.open(&source)?;
    // What is deeper than a key has parts is all of it.
    let depth = usize::try_from(args.kvdepth.max(0)).unwrap_or(usize::MAX);
    let details =
        args.kvdetails.then(|| KeyDetails { depth, prefix: args.kvfilter.clone().into_bytes() });
    let room = Room::default();
    let new = || {
        let keys = details.as_ref().map(|details| GroupKeys::new(details.clone(), &room));
        (Inspect::new(), (keys, args.more.then(About::default)))
    };
    let Outcome { out: (inspection, (keys, facts)), closing, problems } =
        fold(blocks, args.read.jobs(), new);
    drop(progress);
    let answer = Answer { inspection, keys: keys.transpose()?, facts, closing, problems };
    // Consul panics at the first key that it counts, and prints nothing.
    if args.kvdepth < 0 && answer.keys().is_some() {
        bail!("a --kvdepth of {} takes no parts of a key; give 0 or more", args.kvdepth);
    }
    let exit = args.read.report(&source, &answer.closing, &answer.problems);
    let mut out = io::BufWriter::with_capacity(1 << 16, terminal::out());
    match args.format {
        Format::Pretty => pretty(&answer, &room, &mut out)?,
        Format::Json => json(&answer, &mut out)?,
    }
    out.flush()?;
    Ok(exit)
}

/// All that is printed.
struct Answer {
    inspection: Inspection,
    keys: Option<KeyGroups>,
    facts: Option<ClusterFacts>,
    closing: Closing,
    problems: Problems,
}

impl Answer {
    /// Groups of keys; without any key Consul prints none.
    fn keys(&self) -> Option<&KeyGroups> {
        self.keys.as_ref().filter(|keys| !keys.groups.is_empty())
    }
}

fn pretty(answer: &Answer, room: &Room, out: &mut dyn Write) -> io::Result<()> {
    let Answer { inspection, facts, closing, problems, .. } = answer;
    let meta = closing.meta.as_ref();
    let field = |value: fn(&Meta) -> String| {
        let value = meta.map_or_else(|| "-".to_owned(), value);
        if terminal::is_terminal() { one_line(value.as_bytes()) } else { value }
    };
    let head = format!(
        " ID\t{}\n Size\t{}\n Index\t{}\n Term\t{}\n Version\t{}\n",
        field(|m| m.id.clone()),
        field(|m| m.size.to_string()),
        field(|m| m.index.to_string()),
        field(|m| m.term.to_string()),
        field(|m| m.version.to_string()),
    );
    let text = |take: &mut TakeText<'_>| {
        take(head.as_bytes())?;
        take(&table_head("Type"))?;
        let mut types = inspection.types.iter();
        types.try_for_each(|(kind, t)| take(&table_row(kind.to_string().as_bytes(), *t)))?;
        take(&table_end(inspection.total))?;
        if let Some(keys) = answer.keys() {
            take(&table_head("Key Name"))?;
            keys.groups.each(|name, tally| {
                take(&table_row(name, tally)).map(|()| ControlFlow::Continue(()))
            })?;
            take(&table_end(keys.total))?;
        }
        Ok(())
    };
    tabwriter::align_long(&text, room, out)?;
    if let Some(facts) = facts {
        out.write_all(more::pretty(closing, facts).as_bytes())?;
    }
    if let Some(line) = incomplete_line(closing, problems) {
        write!(out, "\n{line}\n")?;
    }
    Ok(())
}

fn table_head(name: &str) -> Vec<u8> {
    format!("\n {name}\tCount\tSize\n ----\t----\t----\n").into_bytes()
}

fn table_row(name: &[u8], tally: Tally) -> Vec<u8> {
    let counts = format!("\t{}\t{}\n", tally.count, byte_size(tally.size));
    // Piped it is Consul's output byte for byte; on a terminal columns are aligned as they are shown.
    if terminal::is_terminal() {
        return [" ", &one_line(name), &counts].concat().into_bytes();
    }
    [b" ", name, counts.as_bytes()].concat()
}

fn table_end(total: u64) -> Vec<u8> {
    format!(" ----\t----\t----\n Total\t\t{}\n", byte_size(total)).into_bytes()
}

fn json(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let Answer { inspection, facts, closing, problems, .. } = answer;
    let meta = closing.meta.as_ref();
    let tally = |name: &[u8], tally: &Tally| {
        Json::Object(vec![
            ("Name", Json::text(name)),
            ("Sum", Json::Uint(tally.size)),
            ("Count", Json::Uint(tally.count)),
        ])
    };
    let types = inspection.types.iter().map(|(kind, t)| tally(kind.to_string().as_bytes(), t));
    let mut members = Members::begin(&mut *out)?;
    let meta = Json::Object(vec![
        ("ID", Json::or_null(meta, |m| Json::text(&m.id))),
        ("Size", Json::or_null(meta, |m| Json::Int(m.size))),
        ("Index", Json::or_null(meta, |m| Json::Uint(m.index))),
        ("Term", Json::or_null(meta, |m| Json::Uint(m.term))),
        ("Version", Json::or_null(meta, |m| Json::Uint(m.version))),
    ]);
    members.member("Meta", &meta)?;
    members.member("Stats", &Json::List(types.collect()))?;
    match answer.keys() {
        None => members.member("StatsKV", &Json::Null)?,
        Some(keys) => members.list("StatsKV", |each| {
            keys.groups.each(|name, t| each(&tally(name, &t)).map(|()| ControlFlow::Continue(())))
        })?,
    }
    members.member("TotalSize", &Json::Uint(inspection.total))?;
    let keys_total = answer.keys.as_ref().map_or(0, |keys| keys.total);
    members.member("TotalSizeKV", &Json::Uint(keys_total))?;
    if let Some(facts) = facts {
        members.member("More", &more::json(closing, facts))?;
    }
    if closing.is_damaged() || problems.count > 0 {
        let damage = closing.integrity.damage().map(ToString::to_string);
        let problems = problems.first.iter().map(ToString::to_string);
        members.member("Incomplete", &Json::Bool(true))?;
        members.member("Damage", &Json::List(damage.chain(problems).map(Json::text).collect()))?;
    }
    members.end()?;
    out.write_all(b"\n")
}
