//! `inspect`: prints the output of `consul snapshot inspect`, and with `--more` what Consul leaves
//! out.

use crate::answer::{Answer, print};
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::go_flags;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::render::incomplete::Incomplete;
use crate::render::json::{Members as _, Object};
use crate::render::tabwriter::TakeText;
use crate::render::wrap::without_middle;
use crate::render::{more, tabwriter};
use crate::terminal::{self, note};
use anyhow::{Result, bail};
use clap::{ArgAction, Args};
use snapscope_analyze::{
    About, ClusterFacts, GroupKeys, Inspect, Inspection, KeyDetails, KeyGroups, Tally,
};
use snapscope_answers::inspect;
use snapscope_archive::{Closing, Code, Meta};
use snapscope_objects::json::JsonText;
use snapscope_runs::Room;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Show records and bytes by type, like `consul snapshot inspect`
///
/// Output and flags are those of Consul 1.21, byte for byte, so it works in scripts in place of
/// Consul's command. Standard error reports damage. Everything readable is printed even then, and
/// the last line says that the output is incomplete.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope inspect backup.snap
  snapscope inspect --kvdetails --kvdepth 1 --kvfilter app/ backup.snap
  snapscope inspect --more --format json backup.snap")]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    file: FileArg,
    /// Show the space used by keys, by prefix
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false,
          default_missing_value = "true", action = ArgAction::Set, value_name = "BOOL",
          value_parser = go_flags::bool, hide_default_value = true)]
    kvdetails: bool,
    /// Number of key segments, split at /, that form a prefix
    #[arg(long, alias = "depth", value_name = "N", value_parser = go_flags::int, default_value = "2",
          allow_negative_numbers = true)]
    kvdepth: i64,
    /// Count only keys that start with PREFIX
    #[arg(
        long,
        alias = "prefix",
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    kvfilter: String,
    /// Output format
    #[arg(short = 'o', long, alias = "output", value_parser = forms(&["pretty", "json"]), default_value = "pretty")]
    format: Form,
    /// Add age, datacenter, versions, servers, integrity, indexes, writes in flight and what the
    /// bytes are spent on, which Consul leaves out
    #[arg(long)]
    more: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &InspectArgs) -> Result<Exit> {
    // Beyond the number of segments that a key has, the prefix is the whole key.
    let depth = usize::try_from(args.kvdepth.max(0)).unwrap_or(usize::MAX);
    let details =
        args.kvdetails.then(|| KeyDetails { depth, prefix: args.kvfilter.clone().into_bytes() });
    let room = Room::default();
    let asked = args.read.ask(&args.file, || {
        let keys = details.as_ref().map(|details| GroupKeys::new(details.clone(), &room));
        (Inspect::new(), (keys, args.more.then(About::default)))
    })?;
    let Asked { out: (inspection, (keys, facts)), closing, exit, incomplete, .. } = asked;
    let answer = Inspected { inspection, keys: keys.transpose()?, facts, closing, room: &room };
    // Consul panics at the first key that it counts, and prints nothing.
    if args.kvdepth < 0 && answer.keys().is_some() {
        bail!("--kvdepth {} is negative; use 0 or more", args.kvdepth);
    }
    let mut findings = answer.closing.integrity.findings.iter();
    // The error already says everything.
    if args.format == Form::Text && findings.any(|found| found.code == Code::NotASnapshot) {
        return Ok(exit);
    }
    print(&answer, args.format, incomplete.as_ref())?;
    if terminal::is_watched()
        && answer.keys.as_ref().is_some_and(|keys| keys.groups.is_empty())
        && !args.kvfilter.is_empty()
    {
        note!("snapscope: note: no key starts with {:?}", args.kvfilter);
    }
    Ok(exit)
}

/// The data to print.
struct Inspected<'r> {
    inspection: Inspection,
    keys: Option<KeyGroups>,
    facts: Option<ClusterFacts>,
    closing: Closing,
    room: &'r Room,
}

impl Inspected<'_> {
    /// Groups of keys; without any key Consul prints none.
    fn keys(&self) -> Option<&KeyGroups> {
        self.keys.as_ref().filter(|keys| !keys.groups.is_empty())
    }
}

impl Answer for Inspected<'_> {
    const INDENT: Option<&'static str> = Some("   ");

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let meta = self.closing.meta.as_ref();
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
            let mut types = self.inspection.types.iter();
            types.try_for_each(|(kind, t)| take(&table_row(kind.consul_label().as_bytes(), *t)))?;
            take(&table_end(self.inspection.total))?;
            if let Some(keys) = self.keys() {
                take(&table_head("Key Name"))?;
                keys.groups.each(|name, tally| {
                    take(&table_row(name, tally)).map(|()| ControlFlow::Continue(()))
                })?;
                take(&table_end(keys.total))?;
            }
            Ok(())
        };
        tabwriter::align_long(&text, self.room, out)?;
        match &self.facts {
            Some(facts) => out.write_all(more::pretty(&self.closing, facts).as_bytes()),
            None => Ok(()),
        }
    }

    fn incomplete_text(&self, why: &Incomplete, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n{}", why.line())
    }

    fn json(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        inspect::members(&self.closing, &self.inspection, self.keys(), json, out)?;
        if let Some(facts) = &self.facts {
            let members = |json: &mut JsonText| more::members(&self.closing, facts, json);
            json.member("More", Object(members));
        }
        Ok(())
    }

    fn incomplete(&self, why: &Incomplete, json: &mut JsonText) {
        why.members_listed(json);
    }
}

fn table_head(name: &str) -> Vec<u8> {
    format!("\n {name}\tCount\tSize\n ----\t----\t----\n").into_bytes()
}

/// Width of counts and sizes beside a name.
const COUNTS: usize = 34;

fn table_row(name: &[u8], tally: Tally) -> Vec<u8> {
    let counts = format!("\t{}\t{}\n", tally.count, byte_size(tally.size));
    // In a pipe this is Consul's output byte for byte; on a terminal, columns are aligned by their
    // visible width.
    if terminal::is_terminal() {
        let most = terminal::width().unwrap_or(0).saturating_sub(COUNTS).max(20);
        let name = one_line(name);
        return [" ", &without_middle(&name, most), &counts].concat().into_bytes();
    }
    [b" ", name, counts.as_bytes()].concat()
}

fn table_end(total: u64) -> Vec<u8> {
    format!(" ----\t----\t----\n Total\t\t{}\n", byte_size(total)).into_bytes()
}
