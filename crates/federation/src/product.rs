//! What is particular about the issuers that most tenants have.
//!
//! Invariant: an issuer that signs for everybody is never trusted as if it signed for one organisation. Entra ID's
//! issuers name a directory, by its id; Google's signs for every account there is, so it is trusted with a hosted
//! domain only. The rules follow the issuer and not what an administrator says it is.

use deputy_mandate::{Members, Value};
use url::Url;

/// Whose product an identity provider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// Google Workspace.
    Google,
    /// Any other OpenID provider.
    Generic,
}

/// The one issuer of Google's ID tokens.
const GOOGLE: &str = "https://accounts.google.com";
/// Hosts of Entra ID: the public cloud's two, the government's, China's.
const ENTRA: [&str; 4] = [
    "login.microsoftonline.com",
    "sts.windows.net",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
];
/// The directory that every personal Microsoft account is in: `consumers`, by its id.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// Domains below which Okta's customers are.
const OKTA: [&str; 4] = [".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com"];

/// Why an issuer cannot be trusted as it is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerProblem {
    /// Not an absolute https URL, or one with a query or a fragment.
    #[error("an issuer is an https URL without a query or a fragment")]
    Url,
    /// A template of Entra ID that stands for every directory.
    #[error(
        "name your own directory by its id (a GUID): `common`, `organizations` and `consumers` stand for everybody's"
    )]
    EntraDirectory,
    /// Google without a hosted domain.
    #[error("Google signs for every account there is: set `hosted_domain` to your own Workspace domain")]
    HostedDomain,
    /// The issuer's host is not one of the product's.
    #[error("this is not an issuer of the product that `preset` names")]
    Preset,
}

impl Product {
    /// The product that an issuer belongs to, by its host.
    #[must_use]
    pub fn of(issuer: &str) -> Self {
        let host =
            Url::parse(issuer).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        match host.as_str() {
            "accounts.google.com" => Self::Google,
            host if ENTRA.contains(&host) => Self::Entra,
            host if OKTA.iter().any(|domain| host.ends_with(domain)) => Self::Okta,
            _ => Self::Generic,
        }
    }

    /// Its name in `preset`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Google => "google",
            Self::Generic => "generic",
        }
    }

    /// The product of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Okta, Self::Entra, Self::Google, Self::Generic].into_iter().find(|one| one.as_str() == name)
    }

    /// The claim that tells a person apart there, and the attribute of a user that holds it.
    ///
    /// Okta: access tokens say the user's id as `uid`, ID tokens as `sub`; Okta provisions it as `externalId`.
    /// Entra ID: `oid` is the same in every application, `sub` is not; the provisioning job has to send `objectId`
    /// as `externalId`. Google Workspace: the address, which only counts when verified.
    #[must_use]
    pub const fn subject(self) -> (&'static str, &'static str) {
        match self {
            Self::Okta | Self::Generic => ("sub", "externalId"),
            Self::Entra => ("oid", "externalId"),
            Self::Google => ("email", "userName"),
        }
    }
}

/// Checks that an issuer can be trusted: by its own form, and as the product that it is of.
///
/// # Errors
/// [`IssuerProblem`].
pub fn verify_issuer(
    issuer: &str,
    preset: Option<Product>,
    hosted_domain: Option<&str>,
) -> Result<Product, IssuerProblem> {
    let url = Url::parse(issuer).map_err(|_| IssuerProblem::Url)?;
    if url.host_str().is_none() || url.query().is_some() || url.fragment().is_some() {
        return Err(IssuerProblem::Url);
    }
    let found = Product::of(issuer);
    match found {
        Product::Entra if !names_directory(&url) => return Err(IssuerProblem::EntraDirectory),
        Product::Google if issuer != GOOGLE => return Err(IssuerProblem::Url),
        Product::Google if hosted_domain.is_none() => return Err(IssuerProblem::HostedDomain),
        _ => {}
    }
    match (preset, found) {
        // Okta under a domain of the customer's own, or in a laboratory.
        (Some(Product::Okta), Product::Generic) => Ok(Product::Okta),
        (Some(stated), found) if stated != found && stated != Product::Generic => Err(IssuerProblem::Preset),
        _ => Ok(found),
    }
}

fn names_directory(url: &Url) -> bool {
    let directory = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    let groups: Vec<&str> = directory.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && directory.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
        && !directory.eq_ignore_ascii_case(CONSUMERS)
}

/// Whether a token is one of the hosted domain: Google says it in `hd`, which accounts of nobody's lack.
#[must_use]
pub fn is_of_domain(claims: &Members, hosted_domain: &str) -> bool {
    claims.get("hd").and_then(Value::as_str).is_some_and(|found| found.eq_ignore_ascii_case(hosted_domain))
}

#[cfg(test)]
mod tests {
    use super::{IssuerProblem, Product, verify_issuer};

    const DIRECTORY: &str = "8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b";

    #[test]
    fn entra_is_trusted_for_one_directory() {
        for host in ["https://login.microsoftonline.com/{}/v2.0", "https://sts.windows.net/{}/"] {
            let of = |directory: &str| verify_issuer(&host.replace("{}", directory), None, None);
            assert_eq!(of(DIRECTORY), Ok(Product::Entra));
            for everybody in ["common", "organizations", "consumers", "{tenantid}", "", "contoso.com"] {
                assert!(of(everybody).is_err(), "{everybody}");
            }
        }
        // Calling it something else does not help.
        let everybody = "https://login.microsoftonline.com/common/v2.0";
        assert_eq!(
            verify_issuer(everybody, Some(Product::Generic), None),
            Err(IssuerProblem::EntraDirectory)
        );
    }

    #[test]
    fn google_is_trusted_with_a_domain() {
        let google = "https://accounts.google.com";
        assert_eq!(verify_issuer(google, None, Some("acme.com")), Ok(Product::Google));
        assert_eq!(verify_issuer(google, None, None), Err(IssuerProblem::HostedDomain));
        assert_eq!(verify_issuer(google, Some(Product::Generic), None), Err(IssuerProblem::HostedDomain));
        assert_eq!(
            verify_issuer("https://accounts.google.com/", None, Some("a.com")),
            Err(IssuerProblem::Url)
        );
    }

    #[test]
    fn a_preset_fits_its_issuer() {
        assert_eq!(verify_issuer("https://acme.okta.com", None, None), Ok(Product::Okta));
        assert_eq!(verify_issuer("https://id.acme.com", Some(Product::Okta), None), Ok(Product::Okta));
        assert_eq!(verify_issuer("https://id.acme.com", None, None), Ok(Product::Generic));
        assert_eq!(
            verify_issuer("https://id.acme.com", Some(Product::Entra), None),
            Err(IssuerProblem::Preset)
        );
        assert_eq!(verify_issuer("https://acme.okta.com.evil.com", None, None), Ok(Product::Generic));
        assert_eq!(verify_issuer("https://id.acme.com/?x=1", None, None), Err(IssuerProblem::Url));
        assert_eq!(verify_issuer("id.acme.com", None, None), Err(IssuerProblem::Url));
    }
}
