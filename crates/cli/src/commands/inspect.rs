//! `inspect`: what `consul snapshot inspect` prints, and with `--more` what it leaves out.

use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs, incomplete_line};
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::render::go_json::Json;
use crate::render::{more, tabwriter};
use crate::terminal;
use anyhow::Result;
use clap::{ArgAction, Args, ValueEnum};
use snapscope_analyze::{
    About, ClusterFacts, Inspect, Inspection, KeyDetails, Outcome, Tally, fold,
};
use snapscope_archive::Meta;
use std::io::Write as _;

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
    #[arg(long, value_name = "N", default_value_t = 2)]
    kvdepth: usize,
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
    let details = args
        .kvdetails
        .then(|| KeyDetails { depth: args.kvdepth, prefix: args.kvfilter.clone().into_bytes() });
    let new = || Inspect::new(details.clone());
    let (outcome, facts) = if args.more {
        let Outcome { out: (inspection, facts), closing, problems } =
            fold(blocks, args.read.jobs(), || (new(), About::default()));
        (Outcome { out: inspection, closing, problems }, Some(facts))
    } else {
        (fold(blocks, args.read.jobs(), new), None)
    };
    drop(progress);
    let text = match args.format {
        Format::Pretty => pretty(&outcome, facts.as_ref()),
        Format::Json => json(&outcome, facts.as_ref()),
    };
    let exit = args.read.report(&source, &outcome.closing, &outcome.problems);
    terminal::out().write_all(&text)?;
    Ok(exit)
}

fn pretty(outcome: &Outcome<Inspection>, facts: Option<&ClusterFacts>) -> Vec<u8> {
    let Outcome { out: inspection, closing, problems } = outcome;
    let meta = closing.meta.as_ref();
    let field = |value: fn(&Meta) -> String| meta.map_or_else(|| "-".to_owned(), value);
    let mut text = format!(
        " ID\t{}\n Size\t{}\n Index\t{}\n Term\t{}\n Version\t{}\n",
        field(|m| m.id.clone()),
        field(|m| m.size.to_string()),
        field(|m| m.index.to_string()),
        field(|m| m.term.to_string()),
        field(|m| m.version.to_string()),
    )
    .into_bytes();
    let types =
        inspection.types.iter().map(|(kind, tally)| (kind.to_string().into_bytes(), *tally));
    table(&mut text, "Type", types, inspection.total);
    // Without any key Consul prints no table.
    if let Some(keys) = inspection.keys.as_ref().filter(|keys| !keys.is_empty()) {
        table(&mut text, "Key Name", keys.iter().cloned(), inspection.keys_total);
    }
    let mut text = tabwriter::align(&text);
    if let Some(facts) = facts {
        text.extend_from_slice(more::pretty(closing, facts).as_bytes());
    }
    if let Some(line) = incomplete_line(closing, problems) {
        text.push(b'\n');
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    text
}

fn table(text: &mut Vec<u8>, head: &str, rows: impl Iterator<Item = (Vec<u8>, Tally)>, total: u64) {
    text.extend_from_slice(format!("\n {head}\tCount\tSize\n ----\t----\t----\n").as_bytes());
    for (name, tally) in rows {
        text.push(b' ');
        // Piped it is Consul's output byte for byte; on a terminal columns are aligned as they are shown.
        if terminal::is_terminal() {
            text.extend_from_slice(one_line(&name).as_bytes());
        } else {
            text.extend_from_slice(&name);
        }
        text.extend_from_slice(
            format!("\t{}\t{}\n", tally.count, byte_size(tally.size)).as_bytes(),
        );
    }
    text.extend_from_slice(
        format!(" ----\t----\t----\n Total\t\t{}\n", byte_size(total)).as_bytes(),
    );
}

fn json(outcome: &Outcome<Inspection>, facts: Option<&ClusterFacts>) -> Vec<u8> {
    let Outcome { out: inspection, closing, problems } = outcome;
    let meta = closing.meta.as_ref();
    let tally = |name: Vec<u8>, tally: &Tally| {
        Json::Object(vec![
            ("Name", Json::Text(name)),
            ("Sum", Json::Uint(tally.size)),
            ("Count", Json::Uint(tally.count)),
        ])
    };
    let types = inspection.types.iter().map(|(kind, t)| tally(kind.to_string().into_bytes(), t));
    let keys = inspection.keys.as_ref().filter(|keys| !keys.is_empty());
    let mut fields = vec![
        (
            "Meta",
            Json::Object(vec![
                ("ID", Json::or_null(meta, |m| Json::text(&m.id))),
                ("Size", Json::or_null(meta, |m| Json::Int(m.size))),
                ("Index", Json::or_null(meta, |m| Json::Uint(m.index))),
                ("Term", Json::or_null(meta, |m| Json::Uint(m.term))),
                ("Version", Json::or_null(meta, |m| Json::Uint(m.version))),
            ]),
        ),
        ("Stats", Json::List(types.collect())),
        (
            "StatsKV",
            Json::or_null(keys, |keys| {
                Json::List(keys.iter().map(|(name, t)| tally(name.clone(), t)).collect())
            }),
        ),
        ("TotalSize", Json::Uint(inspection.total)),
        ("TotalSizeKV", Json::Uint(inspection.keys_total)),
    ];
    if let Some(facts) = facts {
        fields.push(("More", more::json(closing, facts)));
    }
    if outcome.is_damaged() {
        let damage = closing.integrity.damage().map(ToString::to_string);
        let problems = problems.first.iter().map(ToString::to_string);
        fields.push(("Incomplete", Json::Bool(true)));
        fields.push(("Damage", Json::List(damage.chain(problems).map(Json::text).collect())));
    }
    let mut text = Json::Object(fields).indented();
    text.push(b'\n');
    text
}
