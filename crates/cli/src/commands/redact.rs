//! `redact`: a snapshot without its secrets.

use super::extract::{header, meta};
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::own_input::spare_inputs;
use crate::reading::{FileArg, ReadArgs};
use crate::render::bytes::byte_size;
use crate::render::json::{Members as _, Object, ToJson as _};
use crate::render::redact::report;
use crate::twice::Twice;
use crate::writing::WriteArgs;
use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use snapscope_decode::text::hex;
use snapscope_objects::json::JsonText;
use snapscope_rewrite::redact::{RedactKey, RedactOptions, Renamed, plan, redact};
use snapscope_staged::StagedFile;
use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Write a copy without secrets, for support and tests
///
/// Replaces token secrets, values of keys, the mesh CA (with a new one that works), peering
/// secrets, tokens of prepared queries, the configuration of auth methods, output of checks, and
/// secrets that the scan of `audit` finds in any text. Every other occurrence of a secret is
/// replaced as well. A field that snapscope does not know is redacted. All records stay, and Consul
/// restores the copy.
///
/// Names, keys and addresses stay unless you pass --pseudonymise.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope redact backup.snap --out for-support.snap
  snapscope redact backup.snap --out test-data.snap --pseudonymise --map names.json
  snapscope redact monday.snap --out a.snap --pseudonymise --key-file secret.key
  snapscope redact tuesday.snap --out b.snap --pseudonymise --key-file secret.key")]
pub(crate) struct RedactArgs {
    #[command(flatten)]
    file: FileArg,
    /// Replace names, keys and addresses, too; names keep their length, shape and common parts
    #[arg(long)]
    pseudonymise: bool,
    /// With --pseudonymise: keep this part of names and keys that start with it; may be repeated
    #[arg(long, value_name = "PREFIX", requires = "pseudonymise", allow_hyphen_values = true)]
    keep_prefix: Vec<String>,
    /// With --pseudonymise: write the pseudonyms with the original names to this file
    #[arg(long, value_name = "OUT.json", requires = "pseudonymise")]
    map: Option<PathBuf>,
    /// Derive replacements from the key in this file, so the same key yields the same replacements
    /// [default: a random key that is not stored]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Replacement for values of keys
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Values::Noise)]
    values: Values,
    /// Output format of the report
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["table", "json"]),
          default_value = "table")]
    output: Form,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    read: ReadArgs,
}

/// Replacement for values of keys
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Values {
    /// Letters and digits of the same length
    Noise,
    /// Text of the same form: JSON stays JSON, numbers stay numbers
    Fake,
}

/// Minimum size of a key file: shorter keys can be guessed.
const LEAST_KEY: usize = 16;
/// Maximum number of bytes read from a key file.
const MOST_KEY: u64 = 1 << 20;

fn key(file: Option<&Path>) -> Result<RedactKey> {
    let Some(file) = file else { return Ok(RedactKey::random()?) };
    let name = || file.display().to_string();
    let mut bytes = Vec::new();
    File::open(file)
        .with_context(name)?
        .take(MOST_KEY)
        .read_to_end(&mut bytes)
        .with_context(name)?;
    if bytes.len() < LEAST_KEY {
        bail!(
            "{}: the key has {} bytes, at least {LEAST_KEY} are required; create one with `head -c \
             32 /dev/urandom > FILE`",
            name(),
            bytes.len()
        );
    }
    Ok(RedactKey::from_bytes(&bytes))
}

pub(crate) fn run(args: &RedactArgs) -> Result<Exit> {
    let options = RedactOptions {
        key: key(args.key_file.as_deref())?,
        pseudonymise: args.pseudonymise,
        keep_prefixes: args.keep_prefix.iter().map(|prefix| prefix.clone().into_bytes()).collect(),
        look_alike: args.values == Values::Fake,
        map: args.map.is_some(),
    };
    let source = ReadArgs::source(&args.file)?;
    let mut inputs = vec![args.file.file.as_path()];
    inputs.extend(args.key_file.as_deref());
    let staged = args.write.stage(&inputs)?;
    if let Some(map) = &args.map {
        spare_inputs("--map", map, &inputs)?;
    }
    let mut map =
        args.map.as_deref().map(|map| NameMap::begin(map, args.write.force())).transpose()?;
    let input = Twice::new(source)?;
    let (blocks, progress) = input.open(&args.read)?;
    let planned = plan(blocks, args.read.jobs(), options);
    drop(progress);
    if planned.closing.header.is_none() {
        args.read.report_of(input.name(), &planned.closing, &planned.problems);
        return Ok(Exit::Damaged);
    }
    let (blocks, progress) = input.open(&args.read)?;
    let jobs = args.read.jobs();
    let mut writer = match &staged {
        Some(staged) => {
            let mut writer = staged.writer(&planned.out.meta(&meta(&planned.closing)))?;
            writer.append(&header(&planned.closing))?;
            Some(writer)
        }
        None => None,
    };
    let done = redact(blocks, jobs, &planned.out, |records, renamed| {
        if let Some(map) = &mut map {
            map.add(renamed)?;
        }
        writer.as_mut().map_or(Ok(()), |writer| writer.append(records))
    })?;
    input.same(&planned.closing, &done.closing)?;
    let written = match (staged, writer) {
        (Some(staged), Some(writer)) => {
            let written = staged.finish(writer)?;
            if let Some(map) = map {
                map.finish()?;
            }
            Some(written)
        }
        _ => None,
    };
    drop(progress);
    let exit = args.read.report_of(input.name(), &done.closing, &done.problems);
    let size = written.map(|written| byte_size(written.file_size));
    report(input.name(), &done, args.output, size.as_deref())?;
    Ok(exit)
}

/// A file that maps pseudonyms to the names they replace. It appears once it is complete.
struct NameMap {
    staged: StagedFile,
    out: BufWriter<File>,
    /// Hashes of the names in it.
    seen: HashSet<u64>,
}

impl NameMap {
    fn begin(target: &Path, force: bool) -> Result<Self> {
        let staged = StagedFile::begin(target, force)?;
        let mut out = BufWriter::new(staged.file().try_clone()?);
        out.write_all(b"{\"Names\":[")?;
        Ok(Self { staged, out, seen: HashSet::new() })
    }

    fn add(&mut self, names: &[Renamed]) -> io::Result<()> {
        for name in names {
            let mut hasher = DefaultHasher::new();
            name.hash(&mut hasher);
            if !self.seen.insert(hasher.finish()) {
                continue;
            }
            let Renamed { pseudonym, original, .. } = name;
            let is_text = [pseudonym, original].iter().all(|n| std::str::from_utf8(n).is_ok());
            let mut json = JsonText::new();
            let members = |json: &mut JsonText| {
                if is_text {
                    json.member("Pseudonym", pseudonym).member("Original", original);
                } else {
                    json.member("PseudonymHex", hex(pseudonym));
                    json.member("OriginalHex", hex(original));
                }
            };
            Object(members).write(&mut json);
            self.out.write_all(if self.seen.len() > 1 { b",\n" } else { b"\n" })?;
            json.write_to(&mut self.out)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        let name = || self.staged.target().display().to_string();
        self.out.write_all(b"\n]}\n").and_then(|()| self.out.flush()).with_context(name)?;
        drop(self.out);
        Ok(self.staged.settle()?)
    }
}
