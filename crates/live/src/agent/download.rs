//! A snapshot from the cluster, on the scratch disk and verified.

use super::failure::{Failure, Stage};
use super::scratch;
use crate::client::Client;
use crate::save::{Progress, Received, SaveError, receive};
use snapscope_analyze::{Inspect, Inspection, Jobs, Origin, OriginFacts};
use snapscope_staged::StagedFile;
use std::num::NonZeroUsize;
use std::path::Path;

/// A complete, verified snapshot. Dropping it removes its file.
pub(super) struct Downloaded {
    pub(super) file: StagedFile,
    pub(super) received: Received<(Inspection, OriginFacts)>,
}

/// Downloads a snapshot into `folder` and verifies it fully. Dropping the future removes the file.
pub(super) async fn download(client: &Client, folder: &Path) -> Result<Downloaded, Failure> {
    let file = scratch::create(folder).map_err(|e| Failure::new(Stage::Scratch, e.to_string()))?;
    let download = client
        .download_snapshot()
        .await
        .map_err(|e| Failure::new(Stage::Download, e.to_string()))?;
    // One worker: an agent is a guest on its machine.
    let jobs = Jobs(NonZeroUsize::MIN);
    let new = || (Inspect::new(), Origin::default());
    let received =
        receive(download, Some(&file), jobs, new, &Progress::default()).await.map_err(|e| {
            let stage = match &e {
                SaveError::Client(_) => Stage::Download,
                SaveError::Stage(_) => Stage::Scratch,
                _ => Stage::Verify,
            };
            Failure::new(stage, e.to_string())
        })?;
    Ok(Downloaded { file, received })
}
