//! The pages about those who vouch for people and workloads, with plausible data, with nothing, and with names that
//! try to break out.

use super::chrome::{Chrome, Section};
use super::identity_providers::{IdentityProviderPage, IdentityProvidersPage, NewRule, ProviderRow, RuleRow};
use super::provider_form::{Entered, ProviderFormPage};
use super::samples::{LONG, ago, chrome, text};
use super::trial::{Said, Step, Trial, outcome};
use super::trusted_issuers::{IssuerRow, NewIssuer, TrustedIssuerPage, TrustedIssuersPage, keys_from};

const DIRECTORY: &str = "https://login.microsoftonline.com/8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b/v2.0";

fn long() -> String {
    format!("https://{LONG}.example.com/realms/{LONG}{LONG}")
}

fn here(mut chrome: Chrome, may_write: bool) -> Chrome {
    chrome.may_write = may_write;
    chrome.role = if may_write { "admin" } else { "auditor" };
    chrome
}

fn rows(evil: &str) -> Vec<ProviderRow> {
    let row = |issuer: &str, product: &'static str, uses: &str, audiences: &[&str]| ProviderRow {
        id: format!("0192f0c4-{}", issuer.len()),
        issuer: issuer.into(),
        product,
        uses: uses.into(),
        audiences: audiences.iter().map(|&audience| audience.into()).collect(),
    };
    vec![
        row("https://acme.okta.com", "Okta", "agents act for people, sign-in here", &["api://deputy"]),
        row(DIRECTORY, "Microsoft Entra ID", "sign-in here", &[]),
        row(&long(), "OpenID Connect", "agents act for people", &["https://api.acme.com", LONG]),
        row(evil, "OpenID Connect", "", &[evil]),
    ]
}

fn trial(evil: &str) -> Trial {
    let step = |name: &str, status: &str, detail: &str| Step {
        name: name.into(),
        outcome: outcome(status),
        detail: detail.into(),
    };
    let said = |name: &str, values: &[&str]| Said {
        name: name.into(),
        values: values.iter().map(|&value| value.into()).collect(),
    };
    Trial {
        steps: vec![
            step("discovery", "ok", &format!("{} describes this issuer; its keys are at {0}/keys", long())),
            step(
                "keys",
                "ok",
                "2 usable: 9yq1Yx7vN0Z0bW2cQe4TtU5mB8kHjL3sDfGaPoIuYtR, x7vN0Z0bW2cQe4TtU5mB8kH",
            ),
            step(
                "dashboard roles",
                "warning",
                "`dashboard_roles` in the settings is empty: nobody who signs in has a role",
            ),
            step("client", "failed", evil),
        ],
        person: vec![
            said("User", &["alice@example.com"]),
            said("Roles by claims", &[]),
            said("All roles", &["crm-reader", evil]),
            said("Agents may have for them", &["read:docs", "write:drafts"]),
            said("Role at the dashboard", &["auditor"]),
        ],
    }
}

fn provider(evil: &str, chrome: Chrome, full: bool) -> IdentityProviderPage {
    let rule = |claim: &str, test: &'static str, value: &str, role: &str| RuleRow {
        rule: format!("{{\"claim\":\"{claim}\"}}"),
        claim: claim.into(),
        test,
        value: value.into(),
        role: role.into(),
    };
    let list = |all: &[&str]| if full { all.iter().map(|&one| one.into()).collect() } else { Vec::new() };
    IdentityProviderPage {
        chrome,
        id: "0192f0c4".into(),
        issuer: if full { long() } else { "https://acme.okta.com".into() },
        product: if full { "OpenID Connect" } else { "Okta" },
        client_id: if full { "0oa1b2c3d4e5f6g7h8i9".into() } else { String::new() },
        has_secret: full,
        audiences: list(&["https://api.acme.com", "api://deputy"]),
        claim: "sub".into(),
        attribute: "externalId",
        email_domains: list(&["acme.com", evil]),
        hosted_domain: if full { "acme.com".into() } else { String::new() },
        dashboard: full,
        redirect_uri: format!("https://deputy.example.com/t/{LONG}/sign-in/callback"),
        logout_uri: format!("https://deputy.example.com/t/{LONG}/sign-in/logout"),
        created: ago(86_400 * 12),
        updated: ago(400),
        rules: if full {
            vec![
                rule("groups", "is a list with", "crm-team", "crm-reader"),
                rule("/resource_access/deputy/roles", "begins with", LONG, LONG),
                rule(evil, "is exactly", evil, evil),
            ]
        } else {
            Vec::new()
        },
        rule: NewRule::default(),
        roles: vec!["crm-reader".into(), evil.into()],
        trial: full.then(|| trial(evil)),
        problem: None,
    }
}

fn form(evil: &str, full: bool) -> ProviderFormPage {
    let entered = Entered {
        issuer: long(),
        preset: "generic".into(),
        client_id: evil.into(),
        audiences: format!("https://api.acme.com\n{evil}"),
        claim: "email".into(),
        attribute: "userName".into(),
        email_domains: "acme.com\nacme.org".into(),
        hosted_domain: String::new(),
        dashboard: true,
    };
    ProviderFormPage {
        chrome: chrome(Section::IdentityProviders, 0),
        id: full.then(|| "0192f0c4".into()),
        entered: if full { entered } else { Entered::default() },
        has_secret: full,
        redirect_uri: format!("https://deputy.example.com/t/{LONG}/sign-in/callback"),
        logout_uri: format!("https://deputy.example.com/t/{LONG}/sign-in/logout"),
        problem: full.then(|| format!("E-mail domains: `{evil}` is not a domain such as acme.com.")),
    }
}

fn issuers(evil: &str, may_write: bool, full: bool) -> TrustedIssuersPage {
    let row = |issuer: &str, description: &str, source: &str| IssuerRow {
        id: format!("0192f0c4-{}", issuer.len()),
        issuer: issuer.into(),
        description: description.into(),
        keys: keys_from(source),
        created: ago(86_400 * 3),
    };
    TrustedIssuersPage {
        chrome: here(chrome(Section::TrustedIssuers, 0), may_write),
        issuers: if full {
            vec![
                row("https://token.actions.githubusercontent.com", "GitHub Actions", "discovery"),
                row("spiffe://prod.acme.com", "", "bundle_uri"),
                row(&long(), LONG, "jwks"),
                row(evil, evil, "jwks_uri"),
            ]
        } else {
            Vec::new()
        },
        audience: format!("https://deputy.example.com/t/{LONG}"),
        new: if full {
            NewIssuer { document: evil.into(), keys: "jwks".into(), ..NewIssuer::default() }
        } else {
            NewIssuer::default()
        },
        problem: full.then(|| "Keys: this is not JSON.".into()),
    }
}

fn issuer(evil: &str, full: bool) -> TrustedIssuerPage {
    TrustedIssuerPage {
        chrome: here(chrome(Section::TrustedIssuers, 0), full),
        id: "0192f0c4".into(),
        issuer: if full { long() } else { "spiffe://prod.acme.com".into() },
        description: if full { evil.into() } else { String::new() },
        keys: keys_from(if full { "jwks" } else { "bundle_uri" }),
        address: if full { String::new() } else { "https://spire.acme.com/bundle".into() },
        kids: if full { vec!["key-1".into(), evil.into()] } else { Vec::new() },
        audience: format!("https://deputy.example.com/t/{LONG}"),
        created: ago(86_400 * 3),
        updated: ago(40),
        trial: full.then(|| Trial { person: Vec::new(), ..trial(evil) }),
    }
}

/// Every such page by a name.
pub(super) fn every(evil: &str) -> Vec<(&'static str, String)> {
    let list = |may_write: bool, providers: Vec<ProviderRow>| IdentityProvidersPage {
        chrome: here(chrome(Section::IdentityProviders, 0), may_write),
        providers,
    };
    let of = |may_write: bool| here(chrome(Section::IdentityProviders, 0), may_write);
    vec![
        ("identity-providers", text(&list(true, rows(evil)))),
        ("identity-providers-empty", text(&list(true, vec![]))),
        ("identity-providers-auditor", text(&list(false, rows(evil)))),
        ("identity-provider", text(&provider(evil, of(true), true))),
        ("identity-provider-bare", text(&provider(evil, of(true), false))),
        ("identity-provider-auditor", text(&provider(evil, of(false), false))),
        ("provider-form", text(&form(evil, false))),
        ("provider-form-edit", text(&form(evil, true))),
        ("trusted-issuers", text(&issuers(evil, true, true))),
        ("trusted-issuers-empty", text(&issuers(evil, true, false))),
        ("trusted-issuers-auditor", text(&issuers(evil, false, true))),
        ("trusted-issuer", text(&issuer(evil, true))),
        ("trusted-issuer-auditor", text(&issuer(evil, false))),
    ]
}
