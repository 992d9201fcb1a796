//! A row in the table of endpoints.

use super::call::Call;
use super::traits::Traits;
use crate::answer::{Answered, Heads, Refused};
use snapscope_decode::VersionRange;

/// Answers a request.
pub(super) type Handler = fn(&Call<'_>) -> Answered;

/// How an endpoint treats namespaces and partitions. Only Enterprise servers have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tenancy {
    /// Both are errors.
    Refused,
    /// A namespace is ignored, a partition is an error.
    OnlyPartition,
    /// Both are ignored.
    Ignored,
}

/// An endpoint: its path, its methods and parameters, and its handler.
pub(crate) struct Endpoint {
    /// Its path below `/v1/`. If it ends with `/`, it matches all paths below.
    pub(super) path: &'static str,
    /// The methods that servers accept, as in `Allow`.
    pub(super) methods: &'static [&'static str],
    /// The methods that are answered; the others in `methods` write.
    pub(super) answered: &'static [&'static str],
    pub(super) handler: Handler,
    /// The versions that have this endpoint.
    pub(super) versions: VersionRange,
    /// The traits of its answers.
    pub(super) traits: Traits,
    /// Whether another datacenter than the servers' own is an error.
    pub(super) judges_datacenter: bool,
    pub(super) tenancy: Tenancy,
    /// Whether it takes the parameters of reads (`index`, `wait`, consistency).
    pub(super) takes_options: bool,
    /// A suffix of the path with which it takes other methods, and those methods.
    pub(super) ending: Option<(&'static str, &'static [&'static str])>,
    /// The body of the answer to OPTIONS.
    pub(super) options_body: &'static str,
}

impl Endpoint {
    /// An endpoint that is read with GET. Its errors have headers about the state.
    pub(super) const fn get(path: &'static str, handler: Handler) -> Self {
        Self {
            path,
            methods: &["GET"],
            answered: &["GET"],
            handler,
            versions: VersionRange::ALL,
            traits: Traits { heads: Heads::Lists, says_consistency: false, blocks: true },
            judges_datacenter: true,
            tenancy: Tenancy::Refused,
            takes_options: true,
            ending: None,
            options_body: "",
        }
    }

    /// An endpoint that is read with another method.
    pub(super) const fn with(
        methods: &'static [&'static str],
        path: &'static str,
        handler: Handler,
    ) -> Self {
        Self { methods, answered: methods, ..Self::get(path, handler).bare() }
    }

    /// An endpoint that only writes.
    pub(super) const fn writes(methods: &'static [&'static str], path: &'static str) -> Self {
        Self { answered: &[], ..Self::with(methods, path, |_| Err(Refused::read_only())) }
    }

    /// An endpoint for something that snapshots do not contain.
    pub(super) const fn absent(path: &'static str) -> Self {
        Self::get(path, |_| Err(Refused::not_in_a_snapshot())).bare().without_options()
    }

    /// Servers also accept these methods, which write.
    pub(super) const fn methods(self, methods: &'static [&'static str]) -> Self {
        Self { methods, ..self }
    }

    /// Servers take these methods, and all of them read.
    pub(super) const fn answers(self, methods: &'static [&'static str]) -> Self {
        Self { methods, answered: methods, ..self }
    }

    /// Only these versions have it.
    pub(super) const fn versions(self, versions: VersionRange) -> Self {
        Self { versions, ..self }
    }

    /// Its answers have no headers about the state and never wait.
    pub(super) const fn bare(self) -> Self {
        Self { traits: Traits { heads: Heads::Bare, blocks: false, ..self.traits }, ..self }
    }

    /// Its errors have no headers about the state.
    pub(super) const fn bare_errors(self) -> Self {
        self.heads(Heads::Reads)
    }

    /// Its answers name their consistency.
    pub(super) const fn says_consistency(self) -> Self {
        Self { traits: Traits { says_consistency: true, ..self.traits }, ..self }
    }

    /// Sets the headers about the state that its answers have.
    pub(super) const fn heads(self, heads: Heads) -> Self {
        Self { traits: Traits { heads, ..self.traits }, ..self }
    }

    /// Its requests never wait.
    pub(super) const fn never_waits(self) -> Self {
        Self { traits: Traits { blocks: false, ..self.traits }, ..self }
    }

    /// It accepts any datacenter.
    pub(super) const fn any_datacenter(self) -> Self {
        Self { judges_datacenter: false, ..self }
    }

    /// See [`Tenancy`].
    pub(super) const fn tenancy(self, tenancy: Tenancy) -> Self {
        Self { tenancy, ..self }
    }

    /// It takes none of the parameters of reads.
    pub(super) const fn without_options(self) -> Self {
        Self {
            takes_options: false,
            judges_datacenter: false,
            tenancy: Tenancy::Ignored,
            ..self.never_waits()
        }
    }

    /// Sets a body for OPTIONS.
    pub(super) const fn options_body(self, body: &'static str) -> Self {
        Self { options_body: body, ..self }
    }

    /// Sets other methods for paths with a suffix.
    pub(super) const fn ending(
        self,
        ending: &'static str,
        methods: &'static [&'static str],
    ) -> Self {
        Self { ending: Some((ending, methods)), ..self }
    }

    /// The methods that a path accepts.
    pub(super) fn methods_of(&self, rest: &[u8]) -> &'static [&'static str] {
        match self.ending {
            Some((ending, methods)) if rest.ends_with(ending.as_bytes()) => methods,
            _ => self.methods,
        }
    }
}
