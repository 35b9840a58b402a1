//! The operations of S3 that the store has.

use std::fmt;
use std::fs;
use std::sync::Arc;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, Checksum, ChecksumType,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput,
    CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, ETag, GetObjectInput, GetObjectOutput, HeadBucketInput,
    HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListObjectsV2Input, ListObjectsV2Output, ListPartsInput,
    ListPartsOutput, PutObjectInput, PutObjectOutput, UploadPartCopyInput, UploadPartCopyOutput,
    UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

use super::FolderError;
use super::algorithm::{Algorithm, sums_in};
use super::folder::Folder;
use super::form;
use super::gate::Gate;
use super::keys;
use super::lock::Locks;
use super::multipart::Shelf;
use super::sidecar;

/// Objects as files: s3s-fs, with [`keys`] between a key and its file. What is not here is answered `NotImplemented`.
pub(super) struct Objects {
    files: FileSystem,
    folder: Arc<Folder>,
    locks: Arc<Locks>,
    shelf: Arc<Shelf>,
}

impl Objects {
    pub(super) fn new(folder: Folder) -> Result<Self, FolderError> {
        let files = FileSystem::new(folder.root())
            .map_err(|error| FolderError::Open(format!("{error:?}")))?;
        Ok(Self {
            files,
            shelf: Arc::new(Shelf::open(&folder)?),
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

    pub(super) fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }

    /// What an upload of this object ends at.
    pub(super) fn gate(&self, bucket: &str, key: &str, may_overwrite: bool) -> S3Result<Gate> {
        let stored = keys::stored(bucket, key)?.into_owned();
        let names = (bucket.to_owned(), key.to_owned());
        Ok(Gate::new(self.shared(), names, stored, may_overwrite))
    }

    /// # Errors
    ///
    /// `NoSuchBucket`.
    pub(super) fn check_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.folder.bucket(bucket).is_dir() {
            Ok(())
        } else {
            Err(s3_error!(NoSuchBucket))
        }
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
        if form::is_form(&request) {
            return self.put_form(request).await;
        }
        self.put(request).await
    }

    async fn get_object(
        &self,
        mut request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = &mut request.input;
        input.key = keys::stored(&input.bucket, &input.key)?.name.into_owned();
        let asked = (
            input.response_content_disposition.take(),
            input.response_content_type.take(),
        );
        let mut response = self.files.get_object(request).await?;
        let output = &mut response.output;
        output.checksum_type = checksum_type(&sums_in!(output));
        // What the URL says goes before what the object says; s3s-fs knows only that.
        let (disposition, content_type) = asked;
        output.content_disposition = disposition.or(output.content_disposition.take());
        output.content_type = content_type.or(output.content_type.take());
        Ok(response)
    }

    async fn head_object(
        &self,
        mut request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = &mut request.input;
        input.key = keys::stored(&input.bucket, &input.key)?.name.into_owned();
        let mut response = self.files.head_object(request).await?;
        let output = &mut response.output;
        output.checksum_type = checksum_type(&sums_in!(output));
        Ok(response)
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        self.copy(request).await
    }

    async fn delete_object(
        &self,
        mut request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = &mut request.input;
        input.key = keys::stored(&input.bucket, &input.key)?.name.into_owned();
        let (bucket, name) = (input.bucket.clone(), input.key.clone());
        let _writers_wait = self.locks.lock(&bucket, &name).await;
        let deleted = self.files.delete_object(request).await?;
        // s3s-fs leaves them behind.
        sidecar::remove(&self.folder, &bucket, &name);
        Ok(deleted)
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let bucket = request.input.bucket.clone();
        let mut response = self.files.list_objects_v2(request).await?;
        for object in response.output.contents.iter_mut().flatten() {
            let name = object.key.as_deref().unwrap_or_default();
            object.e_tag = sidecar::etag(&self.folder, &bucket, name).map(ETag::Strong);
            object.key = object.key.take().map(|name| self.key_of(name));
        }
        Ok(response)
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.create_upload(request)
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        self.store_part(request).await
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        self.copy_part(request).await
    }

    async fn list_parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        self.list_the_parts(request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        self.complete_upload(request).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.abort_upload(request).await
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        self.list_the_uploads(request).await
    }
}

/// What an object's checksum is over, if it has one. A sum over the parts' sums ends with their number.
fn checksum_type(sums: &Checksum) -> Option<ChecksumType> {
    let mut sums = sums.clone();
    let sum = Algorithm::ALL
        .into_iter()
        .find_map(|algorithm| algorithm.sum(&mut sums).take())?;
    Some(ChecksumType::from_static(if sum.contains('-') {
        ChecksumType::COMPOSITE
    } else {
        ChecksumType::FULL_OBJECT
    }))
}

impl fmt::Debug for Objects {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Objects")
            .field("root", &self.folder.root())
            .finish_non_exhaustive()
    }
}
