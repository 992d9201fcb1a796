//! Object stores on loopback for tests: moto's server for S3, the same with a small shim for Google Cloud Storage,
//! Azurite for Azure Blob. They are installed once into the target folder.

mod azure_auth;

pub use azure_auth::{AZURE_ACCOUNT, AZURE_KEY};

use std::fs::File;
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::child::wait_bounded;
use crate::consul::{free_ports, required};
use crate::http;
use crate::install;

const UP_PATIENCE: Duration = Duration::from_secs(60);

/// The kind of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// S3, by moto.
    S3,
    /// Azure Blob Storage, by Azurite.
    Azure,
    /// Google Cloud Storage, by moto: its XML API is that of S3, except for the signatures.
    Google,
}

/// A running object store with one empty bucket or container.
#[derive(Debug)]
pub struct StoreServer {
    kind: StoreKind,
    child: Child,
    address: SocketAddr,
    dir: TempDir,
}

/// Its bucket or container.
pub const BUCKET: &str = "snapbucket";

impl StoreServer {
    /// A store for the test named `test`. If there is none, prints why the test is skipped and returns `None`.
    ///
    /// # Panics
    /// If there is none, but CI requires one.
    #[must_use]
    pub fn for_test(kind: StoreKind, test: &str) -> Option<Self> {
        match Self::start(kind) {
            Ok(store) => Some(store),
            Err(e) if required() => panic!("{test} needs {kind:?}: {e}"),
            Err(e) => {
                #[allow(clippy::print_stderr)]
                {
                    eprintln!("skipped: {test} needs {kind:?}: {e}");
                }
                None
            }
        }
    }

    /// Starts a store and creates its bucket.
    ///
    /// # Errors
    /// If it cannot be installed or does not start.
    pub fn start(kind: StoreKind) -> Result<Self, String> {
        let program = match kind {
            StoreKind::S3 | StoreKind::Google => install::moto()?,
            StoreKind::Azure => install::azurite()?,
        };
        let dir = tempfile::Builder::new()
            .prefix("snapscope-store")
            .tempdir()
            .map_err(|e| e.to_string())?;
        let port = free_ports(1).map_err(|e| e.to_string())?[0];
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let log = File::create(dir.path().join("log")).map_err(|e| e.to_string())?;
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        let mut command = Command::new(&program);
        match kind {
            StoreKind::S3 | StoreKind::Google => {
                command.arg("-c").arg(SHIM).arg(port.to_string());
            }
            StoreKind::Azure => {
                command.args(["--silent", "--skipApiVersionCheck", "--blobHost", "127.0.0.1"]);
                command.args(["--blobPort", &port.to_string(), "--location"]).arg(dir.path());
            }
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("{}: {e}", program.display()))?;
        let mut store = Self { kind, child, address, dir };
        store.make_bucket()?;
        Ok(store)
    }

    fn make_bucket(&mut self) -> Result<(), String> {
        let begin = Instant::now();
        let mut last = String::new();
        while begin.elapsed() < UP_PATIENCE {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it ended with {status}: {}", self.log()));
            }
            let made = match self.kind {
                StoreKind::S3 | StoreKind::Google => {
                    http::request(self.address, "PUT", &format!("/{BUCKET}"), "", b"")
                }
                StoreKind::Azure => azure_auth::make_container(self.address, BUCKET),
            };
            match made.map_err(|e| e.to_string()).and_then(|answer| answer.ok()) {
                Ok(_) => return Ok(()),
                Err(e) => last = e,
            }
            sleep(Duration::from_millis(100));
        }
        Err(format!("it is not up after {UP_PATIENCE:?} ({last}): {}", self.log()))
    }

    fn log(&self) -> String {
        let mut text = String::new();
        let _ = File::open(self.dir.path().join("log")).map(|mut f| f.read_to_string(&mut text));
        text
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a place in its bucket.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let scheme = match self.kind {
            StoreKind::S3 => "s3",
            StoreKind::Azure => "az",
            StoreKind::Google => "gs",
        };
        format!("{scheme}://{BUCKET}/{path}")
    }

    /// The environment variables with which a client finds it, or a proxy before it at `address`.
    #[must_use]
    pub fn variables_at(&self, address: SocketAddr) -> Vec<(&'static str, String)> {
        match self.kind {
            StoreKind::S3 => vec![
                ("AWS_ENDPOINT_URL", format!("http://{address}")),
                ("AWS_REGION", "us-east-1".into()),
                ("AWS_ACCESS_KEY_ID", "test".into()),
                ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ],
            StoreKind::Azure => vec![
                ("AZURE_STORAGE_ENDPOINT", format!("http://{address}/{AZURE_ACCOUNT}")),
                ("AZURE_STORAGE_ACCOUNT_NAME", AZURE_ACCOUNT.into()),
                ("AZURE_STORAGE_ACCOUNT_KEY", AZURE_KEY.into()),
            ],
            StoreKind::Google => {
                let account = format!(
                    "{{\"gcs_base_url\":\"http://{address}\",\"disable_oauth\":true,\"client_email\":\"\",\
                     \"private_key\":\"\",\"private_key_id\":\"\"}}"
                );
                vec![("GOOGLE_SERVICE_ACCOUNT_KEY", account), ("GOOGLE_ALLOW_HTTP", "true".into())]
            }
        }
    }

    /// The environment variables with which a client finds it.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        self.variables_at(self.address)
    }

    /// The bytes of an S3 object.
    ///
    /// # Errors
    /// If there is none.
    pub fn object(&self, path: &str) -> Result<Vec<u8>, String> {
        self.ask("GET", path, b"")?.ok()
    }

    /// The headers of an S3 object.
    ///
    /// # Errors
    /// If there is none.
    pub fn head(&self, path: &str) -> Result<String, String> {
        let answer = self.ask("GET", path, b"")?;
        let head = answer.head.clone();
        answer.ok().map(|_| head)
    }

    /// Stores an S3 object.
    ///
    /// # Errors
    /// If the store refuses.
    pub fn put_object(&self, path: &str, bytes: &[u8]) -> Result<(), String> {
        self.ask("PUT", path, bytes)?.ok().map(drop)
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Result<http::Response, String> {
        let path = format!("/{BUCKET}/{path}");
        http::request(self.address, method, &path, "", body).map_err(|e| e.to_string())
    }
}

impl Drop for StoreServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        wait_bounded(&mut self.child, Duration::from_secs(10));
    }
}

/// moto's server. Requests without an AWS signature get one, because moto determines the service from it.
const SHIM: &str = r#"
import sys
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
moto = DomainDispatcherApplication(create_backend_app)
SIGNED = ("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, "
          "SignedHeaders=host, Signature=0")
def shim(environ, start):
    if environ.get("HTTP_AUTHORIZATION", "Bearer ").startswith("Bearer"):
        environ["HTTP_AUTHORIZATION"] = SIGNED
    return moto(environ, start)
run_simple("127.0.0.1", int(sys.argv[1]), shim, threaded=True)
"#;

/// A Python that has what moto needs, including PyYAML.
///
/// # Errors
/// If it can't be installed.
pub fn python() -> Result<PathBuf, String> {
    install::moto()
}
