//! `deputy serve`.

use std::io::IsTerminal as _;

use clap::Args;
use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::config::{Flags, Settings};
use crate::http::drain::Drain;
use crate::http::serve::{bind, serve};
use crate::{open, routes};

/// `serve`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Flags,
}

impl Arguments {
    /// Serves until a signal comes.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self) -> Result<(), Failure> {
        let settings = Settings::resolve(self.settings)?;
        log_to_stderr(&settings.log);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::io("the runtime", error))?;
        runtime.block_on(run(&settings))
    }
}

async fn run(settings: &Settings) -> Result<(), Failure> {
    let bound = bind(settings)?;
    let (engine, tasks) = open::engine(settings, &bound.public_url).await?;
    let house = tokio::spawn(engine.clone().keep_house());
    let last = engine.clone();
    let shared = actix_web::web::Data::new(engine);
    let routes = move |config: &mut actix_web::web::ServiceConfig| {
        config.app_data(shared.clone());
        routes::configure(config);
    };
    serve(bound, settings, Drain::default(), routes).await?;
    house.abort();
    let _ended = house.await;
    if let Err(error) = last.checkpoint_all().await {
        tracing::error!(%error, "the logs end without a checkpoint");
    }
    drop(last);
    tasks.finish().await;
    Ok(())
}

/// Starts logging. The filter was checked with the settings.
pub(super) fn log_to_stderr(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if subscriber.try_init().is_err() {
        tracing::debug!("logging had already begun");
    }
}
