//! `internal/ui/catalog-overview`: numbers of nodes, services and checks by health.

use crate::answer::{Answered, Found, Refused, object};
use crate::api::call::Call;
use crate::api::joined::{checks_of, row_at};
use crate::api::rows::{number_member, text_member};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::kind::KindId;
use std::collections::{BTreeMap, HashMap};

/// A health state; the worst of several is that of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum State {
    #[default]
    Passing,
    Warning,
    Critical,
}

impl State {
    /// The state of a check. Servers do not count checks with any other status.
    fn of(status: &[u8]) -> Option<Self> {
        match status {
            b"passing" => Some(Self::Passing),
            b"warning" => Some(Self::Warning),
            b"critical" => Some(Self::Critical),
            _ => None,
        }
    }
}

/// Numbers by state.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    total: u64,
    by_state: [u64; 3],
}

impl Counts {
    fn add(&mut self, state: Option<State>) {
        self.total += 1;
        if let Some(count) = state.and_then(|state| self.by_state.get_mut(state as usize)) {
            *count += 1;
        }
    }

    fn write(&self, json: &mut JsonText, name: Option<&[u8]>) {
        json.begin_object();
        if let Some(name) = name {
            text_member(json, "Name", name);
        }
        number_member(json, "Total", self.total);
        for (name, count) in ["Passing", "Warning", "Critical"].iter().zip(self.by_state) {
            number_member(json, name, count);
        }
        json.end_object();
    }
}

/// The numbers for the whole catalog, including those of peers.
pub(super) fn overview(call: &Call<'_>) -> Answered {
    call.check_token()?;
    if let Err(refused) = call.require(Resource::Operator, Access::Read, None) {
        // Servers answer without regard to the identity of the token.
        let text = "Permission denied: token with AccessorID '' lacks permission 'operator:read'";
        return Err(Refused { text: text.into(), ..refused });
    }
    let mut nodes = Counts::default();
    let mut checks: BTreeMap<Vec<u8>, Counts> = BTreeMap::new();
    let mut services: BTreeMap<Vec<u8>, Counts> = BTreeMap::new();
    for (_, catalog) in call.view.catalog.peers() {
        for node in catalog.nodes() {
            let mut worst = State::default();
            let mut of_instances: HashMap<Vec<u8>, State> = HashMap::new();
            for check in checks_of(call.view, node) {
                let state = State::of(check.text("Status"));
                checks.entry(check.text("Name").to_vec()).or_default().add(state);
                let state = state.unwrap_or_default();
                let of = match check.text("ServiceID") {
                    b"" => &mut worst,
                    id => of_instances.entry(id.to_vec()).or_default(),
                };
                *of = (*of).max(state);
            }
            nodes.add(Some(worst));
            for at in &node.services {
                let Some(row) = row_at(call.view, KindId::Instances, *at) else { continue };
                let state = of_instances.get(row.text("ServiceID")).copied().unwrap_or_default();
                services.entry(row.text("ServiceName").to_vec()).or_default().add(Some(state));
            }
        }
    }
    let json = object(|json| {
        json.key(b"Nodes");
        json.begin_list();
        nodes.write(json, None);
        json.end_list();
        for (name, all) in [("Services", &services), ("Checks", &checks)] {
            json.key(name.as_bytes());
            json.begin_list();
            all.iter().for_each(|(name, counts)| counts.write(json, Some(name)));
            json.end_list();
        }
    });
    Ok(Found::json(0, json))
}
