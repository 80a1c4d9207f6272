//! The entries of an agent's credentials.
//!
//! Invariant: an entry never holds a secret: secrets are made by the tenant, and private keys stay with the agent.
//! A manifest writes `secret`, `{public_key: …}`, `{federated: …}`; the management API names the `kind`.

use std::collections::BTreeMap;

use deputy_mandate::{Members as JsonMembers, Value};
use serde::{Deserialize, Deserializer, Serialize};

use super::json;
use super::name::ResourceUri;
use crate::problem::Problems;
use crate::reader::{Members, Report};
use crate::words::{list, nearest, quoted};
use crate::yaml::{Kind, Node};

/// The longest issuer or subject.
const MAX_CLAIM: usize = 2048;

/// The kinds of credential.
const KINDS: [&str; 3] = ["secret", "public_key", "federated"];

/// The members of a JWK that hold private parts (RFC 7518 sections 6.2.2, 6.3.2 and 6.4; RFC 8037 section 2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How an agent shows who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CredentialEntry {
    /// A secret that the tenant makes and shows once.
    Secret,
    /// A key pair, of which the tenant knows the public half.
    PublicKey(PublicKeyEntry),
    /// A token of a trusted workload issuer.
    Federated(FederatedEntry),
}

/// Where the public half of a key comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicKeyEntry {
    /// The key itself (RFC 7517); only known to be public, not known to be sound.
    Jwk(Value),
    /// The place of a key set that the agent publishes.
    JwksUri(ResourceUri),
}

/// Which workload tokens stand for the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FederatedEntry {
    /// The trusted issuer, its `iss`.
    pub issuer: String,
    /// The workload, its `sub`.
    pub subject: String,
    /// Claims that the token must have besides.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: JsonMembers,
}

/// As a manifest writes it.
pub(crate) fn read<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<CredentialEntry> {
    if let Kind::Scalar { .. } = node.kind {
        return match report.text(node)? {
            "secret" => Some(CredentialEntry::Secret),
            other => {
                report.note(node.at, unknown_kind(other));
                None
            }
        };
    }
    let members = report
        .mapping(node, "a credential is `secret`, or `public_key` or `federated` with its parts; it")?;
    let [(key, value)] = members.entries else {
        report.note(node.at, "a credential is one of `secret`, `{public_key: …}` and `{federated: …}`: write each as an item of its own");
        return None;
    };
    report.within(key.name.as_str(), |report| match key.name.as_str() {
        "public_key" => read_public_key(report, value).map(CredentialEntry::PublicKey),
        "federated" => {
            let members =
                report.members(value, "a federated credential", &["issuer", "subject", "claims"])?;
            read_federated(report, members).map(CredentialEntry::Federated)
        }
        other => {
            report.note(key.at, unknown_kind(other));
            None
        }
    })
}

fn unknown_kind(kind: &str) -> String {
    let hint = match nearest(kind, KINDS) {
        Some(meant) => format!("did you mean {}?", quoted(meant)),
        None => format!("there are {}", list(KINDS)),
    };
    format!("{} is no kind of credential: {hint}", quoted(kind))
}

/// `{jwk: …}`, `{jwks_uri: …}`, or the JWK itself.
fn read_public_key<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<PublicKeyEntry> {
    if node.member("kty").is_some() {
        return read_jwk(report, node).map(PublicKeyEntry::Jwk);
    }
    let members = report.members(node, "a public key", &["jwk", "jwks_uri"])?;
    read_key_source(report, members)
}

fn read_key_source<'n>(report: &mut Report<'n>, members: Members<'n>) -> Option<PublicKeyEntry> {
    let jwk = members.optional(report, "jwk", read_jwk)?;
    let jwks_uri = members.optional(report, "jwks_uri", read_jwks_uri)?;
    match (jwk, jwks_uri) {
        (Some(jwk), None) => Some(PublicKeyEntry::Jwk(jwk)),
        (None, Some(uri)) => Some(PublicKeyEntry::JwksUri(uri)),
        _ => {
            report.note(members.at, "a public key comes from one place: write either `jwk` or `jwks_uri`");
            None
        }
    }
}

fn read_jwk<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Value> {
    let members = report.mapping(node, "a JWK (RFC 7517)")?;
    let kty = members.required(report, "kty", "a JWK says which type of key it is", Report::text)?;
    let private =
        members.entries.iter().find(|(key, _)| kty == "oct" || PRIVATE.contains(&key.name.as_str()));
    if let Some((key, _)) = private {
        report.note(key.at, "this is not a public key: its private part belongs to the agent alone; replace the key, for it has been shown");
        return None;
    }
    json::read(report, node)
}

fn read_jwks_uri<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<ResourceUri> {
    let uri: ResourceUri = report.parsed(node)?;
    if is_safe(uri.as_str()) {
        return Some(uri);
    }
    report.unexpected(node, "a key set is fetched from an `https://` address")
}

/// Over TLS, or on this machine for development; without `user@`, which makes hosts look like others.
fn is_safe(uri: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = || {
        let mut rests = local.iter().filter_map(|start| uri.strip_prefix(start));
        rests.any(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    };
    !uri.contains('@') && (uri.starts_with("https://") || is_local())
}

fn read_federated<'n>(report: &mut Report<'n>, members: Members<'n>) -> Option<FederatedEntry> {
    let issuer = members.required(report, "issuer", "a workload token has an issuer, its `iss`", claim);
    let subject =
        members.required(report, "subject", "a workload token stands for one workload, its `sub`", claim);
    let claims = members.or_default(report, "claims", |report, node| {
        report.map(
            node,
            "`claims` maps each claim to the value that it must have and so",
            claim_name,
            json::read,
        )
    });
    Some(FederatedEntry { issuer: issuer?, subject: subject?, claims: claims? })
}

fn claim<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<String> {
    let text = report.text(node)?;
    match claim_name(text) {
        Ok(text) => Some(text),
        Err(why) => {
            report.note(node.at, why);
            None
        }
    }
}

fn claim_name(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > MAX_CLAIM || text.contains(char::is_control) {
        return Err(format!(
            "{} cannot stand here: 1 to {MAX_CLAIM} characters, no control characters",
            quoted(text)
        ));
    }
    Ok(text.to_owned())
}

/// As the management API writes it.
fn read_kind<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<CredentialEntry> {
    let kind = match node.member("kind") {
        Some(kind) => report.within("kind", |report| report.text(kind))?,
        None => return report.unexpected(node, "a credential has a `kind`"),
    };
    match kind {
        "secret" => report.members(node, "a secret", &["kind"]).map(|_| CredentialEntry::Secret),
        "public_key" => {
            let members = report.members(node, "a public key", &["kind", "jwk", "jwks_uri"])?;
            read_key_source(report, members).map(CredentialEntry::PublicKey)
        }
        "federated" => {
            let members =
                report.members(node, "a federated credential", &["kind", "issuer", "subject", "claims"])?;
            read_federated(report, members).map(CredentialEntry::Federated)
        }
        other => {
            report.within("kind", |report| report.note(node.at, unknown_kind(other)));
            None
        }
    }
}

impl json::Entry for CredentialEntry {
    fn from_json(value: &Value) -> Result<Self, Problems> {
        json::from_value(value, read_kind)
    }
}

impl<'de> Deserialize<'de> for CredentialEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer, read_kind)
    }
}
