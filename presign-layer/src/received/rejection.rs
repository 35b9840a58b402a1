use std::fmt;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use presign_protocol::Problem;
use serde::Serialize;

use crate::answer;
use crate::observe::Ids;

/// Why [`Received`](crate::Received) or [`ReceivedAll`](crate::ReceivedAll) did not take what was sent: what the client is answered, in the words of the endpoints' own errors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptRejection {
    #[serde(flatten)]
    problem: Problem,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_index: Option<usize>,
}

impl ReceiptRejection {
    /// Of one receipt among many.
    pub(super) fn of(mut problem: Problem, index: usize) -> Self {
        problem.detail = format!("`receipt[{index}]`: {}", problem.detail);
        Self {
            problem,
            receipt_index: Some(index),
        }
    }

    /// With what the request is known by.
    pub(super) fn known_by(mut self, ids: &Ids) -> Self {
        ids.on_problem(&mut self.problem);
        self
    }

    /// What the answer says.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Which of many receipts is not taken, counted from 0.
    #[must_use]
    pub fn receipt_index(&self) -> Option<usize> {
        self.receipt_index
    }
}

impl From<Problem> for ReceiptRejection {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            receipt_index: None,
        }
    }
}

impl fmt::Display for ReceiptRejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.problem.detail)
    }
}

impl std::error::Error for ReceiptRejection {}

impl IntoResponse for ReceiptRejection {
    fn into_response(self) -> Response {
        answer::problem_as(self.problem.status, &self).map(Body::new)
    }
}
