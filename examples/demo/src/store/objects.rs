//! The operations of S3 that the store has.

use std::fmt;
use std::fs;
use std::sync::Arc;

use s3s::dto::{
    CreateBucketInput, CreateBucketOutput, DeleteObjectInput, DeleteObjectOutput, GetObjectInput,
    GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;

use super::FolderError;
use super::folder::Folder;
use super::keys;
use super::lock::Locks;

/// Objects as files: s3s-fs, with [`keys`] between a key and its file. What is not here is answered `NotImplemented`.
pub(super) struct Objects {
    files: FileSystem,
    folder: Arc<Folder>,
    locks: Arc<Locks>,
}

impl Objects {
    pub(super) fn new(folder: Folder) -> Result<Self, FolderError> {
        let files = FileSystem::new(folder.root())
            .map_err(|error| FolderError::Open(format!("{error:?}")))?;
        Ok(Self {
            files,
            folder: Arc::new(folder),
            locks: Arc::default(),
        })
    }

    pub(super) fn files(&self) -> &FileSystem {
        &self.files
    }

    pub(super) fn shared(&self) -> (Arc<Folder>, Arc<Locks>) {
        (Arc::clone(&self.folder), Arc::clone(&self.locks))
    }

    /// The key of the object whose file has this name. A file that somebody else put there is its own key.
    fn key_of(&self, name: String) -> String {
        keys::digest_in(&name)
            .and_then(|digest| fs::read_to_string(self.folder.long_key(digest)).ok())
            .unwrap_or(name)
    }
}

#[async_trait::async_trait]
impl S3 for Objects {
    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.files.create_bucket(request).await
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.head_bucket(request).await
    }

    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        self.put(request).await
    }

    async fn get_object(
        &self,
        mut request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = &mut request.input;
        input.key = keys::stored(&input.bucket, &input.key)?.name.into_owned();
        self.files.get_object(request).await
    }

    async fn head_object(
        &self,
        mut request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = &mut request.input;
        input.key = keys::stored(&input.bucket, &input.key)?.name.into_owned();
        self.files.head_object(request).await
    }

    async fn delete_object(
        &self,
        mut request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = &mut request.input;
        input.key = keys::stored(&input.bucket, &input.key)?.name.into_owned();
        let _writers_wait = self.locks.lock(&input.bucket, &input.key).await;
        self.files.delete_object(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let mut response = self.files.list_objects_v2(request).await?;
        for object in response.output.contents.iter_mut().flatten() {
            object.key = object.key.take().map(|name| self.key_of(name));
        }
        Ok(response)
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Objects")
            .field("root", &self.folder.root())
            .finish_non_exhaustive()
    }
}
