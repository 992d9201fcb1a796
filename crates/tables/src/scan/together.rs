//! Reads several tables in one pass.

use super::batch::Batch;
use super::objects::Parts;
use super::request::Request;
use crate::masking::Masking;
use snapscope_analyze::{Jobs, Outcome};
use snapscope_archive::Blocks;
use snapscope_decode::Frame;
use std::io;

/// Reads tables of objects and links in one pass. Every record is passed to `see`. `take` receives
/// batches of rows in the order of the snapshot, each with the position of its request.
///
/// # Errors
/// The errors of `take`.
pub fn read_together<'r>(
    blocks: Blocks,
    jobs: Jobs,
    masking: Option<&'r Masking>,
    requests: &'r [Request],
    see: &'r (dyn Fn(&Frame<'_>) + Sync + 'r),
    mut take: impl FnMut(usize, &Batch) -> io::Result<()> + Send,
) -> io::Result<Outcome<()>> {
    let parts = Parts::new(requests.iter(), &[], masking).seen_by(see);
    parts.read_blocks(blocks, jobs, |page| {
        for (of, batch) in page.batches.iter_mut().enumerate() {
            if batch.rows() > 0 {
                take(of, batch)?;
                batch.clear();
            }
        }
        Ok(())
    })
}
