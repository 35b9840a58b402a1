use std::time::Duration;

use rusty_s3::Method;

use super::{Call, CallError, succeeded};
use crate::key::ObjectKey;
use crate::store::Store;

impl Store {
    /// Gives the upload up; that there is none (any more) is as good.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>
    pub(crate) async fn abort_multipart_upload(
        &self,
        now: Duration,
        key: &ObjectKey,
        upload_id: &str,
    ) -> Result<(), CallError> {
        let call = Call::new("AbortMultipartUpload", Method::Delete, key)
            .with_query("uploadId", upload_id);
        match self.call(now, call, succeeded).await {
            Err(CallError::NoSuchUpload) => Ok(()),
            answered => answered,
        }
    }
}
