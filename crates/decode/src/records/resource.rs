//! Objects of Consul's second catalog: a protobuf message inside of a raw value.

use super::peering::{message_ref, text_field};
use crate::protobuf::MessageClass::{
    self, AnyMessage, Enum, Int, Message, MessageMap, TextMap, Timestamp,
};
use crate::protobuf::{FieldValue, fields, message_schema};
use crate::schema::{FieldError, Text};
use crate::wire::Value;

/// States of a condition, by number.
pub static CONDITION_STATES: &[&str] = &["STATE_UNKNOWN", "STATE_TRUE", "STATE_FALSE"];

message_schema! {
    /// `Resource` (42). Unlike the peering messages it is shown by the rules of proto-JSON.
    pub static RESOURCE = "Resource" {
        1 "id" Message(&RESOURCE_ID);
        2 "owner" Message(&RESOURCE_ID);
        3 "version" MessageClass::Text;
        4 "generation" MessageClass::Text;
        5 "metadata" TextMap;
        6 "status" MessageMap(&RESOURCE_STATUS);
        7 "data" AnyMessage;
    }
    /// What names a resource.
    pub static RESOURCE_ID = "ID" {
        1 "uid" MessageClass::Text;
        2 "name" MessageClass::Text;
        3 "type" Message(&RESOURCE_TYPE);
        4 "tenancy" Message(&RESOURCE_TENANCY);
    }
    /// A resource's type.
    pub static RESOURCE_TYPE = "Type" {
        1 "group" MessageClass::Text;
        2 "groupVersion" MessageClass::Text;
        3 "kind" MessageClass::Text;
    }
    /// Where a resource lives.
    pub static RESOURCE_TENANCY = "Tenancy" {
        1 "partition" MessageClass::Text;
        2 "namespace" MessageClass::Text;
    }
    /// What a controller says about a resource.
    pub static RESOURCE_STATUS = "Status" {
        1 "observedGeneration" MessageClass::Text;
        2 "conditions" Message(&RESOURCE_CONDITION), repeated;
        3 "updatedAt" Timestamp;
    }
    /// One statement of a controller.
    pub static RESOURCE_CONDITION = "Condition" {
        1 "type" MessageClass::Text;
        2 "state" Enum(CONDITION_STATES);
        3 "reason" MessageClass::Text;
        4 "message" MessageClass::Text;
        5 "resource" Message(&RESOURCE_REFERENCE);
    }
    /// A reference to another resource.
    pub static RESOURCE_REFERENCE = "Reference" {
        1 "type" Message(&RESOURCE_TYPE);
        2 "tenancy" Message(&RESOURCE_TENANCY);
        3 "name" MessageClass::Text;
        4 "section" MessageClass::Text;
    }
    /// A point in time.
    pub static TIMESTAMP = "Timestamp" {
        1 "seconds" Int;
        2 "nanos" Int;
    }
}

message_ref! {
    /// An object of the second catalog.
    ResourceRef of RESOURCE {
        version: Text<'a> = text_field(3);
        generation: Text<'a> = text_field(4);
    }
}

impl<'a> ResourceRef<'a> {
    fn part(message: &'a [u8], number: u32) -> &'a [u8] {
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
}
