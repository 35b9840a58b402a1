//! Clients that stall: they take a connection and do not go on.

use std::io;
use std::net::SocketAddr;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::demo::MOUNT;
use crate::fault::{Fault, expect};

/// How it stalls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    HalfAHead,
    HalfABody,
    /// It asks for more than the system keeps for it, and reads nothing of it.
    NotReading,
}

/// Requests that are not read, 64 kB each: more than the 4 MiB that Linux keeps of a connection at most.
///
/// Source: `tcp_wmem` in <https://man7.org/linux/man-pages/man7/tcp.7.html>
const UNREAD: usize = 200;

/// The least that a system gives.
const RECEIVE_BUFFER: u32 = 1024;

/// Clients that stall, as long as this value lives.
#[derive(Debug)]
pub(crate) struct Stalled(Vec<(Way, TcpStream)>);

impl Stalled {
    /// So many, a third each way.
    pub(crate) async fn begin(how_many: usize, demo: SocketAddr) -> Result<Self, Fault> {
        let mut beginning = JoinSet::new();
        let ways = [Way::HalfAHead, Way::HalfABody, Way::NotReading];
        for way in ways.into_iter().cycle().take(how_many) {
            beginning.spawn(async move { begin(way, demo).await.map(|stream| (way, stream)) });
        }
        let mut stalled = Vec::new();
        while let Some(begun) = beginning.join_next().await {
            let begun = begun.unwrap_or_else(|error| Err(io::Error::other(error)));
            stalled.push(begun.map_err(|error| Fault::because("nobody can stall", &error))?);
        }
        Ok(Self(stalled))
    }

    /// That they did until now, and nobody hung up on them.
    pub(crate) fn still(&self) -> Result<(), Fault> {
        self.0.iter().try_for_each(|(way, stream)| {
            let mut byte = [0];
            let read = stream.try_read(&mut byte);
            let waits = matches!(&read, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
            match way {
                Way::HalfAHead => expect(waits, "half a head was answered, or hung up on"),
                Way::HalfABody => expect(waits, "half a body was answered, or hung up on"),
                // Of what there is to read, if anything yet, this was a byte.
                Way::NotReading => expect(
                    waits || matches!(read, Ok(1)),
                    "who does not read was hung up on",
                ),
            }
        })
    }
}

async fn begin(way: Way, demo: SocketAddr) -> io::Result<TcpStream> {
    let socket = if demo.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    let mut stream = socket.connect(demo).await?;
    stream.write_all(way.sends(demo).as_bytes()).await?;
    Ok(stream)
}

impl Way {
    fn sends(self, demo: SocketAddr) -> String {
        match self {
            Self::HalfAHead => format!("POST {MOUNT} HTTP/1.1\r\nhost: {demo}\r\ncontent-ty"),
            Self::HalfABody => format!(
                "POST {MOUNT} HTTP/1.1\r\nhost: {demo}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{\"files\":["
            ),
            Self::NotReading => {
                format!("GET {MOUNT}/openapi.json HTTP/1.1\r\nhost: {demo}\r\n\r\n").repeat(UNREAD)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::Stalled;

    /// A server that does with each connection as `serve` says.
    async fn served<F, S>(serve: F) -> Result<(), String>
    where
        F: Fn(tokio::net::TcpStream) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            for _ in 0..3 {
                let (stream, _) = listener.accept().await.unwrap();
                serve(stream).await;
            }
        });
        let stalled = Stalled::begin(3, address).await.unwrap();
        server.await.unwrap();
        stalled.still().map_err(|fault| fault.0)
    }

    #[tokio::test]
    async fn who_is_hung_up_on_does_not_stall() {
        let fault = served(|stream| async move { drop(stream) }).await;
        assert!(fault.unwrap_err().ends_with("hung up on"));
    }

    #[tokio::test]
    async fn who_is_answered_does_not_stall_unless_it_does_not_read() {
        let fault = served(|mut stream| async move {
            stream.write_all(b"HTTP").await.unwrap();
            let mut head = [0; 16];
            stream.read_exact(&mut head).await.unwrap();
            std::mem::forget(stream);
        });
        let fault = fault.await.unwrap_err();
        assert!(
            fault.starts_with("half a") && fault.contains("was answered"),
            "{fault}"
        );
    }

    #[tokio::test]
    async fn who_is_waited_for_stalls() {
        let waited = served(|stream| async move { std::mem::forget(stream) });
        assert_eq!(waited.await, Ok(()));
    }
}
