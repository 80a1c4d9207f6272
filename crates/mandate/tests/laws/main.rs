//! The laws of the model, on generated mandates and requests.

mod algebra;
mod constraints;
mod fuzz;
mod generate;
mod grants;
mod outline;
mod repeated;
