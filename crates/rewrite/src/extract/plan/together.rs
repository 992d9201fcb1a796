//! Record types that only make sense together, and are brought as a whole.

use super::Plan;
use crate::extract::facts::Facts;
use snapscope_decode::Kind;

/// A root needs its key, which is in the provider's state, which the configuration identifies.
const CA: [Kind; 3] = [Kind::CONNECT_CA, Kind::CONNECT_CA_PROVIDER_STATE, Kind::CONNECT_CA_CONFIG];
/// Assigned addresses, and the counter from which the next ones are assigned.
const VIRTUAL_IPS: [Kind; 2] = [Kind::SERVICE_VIRTUAL_IP, Kind::FREE_VIRTUAL_IP];
/// Every record of Enterprise is in one of each.
const TENANCY: [Kind; 2] = [Kind::NAMESPACE, Kind::PARTITION];

impl Plan {
    pub(super) fn together(&mut self, facts: &Facts) {
        if !self.options.with_deps {
            return;
        }
        if CA.iter().any(|kind| self.has(*kind)) {
            self.bring_whole(&CA, facts);
        }
        // Services have their virtual addresses among their tagged addresses.
        let has_service =
            || facts.instances.iter().any(|instance| self.keeps(instance.decision, instance.id));
        if VIRTUAL_IPS.iter().any(|kind| self.has(*kind)) || has_service() {
            self.bring_whole(&VIRTUAL_IPS, facts);
        }
        if self.kinds.contains(&true) {
            self.bring_whole(&TENANCY, facts);
        }
    }

    fn bring_whole(&mut self, kinds: &[Kind], facts: &Facts) {
        for kind in kinds {
            let place = usize::from(kind.0);
            if facts.unselected.get(place).is_some_and(|count| *count > 0)
                && let Some(whole) = self.whole.get_mut(place)
            {
                *whole = true;
                self.set(*kind);
            }
        }
    }
}
