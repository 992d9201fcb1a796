//! Endpoints that compile many config entries, or serve Consul's own page. They are not supported
//! here.

use super::call::Call;
use super::endpoint::Endpoint;
use crate::answer::{Answered, Refused};

pub(super) static ROWS: &[Endpoint] = &[unanswered("internal/ui/service-topology/")];

const fn unanswered(path: &'static str) -> Endpoint {
    Endpoint::get(path, refused).bare().without_options()
}

fn refused(_: &Call<'_>) -> Answered {
    Err(Refused::early(501, "snapscope: this is not answered from a snapshot"))
}
