//! Recorded requests and answers.

use crate::client::Answer;
use flate2::read::GzDecoder;
use serde_json::Value;
use snapscope_decode::GoTime;
use snapscope_objects::json::time_of_text;
use snapscope_testkit::fixtures;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;

/// The recorded answers of a server.
pub(crate) struct Recording {
    pub(crate) snapshot: PathBuf,
    pub(crate) requests: Vec<Request>,
    /// The secrets of the tokens; none for those that are not sent.
    pub(crate) tokens: BTreeMap<String, String>,
    /// A time at which the token `short` has expired.
    pub(crate) after_expiry: GoTime,
}

/// A request, and its recorded answer.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) row: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) token: String,
    /// The token's secret, if it goes into `X-Consul-Token`.
    pub(crate) secret: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) is_after_expiry: bool,
    pub(crate) status: u16,
    pub(crate) answered: BTreeMap<String, String>,
    pub(crate) answer: Vec<u8>,
    /// The answer is longer: this is its length.
    pub(crate) cut: Option<usize>,
    /// The server's own order changes from answer to answer.
    pub(crate) unstable: Option<String>,
    /// The answer does not depend only on the state.
    pub(crate) is_live: bool,
    /// The server has no such endpoint.
    pub(crate) no_such_endpoint: bool,
    /// Milliseconds until the answer.
    pub(crate) ms: Option<f64>,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, method, path, token, headers, body, .. } = self;
        write!(f, "[{row}] {method} {path} as {token} {headers:?} {body}")
    }
}

impl Recording {
    pub(crate) fn read(version: &str) -> Self {
        let folder = fixtures::root().join("api-answers").join(format!("consul-{version}"));
        let file = std::fs::File::open(folder.join("answers.jsonl.gz")).unwrap();
        let mut text = String::new();
        GzDecoder::new(file).read_to_string(&mut text).unwrap();
        let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let meta = lines.next().unwrap()["meta"].take();
        let expires = time_of_text(meta["short_token_expires"].as_str().unwrap()).unwrap();
        let tokens = meta["tokens"].as_object().unwrap().iter().map(|(name, token)| {
            (name.clone(), token["secret"].as_str().unwrap_or_default().to_owned())
        });
        let tokens = tokens.filter(|(name, _)| name != "anonymous").collect();
        let requests = lines.map(|line| request(&line, &meta["tokens"])).collect();
        let after_expiry = GoTime { seconds: expires.seconds + 60, ..expires };
        Self { snapshot: folder.join("small-a.snap"), requests, tokens, after_expiry }
    }
}

impl Recording {
    /// A token's secret.
    pub(crate) fn secret(&self, token: &str) -> String {
        self.tokens[token].clone()
    }
}

impl Request {
    /// The same request with another token.
    pub(crate) fn by(&self, token: &str, secret: Option<String>) -> Self {
        Self { token: token.to_owned(), secret, ms: None, ..self.clone() }
    }

    /// A request with the server's answer.
    pub(crate) fn answered(request: Self, answer: Answer) -> Self {
        Self {
            status: answer.status,
            answered: answer.headers.into_iter().collect(),
            answer: answer.body,
            cut: None,
            ..request
        }
    }
}

fn request(line: &Value, tokens: &Value) -> Request {
    let text = |name: &str| line[name].as_str().unwrap_or("").to_owned();
    let pairs = |name: &str| {
        let pairs = line[name].as_object().into_iter().flatten();
        pairs.map(|(key, value)| (key.clone(), value.as_str().unwrap_or("").to_owned()))
    };
    let token = text("token");
    let secret = tokens[&token]["secret"].as_str().map(str::to_owned);
    let answer = match line["body_b64"].as_str() {
        Some(encoded) => base64_simd::STANDARD.decode_to_vec(encoded).unwrap(),
        None => text("body").into_bytes(),
    };
    let length = line["len"].as_u64().and_then(|length| usize::try_from(length).ok());
    Request {
        row: text("row"),
        method: text("m"),
        path: text("path"),
        secret: secret.filter(|_| token != "anonymous"),
        token,
        headers: pairs("send_headers").collect(),
        body: text("send"),
        is_after_expiry: text("phase") == "expired",
        status: u16::try_from(line["status"].as_u64().unwrap()).unwrap(),
        answered: pairs("headers").collect(),
        answer,
        cut: length.filter(|_| line.get("cut").is_some()),
        unstable: line["unstable"].as_str().map(str::to_owned),
        is_live: line.get("live").is_some(),
        no_such_endpoint: line.get("no_such_endpoint").is_some(),
        ms: line["ms"].as_f64(),
    }
}
