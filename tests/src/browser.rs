//! A real Chromium with a profile of its own, gone when its value is.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Deref;
use std::process::Command;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

use crate::process::Process;
use crate::setup::Tool;

/// A browser session; everything of [`fantoccini::Client`] can be called on it.
pub struct Browser {
    client: Client,
    session: String,
    port: u16,
    _driver: Process,
    _profile: TempDir,
}

impl Browser {
    /// Opens a browser; `None` (after a note) where there is none.
    pub async fn open() -> Option<Self> {
        let (chromium, driver) = (Tool::Chromium.find()?, Tool::Chromedriver.find()?);
        let profile =
            tempfile::Builder::new().prefix("deputy-browser-").tempdir().expect("a temporary directory");
        let mut command = Command::new(driver);
        command.arg("--port=0");
        let (driver, port) = Process::start(command, &profile.path().join("driver.log"), announced_port);
        let data = format!("--user-data-dir={}", profile.path().join("data").display());
        let capabilities = json!({
            "goog:chromeOptions": {
                "binary": chromium,
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", data,
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--no-first-run", "--no-default-browser-check", "--no-proxy-server", "--window-size=1280,900",
                ],
            },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().expect("an object").clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("no browser session: {error}\n{}", driver.tail()));
        let session = client.session_id().await.expect("the session answers").expect("a session");
        Some(Self { client, session, port, _driver: driver, _profile: profile })
    }

    /// The text of the page as a person sees it.
    pub async fn page_text(&self) -> String {
        let body = self.client.find(fantoccini::Locator::Css("body")).await.expect("a page has a body");
        body.text().await.expect("its text")
    }
}

/// `ChromeDriver was started successfully on port 43210.`
fn announced_port(line: &str) -> Option<u16> {
    // It first says which port it was asked for: 0.
    line.rsplit_once("on port ")?.1.trim_end_matches('.').parse().ok().filter(|port| *port != 0)
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Browser {
    /// Ends the session first: a driver that is killed leaves its browser behind. Without the async client,
    /// because a failing test drops this while it unwinds.
    fn drop(&mut self) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return };
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok();
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            self.session
        );
        stream.write_all(request.as_bytes()).ok();
        stream.read_to_end(&mut Vec::new()).ok();
    }
}
