//! What frames every signed-in page: tenant, navigation, halt, notice, form token.

use super::row::Notice;
use crate::http::session::CsrfToken;

/// A section of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The front page.
    Overview,
    /// Agents.
    Agents,
    /// Agents without a live owner.
    Orphans,
    /// The governance bus.
    Events,
    /// Revocation.
    Revoke,
    /// The kill switch.
    Halt,
    /// Connecting an identity provider.
    Connect,
    /// Who vouches for people.
    IdentityProviders,
    /// Who vouches for workloads.
    TrustedIssuers,
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Chrome {
    /// The tenant's slug.
    pub tenant: String,
    /// The tenant's name.
    pub tenant_name: String,
    /// The role of whoever is signed in.
    pub role: &'static str,
    /// Whether that role may change anything.
    pub may_write: bool,
    /// Where we are.
    pub here: Section,
    /// The form token.
    pub csrf: CsrfToken,
    /// The halt in force, as a sentence.
    pub halt: Option<String>,
    /// Agents without a live owner.
    pub orphans: u64,
    /// What has just been done.
    pub notice: Option<Notice>,
}

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// The section's name.
    pub text: &'static str,
    /// Whether it is this page's section.
    pub here: bool,
    /// How many things wait there.
    pub count: u64,
}

impl Chrome {
    /// A path of this tenant's dashboard.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("/t/{}/{path}", self.tenant)
    }

    /// The navigation.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let link = |section: Section, path: &str, text: &'static str| Link {
            href: self.at(path),
            text,
            here: section == self.here,
            count: if section == Section::Orphans { self.orphans } else { 0 },
        };
        let mut links = vec![
            link(Section::Overview, "", "Overview"),
            link(Section::Agents, "agents", "Agents"),
            link(Section::Orphans, "orphans", "Orphans"),
            link(Section::Events, "events", "Events"),
            link(Section::Revoke, "revoke", "Revoke"),
            link(Section::Halt, "halt", "Halt"),
            link(Section::Connect, "connect", "Connect"),
            link(Section::IdentityProviders, "identity-providers", "Identity providers"),
            link(Section::TrustedIssuers, "trusted-issuers", "Trusted issuers"),
        ];
        links.push(Link { href: "/docs".to_owned(), text: "Documentation", here: false, count: 0 });
        links
    }
}
