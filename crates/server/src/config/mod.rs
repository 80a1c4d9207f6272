//! Settings: a flag, a `DEPUTY_…` variable and a key of the configuration file each, in that precedence.
//!
//! Invariant: this is the only place that reads the environment, and a bad value stops the start with one
//! line that names it.

pub mod file;
pub mod flags;
pub mod outbound;
pub mod problem;
pub mod proxies;
pub mod public_url;
pub mod secret;
pub mod settings;
#[cfg(test)]
mod tests;

pub use flags::Flags;
pub use problem::SettingError;
pub use settings::Settings;
