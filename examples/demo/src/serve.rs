//! Listening, serving, and ending.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::error::DemoError;

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
    TcpListener::bind(address)
        .await
        .map_err(|source| DemoError::Listen {
            address: address.to_owned(),
            source,
        })
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
        let mut told = told.subscribe();
        let ending = async move {
            // An error is the sender gone: an end too.
            let _ = told.wait_for(|told| *told).await;
        };
        running.spawn(async move {
            axum::serve(listener, router)
                .with_graceful_shutdown(ending)
                .await
        });
    }
    tokio::select! {
        () = end => {}
        Some(ended) = running.join_next() => {
            return ended.unwrap_or_else(|panicked| Err(io::Error::other(panicked))).map_err(DemoError::Serve);
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
