use std::time::Duration;

use rusty_s3::Method;

use super::{Call, CallError, succeeded};
use crate::key::ObjectKey;
use crate::store::Store;

impl Store {
    /// Deletes an object; that there is none (any more) is as good. In a bucket with versions the object only ends to be the current one.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
    pub(crate) async fn delete_object(
        &self,
        now: Duration,
        key: &ObjectKey,
    ) -> Result<(), CallError> {
        let call = Call::new("DeleteObject", Method::Delete, key);
        match self.call(now, call, succeeded).await {
            Err(CallError::NoSuchObject) => Ok(()),
            answered => answered,
        }
    }
}
