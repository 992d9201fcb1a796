//! The signed request that creates a container.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use crate::http::{Response, parse};

/// Azurite's default account.
pub const AZURE_ACCOUNT: &str = "devstoreaccount1";
/// Its key, which is public.
pub const AZURE_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Any date is valid, because Azurite does not compare it with its clock.
const DATE: &str = "Mon, 23 Nov 2026 00:00:00 GMT";
const VERSION: &str = "2023-11-03";

/// Creates a container with a request that is signed with the shared key.
pub(super) fn make_container(to: SocketAddr, name: &str) -> io::Result<Response> {
    let resource = format!("/{AZURE_ACCOUNT}/{AZURE_ACCOUNT}/{name}");
    let text = format!(
        "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{DATE}\nx-ms-version:{VERSION}\n{resource}\nrestype:container"
    );
    let key = BASE64.decode(AZURE_KEY).map_err(io::Error::other)?;
    let signature = BASE64.encode(hmac(&key, text.as_bytes()));
    let request = format!(
        "PUT /{AZURE_ACCOUNT}/{name}?restype=container HTTP/1.1\r\nHost: {to}\r\nx-ms-date: {DATE}\r\n\
         x-ms-version: {VERSION}\r\nAuthorization: SharedKey {AZURE_ACCOUNT}:{signature}\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect_timeout(&to, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&answer).ok_or_else(|| io::Error::other("the answer is not HTTP"))
}

/// HMAC-SHA256 for keys of one block, 64 bytes, like Azurite's key.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}
