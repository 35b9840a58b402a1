//! From the files that were asked for to presigned URLs: the way that both endpoints share.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use http::request::Parts;
use presign_protocol::{Checksums, ErrorCode, FileError, Problem, PutGrant};

use crate::authorize::{Ask, FileAsked, Permit, Reason, Refusal};
use crate::core::Core;
use crate::decision::decide;
use crate::problem::{file_error, internal, problem};
use crate::store::{Credentials, Put, SigningTime};

/// A grant or a refusal for each file, in the same order; or one problem for the whole request.
pub(crate) async fn sign(
    core: &Core,
    parts: Parts,
    files: Vec<FileAsked>,
) -> Result<Vec<Result<PutGrant, FileError>>, Problem> {
    let parts = Arc::new(parts);
    let asks: Vec<Ask> = files
        .into_iter()
        .map(|file| Ask {
            parts: Arc::clone(&parts),
            file,
        })
        .collect();
    let answers = join_all(asks.iter().map(|ask| core.authorizer.decide(ask.clone()))).await;
    let permits = answers
        .into_iter()
        .map(in_place)
        .collect::<Result<Vec<_>, Problem>>()?;
    let mut grants = Vec::with_capacity(asks.len());
    let mut signer = None;
    for (ask, permit) in asks.iter().zip(permits) {
        grants.push(match permit {
            Err(refused) => Err(refused),
            Ok(permit) => {
                // The store is asked for credentials once, and only if there is something to sign.
                let signer = match &mut signer {
                    Some(signer) => signer,
                    none => none.insert(Signer::new(core).await?),
                };
                signer.grant(ask, &permit)?
            }
        });
    }
    Ok(grants)
}

/// A file that the hook forbids is refused in its place; anything else concerns the whole request.
fn in_place(answer: Result<Permit, Refusal>) -> Result<Result<Permit, FileError>, Problem> {
    match answer {
        Ok(permit) => Ok(Ok(permit)),
        Err(Refusal(Reason::Forbidden(message))) => {
            Ok(Err(file_error(ErrorCode::Forbidden, message)))
        }
        Err(Refusal(Reason::Unauthenticated(message))) => {
            Err(problem(ErrorCode::Unauthenticated, message))
        }
        Err(Refusal(Reason::Failed(error))) => Err(internal(&error)),
    }
}

fn no_credentials() -> Problem {
    problem(
        ErrorCode::CredentialsUnavailable,
        "The server has no credentials for the store just now. Try again later.",
    )
}

/// What all files of one request are signed with.
struct Signer<'a> {
    core: &'a Core,
    credentials: Credentials,
    now: Duration,
    time: SigningTime,
    /// How long the credentials live on.
    lifetime: Duration,
}

impl<'a> Signer<'a> {
    async fn new(core: &'a Core) -> Result<Self, Problem> {
        let credentials = core.store.credentials().await.map_err(|error| {
            tracing::error!(%error, "no credentials for the store");
            no_credentials()
        })?;
        let now = core.environment.now().map_err(|error| internal(&error))?;
        let time =
            SigningTime::new(now).ok_or_else(|| internal(&"the clock is beyond the year 9999"))?;
        let lifetime = credentials.expires_at().map_or(Duration::MAX, |end| {
            end.duration_since(SystemTime::UNIX_EPOCH + now)
                .unwrap_or_default()
        });
        if lifetime < Duration::from_secs(1) {
            tracing::error!("the credentials for the store have expired");
            return Err(no_credentials());
        }
        Ok(Self {
            core,
            credentials,
            now,
            time,
            lifetime,
        })
    }

    fn grant(&self, ask: &Ask, permit: &Permit) -> Result<Result<PutGrant, FileError>, Problem> {
        let unique = self
            .core
            .environment
            .unique(self.now)
            .map_err(|error| internal(&error))?;
        let decision = match decide(&self.core.rules, permit, ask, &unique) {
            Ok(decision) => decision,
            Err(error) => {
                tracing::debug!(code = %error.code, "an upload is refused");
                return Ok(Err(error));
            }
        };
        let expires_in = decision.expires_in.min(self.lifetime);
        let url = self.core.store.presign(
            &Put {
                key: &decision.key,
                headers: &decision.headers,
                expires_in,
            },
            &self.credentials,
            self.time,
        );
        tracing::debug!(key = %decision.key, size = ask.file.size, "an upload is granted");
        Ok(Ok(PutGrant {
            url: url.into(),
            headers: decision.headers,
            key: decision.key.into_string(),
            expires_in: expires_in.as_secs(),
            checksums: Checksums::default(),
        }))
    }
}
