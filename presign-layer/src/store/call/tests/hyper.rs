//! The client of the feature `client`, against a server on this machine.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::script::{ID, NOW, SECRET, key};
use crate::store::call::CallError;
use crate::{Credentials, Store};

/// Answers one request of each connection with the next of `answers`, and gives the requests' first lines and hosts.
fn serve(answers: &'static [&'static str]) -> (Store, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for answer in answers {
            let (mut connection, _) = listener.accept().unwrap();
            let head: Vec<String> = BufReader::new(&connection)
                .lines()
                .map(Result::unwrap)
                .take_while(|line| !line.is_empty())
                .collect();
            seen.push(
                head[0]
                    .split(['?', ' '])
                    .take(2)
                    .collect::<Vec<_>>()
                    .join(" "),
            );
            connection.write_all(answer.as_bytes()).unwrap();
        }
        seen
    });
    let store = Store::builder(endpoint, "uploads")
        .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET))
        .build()
        .unwrap();
    (store, server)
}

#[tokio::test]
async fn an_object_is_found() {
    let (store, server) = serve(&[
        "HTTP/1.1 200 OK\r\ncontent-length: 7\r\netag: \"e\"\r\nconnection: close\r\n\r\n",
    ]);
    let found = store.head_object(NOW, &key()).await.unwrap().unwrap();
    assert_eq!((found.size, found.etag.as_str()), (7, "e"));
    let seen = server.join().unwrap();
    assert_eq!(seen, ["HEAD /uploads/users/1/%C3%A4%20b%26c.bin"]);
}

/// Whoever answers in the store's place cannot send the server anywhere.
#[tokio::test]
async fn redirects_are_not_followed() {
    let (store, server) = serve(&[
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ]);
    let refused = store.list_parts(NOW, &key(), ID).await;
    assert!(
        matches!(&refused, Err(CallError::Refused(words)) if words == "307 without S3's words"),
        "{refused:?}"
    );
    assert_eq!(server.join().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again() {
    let (store, server) = serve(&[
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n<ListPartsResult>",
        "HTTP/1.1 200 OK\r\ncontent-length: 18\r\nconnection: close\r\n\r\n<ListPartsResult/>",
    ]);
    assert_eq!(store.list_parts(NOW, &key(), ID).await.unwrap(), []);
    assert_eq!(server.join().unwrap().len(), 2);
}
