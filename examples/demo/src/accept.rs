//! Connections: one after another is accepted, and none can hold the others up.
//!
//! `axum::serve` sets no timer, without which hyper waits for a request's head as long as it takes. Here it does not.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long a request's head may take to arrive, and how long a connection may wait for its next request.
const HEAD: Duration = Duration::from_secs(30);

/// Until the next try where a connection cannot be accepted, as when there are too many.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves each connection until `told` says that it is time to end. Then the requests on their way are answered, and no others.
pub(crate) async fn until(mut told: watch::Receiver<bool>, listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = end(&mut told) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // An answer waits for no more to be sent with it. Where that cannot be had, it is late and no worse.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(stream, router.clone(), told.clone()));
                }
                Err(error) if is_of_the_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits until it is time to end.
async fn end(told: &mut watch::Receiver<bool>) {
    // An error is the sender gone: an end too.
    let _ = told.wait_for(|told| *told).await;
}

/// Whether it went wrong while it waited to be accepted, which is nothing to the next one.
fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

async fn serve<IO>(io: IO, router: Router, mut told: watch::Receiver<bool>)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let service = TowerToHyperService::new(router);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = end(&mut told) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::sync::watch;
    use tokio::time::{Instant, sleep};

    use super::{HEAD, serve};

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    const SLOW: Duration = Duration::from_mins(1);

    /// The browser's end of a connection to a server that takes a while to answer, and what tells the server to end.
    fn connected() -> (DuplexStream, watch::Sender<bool>) {
        let slow = || async {
            sleep(SLOW).await;
            "at last"
        };
        let (browser, server) = duplex(1024);
        let (tell, told) = watch::channel(false);
        tokio::spawn(serve(server, Router::new().route("/", get(slow)), told));
        (browser, tell)
    }

    /// All that still comes, and how long it takes until there is no more.
    async fn rest(browser: &mut DuplexStream) -> (String, Duration) {
        let start = Instant::now();
        let mut text = String::new();
        browser.read_to_string(&mut text).await.unwrap();
        (text, start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_head_is_waited_for_so_long_and_no_longer() {
        let (mut browser, _tell) = connected();
        browser.write_all(&REQUEST[..20]).await.unwrap();
        sleep(HEAD / 2).await;
        // A byte now and then does not help.
        browser.write_all(b"x").await.unwrap();
        let (_, took) = rest(&mut browser).await;
        assert!(took <= HEAD / 2 + Duration::from_secs(1), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_takes_longer_is_answered() {
        let (mut browser, _tell) = connected();
        browser.write_all(REQUEST).await.unwrap();
        let (text, took) = rest(&mut browser).await;
        assert!(text.ends_with("at last"), "{text}");
        assert!(took >= SLOW, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn at_the_end_what_is_asked_is_answered_and_who_asks_nothing_is_not_waited_for() {
        let (mut idle, tell) = connected();
        sleep(Duration::from_millis(1)).await;
        tell.send_replace(true);
        let (text, took) = rest(&mut idle).await;
        assert!(text.is_empty() && took < HEAD / 2, "{text} {took:?}");

        let (mut busy, tell) = connected();
        busy.write_all(REQUEST).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        tell.send_replace(true);
        let (text, _) = rest(&mut busy).await;
        assert!(text.ends_with("at last"), "{text}");
    }
}
