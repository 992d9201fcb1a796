//! A gateway to a server that can be closed or slowed down, or refuse requests.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the gateway does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Passes everything.
    Open,
    /// Passes nothing, and closes open connections.
    Cut,
    /// Answers with this status itself.
    Refuse(u16),
    /// Accepts connections and requests, and never answers.
    Hang,
    /// Delays each piece by this time.
    Slow(Duration),
}

/// A gateway. Its threads end with the test's process.
#[derive(Clone)]
pub(super) struct Gate {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    mode: Mutex<Mode>,
    /// Counts changes of the mode. Older connections are closed.
    turn: AtomicU64,
}

const LOOK: Duration = Duration::from_millis(50);

impl Gate {
    pub(super) fn to(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State { mode: Mutex::new(Mode::Open), turn: AtomicU64::new(0) });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // Broken connections on this side do not matter.
                std::thread::spawn(move || drop(serve(client, upstream, &state)));
            }
        });
        Self { address, state }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn set(&self, mode: Mode) {
        *self.state.mode.lock().unwrap() = mode;
        self.state.turn.fetch_add(1, Ordering::SeqCst);
    }
}

fn serve(mut client: TcpStream, upstream: SocketAddr, state: &Arc<State>) -> std::io::Result<()> {
    let turn = state.turn.load(Ordering::SeqCst);
    let mode = *state.mode.lock().unwrap();
    match mode {
        Mode::Cut => return Ok(()),
        Mode::Refuse(status) => {
            let mut piece = [0; 64 << 10];
            client.set_read_timeout(Some(LOOK))?;
            // The request is read as far as it arrives at once; otherwise the answer would be lost.
            while client.read(&mut piece).is_ok_and(|n| n > 0) {}
            let answer = format!(
                "HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            client.write_all(answer.as_bytes())?;
            return client.shutdown(Shutdown::Both);
        }
        Mode::Hang => {
            let mut piece = [0; 64 << 10];
            client.set_read_timeout(Some(LOOK))?;
            while state.turn.load(Ordering::SeqCst) == turn {
                match client.read(&mut piece) {
                    Ok(0) => break,
                    Ok(_) => {}
                    // Nothing arrived for now.
                    Err(_) => std::thread::sleep(LOOK),
                }
            }
            return Ok(());
        }
        Mode::Open | Mode::Slow(_) => {}
    }
    let server = TcpStream::connect(upstream)?;
    let (client_again, server_again) = (client.try_clone()?, server.try_clone()?);
    let shared = Arc::clone(state);
    std::thread::spawn(move || pump(&client_again, &server_again, turn, mode, &shared));
    pump(&server, &client, turn, mode, state);
    Ok(())
}

/// Copies bytes in one direction until either side ends or the mode changes.
fn pump(from: &TcpStream, to: &TcpStream, turn: u64, mode: Mode, state: &State) {
    let mut piece = [0; 64 << 10];
    let _ = from.set_read_timeout(Some(LOOK));
    let (mut reader, mut writer) = (from, to);
    while state.turn.load(Ordering::SeqCst) == turn {
        match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => {
                if let Mode::Slow(pause) = mode {
                    std::thread::sleep(pause);
                }
                if writer.write_all(&piece[..n]).is_err() {
                    break;
                }
            }
            Err(e)
                if matches!(
                    e.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) => {}
            Err(_) => break,
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
