//! `acl`: a folder of request bodies for the create calls of the ACL API.
//!
//! `policies/NAME.json`, `roles/NAME.json`, `tokens/ACCESSOR.json`, `binding-rules/ID.json` and
//! `auth-methods/NAME.json`; beside a policy its rules as `NAME.hcl`. Servers assign IDs to
//! policies, roles and binding rules, and refuse a body with one. Links are therefore by name, and
//! `ids.json` has the original IDs. Tokens keep accessor and secret.
//!
//! Tokens of the system before 1.4 are in `legacy-tokens/`, for `/v1/acl/create`.
//!
//! Objects that servers create themselves and expired tokens have no file; objects that only some
//! servers accept have one. `exceptions.jsonl` lists both.

use crate::exceptions::{Exception, Exceptions};
use crate::file_name::encoded;
use crate::new_files::NewFiles;
use crate::writer::{Ending, Part, Writer};
use serde_json::{Map, Value};
use snapscope_analyze::api::acl::{
    binding_refused, builtin_policy, ids_refused, is_expired, is_reserved, link_refused,
    method_refused, name_refused, strip,
};
use snapscope_analyze::api::{Refusal, fields};
use snapscope_decode::VersionRange;
use snapscope_objects::json::indented;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds::of;
use snapscope_objects::printable::counted;
use snapscope_objects::row::Row;
use snapscope_staged::{create_folder_in, create_in};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The kinds that are exported. Each has a subfolder of its name.
pub(crate) const KINDS: &[KindId] =
    &[KindId::Tokens, KindId::Policies, KindId::Roles, KindId::BindingRules, KindId::AuthMethods];
/// The subfolder of tokens of the system before 1.4.
const LEGACY: &str = "legacy-tokens";

/// The subfolders.
pub(crate) fn folders() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| of(*kind).name).chain([LEGACY])
}

/// The file of IDs.
pub(crate) const IDS: &str = "ids.json";

#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// One line each, with the kind.
    lines: Vec<(KindId, Vec<u8>)>,
    size: usize,
}

impl Part for Objects {
    fn clear(&mut self) {
        self.lines.clear();
        self.size = 0;
    }

    fn row(&mut self, row: &Row) {
        let mut line = row.to_json();
        line.push(b'\n');
        self.size += line.len();
        self.lines.push((row.kind.id, line));
    }

    fn size(&self) -> usize {
        self.size
    }
}

#[derive(Debug)]
pub(crate) struct Acl {
    folder: PathBuf,
    files: NewFiles,
    /// Objects with links wait here until all names are known: tokens are stored before policies.
    waiting: BufWriter<File>,
    policies: Map<String, Value>,
    roles: Map<String, Value>,
    binding_rules: Vec<BindingRule>,
    /// Names of the auth methods.
    methods: BTreeSet<String>,
    /// Tokens that were created by a login.
    logins: u64,
    exceptions: Exceptions,
    /// Facts that are known only at the end.
    taken_ms: Option<i64>,
    /// Whether all policies and roles of the snapshot are known, so that any other link is
    /// dangling.
    knows_links: bool,
}

#[derive(Debug)]
struct BindingRule {
    id: String,
    file: String,
    method: String,
}

type NotTaken = Vec<Refusal>;

impl Writer for Acl {
    type Part = Objects;

    fn create(at: &Path, _kinds: &[KindId]) -> io::Result<Self> {
        for folder in folders() {
            create_folder_in(at, folder)?;
        }
        Ok(Self {
            folder: at.to_owned(),
            files: NewFiles::default(),
            // In the same place as the export, which has space for it; the file has no name where
            // the system allows that.
            waiting: BufWriter::new(tempfile::tempfile_in(at)?),
            policies: Map::new(),
            roles: Map::new(),
            binding_rules: Vec::new(),
            methods: BTreeSet::new(),
            logins: 0,
            exceptions: Exceptions::new(at),
            taken_ms: None,
            knows_links: false,
        })
    }

    fn take(&mut self, part: &mut Objects) -> io::Result<()> {
        for (kind, line) in &part.lines {
            match *kind {
                KindId::Policies => self.policy(body(line)?)?,
                KindId::AuthMethods => self.method(body(line)?)?,
                KindId::BindingRules => self.binding_rule(body(line)?)?,
                kind => {
                    if kind == KindId::Roles {
                        let role = body(line)?;
                        self.roles.insert(field(&role, "ID"), field(&role, "Name").into());
                    }
                    self.waiting.write_all(if kind == KindId::Roles { b"r" } else { b"t" })?;
                    self.waiting.write_all(line)?;
                }
            }
        }
        Ok(())
    }

    fn finish(mut self, ending: &Ending) -> io::Result<Vec<String>> {
        self.taken_ms = ending.taken_ms;
        let whole = |kind| ending.damage.is_empty() && ending.whole.contains(&kind);
        self.knows_links = whole(KindId::Policies) && whole(KindId::Roles);
        if whole(KindId::AuthMethods) {
            self.list_rules_without_method()?;
        }
        let placeholder = tempfile::tempfile_in(&self.folder)?;
        let waiting = std::mem::replace(&mut self.waiting, BufWriter::new(placeholder));
        let mut waiting = waiting.into_inner().map_err(io::IntoInnerError::into_error)?;
        waiting.rewind()?;
        let mut waiting = BufReader::new(waiting);
        let mut line = Vec::new();
        while waiting.read_until(b'\n', &mut line)? > 0 {
            let (tag, object) = line.split_first().unwrap_or((&b't', &[]));
            let object = body(object)?;
            if *tag == b'r' {
                self.role(object)?
            } else {
                self.token(object)?
            }
            line.clear();
        }
        let mut ids = Map::new();
        let by_name = |of: &Map<String, Value>| -> Value {
            of.iter().map(|(id, name)| (text(name).to_owned(), Value::from(id.as_str()))).collect()
        };
        ids.insert("Policies".to_owned(), by_name(&self.policies));
        ids.insert("Roles".to_owned(), by_name(&self.roles));
        let rules: Vec<Value> =
            self.binding_rules.iter().map(|rule| rule.id.as_str().into()).collect();
        ids.insert("BindingRules".to_owned(), rules.into());
        create_in(&self.folder, IDS)?.write_all(&laid_out(&ids))?;
        let mut notes = Vec::new();
        if self.logins > 0 {
            notes.push(format!(
                "{} from a login; without their AuthMethod, which only a login can set, they can \
                 be created",
                counted(self.logins, "token is", "tokens are")
            ));
        }
        notes.extend(self.exceptions.finish()?);
        Ok(notes)
    }
}

impl Acl {
    fn policy(&mut self, mut policy: Map<String, Value>) -> io::Result<()> {
        strip(&mut policy);
        let id = field(&policy, "ID");
        let name = field(&policy, "Name");
        self.policies.insert(id.clone(), name.as_str().into());
        if let Some(servers) = builtin_policy(&name) {
            let why = "they create it themselves, and refuse to create it again";
            return self.left_out(KindId::Policies, &id, servers, why, &policy);
        }
        policy.remove("ID");
        let file = self.write(KindId::Policies, "Name", &policy)?;
        let rules = field(&policy, "Rules");
        create_in(&self.folder_of(KindId::Policies), &format!("{file}.hcl"))?
            .write_all(rules.as_bytes())?;
        self.list(
            KindId::Policies,
            &id,
            &path_of(KindId::Policies, &file),
            &policy,
            name_refused(KindId::Policies, &name).into_iter().collect(),
        )
    }

    fn method(&mut self, mut method: Map<String, Value>) -> io::Result<()> {
        strip(&mut method);
        let name = field(&method, "Name");
        self.methods.insert(name.clone());
        let file = self.write(KindId::AuthMethods, "Name", &method)?;
        let why = name_refused(KindId::AuthMethods, &name).into_iter();
        let why = why.chain(method_refused(&field(&method, "Type"))).collect();
        self.list(KindId::AuthMethods, &name, &path_of(KindId::AuthMethods, &file), &method, why)
    }

    fn binding_rule(&mut self, mut rule: Map<String, Value>) -> io::Result<()> {
        strip(&mut rule);
        let id = text(&rule.remove("ID").unwrap_or_default()).to_owned();
        let file = self.write_as(KindId::BindingRules, &id, &rule)?;
        let file = path_of(KindId::BindingRules, &file);
        let why = binding_refused(&field(&rule, "BindType"));
        self.list(KindId::BindingRules, &id, &file, &rule, why.into_iter().collect())?;
        self.binding_rules.push(BindingRule { id, file, method: field(&rule, "AuthMethod") });
        Ok(())
    }

    /// Of several auth methods of one type, 1.8.7 writes only the last into a snapshot.
    fn list_rules_without_method(&mut self) -> io::Result<()> {
        for BindingRule { id, file, method } in &self.binding_rules {
            if !self.methods.contains(method) {
                self.exceptions.add(&Exception {
                    kind: KindId::BindingRules,
                    id,
                    file: Some(file),
                    servers: VersionRange::ALL,
                    why: &format!(
                        "its auth method {method:?} is not in the snapshot; create it first"
                    ),
                    object: None,
                })?;
            }
        }
        Ok(())
    }

    fn role(&mut self, mut role: Map<String, Value>) -> io::Result<()> {
        strip(&mut role);
        let id = text(&role.remove("ID").unwrap_or_default()).to_owned();
        let name = field(&role, "Name");
        let mut why: NotTaken = name_refused(KindId::Roles, &name).into_iter().collect();
        self.link(&mut role, "Policies", &mut why);
        let file = self.write(KindId::Roles, "Name", &role)?;
        self.list(KindId::Roles, &id, &path_of(KindId::Roles, &file), &role, why)
    }

    fn token(&mut self, mut token: Map<String, Value>) -> io::Result<()> {
        strip(&mut token);
        let rules = field(&token, "Rules");
        let kind = field(&token, "Type");
        let accessor = field(&token, "AccessorID");
        // Before 1.4 it has no accessor.
        if is_reserved(&accessor) || field(&token, "SecretID") == "anonymous" {
            let why = "they create it themselves; change it with `PUT /v1/acl/token/` and its \
                       accessor";
            return self.left_out(KindId::Tokens, &accessor, VersionRange::ALL, why, &token);
        }
        if !rules.is_empty() || !kind.is_empty() {
            let file = self.legacy(&token, &kind, &rules)?;
            let why = "they do not support tokens with their own rules".to_owned();
            let why = vec![(VersionRange::since(1, 11), why)];
            return self.list(KindId::Tokens, &accessor, &file, &Map::new(), why);
        }
        token.remove("Rules");
        token.remove("Type");
        let mut why = NotTaken::new();
        let end = field(&token, "ExpirationTime");
        if !end.is_empty() {
            if self.taken_ms.is_some_and(|taken| is_expired(&end, taken)) {
                let why = format!("it expired at {end}");
                return self.left_out(KindId::Tokens, &accessor, VersionRange::ALL, &why, &token);
            }
            why.push((
                VersionRange::ALL,
                format!("they accept it from 24 hours to 1 minute before it expires at {end}"),
            ));
            // Servers compute one from the other, and refuse both together.
            token.remove("ExpirationTTL");
        }
        if !field(&token, "AuthMethod").is_empty() {
            token.remove("AuthMethod");
            self.logins += 1;
        }
        why.extend(ids_refused(&token));
        self.link(&mut token, "Policies", &mut why);
        self.link(&mut token, "Roles", &mut why);
        let file = self.write(KindId::Tokens, "AccessorID", &token)?;
        self.list(KindId::Tokens, &accessor, &path_of(KindId::Tokens, &file), &token, why)
    }

    /// Turns links by ID into links by name. Links that are certainly dangling are removed; links
    /// to objects that are not exported are kept.
    fn link(&self, object: &mut Map<String, Value>, list: &str, why: &mut NotTaken) {
        let names = if list == "Roles" { &self.roles } else { &self.policies };
        let dangling = by_names(object, list, names, self.knows_links);
        if !dangling.is_empty() {
            let (ids, list) = (dangling.join(", "), list.to_ascii_lowercase());
            why.push((
                VersionRange::ALL,
                if self.knows_links {
                    format!("links to deleted {list} are left out: {ids}")
                } else {
                    format!("links to {list} that are not exported remain IDs: {ids}")
                },
            ));
        }
        let links = object.get(list).and_then(Value::as_array).into_iter().flatten();
        why.extend(links.filter_map(|link| link_refused(link.get("Name")?.as_str()?)));
    }

    /// Records why an object has no file.
    fn left_out(
        &mut self,
        kind: KindId,
        id: &str,
        servers: VersionRange,
        why: &str,
        object: &Map<String, Value>,
    ) -> io::Result<()> {
        self.exceptions.add(&Exception { kind, id, file: None, servers, why, object: Some(object) })
    }

    /// Records which servers refuse the body in a file.
    fn list(
        &mut self,
        kind: KindId,
        id: &str,
        file: &str,
        body: &Map<String, Value>,
        mut why: NotTaken,
    ) -> io::Result<()> {
        why.extend(fields::object_refused(kind, &Value::Object(body.clone())));
        for (servers, why) in &why {
            let (file, servers) = (Some(file), *servers);
            self.exceptions.add(&Exception { kind, id, file, servers, why, object: None })?;
        }
        Ok(())
    }

    /// `/v1/acl/create` identifies a token by its secret, which it calls ID. The secret must not
    /// become the file's name.
    fn legacy(
        &mut self,
        token: &Map<String, Value>,
        kind: &str,
        rules: &str,
    ) -> io::Result<String> {
        let mut body = Map::new();
        body.insert("ID".to_owned(), field(token, "SecretID").into());
        body.insert("Name".to_owned(), field(token, "Description").into());
        body.insert("Type".to_owned(), if kind.is_empty() { "client" } else { kind }.into());
        body.insert("Rules".to_owned(), rules.into());
        let name = match field(token, "AccessorID") {
            accessor if accessor.is_empty() => format!("{}.", field(token, "Description")),
            accessor => accessor,
        };
        let folder = self.folder.join(LEGACY);
        let name = encoded(name.as_bytes());
        let name = self.files.write(&folder, &name, "json", &laid_out(&body))?;
        create_in(&folder, &format!("{name}.hcl"))?.write_all(rules.as_bytes())?;
        Ok(format!("{LEGACY}/{name}.json"))
    }

    /// Writes an object under the name in a field. Returns the name used.
    fn write(&mut self, kind: KindId, name: &str, body: &Map<String, Value>) -> io::Result<String> {
        self.write_as(kind, &field(body, name), body)
    }

    fn write_as(
        &mut self,
        kind: KindId,
        name: &str,
        body: &Map<String, Value>,
    ) -> io::Result<String> {
        let folder = self.folder_of(kind);
        self.files.write(&folder, &encoded(name.as_bytes()), "json", &laid_out(body))
    }

    fn folder_of(&self, kind: KindId) -> PathBuf {
        self.folder.join(of(kind).name)
    }
}

/// The path of a file in the export.
fn path_of(kind: KindId, file: &str) -> String {
    format!("{}/{file}.json", of(kind).name)
}

fn body(line: &[u8]) -> io::Result<Map<String, Value>> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Ok(Map::new()),
        Err(e) => Err(e.into()),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn field(object: &Map<String, Value>, name: &str) -> String {
    object.get(name).map_or("", text).to_owned()
}

/// Turns links by ID into links by name. Returns the IDs of dangling links, which it removes if
/// requested.
fn by_names(
    object: &mut Map<String, Value>,
    list: &str,
    names: &Map<String, Value>,
    remove: bool,
) -> Vec<String> {
    let mut dangling = Vec::new();
    let Some(links) = object.get_mut(list).and_then(Value::as_array_mut) else { return dangling };
    links.retain_mut(|link| {
        let Some(link) = link.as_object_mut() else { return true };
        let id = field(link, "ID");
        if let Some(name) = names.get(&id).cloned() {
            link.clear();
            link.insert("Name".to_owned(), name);
            return true;
        }
        dangling.push(id);
        !remove
    });
    dangling
}

fn laid_out(object: &Map<String, Value>) -> Vec<u8> {
    indented(serde_json::to_string(object).unwrap_or_default().as_bytes(), "    ")
}
