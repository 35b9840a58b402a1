//! Attacks on these endpoints, performed: what strangers, other users and other sites try with what they know. SECURITY.md lists them, and
//! those on the store's own enforcement, which are `tests/browser/test/attacks*.test.mjs`.

mod authorization;
mod cross_site;
mod downloads;
mod hooks;
mod names;
mod numbers;
mod parts;
mod promotion;
mod quotas;
mod receipts;
mod requests;
mod table;
mod tokens;
