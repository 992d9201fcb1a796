//! Counts the keys of each top-level folder with a custom fold: `folders FILE`.

use snapscope_analyze::{Fold, Jobs, Problems, fold};
use snapscope_archive::{Closing, OpenOptions, Source, open};
use snapscope_decode::records::Record;
use snapscope_decode::{Frame, Kind};
use std::collections::BTreeMap;
use std::{error::Error, io::Write, path::Path};

/// What one worker has seen.
#[derive(Default)]
struct Folders(BTreeMap<Vec<u8>, u64>);

impl Fold for Folders {
    type Out = BTreeMap<Vec<u8>, u64>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if frame.kind != Kind::KVS {
            return;
        }
        match frame.record() {
            Ok(Record::Kv(kv)) => {
                let folder = kv.key.0.split_inclusive(|byte| *byte == b'/').next();
                *self.0.entry(folder.unwrap_or_default().to_vec()).or_default() += 1;
            }
            Ok(_) => {}
            Err(e) => problems.add(frame, e),
        }
    }

    fn merge(&mut self, other: Self) {
        for (folder, keys) in other.0 {
            *self.0.entry(folder).or_default() += keys;
        }
    }

    fn finish(self, _: &Closing) -> Self::Out {
        self.0
    }
}

#[allow(clippy::disallowed_methods, reason = "an example that prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("which snapshot?")?;
    folders(file.as_ref(), &mut std::io::stdout())
}

pub(crate) fn folders(file: &Path, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let blocks = open(&Source::find(file)?, &OpenOptions::default())?;
    let outcome = fold(blocks, Jobs::default(), Folders::default);
    for (folder, keys) in &outcome.out {
        writeln!(out, "{keys} {:?}", String::from_utf8_lossy(folder))?;
    }
    // A wrong hash or a malformed record is not an error: everything readable was counted.
    if outcome.is_damaged() {
        writeln!(out, "the snapshot is damaged")?;
    }
    Ok(())
}
