//! Operations on nodes, services and checks.

use crate::api::call::Call;
use crate::api::joined::{row_at, stored_checks_of, stored_service_at};
use snapscope_analyze::acl::Resource;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use snapscope_objects::value::Tape;

/// The type of an operation's object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Node,
    Service,
    Check,
}

impl About {
    /// The type for the member that contains the operation, in lower case.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "node" => Some(Self::Node),
            "service" => Some(Self::Service),
            "check" => Some(Self::Check),
            _ => None,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Node => "Node",
            Self::Service => "Service",
            Self::Check => "Check",
        }
    }
}

/// An operation on an object of the catalog.
pub(super) struct CatalogOperation {
    pub(super) about: About,
    pub(super) verb: String,
    /// The node's name.
    pub(super) node: String,
    /// The ID of the service or check.
    pub(super) id: String,
}

/// Verbs that write.
const WRITING: [&str; 4] = ["set", "cas", "delete", "delete-cas"];

impl CatalogOperation {
    pub(super) fn writes(&self) -> bool {
        WRITING.contains(&self.verb.as_str())
    }

    /// Returns why it is refused before the state is consulted.
    pub(super) fn refusal(&self) -> Option<Vec<u8>> {
        let Self { about, verb, .. } = self;
        let is_known = verb == "get" || self.writes();
        (!is_known).then(|| format!("unknown {} operation: {verb}", about.word()).into_bytes())
    }

    /// Executes the operation. Appends its result to the open list, or returns why it failed.
    pub(super) fn run(
        &self,
        call: &Call<'_>,
        results: &mut JsonText,
        is_filtered: &mut bool,
    ) -> Result<(), Vec<u8>> {
        let Self { about, node, id, .. } = self;
        let view = call.view;
        let at = view.catalog.of(b"").and_then(|nodes| nodes.named(node.as_bytes()));
        let found = at.and_then(|at| match about {
            About::Node => {
                let row = row_at(view, KindId::Nodes, at.at)?;
                Some((call.may_read(Resource::Node, row.text("Node")), row.to_json()))
            }
            About::Service => {
                let services = at.services.iter().filter_map(|at| stored_service_at(view, *at));
                let is_it = |name: &[u8]| name == id.as_bytes();
                let mut services = services.filter(|tape| {
                    tape.root().and_then(|s| s.get("ID")?.text()).is_some_and(is_it)
                });
                let tape = services.next()?;
                let service = tape.root()?;
                let name = service.get("Service").and_then(|name| name.text()).unwrap_or_default();
                let mut json = JsonText::new();
                service.render(&mut json);
                Some((call.may_read(Resource::Service, name), json.into_bytes()))
            }
            About::Check => {
                let checks = stored_checks_of(view, at);
                let text = |tape: &Tape, name: &str| -> Vec<u8> {
                    let text = tape.root().and_then(|check| check.get(name)?.text());
                    text.unwrap_or_default().to_vec()
                };
                let check = checks.iter().find(|check| text(check, "CheckID") == id.as_bytes())?;
                let may = match text(check, "ServiceName").as_slice() {
                    b"" => call.may_read(Resource::Node, &at.name),
                    name => call.may_read(Resource::Service, name),
                };
                let mut json = JsonText::new();
                check.root()?.render(&mut json);
                Some((may, json.into_bytes()))
            }
        });
        match found {
            Some((true, json)) => {
                results.begin_object();
                results.key(about.word().as_bytes());
                results.rendered(&json);
                results.end_object();
                Ok(())
            }
            Some((false, _)) => {
                *is_filtered = true;
                Ok(())
            }
            None => Err(self.missing().into_bytes()),
        }
    }

    fn missing(&self) -> String {
        let Self { about, node, id, .. } = self;
        match about {
            About::Node => format!("node {node:?} doesn't exist"),
            About::Service => format!("service {id:?} on node {node:?} doesn't exist"),
            About::Check => format!("check {id:?} on node {node:?} doesn't exist"),
        }
    }
}
