use super::{MultipartRules, Policy};

/// How many bytes the store lets the file of a form have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PostLength {
    /// As many as were asked for, as of a PUT.
    #[default]
    Exact,
    /// No more than were asked for, and no fewer than the policy's least: for pages that learn the size only as they send, as of an image that
    /// is made smaller.
    Ranged,
}

/// How small files are uploaded as forms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostRules {
    /// Files of fewer bytes than this go as a form.
    pub(crate) below: u64,
    pub(crate) length: PostLength,
}

impl PostRules {
    /// `None` where no file is small enough. What goes in parts goes in parts.
    pub(super) fn of(policy: &Policy, multipart: Option<&MultipartRules>) -> Option<Self> {
        let most = multipart.map_or(u64::MAX, |rules| rules.threshold);
        let below = policy.post_below?.min(most);
        (below > policy.min_size).then_some(Self {
            below,
            length: policy.post_length,
        })
    }
}
