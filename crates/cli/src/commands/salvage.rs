//! `salvage`: the intact records of a damaged snapshot, as one that Consul restores.

use crate::answer::{Answer, print};
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::progress::Progress;
use crate::reading::{FileArg, ReadArgs};
use crate::render::bytes::byte_size;
use crate::render::damage;
use crate::render::escape::one_line;
use crate::render::json::{List, Members as _, Object};
use crate::terminal::say;
use crate::writing::{WriteArgs, say_written};
use anyhow::Result;
use clap::Args;
use snapscope_analyze::Problems;
use snapscope_objects::json::JsonText;
use snapscope_objects::printable::counted;
use snapscope_rewrite::{Lost, RewriteError, Salvage, SalvageReport};
use std::io::{self, Write};

/// Recover what is intact in a damaged snapshot, as a new one
///
/// Consul restores the new snapshot. Every whole record before the damage is kept, unchanged and in
/// order. After the damage, reading resumes at the next bytes that can only be a chain of records.
/// In a compressed file, it resumes at the next block or gzip member that can be inflated. Lost
/// data is listed by its position in state.bin.
///
/// The exit code is 3 if anything is lost or damaged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope salvage damaged.snap --out saved.snap
  snapscope salvage --dry-run -o json damaged.snap")]
pub(crate) struct SalvageArgs {
    #[command(flatten)]
    file: FileArg,
    /// Output format of the report
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["text", "json"]), default_value = "text")]
    output: Form,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    read: ReadArgs,
}

/// Maximum number of losses listed in text.
const LISTED: usize = 20;

pub(crate) fn run(args: &SalvageArgs) -> Result<Exit> {
    let source = ReadArgs::source(&args.file)?;
    let staged = args.write.stage(&[&args.file.file])?;
    let progress = Progress::start(source.size());
    let salvage = match Salvage::open(source, &args.read.watched(&progress)) {
        Ok(salvage) => salvage,
        Err(RewriteError::NoState { name, closing }) => {
            args.read.report_of(&name, &closing, &Problems::default());
            let name = one_line(name.as_bytes());
            say!("snapscope: {name}: no intact record found");
            return Ok(Exit::Damaged);
        }
        Err(e) => return Err(e.into()),
    };
    drop(progress);
    let written = match staged {
        Some(staged) => {
            let mut writer = staged.writer(salvage.meta())?;
            salvage.copy(&mut writer)?;
            Some(staged.finish(writer)?)
        }
        None => None,
    };
    let report = &salvage.report;
    print(&Salvaged(report), args.output, None)?;
    if args.output == Form::Text {
        say_written(&args.write, written.as_ref(), report.records, report.bytes)?;
    }
    Ok(if report.is_damaged() { Exit::Damaged } else { Exit::Done })
}

fn text(report: &SalvageReport) -> String {
    let mut text = String::new();
    for finding in report.closing.integrity.damage() {
        text.push_str(&format!("damaged: {}\n", one_line(damage::text(finding).as_bytes())));
    }
    for lost in report.lost.iter().take(LISTED) {
        let Lost { range, kind } = lost;
        let kind = kind
            .map_or_else(String::new, |kind| format!(", starting with a record of type {kind}"));
        let size = range.end - range.start;
        text.push_str(&format!(
            "lost: bytes {} to {} of state.bin ({size} bytes{kind})\n",
            range.start, range.end
        ));
    }
    if report.lost.len() > LISTED {
        text.push_str(&format!("lost: {} more parts\n", report.lost.len() - LISTED));
    }
    if report.missing > 0 {
        text.push_str(&format!(
            "lost: {} of state.bin are not in the file at all; meta.json says that it had {}\n",
            byte_size(report.missing),
            byte_size(report.closing.meta.as_ref().map_or(0, |meta| meta.size.unsigned_abs()))
        ));
    }
    if report.found_again > 0 {
        text.push_str(&format!(
            "{} recognised by structure after the damage\n",
            counted(report.found_again, "record was", "records were")
        ));
    }
    if report.is_damaged() {
        let from = match report.vouched {
            0 => "no record".to_owned(),
            bytes => format!("no record after the first {} of state.bin", byte_size(bytes)),
        };
        text.push_str(&format!(
            "A checksum covers {from}: later values may be damaged unnoticed.\n"
        ));
    }
    for (is_made, what) in
        [(report.header_is_made, "the header of state.bin"), (report.meta_is_made, "meta.json")]
    {
        if is_made {
            text.push_str(&format!("{what} was lost; a new one has the highest index found\n"));
        }
    }
    text
}

/// The data to print.
struct Salvaged<'a>(&'a SalvageReport);

impl Answer for Salvaged<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(text(self.0).as_bytes())
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        let report = self.0;
        let lost = report.lost.iter().map(|Lost { range, kind }| {
            Object(move |json: &mut JsonText| {
                json.member("offset", range.start).member("bytes", range.end - range.start);
                json.member("type", kind.map(|kind| kind.to_string()));
            })
        });
        let damage = report.closing.integrity.damage().map(damage::text);
        json.member("records", report.records).member("bytes", report.bytes);
        json.member("found_by_structure", report.found_again);
        json.member("vouched_bytes", report.vouched.min(report.bytes));
        json.member("header_made", report.header_is_made);
        json.member("meta_made", report.meta_is_made);
        json.member("missing_bytes", report.missing);
        json.member("lost", List(lost)).member("damage", List(damage));
        Ok(())
    }
}
