//! Writes external nodes with their services and checks.
//!
//! A registration has all fields but no condition. Operations of transactions do not have all
//! fields (before 1.9 they lose kinds, proxies and tagged addresses).

use super::Live;
use super::between::{PARTS, own, part_of};
use super::model::Planned;
use super::write::Run;
use crate::client::{ClientError, Query, Repeat};
use serde_json::{Value, json};
use snapscope_analyze::api::written::{Object, compared, list, text, written};
use snapscope_objects::kind::KindId;

const REGISTER: &str = "v1/catalog/register";
const DEREGISTER: &str = "v1/catalog/deregister";

impl Run<'_> {
    pub(super) async fn node(
        &self,
        planned: &Planned,
        now: Option<&Live>,
    ) -> Result<(), ClientError> {
        let live = now.map(|live| &live.object);
        let requests = if planned.wanted.delete {
            vec![(DEREGISTER, json!({"Node": text(&planned.wanted.object, "Node")}))]
        } else {
            requests(&planned.wanted.object, live)
        };
        for (path, body) in requests {
            // Repeating it changes nothing.
            let _: Value =
                self.client.put_json(path, Query::default(), &body, Repeat::Safe).await?;
        }
        Ok(())
    }
}

/// The steps that turn the cluster's node into the desired one: the node with its own checks, each
/// service with its checks, and finally the removal of extra items.
fn requests(wanted: &Object, live: Option<&Object>) -> Vec<(&'static str, Value)> {
    let name = text(wanted, "Node");
    let node = written(KindId::Nodes, wanted);
    let same = |list: &str, id: &str, part: &Object| {
        let id_of = text(part, id);
        let shown = part_of(&compared(KindId::Nodes, wanted), list, id, id_of);
        live.is_some_and(|live| {
            shown.is_some() && part_of(&compared(KindId::Nodes, live), list, id, id_of) == shown
        })
    };
    let checks: Vec<Object> = list(&node, "Checks")
        .filter_map(Value::as_object)
        .filter(|check| !same("Checks", "CheckID", check))
        .map(|check| {
            let mut check = check.clone();
            check.insert("Node".to_owned(), name.into());
            check
        })
        .collect();
    let of_service = |id: &str| -> Vec<&Object> {
        checks.iter().filter(|check| text(check, "ServiceID") == id).collect()
    };
    let is_same_node = live.is_some_and(|live| own(live) == own(wanted));
    let mut requests = Vec::new();
    let own_checks = of_service("");
    if !is_same_node || !own_checks.is_empty() {
        let mut body = node.clone();
        PARTS.iter().for_each(|(list, _)| drop(body.remove(*list)));
        if let Some(meta) = body.remove("Meta") {
            body.insert("NodeMeta".to_owned(), meta);
        }
        body.insert("Checks".to_owned(), json!(own_checks));
        requests.push((REGISTER, Value::Object(body)));
    }
    for service in list(&node, "Services").filter_map(Value::as_object) {
        let is_same = same("Services", "ID", service);
        let checks = of_service(text(service, "ID"));
        if is_same && checks.is_empty() {
            continue;
        }
        let mut body = json!({
            "Node": name,
            "Address": text(&node, "Address"),
            "SkipNodeUpdate": true,
            "Checks": checks,
        });
        if let Some(body) = body.as_object_mut().filter(|_| !is_same) {
            body.insert("Service".to_owned(), Value::Object(service.clone()));
        }
        requests.push((REGISTER, body));
    }
    let named = [("Checks", "CheckID", "CheckID"), ("Services", "ID", "ServiceID")];
    for (of, id, field) in named {
        let live = live.into_iter().flat_map(|live| list(live, of)).filter_map(Value::as_object);
        for part in live.filter(|part| part_of(&node, of, id, text(part, id)).is_none()) {
            requests.push((DEREGISTER, json!({"Node": name, field: text(part, id)})));
        }
    }
    requests
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn node(address: &str, services: &[(&str, u16)]) -> Object {
        let services: Vec<Value> = services
            .iter()
            .map(|(id, port)| json!({"ID": id, "Service": id, "Port": port}))
            .collect();
        let node = json!({"Node": "n", "Address": address, "Services": services, "Checks": []});
        node.as_object().unwrap().clone()
    }

    #[test]
    fn only_what_differs_is_sent() {
        let (a, b) = (node("1", &[("x", 1), ("y", 1)]), node("1", &[("x", 1), ("z", 1)]));
        let sent = requests(&b, Some(&a));
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert_eq!((sent[0].0, &sent[0].1["Service"]["ID"]), (REGISTER, &json!("z")));
        assert_eq!((sent[1].0, &sent[1].1), (DEREGISTER, &json!({"Node": "n", "ServiceID": "y"})));
        assert_eq!(requests(&a, Some(&a)), []);
        assert_eq!(requests(&a, None).len(), 3);
    }
}
