use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusty_s3::S3Action;
use rusty_s3::actions::PutObject;
use url::Url;

use super::{Credentials, Store};
use crate::key::ObjectKey;

/// One PUT to sign.
#[derive(Clone, Debug)]
pub(crate) struct Put<'a> {
    pub(crate) key: &'a ObjectKey,
    /// Every header to sign except `host`, by lower-case name. The client must send exactly these.
    pub(crate) headers: &'a BTreeMap<String, String>,
    pub(crate) expires_in: Duration,
}

/// When a request is signed: whole seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SigningTime(Timestamp);

impl SigningTime {
    /// `None` where no calendar reaches that far.
    pub(crate) fn new(since_1970: Duration) -> Option<Self> {
        let seconds = i64::try_from(since_1970.as_secs()).ok()?;
        Timestamp::from_second(seconds).ok().map(Self)
    }
}

impl Store {
    /// The presigned URL for browsers.
    pub(crate) fn presign(
        &self,
        put: &Put<'_>,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Url {
        let mut action = PutObject::new(&self.public, Some(credentials.inner()), put.key.as_str());
        let signed = action.headers_mut();
        for (name, value) in put.headers {
            signed.insert(name.as_str(), value.as_str());
        }
        action.sign_with_time(put.expires_in, &time.0)
    }
}
