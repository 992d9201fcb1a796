//! Several whole tables, in memory.

use super::background::Scan;
use super::batch::Batch;
use super::objects::Parts;
use super::request::Request;
use crate::relation::Rows;
use crate::snapshot::Snapshot;
use snapscope_objects::kind::KindId;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// Reads whole tables, those of objects in one pass. A reference to an object that does not exist
/// is null. `take` receives batches, each with the position of its request, and may keep them
/// elsewhere; what it leaves, and batches with references, are returned.
///
/// # Errors
/// If the snapshot cannot be read, and those of `take`.
pub fn collect(
    snapshot: &Arc<Snapshot>,
    requests: &[Request],
    take: &mut (dyn FnMut(usize, &mut Batch) -> io::Result<()> + Send),
) -> io::Result<Vec<Vec<Batch>>> {
    let mut all: Vec<Vec<Batch>> = requests.iter().map(|_| Vec::new()).collect();
    let is_of_objects =
        |request: &Request| matches!(request.relation.rows, Rows::Objects(_) | Rows::Links(_));
    let places = requests.iter().enumerate().filter(|(_, request)| is_of_objects(request));
    let places: Vec<usize> = places.map(|(at, _)| at).collect();
    if !places.is_empty() {
        objects(snapshot, requests.iter().filter(|r| is_of_objects(r)), &places, &mut all, take)?;
    }
    for (at, (request, batches)) in requests.iter().zip(&mut all).enumerate() {
        if is_of_objects(request) {
            continue;
        }
        for batch in Scan::start(Arc::clone(snapshot), request.clone()) {
            let mut batch = batch?;
            take(at, &mut batch)?;
            if batch.rows > 0 {
                batches.push(batch);
            }
        }
    }
    Ok(all)
}

fn objects<'r>(
    snapshot: &'r Snapshot,
    requests: impl Iterator<Item = &'r Request> + Clone,
    places: &[usize],
    all: &mut [Vec<Batch>],
    take: &mut (dyn FnMut(usize, &mut Batch) -> io::Result<()> + Send),
) -> io::Result<()> {
    let mut referenced: Vec<KindId> = requests.clone().flat_map(Request::referenced).collect();
    referenced.sort_unstable();
    referenced.dedup();
    let parts = Parts::new(requests, &referenced, snapshot.masking.as_deref());
    let mut ids: BTreeMap<KindId, Vec<u64>> = BTreeMap::new();
    parts.read(snapshot, |page| {
        for (batch, place) in page.batches.iter_mut().zip(places) {
            if batch.rows > 0 && batch.references.is_empty() {
                take(*place, batch)?;
            }
            if batch.rows > 0
                && let Some(batches) = all.get_mut(*place)
            {
                batches.push(std::mem::take(batch));
            }
        }
        for (found, kind) in page.ids.iter_mut().skip(places.len()).zip(&referenced) {
            ids.entry(*kind).or_default().append(found);
        }
        Ok(())
    })?;
    ids.values_mut().for_each(|ids| ids.sort_unstable());
    for batch in all.iter_mut().flatten() {
        for (at, to, id) in std::mem::take(&mut batch.references) {
            if ids.get(&to).is_none_or(|ids| ids.binary_search(&id).is_err()) {
                batch.cells.forget(at);
            }
        }
    }
    Ok(())
}
