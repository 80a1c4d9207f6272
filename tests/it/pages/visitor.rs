//! Somebody at the dashboard without a browser: a cookie, and the form token of the page that they look at.

use deputy_tests::{Answer, Api, Tenant};
use reqwest::Method;

/// A visitor of one tenant's dashboard.
pub struct Visitor {
    root: Api,
    cookie: Option<String>,
}

impl Visitor {
    /// Somebody who has not signed in.
    pub fn new(tenant: &Tenant) -> Self {
        Self { root: tenant.root.without_key(), cookie: None }
    }

    /// Somebody who has signed in with a key.
    pub async fn with_key(tenant: &Tenant, key: &str) -> Self {
        let mut visitor = Self::new(tenant);
        visitor.sign_in(key).await;
        visitor
    }

    /// Somebody whose browser holds this cookie, `name=value`.
    pub fn with_cookie(tenant: &Tenant, cookie: &str) -> Self {
        Self { root: tenant.root.without_key(), cookie: Some(cookie.to_owned()) }
    }

    /// Signs in, and keeps the cookie.
    pub async fn sign_in(&mut self, key: &str) -> Answer {
        let answer = self.send(Method::POST, "/sign-in", &[("key", key)]).await.is(303);
        let cookie = answer.header("set-cookie").expect("a cookie");
        self.cookie = cookie.split(';').next().map(str::to_owned);
        answer
    }

    /// The cookie as the browser sends it back.
    pub fn cookie(&self) -> String {
        self.cookie.clone().expect("signed in")
    }

    /// The same visitor at another tenant, cookie and all, as no browser would send it.
    pub fn at(&self, tenant: &Tenant) -> Self {
        Self { root: tenant.root.without_key(), cookie: self.cookie.clone() }
    }

    /// A page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    /// The text of a page that is there.
    pub async fn page(&self, path: &str) -> String {
        self.get(path).await.is(200).text
    }

    /// A form as the browser sends it from the halt page, which has one for every role that signs out.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = form_token(&self.page("/events").await);
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        self.send(Method::POST, path, &all).await
    }

    /// A form just as it is given.
    pub async fn send(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
        let is_form = method == Method::POST;
        let mut request = self.root.request(method, path);
        if is_form {
            request = request.header("origin", origin(&self.root)).form(fields);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        self.root.send(request).await
    }
}

/// The server's own origin.
pub fn origin(api: &Api) -> String {
    api.url("").splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// The form token in a page.
pub fn form_token(html: &str) -> String {
    let rest = html.split("name=\"csrf\" value=\"").nth(1).expect("a form");
    rest.split('"').next().expect("its token").to_owned()
}
