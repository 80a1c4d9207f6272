//! `POST /t/{tenant}/access/v1/evaluation`: every reason that can be reached, each beside its positive twin.

mod asker;
mod capability;
mod chain;
mod events;
mod life;
mod mandate;
mod proof;
mod token;
mod uses;
