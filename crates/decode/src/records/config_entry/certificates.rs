//! Certificates given to API gateways.

use crate::schema::{Map, Text};
use crate::wire_struct;

wire_struct! {
    /// A `inline-certificate` config entry.
    struct InlineCertificateEntryRef "inline-certificate" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Certificate" certificate: Text<'a>;
        "PrivateKey" private_key: Text<'a>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }

    /// A `file-system-certificate` config entry.
    struct FileSystemCertificateEntryRef "file-system-certificate" {
        "Kind" kind: Text<'a>;
        "Name" name: Text<'a>;
        "Certificate" certificate: Text<'a>;
        "PrivateKey" private_key: Text<'a>;
        "Meta" meta: Map<'a, Text<'a>>, omit_empty;
        "Hash" hash: u64, omit_empty;
        "CreateIndex" create_index: u64;
        "ModifyIndex" modify_index: u64;
    }
}
