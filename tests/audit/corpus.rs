//! The accuracy of the secret scan on a generated corpus: 100,000 values, one in a hundred with a
//! secret.

use super::{findings, worst};
use crate::support::write;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use snapscope_testkit::SnapshotSpec;
use snapscope_testkit::random::{SplitMix64, uuid};
use snapscope_testkit::records::{connect, kv};
use std::collections::BTreeSet;

const VALUES: usize = 100_000;
const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const WORDS: [&str; 16] = [
    "alpha", "region", "token", "billing", "the", "password", "of", "service", "queue", "retry",
    "secret", "limit", "east", "primary", "backup", "key",
];

struct Writer(SplitMix64);

impl Writer {
    fn of(&mut self, letters: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(*self.0.pick(letters))).collect()
    }

    fn mixed(&mut self, length: usize) -> String {
        // A digit and both cases, as password generators ensure.
        format!("{}x7Q", self.of(MIXED, length - 3))
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| *self.0.pick(&WORDS)).collect::<Vec<_>>().join(" ")
    }

    fn hex(&mut self, length: usize) -> String {
        self.of(b"0123456789abcdef", length)
    }

    /// A secret in the format with that number, and its key.
    fn secret(&mut self, format: usize) -> (String, String) {
        let upper = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let password = self.mixed(14);
        let plain = |value: String| ("note".to_owned(), value);
        match format {
            0 => plain(format!("AKIA{}", self.of(upper, 16))),
            1 => plain(format!("AIza{}", self.mixed(35))),
            2 => plain(format!("ghp_{}", self.mixed(36))),
            3 => plain(format!("glpat-{}", self.mixed(20))),
            4 => plain(format!(
                "xoxb-{}-{}-{}",
                self.of(b"123456789", 12),
                self.of(b"123456789", 12),
                self.mixed(24)
            )),
            5 => plain(format!("sk_live_{}", self.mixed(24))),
            6 => plain(format!("hvs.{}", self.mixed(28))),
            7 => plain(format!("npm_{}", self.mixed(36))),
            8 => plain(format!("SG.{}.{}", self.mixed(22), self.mixed(43))),
            9 => {
                let claims = STANDARD.encode(format!("{{\"sub\":\"{}\"}}", self.mixed(9)));
                plain(format!(
                    "eyJhbGciOiJIUzI1NiJ9.{}.{}",
                    claims.trim_end_matches('='),
                    self.mixed(43)
                ))
            }
            10 => plain(connect::ROOT_KEY.to_owned()),
            11 => plain(format!(
                "{{\"cert\":\"x\",\"key\":{}}}",
                serde_json::Value::from(connect::ROOT_KEY)
            )),
            12 => plain(format!("postgres://app:{password}@db.internal:5432/app")),
            13 => plain(format!("app:{password}@tcp(db:3306)/shop")),
            14 => plain(format!("Server=db;User Id=app;Password={password};Timeout=5")),
            15 => plain(format!("{{\"smtp\":{{\"host\":\"mail\",\"passwd\":\"{password}\"}}}}")),
            16 => plain(format!("db:\n  user: root\n  password: \"{password}\"\nport: 80\n")),
            17 => plain(format!("[db]\nuser = root\npassword = {password} ; ours\n")),
            18 => plain(format!("title = \"x\"\n[api]\nclient_secret = \"{}\"\n", self.mixed(32))),
            19 => plain(format!("PORT=80\nDB_PASSWORD={password}\nAPI_TOKEN={}\n", self.hex(32))),
            20 => plain(format!("provider \"x\" {{\n  api_key = \"{}\"\n}}\n", self.mixed(32))),
            21 => plain(format!("<conf><password>{password}</password></conf>")),
            22 => plain(format!("- name: DB_PASSWORD\n  value: {password}\n")),
            23 => plain(STANDARD.encode(format!("db.password={password}\nport=80\n"))),
            24 => plain(STANDARD.encode(connect::ROOT_KEY)),
            25 => plain(format!("tls:\n  key: {}\n", STANDARD.encode(connect::ROOT_KEY))),
            26 => ("db/password".to_owned(), password),
            27 => ("api/apiKey".to_owned(), self.hex(32)),
            28 => ("consul/token".to_owned(), uuid(7, &mut self.0)),
            29 => (
                "aws/secret_access_key".to_owned(),
                format!("{}/{}+9", self.mixed(20), self.mixed(17)),
            ),
            30 => plain(format!("curl -H 'Authorization: Bearer {}'", self.mixed(40))),
            31 => plain(format!(
                "Authorization: Basic {}",
                STANDARD.encode(format!("app:{password}"))
            )),
            32 => plain(format!(
                "DefaultEndpointsProtocol=https;AccountName=x;AccountKey={}==",
                self.mixed(86)
            )),
            _ => plain(format!(
                "https://hooks.slack.com/services/T{}/B{}/{}",
                self.of(upper, 10),
                self.of(upper, 10),
                self.mixed(24)
            )),
        }
    }

    fn harmless(&mut self, kind: usize) -> (String, String) {
        let plain = |value: String| ("note".to_owned(), value);
        match kind {
            0 => plain(self.words(30)),
            1 => plain(self.hex(64)),
            2 => plain(uuid(9, &mut self.0)),
            3 => plain(format!(
                "{{\"id\":\"{}\",\"token_ttl\":3600,\"etag\":\"{}\",\"name\":\"{}\"}}",
                self.hex(16),
                self.hex(40),
                self.words(2)
            )),
            4 => plain(format!("https://{}.internal:8443/v1/{}", self.0.pick(&WORDS), self.hex(8))),
            5 => plain("password: ${DB_PASSWORD}\nsecret: {{ .Values.secret }}\n".to_owned()),
            6 => ("db/password_policy_url".to_owned(), "https://docs.example/policies".to_owned()),
            7 => ("tokenizer/name".to_owned(), "whitespace".to_owned()),
            8 => plain(connect::ROOT_CERT.to_owned()),
            9 => plain(format!(
                "password_min_length = {}\nmax_tokens = {}\n",
                self.0.below(20),
                self.0.below(5000)
            )),
            10 => plain(self.mixed(40)),
            11 => plain(STANDARD.encode(self.words(20))),
            12 => plain(format!(
                "secretName: {}-tls\ntokenPath: /var/run/secrets/token\n",
                self.0.pick(&WORDS)
            )),
            13 => plain(format!("image: registry.example/app@sha256:{}\n", self.hex(64))),
            14 => ("sessions/count".to_owned(), self.0.below(1_000_000).to_string()),
            15 => plain(format!(
                "# the password is kept in vault\nuser: {}\nauth: ldap\n",
                self.0.pick(&WORDS)
            )),
            16 => plain("password: changeme\n".to_owned()),
            17 => ("feature/enable_token".to_owned(), "true".to_owned()),
            _ => {
                let mut noise = vec![0; 200];
                self.0.fill(&mut noise);
                plain(STANDARD.encode(noise))
            }
        }
    }
}

#[test]
fn recall_and_precision_are_as_stated() {
    let mut writer = Writer(SplitMix64::new(20_261_123));
    let mut records = Vec::with_capacity(VALUES);
    let mut planted = BTreeSet::new();
    let mut formats = Vec::new();
    for number in 0..VALUES {
        let secret = number % 100 == 50;
        let kind = number / 100;
        let (key, value) =
            if secret { writer.secret(kind % 34) } else { writer.harmless(number % 19) };
        let key = format!("c/{number:06}/{key}");
        if secret {
            planted.insert(key.clone());
            formats.push((key.clone(), kind % 34));
        }
        records.push(kv::entry(key, value, 0, 10));
    }
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "corpus.bin", &SnapshotSpec::new(records).state());
    let worst = worst(&findings(&path, &["--only", "SECRET", "--min-severity", "medium"]));
    let found: BTreeSet<String> = worst.into_keys().map(|(_, id)| id).collect();
    let right = found.intersection(&planted).count();
    let missed: BTreeSet<usize> =
        formats.iter().filter(|(key, _)| !found.contains(key)).map(|(_, format)| *format).collect();
    let wrong: Vec<&String> = found.difference(&planted).take(5).collect();
    #[allow(clippy::cast_precision_loss)]
    let (recall, precision) =
        (right as f64 / planted.len() as f64, right as f64 / found.len() as f64);
    assert!(recall >= 0.98, "recall {recall}: formats {missed:?} are missed");
    assert!(precision >= 0.95, "precision {precision}: {wrong:?}");
}
