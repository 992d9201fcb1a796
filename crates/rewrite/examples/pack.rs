//! Packs a raft folder or state.bin as a file that Consul restores: `pack FOLDER FILE`.

use snapscope_archive::{OpenOptions, Source};
use snapscope_rewrite::{Packing, SnapshotWriter, WriteOptions};
use std::{error::Error, fs::File, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let usage = "which folder, and which file?";
    let mut args = std::env::args_os().skip(1);
    let [folder, file] = std::array::from_fn(|_| args.next().ok_or(usage));
    pack(folder?.as_ref(), file?.as_ref())
}

pub(crate) fn pack(folder: &Path, file: &Path) -> Result<(), Box<dyn Error>> {
    let packing = Packing::open(Source::find(folder)?, &OpenOptions::default())?;
    let file = File::create_new(file)?;
    let mut writer = SnapshotWriter::begin(file, packing.meta(), &WriteOptions::default())?;
    let closing = packing.copy(Some(&mut writer))?;
    writer.finish()?;
    if closing.is_damaged() {
        return Err("the snapshot is damaged, and so is the file".into());
    }
    Ok(())
}
