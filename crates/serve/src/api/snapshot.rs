//! `snapshot`: the snapshot file.

use super::call::Call;
use super::endpoint::{Endpoint, Tenancy};
use crate::answer::{Answered, Body, Found, Media, PAGE, Pages, Refused};
use crate::state::View;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_archive::{Container, Source};
use std::fs::File;
use std::io::Read as _;

pub(super) static ROWS: &[Endpoint] = &[Endpoint::get("snapshot", download)
    .bare_errors()
    .never_waits()
    .tenancy(Tenancy::Ignored)
    .methods(&["GET", "PUT"])];

/// The file as it is on disk. Other containers would have to be packed first.
fn download(call: &Call<'_>) -> Answered {
    call.check_token()?;
    call.require(Resource::Acl, Access::Write, None)?;
    let (view, facts) = (call.view, call.view.facts);
    let Source::File(path) = view.source else { return Err(not_an_archive()) };
    if facts.container != Some(Container::Snap) {
        return Err(not_an_archive());
    }
    let file = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, file) = file.map_err(|_| Refused::new(500, "snapscope: the file is gone"))?;
    let index = facts.meta.as_ref().map_or(1, |meta| meta.index);
    let mut pages = Download { file, left: length };
    let first = pages.next(view).unwrap_or_default();
    let body = match pages.is_done() {
        true => Body::Bytes(first),
        false => Body::Pages { first, rest: Box::new(pages) },
    };
    Ok(Found::of(200, Media::Gzip, body, index))
}

fn not_an_archive() -> Refused {
    Refused::early(501, "snapscope: not served from a .snap file; write one with `snapscope pack`")
}

struct Download {
    file: File,
    left: u64,
}

impl Pages for Download {
    fn next(&mut self, _: &View<'_>) -> Option<Vec<u8>> {
        if self.left == 0 {
            return None;
        }
        let mut page = Vec::with_capacity(PAGE);
        let at_most = self.left.min(PAGE as u64);
        let read = std::io::Read::by_ref(&mut self.file).take(at_most).read_to_end(&mut page);
        self.left = self.left.saturating_sub(page.len() as u64);
        if read.is_err() || page.is_empty() {
            // The file has shrunk, so fewer bytes are left than announced.
            self.left = 0;
        }
        Some(page)
    }

    fn is_done(&self) -> bool {
        self.left == 0
    }
}
