//! One function for each target.

mod claims;
mod grant;
mod name;
mod query;
mod request;
mod store;
mod token;
mod upload;

pub use claims::claims;
pub use grant::grant;
pub use name::name;
pub use query::query;
pub use request::request;
pub use store::store;
pub use token::token;
pub use upload::upload;
