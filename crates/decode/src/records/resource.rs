//! Objects of Consul's second catalog: a protobuf message in a raw value.

use super::peering::{message_ref, text_field};
use super::resource_type::ResourceType;
use crate::generated::resources::MESSAGES;
pub use crate::generated::resources::{
    AUTH_V2BETA1_TRAFFICPERMISSIONS, CATALOG_V2BETA1_HEALTHSTATUS, CATALOG_V2BETA1_SERVICE,
    CATALOG_V2BETA1_WORKLOAD, RESOURCE_ID, RESOURCE_REFERENCE, RESOURCE_RESOURCE as RESOURCE,
    RESOURCE_TYPES,
};
use crate::protobuf::{FieldValue, MessageSchema, fields};
use crate::schema::{FieldError, Text};
use crate::wire::Value;

/// The message of a type URL: what follows its last slash names it.
#[must_use]
pub fn message_by_url(url: &[u8]) -> Option<&'static MessageSchema> {
    let name = url.rsplit(|b| *b == b'/').next()?;
    let at = MESSAGES.binary_search_by(|message| message.name.as_bytes().cmp(name)).ok()?;
    MESSAGES.get(at).copied()
}

/// The registered type of this name.
#[must_use]
pub fn resource_type(name: &[u8]) -> Option<&'static ResourceType> {
    RESOURCE_TYPES.iter().find(|known| known.name.as_bytes() == name)
}

message_ref! {
    /// An object of the second catalog.
    ResourceRef of RESOURCE {
        version: Text<'a> = text_field(3);
        generation: Text<'a> = text_field(4);
    }
}

impl<'a> ResourceRef<'a> {
    /// The last bytes stored under a number of a message.
    #[must_use]
    pub fn part(message: &'a [u8], number: u32) -> &'a [u8] {
        let last = fields(message).filter_map(Result::ok).filter(|f| f.number == number).last();
        match last.map(|f| f.value) {
            Some(FieldValue::Bytes(part)) => part,
            _ => &[],
        }
    }

    /// The resource's name.
    #[must_use]
    pub fn name(&self) -> Text<'a> {
        text_field(Self::part(self.message, 1), 2)
    }

    /// The resource's type: group, version of the group, kind.
    #[must_use]
    pub fn type_name(&self) -> [Text<'a>; 3] {
        let of = Self::part(Self::part(self.message, 1), 3);
        [text_field(of, 1), text_field(of, 2), text_field(of, 3)]
    }

    /// The same with dots in between, `catalog.v2beta1.Workload`.
    #[must_use]
    pub fn dotted_type(&self) -> Vec<u8> {
        self.type_name().map(|part| part.0).join(&b'.')
    }

    /// The URL of the type of its `data`, and the message in there.
    #[must_use]
    pub fn data(&self) -> (&'a [u8], &'a [u8]) {
        let any = Self::part(self.message, 7);
        (Self::part(any, 1), Self::part(any, 2))
    }

    /// Whether a resource's message stores its peer, as servers before 1.18 wrote it.
    #[must_use]
    pub fn names_peer(message: &[u8]) -> bool {
        [1, 2].into_iter().any(|id| {
            let tenancy = ResourceRef::part(ResourceRef::part(message, id), 4);
            !ResourceRef::part(tenancy, 3).is_empty()
        })
    }

    /// The namespace of the resource; empty if it has none.
    #[must_use]
    pub fn namespace(&self) -> Text<'a> {
        text_field(Self::part(Self::part(self.message, 1), 4), 2)
    }
}
