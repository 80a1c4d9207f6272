//! A real Chromium with a profile of its own, gone when its value is.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Deref;
use std::process::Command;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
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
            "goog:loggingPrefs": {"browser": "ALL"},
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

    /// What the browser's console has complained of since it was last asked: refused scripts and styles, say.
    pub async fn console(&self) -> Vec<String> {
        let url = format!("http://127.0.0.1:{}/session/{}/se/log", self.port, self.session);
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let answer = http.post(url).json(&json!({"type": "browser"})).send().await.expect("an answer");
        let log: Value = answer.json().await.expect("JSON");
        let lines = log["value"].as_array().unwrap_or_else(|| panic!("no log in {log}")).iter();
        let lines = lines.filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING");
        lines.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits for an element and fills it in.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.client.wait().for_element(Locator::Css(css)).await.expect(css);
        field.clear().await.expect(css);
        field.send_keys(text).await.expect(css);
    }

    /// Waits for an element and clicks it.
    pub async fn click(&self, css: &str) {
        let element = self.client.wait().for_element(Locator::Css(css)).await.expect(css);
        element.click().await.expect(css);
    }

    /// Waits until the page says something.
    pub async fn until(&self, words: &str) {
        for _ in 0..100 {
            if self.page_text().await.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("`{words}` never came: {}", self.page_text().await);
    }

    /// The text of the page as a person sees it.
    pub async fn page_text(&self) -> String {
        // Read in one step: an element that was found may be gone when its text is asked for.
        let script = "return document.body ? document.body.innerText : ''";
        let text = self.client.execute(script, Vec::new()).await.expect("a page");
        text.as_str().unwrap_or_default().to_owned()
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
