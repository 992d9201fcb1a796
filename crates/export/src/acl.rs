//! `acl`: a folder of what the ACL API's create calls take as bodies.
//!
//! `policies/NAME.json`, `roles/NAME.json`, `tokens/ACCESSOR.json`, `binding-rules/ID.json` and
//! `auth-methods/NAME.json`; beside a policy its rules as `NAME.hcl`. Servers give policies, roles
//! and binding rules their IDs, and refuse a body that brings one: links are by name therefore, and
//! the IDs that there were stand in `ids.json`. Tokens keep accessor and secret.
//!
//! Tokens of the system before 1.4 are in `legacy-tokens/`, for `/v1/acl/create`.

use crate::file_name::encoded;
use crate::new_files::NewFiles;
use crate::writer::{Ending, Part, Writer};
use serde_json::{Map, Value};
use snapscope_objects::json::indented;
use snapscope_objects::row::Row;
use snapscope_staged::{create_folder_in, create_in};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The folders in the folder.
pub(crate) const FOLDERS: &[&str] =
    &["policies", "roles", "tokens", "binding-rules", "auth-methods", "legacy-tokens"];
/// The file of IDs.
pub(crate) const IDS: &str = "ids.json";

/// The servers' own fields, which they refuse or ignore in a body.
const SERVERS_OWN: &[&str] =
    &["Hash", "CreateIndex", "ModifyIndex", "CreateTime", "ResolvedByAgent"];

#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// The kind's name, and the object on a line.
    lines: Vec<(&'static str, Vec<u8>)>,
    size: usize,
}

impl Part for Objects {
    fn clear(&mut self) {
        self.lines.clear();
        self.size = 0;
    }

    fn row(&mut self, _place: usize, row: &Row) {
        let mut line = row.to_json();
        line.push(b'\n');
        self.size += line.len();
        self.lines.push((row.kind.name, line));
    }

    fn size(&self) -> usize {
        self.size
    }
}

#[derive(Debug)]
pub(crate) struct Acl {
    folder: PathBuf,
    files: NewFiles,
    /// What has links waits here until all names are known: tokens are stored before policies.
    waiting: BufWriter<File>,
    policies: Map<String, Value>,
    roles: Map<String, Value>,
    binding_rules: Vec<String>,
    /// Tokens that came of a login.
    logins: u64,
    /// Links whose policy or role is not there.
    dangling: u64,
}

impl Writer for Acl {
    type Part = Objects;

    fn create(at: &Path, _kinds: &[usize]) -> io::Result<Self> {
        for folder in FOLDERS {
            create_folder_in(at, folder)?;
        }
        Ok(Self {
            folder: at.to_owned(),
            files: NewFiles::default(),
            // In the same place, so that there is as much room as for the export; it has no name
            // where the system allows that.
            waiting: BufWriter::new(tempfile::tempfile_in(at)?),
            policies: Map::new(),
            roles: Map::new(),
            binding_rules: Vec::new(),
            logins: 0,
            dangling: 0,
        })
    }

    fn take(&mut self, part: &mut Objects) -> io::Result<()> {
        for (kind, line) in &part.lines {
            match *kind {
                "policies" => self.policy(body(line)?)?,
                "auth-methods" => {
                    let mut method = body(line)?;
                    strip(&mut method);
                    self.write("auth-methods", "Name", &method)?;
                }
                "binding-rules" => {
                    let mut rule = body(line)?;
                    strip(&mut rule);
                    let id = rule.remove("ID").unwrap_or_default();
                    let name = encoded(text(&id).as_bytes());
                    let folder = self.folder.join("binding-rules");
                    self.files.write(&folder, &name, "json", &laid_out(&rule))?;
                    self.binding_rules.push(text(&id).to_owned());
                }
                kind => {
                    if kind == "roles" {
                        let role = body(line)?;
                        self.roles.insert(field(&role, "ID"), field(&role, "Name").into());
                    }
                    self.waiting.write_all(if kind == "roles" { b"r" } else { b"t" })?;
                    self.waiting.write_all(line)?;
                }
            }
        }
        Ok(())
    }

    fn finish(mut self, _ending: &Ending) -> io::Result<Vec<String>> {
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
        ids.insert("BindingRules".to_owned(), self.binding_rules.clone().into());
        create_in(&self.folder, IDS)?.write_all(&laid_out(&ids))?;
        let mut notes = Vec::new();
        if self.logins > 0 {
            notes.push(format!(
                "{} tokens came of a login; without their AuthMethod, which only a login can give, they can be \
                 created",
                self.logins
            ));
        }
        if self.dangling > 0 {
            notes.push(format!(
                "{} links to policies or roles that are not in the export are left as IDs",
                self.dangling
            ));
        }
        Ok(notes)
    }
}

impl Acl {
    fn policy(&mut self, mut policy: Map<String, Value>) -> io::Result<()> {
        strip(&mut policy);
        let id = text(&policy.remove("ID").unwrap_or_default()).to_owned();
        self.policies.insert(id, field(&policy, "Name").into());
        let name = self.write("policies", "Name", &policy)?;
        let rules = field(&policy, "Rules");
        create_in(&self.folder.join("policies"), &format!("{name}.hcl"))?
            .write_all(rules.as_bytes())
    }

    fn role(&mut self, mut role: Map<String, Value>) -> io::Result<()> {
        strip(&mut role);
        role.remove("ID");
        self.dangling += by_names(&mut role, "Policies", &self.policies);
        self.write("roles", "Name", &role).map(drop)
    }

    fn token(&mut self, mut token: Map<String, Value>) -> io::Result<()> {
        strip(&mut token);
        let rules = field(&token, "Rules");
        let kind = field(&token, "Type");
        if !rules.is_empty() || !kind.is_empty() {
            return self.legacy(&token, &kind, &rules);
        }
        token.remove("Rules");
        token.remove("Type");
        // Servers compute one from the other, and refuse to be given both.
        if token.contains_key("ExpirationTime") {
            token.remove("ExpirationTTL");
        }
        if !field(&token, "AuthMethod").is_empty() {
            token.remove("AuthMethod");
            self.logins += 1;
        }
        self.dangling += by_names(&mut token, "Policies", &self.policies);
        self.dangling += by_names(&mut token, "Roles", &self.roles);
        self.write("tokens", "AccessorID", &token).map(drop)
    }

    /// `/v1/acl/create` knows a token by its secret, which it calls its ID; it can't be the file's
    /// name.
    fn legacy(&mut self, token: &Map<String, Value>, kind: &str, rules: &str) -> io::Result<()> {
        let mut body = Map::new();
        body.insert("ID".to_owned(), field(token, "SecretID").into());
        body.insert("Name".to_owned(), field(token, "Description").into());
        body.insert("Type".to_owned(), if kind.is_empty() { "client" } else { kind }.into());
        body.insert("Rules".to_owned(), rules.into());
        let name = match field(token, "AccessorID") {
            accessor if accessor.is_empty() => format!("{}.", field(token, "Description")),
            accessor => accessor,
        };
        let folder = self.folder.join("legacy-tokens");
        let name = encoded(name.as_bytes());
        let name = self.files.write(&folder, &name, "json", &laid_out(&body))?;
        create_in(&folder, &format!("{name}.hcl"))?.write_all(rules.as_bytes())
    }

    fn write(&mut self, folder: &str, name: &str, body: &Map<String, Value>) -> io::Result<String> {
        let name = encoded(field(body, name).as_bytes());
        self.files.write(&self.folder.join(folder), &name, "json", &laid_out(body))
    }
}

fn body(line: &[u8]) -> io::Result<Map<String, Value>> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Ok(Map::new()),
        Err(e) => Err(e.into()),
    }
}

fn strip(object: &mut Map<String, Value>) {
    object.retain(|key, value| !SERVERS_OWN.contains(&key.as_str()) && !value.is_null());
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn field(object: &Map<String, Value>, name: &str) -> String {
    object.get(name).map_or("", text).to_owned()
}

/// Makes links by ID links by name; gives how many lead nowhere.
fn by_names(object: &mut Map<String, Value>, list: &str, names: &Map<String, Value>) -> u64 {
    let mut dangling = 0;
    for link in object.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(link) = link.as_object_mut() else { continue };
        if let Some(name) = names.get(&field(link, "ID")).cloned() {
            link.clear();
            link.insert("Name".to_owned(), name);
        } else {
            dangling += 1;
        }
    }
    dangling
}

fn laid_out(object: &Map<String, Value>) -> Vec<u8> {
    indented(serde_json::to_string(object).unwrap_or_default().as_bytes(), "    ")
}
