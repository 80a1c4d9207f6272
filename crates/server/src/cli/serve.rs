//! `deputy serve`.

use std::io::IsTerminal as _;

use clap::Args;
use deputy_engine::{Engine, Refusal};
use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::config::{Flags, Settings};
use crate::http::drain::Drain;
use crate::http::serve::{bind, serve};
use crate::{demo, open, routes};

/// `serve`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Flags,
    /// Show a sample fleet: a database of its own, made anew, on a loopback address only
    #[arg(long)]
    demo: bool,
}

impl Arguments {
    /// Serves until a signal comes.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self) -> Result<(), Failure> {
        let given = Settings::resolve(self.settings)?;
        let settings = if self.demo { demo::settings(given)? } else { given };
        log_to_stderr(&settings.log);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::io("the runtime", error))?;
        runtime.block_on(run(&settings, self.demo))
    }
}

async fn run(settings: &Settings, demo: bool) -> Result<(), Failure> {
    let bound = bind(settings)?;
    if demo {
        demo::clear(settings)?;
    }
    let (engine, tasks) = open::engine(settings, &bound.public_url).await?;
    let greeting =
        if demo { demo::furnish(&engine, settings).await? } else { set_up(settings, &engine).await? };
    let house = tokio::spawn(engine.clone().keep_house());
    let last = engine.clone();
    let shared = actix_web::web::Data::new(engine);
    let routes = move |config: &mut actix_web::web::ServiceConfig| {
        config.app_data(shared.clone());
        routes::configure(config);
    };
    serve(bound, settings, Drain::default(), &greeting, routes).await?;
    house.abort();
    let _ended = house.await;
    if let Err(error) = last.checkpoint_at_the_end().await {
        tracing::error!(%error, "the logs end without a checkpoint");
    }
    drop(last);
    tasks.finish().await;
    Ok(())
}

/// On an empty database, a link for whoever sets it up; only where other machines cannot use it.
async fn set_up(settings: &Settings, engine: &Engine) -> Result<String, Failure> {
    let refused = |refusal: Refusal| Failure::Negative(format!("no set-up link could be made: {refusal}"));
    if !settings.listen.ip().is_loopback() || !engine.is_empty().await.map_err(refused)? {
        return Ok(String::new());
    }
    let link = engine.create_setup_link().await.map_err(refused)?;
    let url = format!("{}/setup?code={}", engine.installation().public_url, link.code);
    Ok(format!("There is no tenant yet. This link makes the first one, once, within 15 minutes:\n  {url}\n"))
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
