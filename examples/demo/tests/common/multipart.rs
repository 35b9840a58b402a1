//! S3's operations on objects that come in parts.

use super::Bucket;
use super::http::{Answer, request};

/// A header's, or a query parameter's, name and value.
type Pair<'a> = (&'a str, &'a str);

/// A part as a listing has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) number: u32,
    pub(crate) size: u64,
    pub(crate) etag: String,
}

impl Bucket {
    /// A presigned request with this query, and with these headers signed.
    pub(crate) async fn call(
        &self,
        method: &str,
        key: &str,
        query: &str,
        signed: &[Pair<'_>],
        body: &[u8],
    ) -> Answer {
        let target = self.signer.presign(method, key, query, 900, signed);
        request(self.address, method, &target, signed, body).await
    }

    pub(crate) async fn create(&self, key: &str, headers: &[Pair<'_>]) -> Answer {
        self.call("POST", key, "uploads=", headers, b"").await
    }

    /// A new upload's ID.
    pub(crate) async fn begin(&self, key: &str, headers: &[Pair<'_>]) -> String {
        let answer = self.create(key, headers).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.element("UploadId").unwrap()
    }

    /// A part with its length and these headers signed.
    pub(crate) async fn part(
        &self,
        key: &str,
        id: &str,
        number: impl std::fmt::Display,
        headers: &[Pair<'_>],
        body: &[u8],
    ) -> Answer {
        let query = format!("partNumber={number}&uploadId={id}");
        let length = body.len().to_string();
        let signed = [headers, &[("content-length", &length)]].concat();
        self.call("PUT", key, &query, &signed, body).await
    }

    /// A part with only its length signed, as the pages' URLs are, and these headers sent.
    pub(crate) async fn part_with(
        &self,
        key: &str,
        id: &str,
        number: u32,
        unsigned: &[Pair<'_>],
        body: &[u8],
    ) -> Answer {
        let query = format!("partNumber={number}&uploadId={id}");
        let length = body.len().to_string();
        let signed = [("content-length", &*length)];
        let target = self.signer.presign("PUT", key, &query, 900, &signed);
        request(self.address, "PUT", &target, unsigned, body).await
    }

    /// Stores a part, and answers its `ETag` with the quotes.
    pub(crate) async fn store_part(
        &self,
        key: &str,
        id: &str,
        number: u32,
        body: &[u8],
    ) -> (u32, String) {
        let answer = self.part(key, id, number, &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        (number, answer.header("etag").unwrap().to_owned())
    }

    pub(crate) async fn list_parts(&self, key: &str, id: &str, query: &str) -> Answer {
        let query = format!("uploadId={id}&{query}");
        self.call("GET", key, &query, &[], b"").await
    }

    /// All parts of an upload.
    pub(crate) async fn parts(&self, key: &str, id: &str) -> Vec<Listed> {
        listed(&self.list_parts(key, id, "").await)
    }

    pub(crate) async fn complete(
        &self,
        key: &str,
        id: &str,
        parts: &[(u32, String)],
        headers: &[Pair<'_>],
    ) -> Answer {
        let parts: Vec<String> = parts
            .iter()
            .map(|(number, etag)| {
                format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
            })
            .collect();
        self.complete_as(key, id, &parts.concat(), headers).await
    }

    /// With any XML as the list.
    pub(crate) async fn complete_as(
        &self,
        key: &str,
        id: &str,
        list: &str,
        headers: &[Pair<'_>],
    ) -> Answer {
        let body = format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
        let query = format!("uploadId={id}");
        self.call("POST", key, &query, headers, body.as_bytes())
            .await
    }

    pub(crate) async fn abort(&self, key: &str, id: &str) -> Answer {
        let query = format!("uploadId={id}");
        self.call("DELETE", key, &query, &[], b"").await
    }

    pub(crate) async fn head(&self, key: &str) -> Answer {
        self.call("HEAD", key, "", &[], b"").await
    }

    pub(crate) async fn uploads(&self, query: &str) -> Answer {
        let query = format!("uploads=&{query}");
        self.call("GET", "", &query, &[], b"").await
    }

    /// What the store has of uploads on its disk: their folders, and files that are not whole.
    pub(crate) fn left(&self) -> (usize, usize) {
        let own = self.folder.parent().unwrap().join(".presign-demo");
        let count = |folder: &str| std::fs::read_dir(own.join(folder)).unwrap().count();
        (count("uploads"), count("scratch"))
    }
}

/// The parts in a listing.
pub(crate) fn listed(answer: &Answer) -> Vec<Listed> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    elements(&answer.text(), "Part")
        .iter()
        .map(|part| {
            let value = |name| elements(part, name).remove(0);
            Listed {
                number: value("PartNumber").parse().unwrap(),
                size: value("Size").parse().unwrap(),
                etag: value("ETag").replace("&quot;", "\""),
            }
        })
        .collect()
}

/// The contents of all XML elements of this name.
pub(crate) fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split(&close).next())
        .map(str::to_owned)
        .collect()
}
