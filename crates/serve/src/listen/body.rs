//! Bodies on their way to clients.

use crate::answer::Pages;
use crate::state::{Gone, Workers};
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use snapscope_objects::json::Indenter;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The next page, and the source of those after it.
type NextPage = Result<(Option<Vec<u8>>, Box<dyn Pages>), Gone>;

/// A body: one piece, or pages that are produced as the client takes them.
pub(super) enum Outgoing {
    Whole(Option<Bytes>),
    Paged(Paged),
}

/// A body that is produced page by page.
pub(super) struct Paged {
    workers: Workers,
    /// A page that is ready to be sent.
    first: Option<Vec<u8>>,
    rest: Option<Box<dyn Pages>>,
    asking: Option<Pin<Box<dyn Future<Output = NextPage> + Send>>>,
    indenter: Option<Indenter<'static>>,
}

impl Paged {
    pub(super) const fn new(
        workers: Workers,
        first: Vec<u8>,
        rest: Box<dyn Pages>,
        indenter: Option<Indenter<'static>>,
    ) -> Self {
        Self { workers, first: Some(first), rest: Some(rest), asking: None, indenter }
    }

    fn laid_out(&mut self, page: Vec<u8>) -> Bytes {
        let Some(indenter) = &mut self.indenter else { return page.into() };
        let mut out = Vec::with_capacity(page.len() * 2);
        indenter.push(&page, &mut out);
        out.into()
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(self.laid_out(first))));
        }
        if self.asking.is_none() {
            let Some(mut rest) = self.rest.take() else { return Poll::Ready(None) };
            let workers = self.workers.clone();
            self.asking =
                Some(Box::pin(
                    async move { workers.ask(move |view| (rest.next(view), rest)).await },
                ));
        }
        let Some(asking) = &mut self.asking else { return Poll::Ready(None) };
        let asked = ready!(asking.as_mut().poll(context));
        self.asking = None;
        match asked {
            Ok((Some(page), rest)) => {
                self.rest = Some(rest);
                Poll::Ready(Some(Ok(self.laid_out(page))))
            }
            Ok((None, _)) => match self.indenter.take() {
                Some(_) => Poll::Ready(Some(Ok(Bytes::from_static(b"\n")))),
                None => Poll::Ready(None),
            },
            Err(Gone) => Poll::Ready(Some(Err(io::Error::other("the snapshot was closed")))),
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Paged(paged) => {
                paged.poll_page(context).map(|page| page.map(|page| page.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64))
            }
            Self::Paged(_) => SizeHint::default(),
        }
    }
}
