use presign_layer::protocol::{GrantAnswer, GrantResponse};
use serde_json::Value;

use crate::ask::{post, whole};
use crate::env::{FORMS, GUIDE, LIMIT, LIMITED, NAMED_FORMS, ORDINARY};
use crate::grants::judge_grant;
use crate::judge::{Trust, judge, judge_error};

/// The body of `POST P`. Each file is answered in its place, and a grant is of the very size that was asked for.
pub fn grant(input: &[u8]) {
    for (service, most) in [
        (&ORDINARY, u64::MAX),
        (&GUIDE, u64::MAX),
        (&LIMITED, LIMIT),
        (&FORMS, u64::MAX),
        (&NAMED_FORMS, u64::MAX),
    ] {
        let reply = post(service, "", input.to_vec());
        judge(&reply, Trust::Honest, false, input);
        if reply.status != 200 {
            continue;
        }
        // In what nobody reads, more is JSON to one reader than to another: half a surrogate pair, a number beyond any.
        let Ok(asked) = serde_json::from_slice::<Value>(input) else {
            continue;
        };
        let files = asked["files"].as_array().expect("what was read has files");
        let answer: GrantResponse = reply.json();
        assert_eq!(answer.grants.len(), files.len());
        for (file, answer) in files.iter().zip(&answer.grants) {
            let size = whole(&file["size"]);
            match answer {
                GrantAnswer::Refused { error } => judge_error(error),
                GrantAnswer::Granted(grant) => {
                    assert!(size <= most, "{size}");
                    judge_grant(service, grant, Some(size));
                }
            }
        }
    }
}
