//! Every endpoint.

use presign_protocol::ErrorCode::{
    self, BodyTooLarge, BodyTooSlow, BodyUnreadable, CredentialsUnavailable, FileTooLarge,
    FileTooSmall, Forbidden, HookTimedOut, Internal, InvalidJson, InvalidKey, InvalidName,
    InvalidPart, InvalidRequest, InvalidType, MethodNotAllowed, NoFiles, ObjectNotFound,
    OriginNotAllowed, QuotaExceeded, SizeAndTypeRequired, StoreFailed, TokenExpired, TokenForeign,
    TokenInvalid, TokenOutdated, TooManyFiles, TypeNotAllowed, Unauthenticated,
    UnsupportedMediaType, UploadGone,
};
use presign_protocol::{
    ABORT_PATH, COMPLETE_PATH, CompleteRequest, CompleteResponse, DOWNLOAD_PATH, DownloadResponse,
    Grant, GrantRequest, GrantResponse, LIMITS_PATH, Limits, OPENAPI_PATH, PARTS_PATH,
    PartsRequest, PartsResponse, RESUME_PATH, ResumeResponse, TokenRequest,
};
use serde_json::{Value, json};

use super::About;
use super::operation::{Answer, Operation, Parameter};
use super::schemas::Schemas;

/// The mount point itself. With a slash, because a path has one; the endpoint does without it too.
const MOUNT: &str = "/";

/// What any request can be refused with.
const ANY: &[ErrorCode] = &[MethodNotAllowed, OriginNotAllowed, Internal];
/// What a request that the application is asked about can be refused with.
const ASKED: &[ErrorCode] = &[Unauthenticated, HookTimedOut];
/// What a request with a body can be refused with.
const BODY: &[ErrorCode] = &[
    UnsupportedMediaType,
    BodyTooLarge,
    BodyUnreadable,
    BodyTooSlow,
    InvalidJson,
];
/// What a request with a list can be refused with.
const LIST: &[ErrorCode] = &[NoFiles, TooManyFiles];
/// What a request with one token can be refused with.
const TOKEN: &[ErrorCode] = &[
    TokenInvalid,
    TokenForeign,
    TokenExpired,
    TokenOutdated,
    Forbidden,
];
/// What a request that needs the store can be refused with.
const STORE: &[ErrorCode] = &[StoreFailed, CredentialsUnavailable];
/// What a request for one file can be refused with.
const FILE: &[ErrorCode] = &[
    InvalidRequest,
    SizeAndTypeRequired,
    Forbidden,
    FileTooLarge,
    FileTooSmall,
    TypeNotAllowed,
    InvalidType,
    InvalidName,
    InvalidKey,
    QuotaExceeded,
];

pub(super) fn all(about: About) -> Vec<Operation> {
    let mut all = vec![
        grant(),
        guide(),
        limits(),
        parts(),
        resume(),
        complete(),
        abort(),
        openapi(),
    ];
    if about.downloads {
        all.push(download());
    }
    all
}

fn grant() -> Operation {
    Operation {
        path: MOUNT,
        method: "post",
        id: "grant",
        summary: "Asks for permission to upload files.",
        description: "Each file is granted or refused in its place. A grant says how the file goes to the store: in one PUT, as a form, or in parts.",
        query: &[],
        body: Some(Schemas::question::<GrantRequest>),
        answers: vec![Answer {
            links: || {
                json!({
                    "complete": {
                        "operationId": "complete",
                        "description": "When every byte has been sent.",
                        "requestBody": { "uploads": [{ "token": "$response.body#/grants/0/token" }] },
                    },
                })
            },
            ..Answer::json::<GrantResponse>(
                "One grant or refusal for each file, in the same order.",
            )
        }],
        refusals: [ANY, ASKED, BODY, LIST, &[CredentialsUnavailable]].concat(),
    }
}

fn guide() -> Operation {
    Operation {
        path: MOUNT,
        method: "get",
        id: "presign",
        summary: "Asks for the presigned URL of one PUT.",
        description: "Without `size` and `type` it is answered only where the server limits neither them nor overwriting.",
        query: &[
            Parameter {
                name: "name",
                required: true,
                description: "The file's name.",
                schema: string,
            },
            Parameter {
                name: "size",
                required: false,
                description: "Its bytes.",
                schema: || json!({ "type": "integer", "format": "uint64", "minimum": 0, "maximum": u64::MAX }),
            },
            Parameter {
                name: "type",
                required: false,
                description: "Its media type.",
                schema: string,
            },
        ],
        body: None,
        answers: vec![Answer {
            content: vec![
                (
                    "text/plain",
                    |_| json!({ "type": "string", "format": "uri" }),
                ),
                ("application/json", Schemas::answer::<Grant>),
            ],
            ..Answer::empty(
                200,
                "The URL alone; the grant with the headers to send where `Accept` prefers JSON.",
            )
        }],
        refusals: [ANY, ASKED, FILE, &[CredentialsUnavailable]].concat(),
    }
}

fn limits() -> Operation {
    Operation {
        path: LIMITS_PATH,
        method: "get",
        id: "limits",
        summary: "Asks what may be uploaded.",
        description: "What a page should know before it asks. The server decides on each file all the same.",
        query: &[],
        body: None,
        answers: vec![Answer::json::<Limits>("The limits.")],
        refusals: ANY.to_vec(),
    }
}

fn parts() -> Operation {
    Operation {
        path: PARTS_PATH,
        method: "post",
        id: "parts",
        summary: "Asks for the presigned URLs of further parts.",
        description: "Of an upload in parts; the first ones came with its grant.",
        query: &[],
        body: Some(Schemas::question::<PartsRequest>),
        answers: vec![Answer::json::<PartsResponse>("The URLs.")],
        refusals: [
            ANY,
            ASKED,
            BODY,
            TOKEN,
            &[InvalidPart, InvalidRequest, CredentialsUnavailable],
        ]
        .concat(),
    }
}

fn resume() -> Operation {
    Operation {
        path: RESUME_PATH,
        method: "post",
        id: "resume",
        summary: "Asks how far an upload in parts is.",
        description: "What the store has, it says itself: this is how an upload goes on after the page was closed.",
        query: &[],
        body: Some(Schemas::question::<TokenRequest>),
        answers: vec![Answer::json::<ResumeResponse>(
            "The parts that the store has whole.",
        )],
        refusals: [
            ANY,
            ASKED,
            BODY,
            TOKEN,
            STORE,
            &[UploadGone, InvalidRequest],
        ]
        .concat(),
    }
}

fn complete() -> Operation {
    Operation {
        path: COMPLETE_PATH,
        method: "post",
        id: "complete",
        summary: "Says that every byte of these uploads has been sent.",
        description: "The server looks at the store whether each is there as it was granted; those in parts become objects first. Asked again, it answers the \
            same. Each upload that is not an object is refused in its place.",
        query: &[],
        body: Some(Schemas::question::<CompleteRequest>),
        answers: vec![Answer::json::<CompleteResponse>(
            "One object or refusal for each upload, in the same order.",
        )],
        refusals: [ANY, ASKED, BODY, LIST].concat(),
    }
}

fn abort() -> Operation {
    Operation {
        path: ABORT_PATH,
        method: "post",
        id: "abort",
        summary: "Gives an upload up.",
        description: "The store keeps nothing of it. Of one that is gone already this is true too.",
        query: &[],
        body: Some(Schemas::question::<TokenRequest>),
        answers: vec![Answer::empty(204, "It is gone.")],
        refusals: [ANY, ASKED, BODY, TOKEN, STORE, &[InvalidRequest]].concat(),
    }
}

fn download() -> Operation {
    Operation {
        path: DOWNLOAD_PATH,
        method: "get",
        id: "download",
        summary: "Asks for the presigned URL of one object.",
        description: "Ranges are the store's to answer.",
        query: &[
            Parameter {
                name: "key",
                required: true,
                description: "The object key.",
                schema: string,
            },
            Parameter {
                name: "name",
                required: false,
                description: "The name that the browser saves it under.",
                schema: string,
            },
            Parameter {
                name: "disposition",
                required: false,
                description: "Whether the browser shows it or saves it. What could run as a page is always saved.",
                schema: || json!({ "type": "string", "enum": ["inline", "attachment"] }),
            },
        ],
        body: None,
        answers: vec![
            Answer {
                headers: &[("Location", "The presigned URL.")],
                ..Answer::empty(302, "Where the object is.")
            },
            Answer::json::<DownloadResponse>("The same where `Accept` prefers JSON."),
        ],
        refusals: [
            ANY,
            ASKED,
            STORE,
            &[InvalidRequest, InvalidKey, Forbidden, ObjectNotFound],
        ]
        .concat(),
    }
}

fn openapi() -> Operation {
    Operation {
        path: OPENAPI_PATH,
        method: "get",
        id: "openapi",
        summary: "Asks for this document.",
        description: "It is this mount's own.",
        query: &[],
        body: None,
        answers: vec![Answer {
            content: vec![("application/json", |_| json!({ "type": "object" }))],
            ..Answer::empty(200, "This document.")
        }],
        refusals: ANY.to_vec(),
    }
}

fn string() -> Value {
    json!({ "type": "string" })
}
