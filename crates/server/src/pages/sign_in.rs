//! Pages outside a session: the start, sign-in, set-up.

use askama::Template;
use deputy_engine::DashboardProvider;
use url::Url;

/// `GET /`: which tenant?
#[derive(Debug, Template)]
#[template(path = "start.html")]
pub struct StartPage {
    /// What was wrong with the last answer.
    pub problem: Option<String>,
}

/// `GET /t/{tenant}/sign-in`: the identity providers, and the form that takes a key.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The slug in the path, whether or not there is such a tenant.
    pub tenant: String,
    /// The providers; see [`buttons`].
    pub providers: Vec<ProviderButton>,
    /// What was wrong with the last attempt.
    pub problem: Option<String>,
    /// Whether the key was.
    pub is_about_key: bool,
}

/// A provider to sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderButton {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// A button for each provider; two of one product are told apart by their hosts.
#[must_use]
pub fn buttons(providers: &[DashboardProvider]) -> Vec<ProviderButton> {
    let names: Vec<String> = providers.iter().map(name).collect();
    let button = |(provider, name): (&DashboardProvider, &String)| {
        let is_alone = names.iter().filter(|other| *other == name).count() == 1;
        let name = if is_alone { name.clone() } else { format!("{name} ({})", place(&provider.issuer)) };
        ProviderButton { id: provider.id.clone(), name }
    };
    providers.iter().zip(&names).map(button).collect()
}

fn name(provider: &DashboardProvider) -> String {
    match provider.preset.as_str() {
        "okta" => "Okta".to_owned(),
        "entra" => "Microsoft".to_owned(),
        "google" => "Google".to_owned(),
        _ => Url::parse(&provider.issuer)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_else(|| provider.issuer.clone()),
    }
}

/// An issuer without what all of them begin with.
fn place(issuer: &str) -> &str {
    issuer.split_once("://").map_or(issuer, |(_, rest)| rest)
}

/// `POST /t/{tenant}/sign-in/begin`: on to the provider. A page and not a redirect: a policy that lets forms lead
/// nowhere but here would stop a browser from following one.
#[derive(Template)]
#[template(path = "sign_in_leaving.html")]
pub struct LeavingPage {
    /// The authorization URL.
    pub location: String,
}

/// `GET /t/{tenant}/sign-in/callback`: somebody is signed in. A page and not a redirect: the cookie is not sent along
/// a way that began on another site.
#[derive(Debug, Template)]
#[template(path = "sign_in_done.html")]
pub struct SignedInPage {
    /// The slug in the path.
    pub tenant: String,
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

#[cfg(test)]
mod tests {
    use deputy_engine::DashboardProvider;

    use super::buttons;

    #[test]
    fn a_button_says_whose_it_is_and_which_of_several() {
        let provider = |issuer: &str, preset: &str| DashboardProvider {
            id: issuer.into(),
            issuer: issuer.into(),
            preset: preset.into(),
        };
        let of = |providers: &[DashboardProvider]| -> Vec<String> {
            buttons(providers).into_iter().map(|button| button.name).collect()
        };
        let okta = provider("https://acme.okta.com", "okta");
        let own = provider("https://id.acme.com/realms/a", "generic");
        assert_eq!(of(&[okta.clone(), own.clone()]), ["Okta", "id.acme.com"]);
        let others = [
            okta,
            provider("https://beta.okta.com", "okta"),
            own,
            provider("https://id.acme.com/realms/b", "generic"),
        ];
        let named = ["Okta (acme.okta.com)", "Okta (beta.okta.com)", "id.acme.com (id.acme.com/realms/a)"];
        assert_eq!(of(&others)[..3], named);
    }
}
