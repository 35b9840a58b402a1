//! One function for each target.

mod claims;
mod content;
mod download;
mod grant;
mod name;
mod promote;
mod query;
mod quota;
mod receipt;
mod received;
mod request;
mod store;
mod token;
mod upload;

pub use claims::claims;
pub use content::content;
pub use download::download;
pub use grant::grant;
pub use name::name;
pub use promote::promote;
pub use query::query;
pub use quota::quota;
pub use receipt::receipt;
pub use received::received;
pub use request::request;
pub use store::store;
pub use token::token;
pub use upload::upload;
