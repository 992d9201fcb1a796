//! Policies that servers generate for identities and templates.

use crate::answer::{number_member, text_member};
use crate::state::View;
use base64_simd::STANDARD as BASE64;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest as _};
use snapscope_analyze::acl::{Template, node_identity_text, service_identity_text};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::value::Node;

/// FNV-1a of no bytes, with 128 bits. Servers append it where they meant to append a hash of the
/// rules.
const HASH_OF_NOTHING: &str = "6c62272e07bb014262b821756295c58d";

/// The description of an identity's policy.
const OF_IDENTITY: &str = "synthetic policy";

/// A generated policy.
pub(super) struct SyntheticPolicy {
    pub(super) id: String,
    description: String,
    rules: String,
    datacenters: Vec<Vec<u8>>,
}

impl SyntheticPolicy {
    fn new(description: String, rules: String, datacenters: Vec<Vec<u8>>) -> Self {
        let rules_in_hex: String = rules.bytes().map(|byte| format!("{byte:02x}")).collect();
        Self { id: format!("{rules_in_hex}{HASH_OF_NOTHING}"), description, rules, datacenters }
    }

    /// The policy of a template with that name; `None` if it needs a name.
    pub(super) fn of_template(
        template: &Template,
        name: &str,
        datacenters: Vec<Vec<u8>>,
    ) -> Option<Self> {
        let description =
            format!("synthetic policy generated from templated policy: {}", template.name());
        Some(Self::new(description, template.filled(name)?, datacenters))
    }

    /// The policies of a token or role that do not come from policy links.
    pub(super) fn of_object(view: &View<'_>, object: Node<'_>) -> Vec<Self> {
        let text = |node: Node<'_>, path: &[&str]| {
            let text = node.at(path.iter().copied()).and_then(|text| text.text());
            String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
        };
        let listed = |name: &str| object.get(name).into_iter().flat_map(|list| list.items());
        let datacenters = |node: Node<'_>| -> Vec<Vec<u8>> {
            let all = node.get("Datacenters").into_iter().flat_map(|all| all.items());
            all.filter_map(|name| Some(name.text()?.to_vec())).collect()
        };
        let mut all = Vec::new();
        for identity in listed("ServiceIdentities") {
            let name = text(identity, &["ServiceName"]);
            let rules = service_identity_text(&name);
            all.push(Self::new(OF_IDENTITY.to_owned(), rules, datacenters(identity)));
        }
        for identity in listed("NodeIdentities") {
            let name = text(identity, &["NodeName"]);
            let datacenter = text(identity, &["Datacenter"]).into_bytes();
            let rules = node_identity_text(&name);
            all.push(Self::new(OF_IDENTITY.to_owned(), rules, vec![datacenter]));
        }
        for templated in listed("TemplatedPolicies") {
            let name = text(templated, &["TemplateName"]);
            let variable = text(templated, &["TemplateVariables", "name"]);
            let known = Template::all(view.version()).into_iter().find(|one| one.name() == name);
            let policy =
                known.and_then(|known| Self::of_template(known, &variable, datacenters(templated)));
            all.extend(policy);
        }
        all
    }

    /// Writes it as a policy in the form of the API.
    pub(super) fn write(&self, json: &mut JsonText) {
        let Self { id, description, rules, datacenters } = self;
        let name = format!("synthetic-policy-{id}");
        let mut hasher = Blake2b::<U32>::new();
        for part in [&name, description, rules] {
            hasher.update(part.as_bytes());
        }
        datacenters.iter().for_each(|datacenter| hasher.update(datacenter));
        json.begin_object();
        text_member(json, "ID", id);
        text_member(json, "Name", &name);
        text_member(json, "Description", description);
        text_member(json, "Rules", rules);
        if !datacenters.is_empty() {
            json.key(b"Datacenters");
            json.begin_list();
            datacenters.iter().for_each(|datacenter| json.text(datacenter));
            json.end_list();
        }
        text_member(json, "Hash", BASE64.encode_to_string(hasher.finalize()));
        number_member(json, "CreateIndex", 0);
        number_member(json, "ModifyIndex", 0);
        json.end_object();
    }
}
