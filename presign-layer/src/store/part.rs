use std::collections::BTreeMap;
use std::time::Duration;

use rusty_s3::actions::UploadPart;
use url::Url;

use super::put::sign;
use super::{Credentials, SigningTime, Store};
use crate::key::ObjectKey;

/// One part's PUT to sign.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) key: &'a ObjectKey,
    pub(crate) upload_id: &'a str,
    /// From 1.
    pub(crate) number: u16,
    /// Its exact bytes: `content-length` is signed.
    pub(crate) size: u64,
    pub(crate) expires_in: Duration,
}

impl Store {
    /// The presigned URL of a part for browsers.
    pub(crate) fn presign_part(
        &self,
        part: &Part<'_>,
        credentials: &Credentials,
        time: SigningTime,
    ) -> Url {
        let action = UploadPart::new(
            &self.public,
            Some(credentials.inner()),
            part.key.as_str(),
            part.number,
            part.upload_id,
        );
        let headers = BTreeMap::from([("content-length".to_owned(), part.size.to_string())]);
        sign(action, &headers, part.expires_in, time)
    }
}
