use std::time::Duration;

use rusty_s3::S3Action;
use rusty_s3::actions::GetObject;
use url::Url;

use super::{Credentials, SigningTime, Store};
use crate::key::ObjectKey;

/// One GET to sign. What the object is served with is part of the URL, and so of what is signed.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
#[derive(Clone, Debug)]
pub(crate) struct Get<'a> {
    pub(crate) key: &'a ObjectKey,
    /// `content-disposition`.
    pub(crate) disposition: &'a str,
    /// `content-type`.
    pub(crate) content_type: &'a str,
    pub(crate) expires_in: Duration,
}

impl Store {
    /// The presigned URL of an object for browsers. Ranges of it can be asked for: `Range` is not among what is signed.
    pub(crate) fn presign_get(
        &self,
        get: &Get<'_>,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Url {
        let mut action = GetObject::new(&self.public, Some(credentials.inner()), get.key.as_str());
        let query = action.query_mut();
        query.insert("response-content-disposition", get.disposition);
        query.insert("response-content-type", get.content_type);
        action.sign_with_time(get.expires_in, &time.timestamp())
    }
}
