//! `decode --raw` loses nothing: each record's bytes are made again from its line by an encoder
//! that isn't the product's. And typed records hold what independent decoders find.

use crate::support::{Fixture, all, run, split, write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;
use serde::Deserialize;
use snapscope_decode::records::{Record as Typed, record_schema};
use snapscope_decode::schema::{Class, Schema};
use snapscope_decode::{Frame, Kind, frames_of};
use snapscope_objects::json::JsonText;
use snapscope_objects::{raw, render};
use snapscope_testkit::fixtures;
use snapscope_testkit::{Archive, Record, SnapshotSpec, Val};
use std::collections::BTreeMap;

/// Makes stored bytes from tagged JSON text. Reads the text itself, so that no digit of a number
/// passes through anybody's float.
struct Rebuild<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Rebuild<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> u8 {
        self.text[self.at]
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &[u8]) {
        assert!(self.text[self.at..].starts_with(word), "{:?}", self.text.escape_ascii());
        self.at += word.len();
    }

    fn string(&mut self) -> String {
        let start = self.at;
        self.expect(b"\"");
        while !self.eat(b'"') {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        serde_json::from_slice(&self.text[start..self.at]).expect("JSON text")
    }

    fn number(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|b| !b"+-0123456789.eE".contains(b)).unwrap_or(rest.len());
        self.at += end;
        std::str::from_utf8(&rest[..end]).expect("digits")
    }

    fn base64(&mut self) -> Vec<u8> {
        BASE64.decode(self.string()).expect("base64")
    }

    /// One value's bytes onto `out`.
    fn value(&mut self, out: &mut Vec<u8>) {
        match self.peek() {
            b'n' => {
                self.expect(b"null");
                Val::Nil.encode(out);
            }
            b't' => {
                self.expect(b"true");
                Val::Bool(true).encode(out);
            }
            b'f' => {
                self.expect(b"false");
                Val::Bool(false).encode(out);
            }
            b'"' => Val::Raw(self.string().into_bytes()).encode(out),
            b'[' => {
                self.at += 1;
                let items = self.items(b']', |this, out| this.value(out));
                head(out, items.len(), 0x90, 0xdc);
                items.iter().for_each(|item| out.extend_from_slice(item));
            }
            b'{' => self.object(out),
            _ => {
                let digits = self.number();
                if digits.contains(['.', 'e', 'E']) {
                    Val::F64(digits.parse().expect("a float")).encode(out);
                } else if digits.starts_with('-') {
                    Val::Int(digits.parse().expect("an integer")).encode(out);
                } else {
                    Val::Uint(digits.parse().expect("an integer")).encode(out);
                }
            }
        }
    }

    fn items(&mut self, end: u8, mut item: impl FnMut(&mut Self, &mut Vec<u8>)) -> Vec<Vec<u8>> {
        let mut items = Vec::new();
        while !self.eat(end) {
            if !items.is_empty() {
                self.expect(b",");
            }
            let mut bytes = Vec::new();
            item(self, &mut bytes);
            items.push(bytes);
        }
        items
    }

    fn object(&mut self, out: &mut Vec<u8>) {
        self.expect(b"{");
        if !self.text[self.at..].starts_with(b"\"$") {
            let entries = self.items(b'}', |this, out| {
                let key = this.string();
                assert!(!key.starts_with('$'), "a tag must be its object's only key");
                Val::from(key).encode(out);
                this.expect(b":");
                this.value(out);
            });
            head(out, entries.len(), 0x80, 0xde);
            entries.iter().for_each(|entry| out.extend_from_slice(entry));
            return;
        }
        let tag = self.string();
        self.expect(b":");
        match tag.as_str() {
            "$raw" => Val::Raw(self.base64()).encode(out),
            "$msgpack" => out.extend_from_slice(&self.base64()),
            "$f32" if self.peek() == b'"' => {
                let bits = u32::from_str_radix(&self.string(), 16).expect("hex");
                Val::F32(f32::from_bits(bits)).encode(out);
            }
            "$f32" => Val::F32(self.number().parse().expect("a float")).encode(out),
            "$f64" => {
                let bits = u64::from_str_radix(&self.string(), 16).expect("hex");
                Val::F64(f64::from_bits(bits)).encode(out);
            }
            "$map" => {
                self.expect(b"[");
                let pairs = self.items(b']', |this, out| {
                    this.expect(b"[");
                    this.value(out);
                    this.expect(b",");
                    this.value(out);
                    this.expect(b"]");
                });
                head(out, pairs.len(), 0x80, 0xde);
                pairs.iter().for_each(|pair| out.extend_from_slice(pair));
            }
            other => panic!("the tag {other} is not documented"),
        }
        self.expect(b"}");
    }
}

fn head(out: &mut Vec<u8>, len: usize, short: u8, long: u8) {
    match len {
        0..=15 => out.push(short | len as u8),
        16..=0xffff => {
            out.push(long);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        _ => {
            out.push(long + 1);
            out.extend_from_slice(&(len as u32).to_be_bytes());
        }
    }
}

/// A record's bytes from its line `{"Type":...,"Data":...}`.
fn rebuilt(line: &[u8]) -> Vec<u8> {
    let mut at = Rebuild::new(line);
    at.expect(b"{\"Type\":");
    let kind = Kind::by_name(&at.string()).expect("a known name or a number");
    at.expect(b",\"Data\":");
    let mut out = vec![kind.0];
    at.value(&mut out);
    at.expect(b"}");
    assert_eq!(at.at, line.len());
    out
}

/// The header's bytes from the first line.
fn rebuilt_header(line: &[u8]) -> Vec<u8> {
    let mark = b",\"State\":";
    let start = line.windows(mark.len()).rposition(|w| w == mark).expect("the stored header");
    let mut at = Rebuild { text: line, at: start + mark.len() };
    let mut out = Vec::new();
    at.value(&mut out);
    out
}

fn raw_lines(fixture: &Fixture) -> Vec<Vec<u8>> {
    let ran = run(["decode", "--raw", fixture.path.to_str().unwrap()]);
    assert_eq!((ran.code(), ran.stderr.as_str()), (0, ""), "{}", fixture.name);
    ran.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(<[u8]>::to_vec).collect()
}

/// The whole of state.bin comes back, header and all.
#[test]
fn every_state_is_rebuilt_byte_for_byte() {
    for fixture in all() {
        let state = fixture.state();
        let lines = raw_lines(&fixture);
        let records = split(&state);
        assert_eq!(lines.len(), records.len() + 1, "{}", fixture.name);
        let mut whole = rebuilt_header(&lines[0]);
        for (line, (kind, bytes)) in lines[1..].iter().zip(&records) {
            let made = rebuilt(line);
            assert!(made == *bytes, "{} type {kind}: {}", fixture.name, line.escape_ascii());
            // The product's own way back agrees.
            let json: serde_json::Value = serde_json::from_slice(line).unwrap();
            let mut ours = vec![*kind];
            raw::encode(&json["Data"], &mut ours).unwrap();
            assert!(ours == *bytes, "{} type {kind}", fixture.name);
            // What is in these is plain: nothing a server wrote needs the escape of last resort.
            assert!(!line.windows(10).any(|w| w == b"\"$msgpack\""), "{}", fixture.name);
            whole.extend_from_slice(&made);
        }
        assert!(whole == state, "{}", fixture.name);
    }
}

fn any_val() -> impl Strategy<Value = Val> {
    let leaf = prop_oneof![
        Just(Val::Nil),
        any::<bool>().prop_map(Val::Bool),
        any::<i64>().prop_map(Val::Int),
        (any::<i64>(), 0u32..64).prop_map(|(n, shift)| Val::Int(n >> shift)),
        (any::<u64>(), 0u32..64).prop_map(|(n, shift)| Val::Uint(n >> shift)),
        any::<u32>().prop_map(|bits| Val::F32(f32::from_bits(bits))),
        any::<u64>().prop_map(|bits| Val::F64(f64::from_bits(bits))),
        (any::<i32>()).prop_map(|n| Val::F64(f64::from(n))),
        ".{0,40}".prop_map(Val::from),
        "[$A-Za-z]{0,8}".prop_map(Val::from),
        proptest::collection::vec(any::<u8>(), 0..70).prop_map(Val::Raw),
    ];
    leaf.prop_recursive(5, 64, 20, |inner| {
        let key = prop_oneof![8 => "[$A-Za-z]{0,6}".prop_map(Val::from), 1 => inner.clone()];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..20).prop_map(Val::Array),
            proptest::collection::vec((key, inner), 0..20).prop_map(Val::Map),
        ]
    })
}

/// The stored names of every field there is, so that random records meet the typed paths.
fn field_names() -> Vec<String> {
    let mut names = Vec::new();
    for number in 0..=255 {
        if let Some(schema) = record_schema(Kind(number)) {
            names.extend(schema.fields.iter().map(|f| f.stored.to_owned()));
        }
    }
    names.sort();
    names.dedup();
    names
}

fn line_of(frame: &Frame<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    raw::render(&mut frame.cursor(), 128, &mut json).unwrap();
    json.into_bytes()
}

fn check_record(record: &Record) {
    let bytes = record.bytes();
    let frames: Vec<_> = frames_of(&bytes).collect::<Result<_, _>>().unwrap();
    let [frame] = frames.as_slice() else { panic!("{} records", frames.len()) };
    assert_eq!((frame.kind.0, frame.bytes), (record.kind, bytes.as_slice()));
    let line = line_of(frame);
    serde_json::from_slice::<serde_json::Value>(&line).expect("valid JSON");
    let mut made = vec![record.kind];
    Rebuild::new(&line).value(&mut made);
    assert!(made == bytes, "{}", line.escape_ascii());
    // Typed or not, it is rendered as valid JSON, and reading it as a struct never panics.
    let mut json = JsonText::new();
    let _ = render::render_record(frame, render::Options::default(), &mut json);
    serde_json::from_slice::<serde_json::Value>(json.as_bytes()).expect("valid JSON");
    let _ = frame.record();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_record_of_any_type_is_rebuilt(kind in any::<u8>(), body in any_val()) {
        check_record(&Record::new(kind, body));
    }

    #[test]
    fn records_with_known_fields_of_any_content_are_rebuilt(
        kind in proptest::sample::select(
            (0..=255).filter(|n| Kind(*n).info().is_some()).collect::<Vec<u8>>()),
        fields in proptest::collection::vec(
            (proptest::sample::select(field_names()), any_val()), 0..12),
    ) {
        let body = fields.into_iter().map(|(name, value)| (Val::from(name), value)).collect();
        check_record(&Record::new(kind, Val::Map(body)));
    }

    /// Forms Consul's writer doesn't choose are kept too: any msgpack at all.
    #[test]
    fn any_msgpack_is_rebuilt(bytes in proptest::collection::vec(any::<u8>(), 1..120)) {
        if let Some(Ok(frame)) = frames_of(&bytes).next() {
            let mut made = vec![frame.kind.0];
            Rebuild::new(&line_of(&frame)).value(&mut made);
            prop_assert_eq!(made, frame.bytes);
        }
    }
}

/// Random records through the binary, every known type among them.
#[test]
fn random_records_survive_the_binary() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut records = Vec::new();
    for kind in 0..=255u8 {
        let body = any_val().new_tree(&mut runner).unwrap().current();
        records.push(Record::new(kind, body));
    }
    let spec = SnapshotSpec::new(records);
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &spec.snap());
    let ran = run(["decode", "--raw", path.to_str().unwrap()]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    let mut made = Vec::new();
    for (number, line) in ran.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty()).enumerate() {
        made.extend(if number == 0 { rebuilt_header(line) } else { rebuilt(line) });
    }
    assert!(made == spec.state());
}

/// Deeper than is rendered, a value stands there whole as base64.
#[test]
fn what_is_nested_too_deep_is_not_lost() {
    let mut body = Val::from("bottom");
    for _ in 0..300 {
        body = Val::Array(vec![body]);
    }
    let spec = SnapshotSpec::new(vec![Record::new(200, body)]);
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "x.snap", &spec.snap());
    for depth in ["1", "128", "1000"] {
        let ran = run(["decode", "--raw", "--max-depth", depth, path.to_str().unwrap()]);
        assert_eq!(ran.code(), 0, "{}", ran.stderr);
        let line = ran.stdout.split(|b| *b == b'\n').nth(1).unwrap();
        assert_eq!(rebuilt(line), spec.records[0].bytes());
    }
}

/// Raw bytes as any msgpack reader hands them on: as text if they are UTF-8, or as bytes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Blob(Vec<u8>);

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Blob;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("raw bytes")
            }
            fn visit_str<E>(self, text: &str) -> Result<Blob, E> {
                Ok(Blob(text.as_bytes().to_vec()))
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }
            fn visit_unit<E>(self) -> Result<Blob, E> {
                Ok(Blob::default())
            }
        }
        from.deserialize_any(Visitor)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KvStored {
    key: Blob,
    value: Blob,
    flags: u64,
    session: Blob,
    lock_index: u64,
    create_index: u64,
    modify_index: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RegisterStored {
    node: Blob,
    address: Blob,
    node_meta: Option<BTreeMap<String, String>>,
    service: Option<ServiceStored>,
    check: Option<CheckStored>,
    /// Not stored before 1.7.
    #[serde(default)]
    modify_index: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceStored {
    #[serde(rename = "ID")]
    id: Blob,
    service: Blob,
    tags: Option<Vec<Blob>>,
    /// Not stored before 1.0.7.
    #[serde(default)]
    meta: Option<BTreeMap<String, String>>,
    port: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CheckStored {
    #[serde(rename = "CheckID")]
    check_id: Blob,
    status: Blob,
    output: Blob,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TokenStored {
    #[serde(rename = "AccessorID")]
    accessor_id: Blob,
    #[serde(rename = "SecretID")]
    secret_id: Blob,
    policies: Option<Vec<LinkStored>>,
    roles: Option<Vec<LinkStored>>,
    create_time: Blob,
    hash: Blob,
    local: bool,
    /// Not stored since 1.15.
    #[serde(default)]
    rules: Blob,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct LinkStored {
    #[serde(rename = "ID")]
    id: Blob,
    name: Blob,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CoordinateStored {
    node: Blob,
    coord: SerfStored,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SerfStored {
    vec: Vec<f64>,
    error: f64,
    adjustment: f64,
    height: f64,
}

fn stored<'de, T: Deserialize<'de>>(frame: &Frame<'de>) -> T {
    rmp_serde::from_slice(frame.body()).unwrap_or_else(|e| panic!("{}: {e}", frame.kind))
}

fn blob(bytes: &[u8]) -> Blob {
    Blob(bytes.to_vec())
}

/// Every record of every fixture reads as its type, nothing in it is unknown, and what it holds
/// is what an independent reader finds in the same bytes.
#[test]
fn typed_records_hold_what_is_stored() {
    let mut seen = BTreeMap::<String, usize>::new();
    for fixture in all() {
        let state = fixture.state();
        for (number, (kind, bytes)) in split(&state).into_iter().enumerate() {
            let frame = frames_of(bytes).next().unwrap().unwrap();
            let what = format!("{} record {} ({})", fixture.name, number + 1, frame.kind);
            let record = frame.record().unwrap_or_else(|e| panic!("{what}: {e}"));
            *seen.entry(frame.kind.to_string()).or_default() += 1;
            let mut body = &bytes[1..];
            let value = rmpv::decode::read_value(&mut body).unwrap();
            if let Some(schema) = record_schema(Kind(kind)) {
                walk(schema, &value, &what);
            }
            compare(&record, &frame, &what);
        }
    }
    assert!(seen.len() >= 26, "few types: {seen:?}");
}

fn compare(record: &Typed<'_>, frame: &Frame<'_>, what: &str) {
    match record {
        Typed::Kv(kv) | Typed::Tombstone(kv) => {
            let s: KvStored = stored(frame);
            assert_eq!((blob(kv.key.0), blob(kv.value.0)), (s.key, s.value), "{what}");
            assert_eq!(blob(kv.session.0), s.session, "{what}");
            let ours = (kv.flags, kv.lock_index, kv.create_index, kv.modify_index);
            assert_eq!(ours, (s.flags, s.lock_index, s.create_index, s.modify_index), "{what}");
            assert!(kv.rest.is_empty(), "{what}");
        }
        Typed::Register(r) => {
            let s: RegisterStored = stored(frame);
            assert_eq!((blob(r.node.0), blob(r.address.0)), (s.node, s.address), "{what}");
            assert_eq!(r.modify_index, s.modify_index, "{what}");
            assert!(r.rest.is_empty(), "{what}");
            let text =
                |map: &snapscope_decode::schema::Map<'_, snapscope_decode::schema::Text<'_>>| {
                    map.iter()
                        .map(|e| e.unwrap())
                        .map(|(k, v)| (k.lossy().into_owned(), v.lossy().into_owned()))
                        .collect::<BTreeMap<_, _>>()
                };
            assert_eq!(text(&r.node_meta), s.node_meta.unwrap_or_default(), "{what}");
            let service = r.service.get().unwrap();
            assert_eq!(service.is_some(), s.service.is_some(), "{what}");
            if let (Some(ours), Some(s)) = (service, s.service) {
                assert_eq!((blob(ours.id.0), blob(ours.service.0)), (s.id, s.service), "{what}");
                assert_eq!(ours.port, s.port, "{what}");
                assert_eq!(text(&ours.meta), s.meta.unwrap_or_default(), "{what}");
                let tags: Vec<Blob> = ours.tags.iter().map(|t| blob(t.unwrap().0)).collect();
                assert_eq!(tags, s.tags.unwrap_or_default(), "{what}");
                assert!(ours.rest.is_empty(), "{what}");
            }
            let check = r.check.get().unwrap();
            assert_eq!(check.is_some(), s.check.is_some(), "{what}");
            if let (Some(ours), Some(s)) = (check, s.check) {
                assert_eq!(blob(ours.check_id.0), s.check_id, "{what}");
                assert_eq!(blob(ours.status.0), s.status, "{what}");
                assert_eq!(blob(ours.output.0), s.output, "{what}");
            }
        }
        Typed::AclToken(token) => {
            let s: TokenStored = stored(frame);
            assert_eq!(blob(token.accessor_id.0), s.accessor_id, "{what}");
            assert_eq!(blob(token.secret_id.0), s.secret_id, "{what}");
            assert_eq!((blob(token.hash.0), token.local), (s.hash, s.local), "{what}");
            assert_eq!(blob(token.rules.0), s.rules, "{what}");
            let seconds = i64::from_be_bytes(s.create_time.0[1..9].try_into().unwrap());
            assert_eq!(token.create_time.seconds, seconds, "{what}");
            let ours: Vec<LinkStored> = token
                .policies
                .iter()
                .map(|l| l.unwrap())
                .map(|l| LinkStored { id: blob(l.id.0), name: blob(l.name.0) })
                .collect();
            assert_eq!(ours, s.policies.unwrap_or_default(), "{what}");
            assert_eq!(token.roles.len() as usize, s.roles.unwrap_or_default().len(), "{what}");
        }
        Typed::Coordinates(coordinates) => {
            let s: Vec<CoordinateStored> = stored(frame);
            assert_eq!(coordinates.len() as usize, s.len(), "{what}");
            for (ours, s) in coordinates.iter().zip(s) {
                let ours = ours.unwrap().unwrap();
                assert_eq!(blob(ours.node.0), s.node, "{what}");
                let coord = ours.coord.get().unwrap().unwrap();
                let vec: Vec<f64> = coord.vec.iter().map(Result::unwrap).collect();
                assert_eq!(vec, s.coord.vec, "{what}");
                let rest = (coord.error, coord.adjustment, coord.height);
                assert_eq!(rest, (s.coord.error, s.coord.adjustment, s.coord.height), "{what}");
            }
        }
        Typed::ConfigEntry(entry) => {
            let typed = entry.typed().unwrap_or_else(|e| panic!("{what}: {e}"));
            assert!(!format!("{typed:?}").starts_with("Unknown"), "{what}");
            let mut outer = frame.body();
            let rmpv::Value::String(inner) = rmpv::decode::read_value(&mut outer).unwrap() else {
                panic!("{what}: not raw")
            };
            let mut inner = inner.as_bytes();
            let kind = rmpv::decode::read_value(&mut inner).unwrap();
            let request = rmpv::decode::read_value(&mut inner).unwrap();
            assert!(inner.is_empty(), "{what}: bytes behind the request");
            assert_eq!(kind.as_str().map(str::as_bytes), Some(entry.kind.0), "{what}");
            let mut stored = find(&request, "Entry").cloned().unwrap();
            if let rmpv::Value::String(nested) = &stored {
                let bytes = nested.as_bytes().to_vec();
                stored = rmpv::decode::read_value(&mut bytes.as_slice()).unwrap();
            }
            walk(entry.schema().unwrap(), &stored, what);
            if let Some(name) = find(&stored, "Name").and_then(rmpv::Value::as_str) {
                assert_eq!(entry.name().0, name.as_bytes(), "{what}");
            }
        }
        Typed::Unknown(_) => panic!("{what}: a fixture holds only types that are known"),
        _ => {}
    }
}

fn find<'a>(map: &'a rmpv::Value, key: &str) -> Option<&'a rmpv::Value> {
    map.as_map()?.iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, v)| v)
}

/// Every stored field is declared, and holds what is declared.
fn walk(schema: &Schema, value: &rmpv::Value, what: &str) {
    let entries = value.as_map().unwrap_or_else(|| panic!("{what}: {} is no map", schema.name));
    for (key, value) in entries {
        let key = key.as_str().unwrap_or_else(|| panic!("{what}: a field without a name"));
        let field = schema.stored(key.as_bytes());
        let field = field.unwrap_or_else(|| panic!("{what}: {}.{key} is unknown", schema.name));
        class(field.class, value, &format!("{what}: {}.{key}", schema.name));
    }
}

fn class(class_: &Class, value: &rmpv::Value, what: &str) {
    use rmpv::Value as V;
    let fits = match (class_, value) {
        (Class::Any, _) | (_, V::Nil) => true,
        (Class::Optional(inner), value) => {
            class(inner, value, what);
            true
        }
        (Class::Text | Class::Bytes, V::String(_)) => true,
        (Class::Time, V::String(s)) => matches!(s.as_bytes().len(), 15 | 16),
        (Class::Ip, V::String(s)) => matches!(s.as_bytes().len(), 0 | 4 | 16),
        (Class::Int | Class::Nanos | Class::NanosText, V::Integer(n)) => n.is_i64(),
        (Class::Uint, V::Integer(n)) => n.is_u64(),
        (Class::Uint32, V::Integer(n)) => n.as_u64().is_some_and(|n| u32::try_from(n).is_ok()),
        (Class::Bool, V::Boolean(_)) | (Class::F32, V::F32(_)) | (Class::F64, V::F64(_)) => true,
        (Class::List(inner), V::Array(items)) => {
            items.iter().for_each(|item| class(inner, item, what));
            true
        }
        (Class::Map(inner) | Class::NumberMap(inner) | Class::NameMap(inner), V::Map(entries)) => {
            entries.iter().for_each(|(_, value)| class(inner, value, what));
            true
        }
        (Class::Struct(schema), V::Map(_)) => {
            walk(schema(), value, what);
            true
        }
        _ => false,
    };
    assert!(fits, "{what}: {value} is not {class_:?}");
}

/// The frames that come out of each container are the same bytes at the same offsets.
#[test]
fn frames_say_where_they_stand() {
    use snapscope_archive::{OpenOptions, Source, open};
    for fixture in all() {
        let state = fixture.state();
        let archive = Archive::of_files(&fixture.meta(), &state);
        let expected = split(&state);
        for bytes in [state.clone(), archive.tar(), archive.snap()] {
            for threads in [1, 4] {
                let options = OpenOptions { threads, ..OpenOptions::default() };
                let mut blocks = open(&Source::Memory(bytes.clone().into()), &options).unwrap();
                let mut number = 0;
                for block in blocks.by_ref() {
                    for frame in block.frames() {
                        assert_eq!(frame.bytes, expected[number].1);
                        let at = frame.offset as usize;
                        assert_eq!(&state[at..at + frame.bytes.len()], frame.bytes);
                        number += 1;
                        assert_eq!(frame.number, number as u64);
                    }
                }
                assert_eq!(number, expected.len());
                assert_eq!(blocks.finish().records, number as u64);
            }
        }
    }
    assert!(!fixtures::raft_dirs().is_empty());
}
