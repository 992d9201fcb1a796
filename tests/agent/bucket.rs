//! A gateway to a bucket. It reads requests, and simulates policies, locks and faults.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How the gateway differs from the bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// Does not answer.
    Down,
    /// Only names that end in `.snap` may be written and removed, as Consul's documentation
    /// requires.
    NoSidecars,
    /// Names that contain this cannot be removed, because permission is missing.
    Undeletable(String),
    /// The same, because they are locked.
    Locked(String),
    /// Objects and parts without a checksum are refused, as by a bucket with Object Lock.
    NeedsChecksum,
    /// Objects and parts with a checksum are refused.
    KnowsNoChecksum,
    /// Listings leave out names that contain this.
    CutListing(String),
    /// Listings are in reverse order, and have each name twice.
    ShuffledListing,
    /// Listings end in the middle.
    BrokenListing,
    /// Each removal takes this long.
    SlowDeletes(Duration),
    /// Objects other than snapshots are stored empty.
    EmptySidecars,
}

/// The head of a request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Including the query.
    pub(super) path: String,
    /// Header names in lower case.
    pub(super) headers: BTreeMap<String, String>,
}

impl Asked {
    fn is_listing(&self) -> bool {
        self.method == "GET"
            && (self.path.contains("list-type=2") || self.path.contains("comp=list"))
    }

    fn is_upload(&self) -> bool {
        self.method == "PUT"
    }

    fn name(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

/// A gateway. Its threads end with the test's process.
#[derive(Clone)]
pub(super) struct BucketGate {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    rules: Mutex<Vec<Rule>>,
    asked: Mutex<Vec<Asked>>,
}

impl BucketGate {
    pub(super) fn to(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Self { address, shared: Arc::default() };
        let shared = Arc::clone(&gate.shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // Broken connections on this side do not matter.
                std::thread::spawn(move || drop(serve(client, upstream, &shared)));
            }
        });
        gate
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on these rules apply, and no others.
    pub(super) fn set(&self, rules: impl IntoIterator<Item = Rule>) {
        *self.shared.rules.lock().unwrap() = rules.into_iter().collect();
    }

    /// Returns the requests since the last call.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }
}

fn serve(mut client: TcpStream, upstream: SocketAddr, shared: &Shared) -> io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (head, mut body) = read_head(&mut client)?;
    let Some(asked) = parse(&head) else { return Ok(()) };
    let length = asked.headers.get("content-length").and_then(|length| length.parse().ok());
    let length: usize = length.unwrap_or(0);
    while body.len() < length {
        let mut piece = [0; 64 << 10];
        let n = client.read(&mut piece)?;
        if n == 0 {
            return Ok(());
        }
        body.extend_from_slice(&piece[..n]);
    }
    // Azure removes in batches, even a single object. The request inside is what matters.
    let batched = batched(&asked, &body);
    let is_batch = batched.is_some();
    let asked = batched.unwrap_or(asked);
    shared.asked.lock().unwrap().push(asked.clone());
    let rules = shared.rules.lock().unwrap().clone();
    for rule in &rules {
        match refusal(rule, &asked) {
            Some(Refusal::Cut) => return Ok(()),
            Some(Refusal::Answer(answer)) => {
                let answer = if is_batch { in_batch(&answer) } else { answer };
                client.write_all(answer.as_bytes())?;
                return Ok(());
            }
            None => {}
        }
        if rule == &Rule::EmptySidecars && asked.is_upload() && asked.name().ends_with(".json") {
            body.clear();
        }
    }
    let answer = ask(upstream, &head, &body)?;
    let answer = rules.iter().fold(answer, |answer, rule| change(rule, &asked, answer));
    client.write_all(&answer)
}

fn batched(asked: &Asked, body: &[u8]) -> Option<Asked> {
    let is_batch = asked.method == "POST" && asked.path.contains("comp=batch");
    let text = String::from_utf8_lossy(body).into_owned();
    let (_, rest) = text.split_once("DELETE ").filter(|_| is_batch)?;
    let path = rest.split(' ').next()?.to_owned();
    Some(Asked { method: "DELETE".into(), path, headers: BTreeMap::new() })
}

/// A refusal as the only part of a batch's answer.
fn in_batch(answer: &str) -> String {
    // Azure has the reason in the status line.
    let status = if answer.contains("object lock") {
        "409 This operation is not permitted as the blob is immutable due to a policy."
    } else {
        "403 This request is not authorized to perform this operation using this permission."
    };
    let body = format!(
        "--batchresponse_1\r\nContent-Type: application/http\r\nContent-ID: 0\r\n\r\nHTTP/1.1 {status}\r\n\
         Content-Length: 0\r\n\r\n--batchresponse_1--\r\n"
    );
    format!(
        "HTTP/1.1 202 Accepted\r\nContent-Type: multipart/mixed; boundary=batchresponse_1\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The complete answer of the bucket itself.
fn ask(upstream: SocketAddr, head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut lines: Vec<String> = head
        .lines()
        .filter(|line| {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            !matches!(&*name, "connection" | "content-length")
        })
        .map(str::to_owned)
        .collect();
    lines.push("Connection: close".into());
    lines.push(format!("Content-Length: {}", body.len()));
    let mut server = TcpStream::connect(upstream)?;
    server.set_read_timeout(Some(Duration::from_secs(60)))?;
    server.write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes())?;
    server.write_all(body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

fn read_head(from: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            bytes.truncate(end);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), body));
        }
        let mut piece = [0; 16 << 10];
        match from.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => bytes.extend_from_slice(&piece[..n]),
        }
    }
}

fn parse(head: &str) -> Option<Asked> {
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    // Google's client escapes more than necessary.
    let path = |path: &str| path.replace("%2D", "-").replace("%2E", ".");
    let (method, path) = (words.next()?.to_owned(), path(words.next()?));
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    Some(Asked { method, path, headers: lines.filter_map(header).collect() })
}

enum Refusal {
    Cut,
    Answer(String),
}

fn refused(status: &str, code: &str, message: &str) -> Option<Refusal> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Some(Refusal::Answer(format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )))
}

fn refusal(rule: &Rule, asked: &Asked) -> Option<Refusal> {
    let denied = || refused("403 Forbidden", "AccessDenied", "Access Denied");
    let (upload, delete) = (asked.is_upload(), asked.method == "DELETE");
    let has_checksum = asked.headers.contains_key("x-amz-checksum-sha256");
    match rule {
        Rule::Down => Some(Refusal::Cut),
        Rule::NoSidecars if (upload || delete) && !asked.name().ends_with(".snap") => denied(),
        Rule::Undeletable(what) if delete && asked.name().contains(what) => denied(),
        Rule::Locked(what) if delete && asked.name().contains(what) => refused(
            "403 Forbidden",
            "AccessDenied",
            "Access Denied because object protected by object lock.",
        ),
        Rule::NeedsChecksum if upload && !has_checksum => refused(
            "400 Bad Request",
            "InvalidRequest",
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with \
             Object Lock parameters",
        ),
        Rule::KnowsNoChecksum if has_checksum => refused(
            "501 Not Implemented",
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        ),
        Rule::SlowDeletes(pause) if delete => {
            std::thread::sleep(*pause);
            None
        }
        _ => None,
    }
}

/// A listing, changed by the rule.
fn change(rule: &Rule, asked: &Asked, answer: Vec<u8>) -> Vec<u8> {
    if !asked.is_listing() {
        return answer;
    }
    let Some(at) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { return answer };
    let is_chunked =
        String::from_utf8_lossy(&answer[..at]).to_ascii_lowercase().contains("chunked");
    let body = &answer[at + 4..];
    let body = if is_chunked { joined(body) } else { body.to_vec() };
    let body = String::from_utf8(body).unwrap();
    let (tag, end) = if asked.path.contains("comp=list") {
        ("<Blob>", "</Blob>")
    } else {
        ("<Contents>", "</Contents>")
    };
    let Some((before, rest)) = body.split_once(tag) else { return answer };
    let (inner, after) = rest.rsplit_once(end).unwrap();
    let separator = format!("{end}{tag}");
    let spaced = inner.split(end).map(|item| item.trim_start().trim_start_matches(tag));
    let mut items: Vec<&str> = spaced.collect();
    match rule {
        Rule::CutListing(what) => items.retain(|item| !item.contains(what)),
        Rule::ShuffledListing => {
            items.reverse();
            items = items.iter().flat_map(|item| [*item, *item]).collect();
        }
        Rule::BrokenListing => {
            let half = &body.as_bytes()[..body.len() / 2];
            return whole(half);
        }
        _ => return answer,
    }
    if items.is_empty() {
        return whole(format!("{before}{after}").as_bytes());
    }
    whole(format!("{before}{tag}{}{end}{after}", items.join(&separator)).as_bytes())
}

/// Joins a chunked body.
fn joined(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
        let size = String::from_utf8_lossy(&rest[..end]).into_owned();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    body
}

fn whole(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}
