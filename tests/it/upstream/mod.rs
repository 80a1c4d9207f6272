//! The issuers that other tests rest on, tested without the server: what is good of them foreign clients accept,
//! and what is wrong with them is exactly what a test asked for.

mod documents;
mod keys;
mod provider;
mod sign_in;
mod tokens;

use std::time::Duration;

use reqwest::Response;
use reqwest::redirect::Policy;
use serde_json::Value;

fn http() -> reqwest::Client {
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).pool_max_idle_per_host(0);
    http.timeout(Duration::from_secs(20)).build().unwrap()
}

async fn get(url: &str) -> Response {
    http().get(url).send().await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

async fn read(url: &str) -> Value {
    let answer = get(url).await;
    assert_eq!(answer.status().as_u16(), 200, "{url}");
    answer.json().await.unwrap()
}

/// The `kid` of each key of a set.
fn kids(set: &Value) -> Vec<&str> {
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect()
}
