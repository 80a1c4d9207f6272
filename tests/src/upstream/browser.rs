//! As much of a browser as a sign-in takes: redirects, cookies by path (RFC 6265), one form.
//!
//! Invariant: it never leaves the provider; the first redirect to somewhere else is the result.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, Url};

/// More steps than any sign-in takes.
const STEPS: usize = 12;

/// No proxy, no redirects, and no connection that an outage could have cut.
pub(super) fn http() -> reqwest::Client {
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).pool_max_idle_per_host(0);
    http.timeout(std::time::Duration::from_secs(30)).build().expect("a client")
}

#[derive(Debug)]
struct Cookie {
    name: String,
    path: String,
    value: String,
}

/// One person's browser.
#[derive(Debug)]
pub(super) struct Visitor {
    http: reqwest::Client,
    cookies: Vec<Cookie>,
}

impl Default for Visitor {
    fn default() -> Self {
        Self { http: http(), cookies: Vec::new() }
    }
}

impl Visitor {
    pub(super) async fn sign_in(&mut self, issuer: &str, start: &str, account: &str) -> String {
        let mut url = Url::parse(start).expect("an authorization URL is a URL");
        let mut answer = self.send(self.http.get(url.clone())).await;
        for _ in 0..STEPS {
            if let Some(next) = redirect(&url, &answer) {
                if !next.as_str().starts_with(&format!("{issuer}/")) {
                    return next.into();
                }
                url = next;
                answer = self.send(self.http.get(url.clone())).await;
                continue;
            }
            let (status, page) = (answer.status(), answer.text().await.expect("a page"));
            assert!(status.is_success() && page.contains("name=\"account\""), "{url}: {status}\n{page}");
            url = url.join(&attribute(&page, "action")).expect("a URL");
            answer = self.send(self.http.post(url.clone()).form(&[("account", account)])).await;
        }
        panic!("not back after {STEPS} steps: {url}");
    }

    pub(super) async fn sign_out(&mut self, issuer: &str, endpoint: &str) {
        let mut url = Url::parse(endpoint).expect("a URL");
        let answer = self.send(self.http.get(url.clone())).await;
        let (status, page) = (answer.status(), answer.text().await.expect("a page"));
        assert!(status.is_success() && page.contains("name=\"xsrf\""), "{url}: {status}\n{page}");
        let xsrf = attribute(page.split("name=\"xsrf\"").nth(1).expect("it is there"), "value");
        url = url.join(&attribute(&page, "action")).expect("a URL");
        let form = [("xsrf", &*xsrf), ("logout", "yes")];
        let mut answer = self.send(self.http.post(url.clone()).form(&form)).await;
        while let Some(next) = redirect(&url, &answer) {
            assert!(next.as_str().starts_with(issuer), "{next}");
            url = next;
            answer = self.send(self.http.get(url.clone())).await;
        }
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let mut request = request.build().expect("a request");
        let url = request.url().clone();
        let mut sent = self.cookies.iter().filter(|cookie| within(url.path(), &cookie.path)).peekable();
        if sent.peek().is_some() {
            let pairs: Vec<String> = sent.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
            request.headers_mut().insert(COOKIE, pairs.join("; ").parse().expect("a header"));
        }
        let answer = self.http.execute(request).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        for line in answer.headers().get_all(SET_COOKIE) {
            self.keep(line.to_str().expect("text"));
        }
        answer
    }

    fn keep(&mut self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie");
        let path =
            parts.find_map(|part| part.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("path")));
        let path = path.map_or("/", |(_, path)| path);
        self.cookies.retain(|cookie| (cookie.name.as_str(), cookie.path.as_str()) != (name, path));
        // What the provider deletes it also empties.
        if !value.is_empty() {
            self.cookies.push(Cookie {
                name: name.to_owned(),
                path: path.to_owned(),
                value: value.to_owned(),
            });
        }
    }
}

fn redirect(from: &Url, answer: &Response) -> Option<Url> {
    let to = answer.headers().get(LOCATION)?.to_str().ok()?;
    Some(from.join(to).expect("a URL"))
}

/// RFC 6265 §5.1.4.
fn within(path: &str, cookie: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// The value of the first attribute of this name.
fn attribute(page: &str, name: &str) -> String {
    let after = page.split(&format!("{name}=\"")).nth(1).unwrap_or_else(|| panic!("no {name} in {page}"));
    after.split('"').next().unwrap_or_default().to_owned()
}
