//! Cluster peerings: protobuf messages in a raw value.

use crate::protobuf::{FieldValue, MessageClass, MessageSchema, fields, message_schema};
use crate::schema::{FieldError, Text, wrong_class};
use crate::wire::Value;
use MessageClass::{Enum, Map, Message, Timestamp, Uint};

/// States of a peering, by number.
pub static PEERING_STATES: &[&str] =
    &["UNDEFINED", "PENDING", "ESTABLISHING", "ACTIVE", "FAILING", "DELETING", "TERMINATED"];

message_schema! {
    /// `Peering` (35).
    pub static PEERING = "Peering" {
        1 "ID" MessageClass::Text;
        2 "Name" MessageClass::Text;
        3 "Partition" MessageClass::Text;
        4 "DeletedAt" Timestamp;
        5 "Meta" Map(&MessageClass::Text);
        6 "State" Enum(PEERING_STATES);
        7 "PeerID" MessageClass::Text;
        8 "PeerCAPems" MessageClass::Text, repeated;
        9 "PeerServerName" MessageClass::Text;
        10 "PeerServerAddresses" MessageClass::Text, repeated;
        11 "CreateIndex" Uint;
        12 "ModifyIndex" Uint;
        13 "StreamStatus" Message(&STREAM_STATUS);
        17 "Remote" Message(&REMOTE_INFO);
        18 "ManualServerAddresses" MessageClass::Text, repeated;
    }
    /// Traffic with a peer; computed on request, so not in snapshots.
    pub static STREAM_STATUS = "StreamStatus" {
        1 "ImportedServices" MessageClass::Text, repeated;
        2 "ExportedServices" MessageClass::Text, repeated;
        3 "LastHeartbeat" Timestamp;
        4 "LastReceive" Timestamp;
        5 "LastSend" Timestamp;
    }
    /// What the other side reported about itself.
    pub static REMOTE_INFO = "RemoteInfo" {
        1 "Partition" MessageClass::Text;
        2 "Datacenter" MessageClass::Text;
        3 "Locality" Message(&LOCALITY);
    }
    /// Region and zone.
    pub static LOCALITY = "Locality" {
        1 "Region" MessageClass::Text;
        2 "Zone" MessageClass::Text;
    }
    /// `PeeringTrustBundle` (38).
    pub static PEERING_TRUST_BUNDLE = "PeeringTrustBundle" {
        1 "TrustDomain" MessageClass::Text;
        2 "PeerName" MessageClass::Text;
        3 "Partition" MessageClass::Text;
        4 "RootPEMs" MessageClass::Text, repeated;
        5 "ExportedPartition" MessageClass::Text;
        6 "CreateIndex" Uint;
        7 "ModifyIndex" Uint;
    }
    /// `PeeringSecret` (40).
    pub static PEERING_SECRET = "PeeringSecrets" {
        1 "PeerID" MessageClass::Text;
        2 "establishment" Message(&ESTABLISHMENT);
        3 "stream" Message(&STREAM_SECRETS);
    }
    /// The secret that establishes a peering.
    pub static ESTABLISHMENT = "Establishment" {
        1 "SecretID" MessageClass::Text;
    }
    /// The secrets that keep its stream alive.
    pub static STREAM_SECRETS = "Stream" {
        1 "ActiveSecretID" MessageClass::Text;
        2 "PendingSecretID" MessageClass::Text;
    }
}

/// Returns the bytes of the message in a record's raw body.
pub(super) fn message_of<'a>(
    body: Value<'a>,
    schema: &MessageSchema,
) -> Result<&'a [u8], FieldError> {
    let Value::Raw(message) = body else {
        return Err(wrong_class("raw bytes that hold a protobuf message", body));
    };
    match fields(message).find_map(Result::err) {
        None => Ok(message),
        Some(e) => {
            Err(FieldError::class("a protobuf message", "other bytes").inside(schema.name, e.at))
        }
    }
}

/// The last occurrence of a text field, which is the one that counts.
pub(super) fn text_field(message: &[u8], number: u32) -> Text<'_> {
    let last = fields(message).filter_map(Result::ok).filter(|f| f.number == number).last();
    match last.map(|f| f.value) {
        Some(FieldValue::Bytes(text)) => Text(text),
        _ => Text(&[]),
    }
}

pub(super) fn number_field(message: &[u8], number: u32) -> u64 {
    let last = fields(message).filter_map(Result::ok).filter(|f| f.number == number).last();
    match last.map(|f| f.value) {
        Some(FieldValue::Varint(n)) => n,
        _ => 0,
    }
}

macro_rules! message_ref {
    ($($(#[$meta:meta])* $name:ident of $schema:ident {
        $($field:ident : $ty:ty = $read:ident($number:literal);)*
    })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name<'a> {
                /// The whole message; its fields are those of the schema and whatever is newer.
                pub message: &'a [u8],
                $(
                    #[doc = concat!("Field ", stringify!($number), ".")]
                    pub $field: $ty,
                )*
            }

            impl<'a> $name<'a> {
                /// Reads it from a record's body.
                ///
                /// # Errors
                /// If the body is not raw, or not a protobuf message.
                pub fn read(body: Value<'a>) -> Result<Self, FieldError> {
                    let message = $crate::records::peering::message_of(body, &$schema)?;
                    Ok(Self {
                        message,
                        $($field: $crate::records::peering::$read(message, $number),)*
                    })
                }
            }
        )*
    };
}
pub(super) use message_ref;

message_ref! {
    /// A peering with another cluster.
    PeeringRef of PEERING {
        id: Text<'a> = text_field(1);
        name: Text<'a> = text_field(2);
        partition: Text<'a> = text_field(3);
        state: u64 = number_field(6);
        peer_id: Text<'a> = text_field(7);
        peer_server_name: Text<'a> = text_field(9);
        create_index: u64 = number_field(11);
        modify_index: u64 = number_field(12);
    }
    /// The root certificates of a peer.
    PeeringTrustBundleRef of PEERING_TRUST_BUNDLE {
        trust_domain: Text<'a> = text_field(1);
        peer_name: Text<'a> = text_field(2);
        partition: Text<'a> = text_field(3);
        create_index: u64 = number_field(6);
        modify_index: u64 = number_field(7);
    }
    /// The secrets of a peering.
    PeeringSecretRef of PEERING_SECRET {
        peer_id: Text<'a> = text_field(1);
    }
}
