//! Removes the secrets of a snapshot, for support and tests.
//!
//! One table, `fields.txt`, defines the treatment of each field; a field that is not in it is
//! redacted. Two passes: [`plan`] collects secrets, [`redact`] replaces every occurrence.
//! Replacements depend on a key: the same secret gets the same replacement everywhere, and in every
//! snapshot that is redacted with the same key.

mod apply;
mod certificates;
mod collect;
mod compound;
mod counts;
mod der;
mod dictionary;
mod fields;
mod key;
mod language;
mod messages;
mod noise;
mod opaque;
mod plan;
mod pseudonym;
mod replace;
mod rules;
mod spot;
mod stored;
mod unknown;
mod unknown_record;
mod walk;
mod walker;
mod words;

pub use apply::Renamed;
pub use fields::Treatment;
pub use key::RedactKey;
pub use plan::{RedactOptions, RedactPlan};

use apply::Redactor;
use collect::{Collect, Shared};
use dictionary::Dictionary;
use fields::Table;
use pseudonym::Pseudonyms;
use serde_json::{Map, Value};
use snapscope_analyze::secrets::Scanner;
use snapscope_analyze::{Jobs, Outcome, Problems, fold, ordered};
use snapscope_archive::{Blocks, Meta};
use snapscope_decode::{Block, Frame};
use spot::{Replace as _, Spot};
use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use walker::Walker;

/// What was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedactReport {
    /// Number of values, by struct and field.
    pub replaced: BTreeMap<Vec<u8>, u64>,
    /// Number of records in the new snapshot: all of the old one.
    pub records: u64,
}

/// Reads a snapshot and collects its secrets.
pub fn plan(blocks: Blocks, jobs: Jobs, options: RedactOptions) -> Outcome<RedactPlan> {
    let shared = Shared {
        table: Table::new(),
        scanner: Scanner::new(),
        dictionary: Dictionary::new(&options.key),
    };
    let Outcome { out: (mut certificates, authority), closing, problems } =
        fold(blocks, jobs, || Collect::new(&shared));
    certificates.pseudonyms = options.pseudonymise;
    authority.learn(&options.key, &mut certificates);
    Outcome { out: RedactPlan { options, shared, certificates }, closing, problems }
}

impl RedactPlan {
    /// `meta.json` with other addresses in it, if they are secrets or are to be replaced.
    #[must_use]
    pub fn meta(&self, meta: &Map<String, Value>) -> Map<String, Value> {
        let mut meta = meta.clone();
        let mut redactor = Redactor::new(self);
        let mut other = |text: &str, treatment| {
            let called = b"Address";
            let spot = Spot { owner: "meta.json", field: called, treatment, called };
            let other = redactor.raw(spot, text.as_bytes())?;
            Some(String::from_utf8_lossy(&other).into_owned())
        };
        let servers = meta.get_mut("Configuration").and_then(|c| c.get_mut("Servers"));
        for server in servers.and_then(Value::as_array_mut).into_iter().flatten() {
            for (field, treatment) in [("ID", Treatment::Id), ("Address", Treatment::Address)] {
                if let Some(value) = server.get_mut(field)
                    && let Some(text) = value.as_str()
                    && let Some(text) = other(text, treatment)
                {
                    *value = Value::String(text);
                }
            }
        }
        let stored = Meta { peers: peers_of(&meta), ..Meta::default() };
        if let Some(addresses) = stored.peer_addresses() {
            let addresses = addresses.iter().map(|address| {
                let text = String::from_utf8_lossy(address);
                other(&text, Treatment::Address).unwrap_or_else(|| text.into_owned())
            });
            meta.insert("Peers".to_owned(), Value::String(encoded_peers(addresses)));
        }
        meta
    }
}

fn peers_of(meta: &Map<String, Value>) -> String {
    meta.get("Peers").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn encoded_peers(addresses: impl Iterator<Item = String>) -> String {
    use base64::Engine as _;
    use snapscope_decode::wire::encode;
    let addresses: Vec<String> = addresses.collect();
    let mut bytes = Vec::new();
    encode::list_head(addresses.len() as u64, &mut bytes);
    addresses.iter().for_each(|address| encode::raw(address.as_bytes(), &mut bytes));
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A worker's result for a block.
#[derive(Default)]
struct Work<'p> {
    records: Vec<u8>,
    replaced: BTreeMap<Vec<u8>, u64>,
    renamed: Vec<Renamed>,
    count: u64,
    /// Pseudonyms found on the way, which also hold for later blocks.
    known: Option<(Walker<'p>, Pseudonyms)>,
}

/// Reads the same snapshot again. Passes its records to `sink` without their secrets, in order,
/// with the names that were replaced in them; some names come more than once.
///
/// # Errors
/// If `sink` fails.
pub fn redact<'p>(
    blocks: Blocks,
    jobs: Jobs,
    plan: &'p RedactPlan,
    mut sink: impl FnMut(&[u8], &[Renamed]) -> io::Result<()> + Send,
) -> io::Result<Outcome<RedactReport>> {
    let mut report = RedactReport::default();
    let map = |block: &Block, work: &mut Work<'p>, problems: &mut Problems| {
        work.records.clear();
        work.replaced.clear();
        let known = work.known.take();
        let (mut walker, names) = known.unwrap_or_else(|| {
            (Walker::new(&plan.shared.table), Pseudonyms::new(plan.options.key.clone()))
        });
        let mut redactor = Redactor::with(plan, names);
        for frame in block.frames() {
            record(&frame, &mut walker, &mut redactor, &mut work.records, problems);
        }
        work.count = block.len() as u64;
        redactor.counts.move_to(&mut work.replaced);
        work.renamed = redactor.renamed;
        work.known = Some((walker, redactor.names));
    };
    let Outcome { closing, problems, .. } = ordered(blocks, jobs, map, |work| {
        for (field, count) in &work.replaced {
            *report.replaced.entry(field.clone()).or_default() += count;
        }
        report.records += work.count;
        sink(&work.records, &work.renamed)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Outcome { out: report, closing, problems })
}

/// Appends a record. Of a malformed record only the type remains.
fn record(
    frame: &Frame<'_>,
    walker: &mut Walker<'_>,
    redactor: &mut Redactor<'_>,
    out: &mut Vec<u8>,
    problems: &mut Problems,
) {
    let start = out.len();
    if let Err(error) = walker.record(frame, redactor, out) {
        problems.add(frame, error.into());
        out.truncate(start);
        unknown::nothing(frame, redactor, out);
    }
}

#[cfg(test)]
mod tests {
    use super::certificates::Certificates;
    use super::*;
    use proptest::prelude::*;
    use snapscope_decode::frames_of;
    use std::sync::LazyLock;

    fn any_plan(pseudonymise: bool) -> RedactPlan {
        let key = RedactKey::from_bytes(b"a key");
        RedactPlan {
            shared: Shared {
                table: Table::new(),
                scanner: Scanner::new(),
                dictionary: Dictionary::new(&key),
            },
            options: RedactOptions {
                key,
                pseudonymise,
                keep_prefixes: Vec::new(),
                look_alike: pseudonymise,
                map: true,
            },
            certificates: Certificates::default(),
        }
    }

    static PLANS: LazyLock<[RedactPlan; 2]> = LazyLock::new(|| [false, true].map(any_plan));

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn any_record_stays_one_record_of_its_type(
            kind in 0u8..50,
            body in proptest::collection::vec(any::<u8>(), 1..200),
            pseudonymise: bool,
        ) {
            let bytes = [&[kind], &body[..]].concat();
            let plan = &PLANS[usize::from(pseudonymise)];
            let mut redactor = Redactor::new(plan);
            let mut walker = Walker::new(&plan.shared.table);
            let mut problems = Problems::default();
            for frame in frames_of(&bytes).map_while(Result::ok) {
                let mut out = Vec::new();
                record(&frame, &mut walker, &mut redactor, &mut out, &mut problems);
                let after: Vec<_> = frames_of(&out).collect::<Result<_, _>>().unwrap();
                prop_assert_eq!(after.len(), 1);
                prop_assert_eq!(after[0].kind, frame.kind);
            }
        }
    }
}
