use super::mismatch;
use super::proof::Proof;
use crate::endpoint::upload::Upload;
use crate::problem::Refused;
use crate::store::ObjectHead;

/// What the store has is what was granted, and what the client read from its disk.
pub(super) fn check(upload: &Upload, proof: &Proof, head: &ObjectHead) -> Result<(), Refused> {
    mismatch::check(upload, head)?;
    proof.compare(head)?;
    Ok(())
}
