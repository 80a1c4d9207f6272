//! Pages outside a session: the start, sign-in, set-up.

use askama::Template;

/// `GET /`: which tenant?
#[derive(Debug, Template)]
#[template(path = "start.html")]
pub struct StartPage {
    /// What was wrong with the last answer.
    pub problem: Option<String>,
}

/// `GET /t/{tenant}/sign-in`: the form that takes a key.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The slug in the path, whether or not there is such a tenant.
    pub tenant: String,
    /// What was wrong with the last attempt.
    pub problem: Option<String>,
}

/// `GET /setup`: where the one-time link lands. Showing the form does not use the link up.
#[derive(Debug, Template)]
#[template(path = "set_up.html")]
pub struct SetUpPage {
    /// The link's code.
    pub code: String,
    /// The name typed so far.
    pub name: String,
    /// The short name typed so far.
    pub slug: String,
    /// What was wrong with the last attempt.
    pub problem: Option<String>,
}

/// `POST /setup`: the tenant is made; its key is shown once.
#[derive(Template)]
#[template(path = "set_up_done.html")]
pub struct SetUpDonePage {
    /// The tenant's slug.
    pub slug: String,
    /// The tenant's name.
    pub name: String,
    /// The tenant's issuer.
    pub issuer: String,
    /// The administrator key.
    pub admin_key: String,
}
