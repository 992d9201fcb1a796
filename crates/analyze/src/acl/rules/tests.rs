//! What is valid and what it means, one test per clause.

use super::super::resource::RuleKind;
use super::*;
use proptest::prelude::*;

const V1_8: ServerVersion = ServerVersion::new(1, 8, 7);
const V1_21: ServerVersion = ServerVersion::NEWEST_KNOWN;

/// The rules as one line each, in order of kind, form and name.
fn rules(text: &str) -> Result<Vec<String>, RuleError> {
    let set = parse_rules(text.as_bytes(), Syntax::Current, V1_21)?;
    Ok(set.rules().iter().map(ToString::to_string).collect())
}

fn same(text: &str, want: &[&str]) {
    match rules(text) {
        Ok(found) => assert_eq!(found, want, "{text}"),
        Err(e) => panic!("{text}: {e}"),
    }
}

fn refused(text: &str, place: (u32, u32)) -> String {
    let error = rules(text).expect_err(text);
    assert_eq!((error.place.line, error.place.column), place, "{text}: {error}");
    error.what
}

const READ_A: &str = r#"key "a" { policy = "read" }"#;

#[test]
fn all_ways_to_write_a_block() {
    for text in [
        r#"key "a" { policy = "read" }"#,
        r#"key a { policy = "read" }"#,
        r#"Key "a" { Policy = "read" }"#,
        r#"key { "a" { policy = "read" } }"#,
        r#"key { a = { policy = "read", } },"#,
        r#"key = { "a" = { policy = "read" } }"#,
        r#"{"key": {"a": {"policy": "read"}}}"#,
        r#"{"key": [{"a": [{"policy": "read"}]}]}"#,
        r#"{"KEY": {"a": [{"policy": "read"}]},} and anything"#,
        "# c\n// d\n/* e\n */ key \"a\" /**/ { policy = \"read\" // f\n}",
        "key \"a\" {\r\n policy = \"read\"\r\n}\r\n",
        r#"key "a" "b" "c" { policy = "read" }"#,
        // The Kelvin sign is a k.
        "\u{212a}ey \"a\" { policy = \"read\" }",
    ] {
        same(text, &[READ_A]);
    }
}

#[test]
fn words_without_names() {
    same("ACL = \"read\" keyring=\"deny\"", &[r#"acl = "read""#, r#"keyring = "deny""#]);
    same("operator = \"deny\"\nOPERATOR = \"read\"", &[r#"operator = "read""#]);
    same("operator = \"bogus\"\noperator = \"read\"", &[r#"operator = "read""#]);
    same("acl = \"\"", &[]);
    same("acl = \"read\" acl = \"\"", &[]);
    same(r#"{"acl": null}"#, &[]);
    same("acl =", &[]);
    refused("acl = \"list\"", (1, 1));
    refused("acl = true", (1, 1));
    refused("acl = [\"read\"]", (1, 1));
    refused("acl {}", (1, 1));
    refused("acl \"x\" { policy = \"read\" }", (1, 1));
}

#[test]
fn names_are_taken_as_they_are() {
    same(
        r#"key "q\"uote\t\u00e9" { policy = "read" }"#,
        &["key \"q\\\"uote\\té\" { policy = \"read\" }"],
    );
    same(r#"key "${name}" { policy = "read" }"#, &[r#"key "${name}" { policy = "read" }"#]);
    same(r#"key "" { policy = "read" }"#, &[r#"key "" { policy = "read" }"#]);
    same("node a.b-c { policy = \"read\" }", &[r#"node "a.b-c" { policy = "read" }"#]);
    same("node 你 { policy = \"read\" }", &[r#"node "你" { policy = "read" }"#]);
    same(r#"key { policy = "read" }"#, &[r#"key "policy" { policy = "read" }"#]);
    refused("node 5 { policy = \"read\" }", (1, 6));
    refused("node true { policy = \"read\" }", (1, 6));
}

#[test]
fn levels_must_be_there_and_right() {
    same(r#"key "a" { policy = "list" }"#, &[r#"key "a" { policy = "list" }"#]);
    same(
        r#"service "a" { policy = "WRITE" intentions = "" }"#,
        &[r#"service "a" { policy = "write (not in lower case)" }"#],
    );
    assert_eq!(refused(r#"key "a" { }"#, (1, 5)), "key \"a\" has no policy");
    refused(r#"key "a" { policy = "" }"#, (1, 20));
    refused(r#"node "a" { policy = "list" }"#, (1, 21));
    refused(r#"service "a" { policy = "read" intentions = "list" }"#, (1, 44));
    refused(r#"service "a" { policy = "read" intentions { } }"#, (1, 31));
    refused(r#"key "a" "b" { policy = "read" }"#, (1, 5));
    refused("key \"a\" { policy = <<E\nwrite\nE\n}", (1, 20));
    same(r#"key "a" { policy = "x" policy = "read" }"#, &[READ_A]);
}

#[test]
fn unknown_blocks_do_not_count() {
    same(
        r#"foo = "bar" bar "x" { policy = "write" } namespace "n" { key "a" { policy = "no" } }
           identity "i" { policy = "write" } partition_prefix "" { mesh = 5 } n = [1, 2.5e3, true,]
           h = <<-EOF
             acl = "write"
             EOF
           key "a" { policy = "read" intentions = 7 sentinel { code = "x" } }"#,
        &[READ_A],
    );
}

#[test]
fn blocks_may_come_twice() {
    same(&format!("{READ_A} {READ_A}"), &[READ_A, READ_A]);
    same("key {} key = [] session = {}", &[]);
    refused("key = \"x\"", (1, 1));
    refused("key = [{ a = { policy = \"read\" } }]", (1, 1));
}

#[test]
fn broken_texts_are_refused_with_a_place() {
    for (text, place) in [
        ("key \"a\" {", (1, 11)),
        ("key \"a\"", (1, 8)),
        ("}", (1, 1)),
        ("key \"a\n\" {}", (2, 5)),
        ("key 'a' { policy = \"read\" }", (1, 5)),
        ("key \"a\" = { policy = \"read\" }", (1, 9)),
        ("key \"\\q\" {}", (1, 7)),
        ("= \"read\"", (1, 1)),
        ("x = 018", (1, 8)),
        ("x = 0x", (1, 7)),
        ("/* x", (1, 5)),
        ("acl = \"read\" / 2", (1, 14)),
        ("x = <<E\ny", (2, 2)),
        ("x = <<-E\ny\nE\n", (4, 1)),
        ("x = [1 2]", (1, 8)),
        ("{\"acl\": read}", (1, 12)),
        ("{acl: \"read\"}", (1, 4)),
        ("{\"x\": 01}", (1, 8)),
        ("\u{feff}acl = \"read\"", (1, 1)),
        ("acl = \"read\" \0", (1, 14)),
    ] {
        refused(text, place);
    }
    let error = parse_rules(b"acl = \"\xff\"", Syntax::Current, V1_21).unwrap_err();
    assert_eq!(error.place.offset, 7);
}

#[test]
fn liberties_of_the_servers() {
    let forgiven = b"key \"a\" { policy = \"read\" } b { c = } }";
    assert_eq!(parse_rules(forgiven, Syntax::Current, V1_8).unwrap().rules().len(), 1);
    refused("key \"a\" { policy = \"read\" } b { c = } }", (1, 37));
    same(r#"{"acl"}"#, &[]);
    same(r#"{"acl": "read", "x": }"#, &[r#"acl = "read""#]);
    same("{}", &[]);
    // An object ends wherever a comma is missing, and at the end of the text.
    same("{", &[]);
    same(r#"{"acl": "read""#, &[r#"acl = "read""#]);
    same(r#"{"acl": "read" "key": 5"#, &[r#"acl = "read""#]);
    same(r#"{"key": [[]]}"#, &[]);
    same("", &[]);
    same(" \n", &[]);
}

#[test]
fn nesting_ends_somewhere() {
    let deep = |n: usize| format!("{}{}", "a {".repeat(n), "}".repeat(n));
    assert!(rules(&deep(100)).is_ok());
    assert!(rules(&deep(101)).unwrap_err().what.contains("100 levels"));
    assert!(rules(&deep(100_000)).is_err());
    assert!(rules(&"{\"a\":".repeat(100_000)).is_err());
    assert!(rules(&format!("a = {}", "[".repeat(100_000))).is_err());
}

#[test]
fn old_versions_know_less_and_refuse_more() {
    let old = |text: &str| parse_rules(text.as_bytes(), Syntax::Current, V1_8);
    assert_eq!(old("mesh = \"bogus\" peering {}").unwrap().rules().len(), 0);
    assert!(rules("mesh = \"bogus\"").is_err());
    assert!(old("revision = 5").is_err());
    assert!(rules("revision = 5 id {}").is_ok());
    assert!(old("id = \"x\"").is_ok());
    // Half a surrogate pair is a character to old servers; new ones look at the first item's keys only.
    for (text, taken) in [
        (r#"{"key": {"\ud800": {"policy": "read"}}}"#, false),
        (r#"{"x": {"\ud800": {"y": 1}}, "acl": "read"}"#, false),
        (r#"{"acl": "read", "x": {"\ud800": {"y": 1}}}"#, true),
    ] {
        assert!(old(text).is_ok(), "{text}");
        assert_eq!(rules(text).is_ok(), taken, "{text}");
    }
    // Those in between read only the keys that they use.
    let at = |text: &str, minor| {
        parse_rules(text.as_bytes(), Syntax::Current, ServerVersion::new(1, minor, 0)).is_ok()
    };
    let used = r#"{"key": {"\ud800": {"policy": "read"}}}"#;
    let unused = r#"{"x": {"\ud800": {"y": 1}}, "acl": "read"}"#;
    assert_eq!([9, 11, 12, 13, 20].map(|minor| at(used, minor)), [true, true, false, false, false]);
    assert_eq!([11, 12, 20, 21].map(|minor| at(unused, minor)), [true, true, true, false]);
}

#[test]
fn what_came_after_the_first_versions_is_ignored_before() {
    let at = |text: &str, major, minor| {
        let version = ServerVersion::new(major, minor, 0);
        let rules = parse_rules(text.as_bytes(), Syntax::Legacy, version);
        rules.map(|set| set.rules().len()).map_err(|e| e.server.unwrap_or_default())
    };
    for word in ["agent", "node", "session"] {
        let text = format!("{word} \"a\" {{ policy = \"read\" }}");
        assert_eq!([at(&text, 0, 7), at(&text, 0, 8)], [Ok(0), Ok(1)], "{word}");
    }
    let list = "key \"a\" { policy = \"list\" }";
    let refused = "Invalid key policy: acl.KeyPolicy{Prefix:\"a\", Policy:\"list\", \
                   Sentinel:acl.Sentinel{Code:\"\", EnforcementLevel:\"\"}}";
    assert_eq!([at(list, 0, 9), at(list, 1, 0)], [Err(refused.to_owned()), Ok(1)]);
    let service = "service \"a\" { policy = \"read\" intentions = \"x\" }";
    let refused = "Invalid service intentions policy: acl.ServicePolicy{Name:\"a\", Policy:\"read\", \
                   Sentinel:acl.Sentinel{Code:\"\", EnforcementLevel:\"\"}, Intentions:\"x\"}";
    assert_eq!([at(service, 1, 1), at(service, 1, 2)], [Ok(1), Err(refused.to_owned())]);
    let sentinel = "key \"a\" { policy = \"read\" sentinel = \"x\" }";
    let refused = "Failed to parse ACL rules: At 1:38: root.key[0].Sentinel: \
                   not an object type for struct (*ast.LiteralType)";
    assert_eq!([at(sentinel, 1, 6), at(sentinel, 1, 7)], [Err(refused.to_owned()), Ok(1)]);
}

#[test]
fn legacy_names_are_prefixes() {
    let text =
        "key \"foo\" { policy = \"list\" } key_prefix \"x\" { } acl = \"no\" operator = \"read\"
        service \"s\" { policy = \"read\" intentions = \"write\" }";
    let set = parse_rules(text.as_bytes(), Syntax::Legacy, V1_8).unwrap();
    let found: Vec<String> = set.rules().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            r#"operator = "read""#,
            r#"key_prefix "foo" { policy = "list" }"#,
            r#"service_prefix "s" { policy = "read" intentions = "write" }"#
        ]
    );
}

#[test]
fn places_are_the_rules_own() {
    let set =
        parse_rules(b"acl = \"read\"\n  key \"a\" {\n policy = \"read\" }", Syntax::Current, V1_21)
            .unwrap();
    let places: Vec<_> = set.rules().iter().map(|r| (r.place.line, r.place.column)).collect();
    assert_eq!(places, [(1, 1), (2, 7)]);
    assert_eq!(set.rules()[1].place.offset, 19);
}

#[test]
fn prefixes_are_found_without_looking_at_all() {
    let names = ["", "a", "a/b", "a/b", "a/c", "ab", "b/"];
    let text: String =
        names.iter().map(|n| format!("key_prefix {n:?} {{ policy = \"read\" }}\n")).collect();
    let set = parse_rules(text.as_bytes(), Syntax::Current, V1_21).unwrap();
    for segment in ["", "a", "a/", "a/b", "a/bx", "a/d", "ab", "abc", "b", "b/x", "c", "A"] {
        let want =
            names.iter().filter(|n| segment.starts_with(**n)).max_by_key(|n| n.len()).unwrap();
        let found = set.longest_prefix(RuleKind::Key, segment.as_bytes()).unwrap();
        assert_eq!(&*found.lossy(), *want, "{segment}");
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "key",
        "key_prefix",
        "service",
        "acl",
        "policy",
        "intentions",
        "\"a\"",
        "\"\"",
        "\"read\"",
        "\"write\"",
        "=",
        ":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "<<E\n",
        "E\n",
        "\n",
        " ",
        "\"",
        "\\",
        "${",
        "#",
        "//",
        "/*",
        "*/",
        "0",
        "08",
        "1.5",
        "-",
        ".",
        "true",
        "null",
        "é",
        "\r\n",
        "\\u00e9",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|p| p.concat())
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in pieces(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for syntax in [Syntax::Current, Syntax::Legacy] {
            for version in [V1_8, V1_21] {
                let _ = parse_rules(text.as_bytes(), syntax, version);
                let _ = parse_rules(format!("{{{text}").as_bytes(), syntax, version);
                let _ = parse_rules(&bytes, syntax, version);
            }
        }
    }

    #[test]
    fn hcl_and_json_say_the_same(
        names in prop::collection::vec("[a-z/]{0,4}", 0..8),
        levels in prop::collection::vec(prop::sample::select(vec!["deny", "read", "list", "write"]), 8),
    ) {
        let mut hcl = String::new();
        let mut json = Vec::new();
        for (name, level) in names.iter().zip(&levels) {
            hcl += &format!("key_prefix \"{name}\" {{\n  policy = \"{level}\"\n}}\n");
            json.push(format!("{{\"{name}\": {{\"policy\": \"{level}\"}}}}"));
        }
        let json = format!("{{\"key_prefix\": [{}]}}", json.join(","));
        prop_assert_eq!(rules(&hcl).unwrap(), rules(&json).unwrap());
    }
}
