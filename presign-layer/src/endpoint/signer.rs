//! What all URLs of one request are signed with.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use presign_protocol::{Checksums, DownloadResponse, ErrorCode, PostGrant, Problem, PutGrant};

use super::download::Served;
use super::store_error;
use crate::BoxError;
use crate::core::Core;
use crate::key::ObjectKey;
use crate::plan::Plan;
use crate::problem::{internal, problem};
use crate::store::{Credentials, Get, Part, Post, Put, SigningTime};

/// The store is asked for credentials once, and only if there is something to sign.
pub(super) struct Signer<'a> {
    core: &'a Core,
    credentials: Credentials,
}

/// URLs, and the seconds that they live.
pub(super) struct Window {
    pub(super) urls: Vec<String>,
    pub(super) expires_in: u64,
}

impl<'a> Signer<'a> {
    /// For URLs that write.
    pub(super) async fn new(core: &'a Core) -> Result<Self, Problem> {
        Self::with(core, core.store.url_credentials().await)
    }

    /// For URLs that read.
    pub(super) async fn reading(core: &'a Core) -> Result<Self, Problem> {
        Self::with(core, core.store.credentials().await)
    }

    fn with(core: &'a Core, credentials: Result<Credentials, BoxError>) -> Result<Self, Problem> {
        let credentials = credentials.map_err(|error| {
            tracing::error!(%error, "no credentials for the store");
            no_credentials()
        })?;
        let signer = Self { core, credentials };
        signer.moment()?;
        Ok(signer)
    }

    /// Now, and how long the credentials live on.
    fn moment(&self) -> Result<(SigningTime, Duration), Problem> {
        let now = now(self.core)?;
        let time =
            SigningTime::new(now).ok_or_else(|| internal(&"the clock is beyond the year 9999"))?;
        let lifetime = self.credentials.expires_at().map_or(Duration::MAX, |end| {
            end.duration_since(SystemTime::UNIX_EPOCH + now)
                .unwrap_or_default()
        });
        if lifetime < Duration::from_secs(1) {
            tracing::error!("the credentials for the store have expired");
            return Err(no_credentials());
        }
        Ok((time, lifetime))
    }

    pub(super) fn put(
        &self,
        key: &ObjectKey,
        headers: BTreeMap<String, String>,
        expires_in: Duration,
    ) -> Result<PutGrant, Problem> {
        let (time, lifetime) = self.moment()?;
        let expires_in = expires_in.min(lifetime);
        let put = Put {
            key,
            headers: &headers,
            expires_in,
        };
        let url = self.core.store.presign(&put, &self.credentials, time);
        Ok(PutGrant {
            url: url.into(),
            headers,
            key: key.as_str().to_owned(),
            token: None,
            expires_in: expires_in.as_secs(),
            checksums: Checksums::default(),
        })
    }

    pub(super) fn get(
        &self,
        key: &ObjectKey,
        served: &Served,
        expires_in: Duration,
    ) -> Result<DownloadResponse, Problem> {
        let (time, lifetime) = self.moment()?;
        let expires_in = expires_in.min(lifetime);
        let get = Get {
            key,
            disposition: &served.disposition,
            content_type: &served.content_type,
            expires_in,
        };
        let url = self.core.store.presign_get(&get, &self.credentials, time);
        Ok(DownloadResponse {
            url: url.into(),
            expires_in: expires_in.as_secs(),
        })
    }

    pub(super) fn post(
        &self,
        key: &ObjectKey,
        headers: &BTreeMap<String, String>,
        length: RangeInclusive<u64>,
        expires_in: Duration,
    ) -> Result<PostGrant, Problem> {
        let (time, lifetime) = self.moment()?;
        let expires_in = expires_in.min(lifetime);
        let post = Post {
            key,
            headers,
            length,
            expires_in,
        };
        let form = self
            .core
            .store
            .presign_post(&post, &self.credentials, time)
            .map_err(|error| internal(&error))?;
        Ok(PostGrant {
            url: form.url.into(),
            fields: form.fields,
            key: key.as_str().to_owned(),
            token: None,
            expires_in: expires_in.as_secs(),
            checksums: Checksums::default(),
        })
    }

    /// The URLs of at most `count` parts from `from` on, and of no more than there are and one answer may have.
    pub(super) fn parts(
        &self,
        key: &ObjectKey,
        upload_id: &str,
        plan: Plan,
        from: u32,
        count: u32,
        expires_in: Duration,
    ) -> Result<Window, Problem> {
        let (time, lifetime) = self.moment()?;
        let expires_in = expires_in.min(lifetime);
        let count = count.min(self.core.parts_per_request.into());
        let urls = (from..from.saturating_add(count))
            .map_while(|number| {
                let size = plan.bytes_of(number)?;
                let part = Part {
                    key,
                    upload_id,
                    number: u16::try_from(number).ok()?,
                    size,
                    expires_in,
                };
                Some(self.core.store.presign_part(&part, &self.credentials, time))
            })
            .map(Into::into)
            .collect();
        Ok(Window {
            urls,
            expires_in: expires_in.as_secs(),
        })
    }
}

/// Time since 1970.
pub(super) fn now(core: &Core) -> Result<Duration, Problem> {
    core.environment.now().map_err(|error| internal(&error))
}

fn no_credentials() -> Problem {
    problem(
        ErrorCode::CredentialsUnavailable,
        store_error::NO_CREDENTIALS,
    )
}
