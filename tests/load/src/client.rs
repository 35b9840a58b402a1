//! One client: what it asks, one thing after another, and what has to come back.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use presign_protocol::{
    CompleteAnswer, CompleteRequest, CompleteResponse, CompletedUpload, ErrorCode, FileSpec, Grant,
    GrantAnswer, GrantRequest, GrantResponse, Limits, MultipartGrant, PartsRequest, PartsResponse,
    Problem, PutGrant, SentUpload, TokenRequest,
};
use serde::Serialize;

use crate::chance::Chance;
use crate::demo::{MAX_SIZE, MOUNT, PARTS_FROM};
use crate::fault::{Fault, expect};
use crate::http::{Answer, Connection, Sent};
use crate::tally::{Kind, Tally};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TYPE: &str = "application/x-load";

/// Every file that is really sent: so many zeros.
const CONTENT: [u8; 1024] = [0; 1024];

/// Its MD5, which the store compares.
const CONTENT_MD5: HeaderValue = HeaderValue::from_static("DzQ7CTESaiDxM9Z8KwGKOw==");

/// What a client may do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    /// For a few files.
    Grants,
    Limits,
    /// The guide's bare URL.
    Guide,
    /// What is not granted.
    Refused,
    /// Here nothing can be downloaded.
    Download,
    /// An upload in parts, begun and given up.
    Parts,
    /// A receipt for what was never sent.
    Unsent,
    /// A file from its grant to its receipt.
    Whole,
}

impl Ask {
    /// Of a hundred. Only some clients send files: what is measured are the endpoints, not the store.
    fn pick(of_a_hundred: u64, sends: bool) -> Self {
        match of_a_hundred {
            0..40 => Self::Grants,
            40..60 => Self::Limits,
            60..75 => Self::Guide,
            75..83 => Self::Refused,
            83..90 => Self::Download,
            90..93 => Self::Parts,
            _ if sends => Self::Whole,
            _ => Self::Unsent,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Client {
    demo: Connection,
    sends: bool,
    chance: Chance,
    tally: Arc<Tally>,
}

impl Client {
    pub(crate) fn new(number: u64, sends: bool, demo: SocketAddr, tally: Arc<Tally>) -> Self {
        Self {
            demo: Connection::new(demo, Arc::clone(&tally)),
            sends,
            chance: Chance::new(number),
            tally,
        }
    }

    /// Asks until it is over.
    pub(crate) async fn ask(mut self) {
        while !self.tally.is_over() {
            let ask = Ask::pick(self.chance.below(100), self.sends);
            let asked = match ask {
                Ask::Grants => self.grants().await,
                Ask::Limits => self.limits().await,
                Ask::Guide => self.guide().await,
                Ask::Refused => self.refused().await,
                Ask::Download => self.download().await,
                Ask::Parts => self.parts().await,
                Ask::Unsent => self.unsent().await,
                Ask::Whole => self.whole().await,
            };
            if let Err(fault) = asked {
                self.tally.fault(fault.of(format_args!("{ask:?}")));
            }
        }
    }

    async fn grants(&mut self) -> Result<(), Fault> {
        let files = (0..=self.chance.below(4)).map(|_| self.file(100_000));
        let files: Vec<_> = files.collect();
        let asked = files.len();
        let granted = self.granted(files).await?;
        expect(granted.len() == asked, "not one answer for each file")?;
        granted
            .into_iter()
            .try_for_each(|answer| put(answer).map(drop))
    }

    async fn limits(&mut self) -> Result<(), Fault> {
        let answer = self.get(Kind::Limits, "/limits").await?;
        let limits: Limits = answer.json(StatusCode::OK)?;
        expect(limits.max_size == MAX_SIZE, "other limits")
    }

    async fn guide(&mut self) -> Result<(), Fault> {
        let name = self.chance.below(1_000_000);
        let answer = self
            .get(Kind::Guide, &format!("?name=a%20file%20{name}.txt"))
            .await?;
        answer.is(StatusCode::OK)?;
        answer.has(&CONTENT_TYPE, "text/plain; charset=utf-8")?;
        let url = str::from_utf8(&answer.body).unwrap_or_default();
        let signed = url.starts_with("http://") && url.contains("X-Amz-Signature=");
        expect(signed, "no presigned URL")
    }

    async fn refused(&mut self) -> Result<(), Fault> {
        match self.chance.below(3) {
            0 => {
                let too_large = FileSpec {
                    size: MAX_SIZE + 1,
                    ..self.file(1)
                };
                let files = vec![self.file(100_000), too_large];
                let Ok([good, refused]) = <[_; 2]>::try_from(self.granted(files).await?) else {
                    return Err(Fault::new("not one answer for each file"));
                };
                put(good)?;
                let code = match refused {
                    GrantAnswer::Refused { error } => Some(error.code),
                    GrantAnswer::Granted(_) => None,
                };
                expect(code == Some(ErrorCode::FileTooLarge), "not file_too_large")
            }
            1 => {
                let result = self.completed("made.up".to_owned()).await?;
                expect(result == Err(ErrorCode::TokenInvalid), "not token_invalid")
            }
            _ => {
                let text = HeaderValue::from_static("text/plain");
                let sent = sent(Kind::Grant, Method::POST, "", "{}".into(), text);
                let answer = self.demo.send(sent).await?;
                let problem: Problem = answer.json(StatusCode::UNSUPPORTED_MEDIA_TYPE)?;
                let right = problem.code == ErrorCode::UnsupportedMediaType;
                expect(right, "not unsupported_media_type")
            }
        }
    }

    async fn download(&mut self) -> Result<(), Fault> {
        let answer = self.get(Kind::Download, "/download?key=a").await?;
        let problem: Problem = answer.json(StatusCode::NOT_FOUND)?;
        expect(problem.code == ErrorCode::NotFound, "not not_found")
    }

    async fn parts(&mut self) -> Result<(), Fault> {
        let file = FileSpec {
            size: PARTS_FROM + self.chance.below(PARTS_FROM),
            ..self.file(1)
        };
        let mut granted = self.granted(vec![file]).await?;
        let Some(GrantAnswer::Granted(Grant::Multipart(grant))) = granted.pop() else {
            return Err(Fault::new("no grant for parts"));
        };
        let MultipartGrant {
            token, part_count, ..
        } = grant;
        let asked = PartsRequest {
            token: token.clone(),
            from: 1,
            count: None,
        };
        let answer = self.post(Kind::Parts, "/parts", &asked).await?;
        let parts: PartsResponse = answer.json(StatusCode::OK)?;
        expect(parts.parts.len() == part_count as usize, "not every part")?;
        let answer = self
            .post(Kind::Abort, "/abort", &TokenRequest { token })
            .await?;
        answer.is(StatusCode::NO_CONTENT)
    }

    async fn unsent(&mut self) -> Result<(), Fault> {
        let file = self.file(100_000);
        let token = self.one(file).await?.token.unwrap_or_default();
        let result = self.completed(token).await?;
        expect(
            result == Err(ErrorCode::ObjectMissing),
            "not object_missing",
        )
    }

    async fn whole(&mut self) -> Result<(), Fault> {
        let file = FileSpec {
            size: CONTENT.len() as u64,
            ..self.file(1)
        };
        let grant = self.one(file).await?;
        let (store, target) = parts_of(&grant.url).ok_or_else(|| Fault::new("no URL"))?;
        let mut headers = vec![(HeaderName::from_static("content-md5"), CONTENT_MD5)];
        for (name, value) in &grant.headers {
            // The connection says it from the body, as a browser does.
            if name != CONTENT_LENGTH.as_str() {
                let header = name.parse().ok().zip(value.parse().ok());
                headers.push(header.ok_or_else(|| Fault::new("a header that cannot be"))?);
            }
        }
        let put = Sent {
            kind: Kind::Put,
            method: Method::PUT,
            target: target.to_owned(),
            headers,
            body: Bytes::from_static(&CONTENT),
        };
        // One kept for so seldom a use would be hung up on in between.
        let mut store = Connection::new(store, Arc::clone(&self.tally));
        let stored = store.send(put).await?;
        drop(store);
        stored.is(StatusCode::OK)?;
        let receipt = self.completed(grant.token.unwrap_or_default()).await?;
        let object = receipt.map_err(|code| Fault::new(format!("no receipt: {code}")))?;
        let right = object.key == grant.key
            && object.size == CONTENT.len() as u64
            && object.content_type == TYPE
            && !object.receipt.is_empty();
        expect(right, "a receipt for something else")
    }

    /// A file with a name of its own, of a random size.
    fn file(&mut self, below: u64) -> FileSpec {
        FileSpec {
            name: format!("Übung {}.bin", self.chance.below(1_000_000)),
            size: self.chance.below(below),
            content_type: TYPE.to_owned(),
            ..FileSpec::default()
        }
    }

    async fn one(&mut self, file: FileSpec) -> Result<PutGrant, Fault> {
        let mut granted = self.granted(vec![file]).await?;
        put(granted
            .pop()
            .ok_or_else(|| Fault::new("no answer for the file"))?)
    }

    async fn granted(&mut self, files: Vec<FileSpec>) -> Result<Vec<GrantAnswer>, Fault> {
        let answer = self.post(Kind::Grant, "", &GrantRequest { files }).await?;
        let granted: GrantResponse = answer.json(StatusCode::OK)?;
        Ok(granted.grants)
    }

    async fn completed(
        &mut self,
        token: String,
    ) -> Result<Result<CompletedUpload, ErrorCode>, Fault> {
        let upload = SentUpload {
            token,
            checksum: None,
            content_md5: None,
        };
        let asked = CompleteRequest {
            uploads: vec![upload],
        };
        let answer = self.post(Kind::Complete, "/complete", &asked).await?;
        let mut completed: CompleteResponse = answer.json(StatusCode::OK)?;
        match completed.results.pop() {
            Some(CompleteAnswer::Completed(object)) => Ok(Ok(object)),
            Some(CompleteAnswer::Refused { error }) => Ok(Err(error.code)),
            None => Err(Fault::new("no answer for the upload")),
        }
    }

    async fn get(&mut self, kind: Kind, below: &str) -> Result<Answer, Fault> {
        let anything = HeaderValue::from_static("*/*");
        let mut sent = sent(kind, Method::GET, below, Bytes::new(), anything);
        if let Some((name, _)) = sent.headers.first_mut() {
            *name = ACCEPT;
        }
        self.demo.send(sent).await
    }

    async fn post(
        &mut self,
        kind: Kind,
        below: &str,
        body: &impl Serialize,
    ) -> Result<Answer, Fault> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Fault::because("this cannot be asked", &error))?;
        self.demo
            .send(sent(kind, Method::POST, below, body.into(), JSON))
            .await
    }
}

fn sent(kind: Kind, method: Method, below: &str, body: Bytes, content_type: HeaderValue) -> Sent {
    Sent {
        kind,
        method,
        target: MOUNT.to_owned() + below,
        headers: vec![(CONTENT_TYPE, content_type)],
        body,
    }
}

/// The grant that a small file has here.
fn put(answer: GrantAnswer) -> Result<PutGrant, Fault> {
    match answer {
        GrantAnswer::Granted(Grant::Put(grant)) => {
            let signed = grant.url.contains("X-Amz-Signature=");
            expect(signed && grant.token.is_some(), "half a grant")?;
            Ok(grant)
        }
        GrantAnswer::Granted(_) => Err(Fault::new("no grant for a PUT")),
        GrantAnswer::Refused { error } => Err(Fault::new(format!("refused: {}", error.code))),
    }
}

/// The address, and the path with the query.
fn parts_of(url: &str) -> Option<(SocketAddr, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (address, target) = rest.split_at(rest.find('/')?);
    Some((address.parse().ok()?, target))
}

#[cfg(test)]
mod tests {
    use super::{Ask, parts_of};

    #[test]
    fn a_url_is_an_address_and_what_is_asked_for_there() {
        let (address, target) = parts_of("http://127.0.0.1:9000/uploads/a?b=/c").unwrap();
        assert_eq!(address.port(), 9000);
        assert_eq!(target, "/uploads/a?b=/c");
        for url in ["https://127.0.0.1:1/a", "http://127.0.0.1:1", "http://a/b"] {
            assert_eq!(parts_of(url), None, "{url}");
        }
    }

    #[test]
    fn every_client_asks_for_everything_but_only_some_send_files() {
        let asks = |sends| -> Vec<Ask> {
            let mut asks: Vec<_> = (0..100).map(|number| Ask::pick(number, sends)).collect();
            asks.dedup();
            asks
        };
        assert_eq!(asks(true).len(), 7);
        assert_eq!(asks(true).last(), Some(&Ask::Whole));
        assert_eq!(asks(false).last(), Some(&Ask::Unsent));
    }
}
