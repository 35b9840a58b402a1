//! Listening, serving, and ending.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::accept;
use crate::error::DemoError;

/// Connections that may wait to be accepted, as far as the system allows. They come in bursts: a page opens six at once.
const WAITING: u32 = 4096;

/// How long requests that are on their way may take once the demo has been told to end.
const GRACE: Duration = Duration::from_secs(2);

/// What is served, and where.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
}

/// Listens on `HOST:PORT`. From now on connections wait to be served.
pub(crate) async fn bind(address: &str) -> Result<TcpListener, DemoError> {
    first_of(address).await.map_err(|source| DemoError::Listen {
        address: address.to_owned(),
        source,
    })
}

/// The first of the host's addresses that can be had.
async fn first_of(address: &str) -> io::Result<TcpListener> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in lookup_host(address).await? {
        match listen(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // Without it a port is not to be had for a minute after it was last served. On Windows it means something else.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Where a listener really listens, whatever the port it was told.
pub(crate) fn address(listener: &TcpListener) -> Result<SocketAddr, DemoError> {
    listener.local_addr().map_err(DemoError::Serve)
}

/// Serves until `end`, then lets the requests on their way finish, but not for long.
pub(crate) async fn until(
    end: impl Future<Output = ()>,
    servers: Vec<Server>,
) -> Result<(), DemoError> {
    let (told, _) = watch::channel(false);
    let mut running = JoinSet::new();
    for Server { listener, router } in servers {
        running.spawn(accept::until(told.subscribe(), listener, router));
    }
    tokio::select! {
        () = end => {}
        // They are not told to, so it panicked.
        Some(ended) = running.join_next() => {
            return ended.map_err(|panicked| DemoError::Serve(io::Error::other(panicked)));
        }
    }
    told.send_replace(true);
    let all = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!("ended with requests on their way");
    }
    Ok(())
}

/// Catches Ctrl-C and SIGTERM from now on. The future ends with the first of them.
pub(crate) fn signals() -> Result<impl Future<Output = ()>, DemoError> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut interrupt = signal(SignalKind::interrupt()).map_err(DemoError::Signals)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(DemoError::Signals)?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        // Without it the process ends at Ctrl-C all the same, only less gently.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
