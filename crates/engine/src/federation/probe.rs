//! Trying an identity provider or a trusted issuer, step by step, for the person who configures it.
//!
//! Invariant: every step says what was looked at and what to do when it fails; nothing that is pasted or fetched is
//! stored, logged or acted on.

use std::collections::{BTreeMap, BTreeSet};

use deputy_federation::{
    assertion::{Assertion, AssertionError, Expected, Purpose, Verified},
    keys::{KeySource, Metadata, Provider, discovery_url},
    sign_in::{self, Client, SignInError},
};
use deputy_mandate::{Instant, Scope, Value};
use deputy_store::{
    User,
    model::{CredentialKind, IdentityProvider, TrustedIssuer},
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    entitlements,
    issuers::{expected_of, find_issuer, source_of},
    mapping,
    person::find_provider,
    profile,
    shown::redirect_uri,
    workload::has,
};
use crate::{Caller, Engine, Refusal, entries, view::TenantView};

/// What came of a trial.
#[derive(Debug, Clone, Serialize)]
pub struct ProbeAnswer {
    /// Whether no step failed.
    pub ok: bool,
    /// The steps, in order; the first that fails ends the trial of what rests on it.
    pub steps: Vec<ProbeStep>,
    /// Whom a pasted token stands for, and what they would get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PreviewedPerson>,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct ProbeStep {
    /// Its name.
    pub step: &'static str,
    /// `ok`, `warning` or `failed`.
    pub status: &'static str,
    /// What was found, or what is wrong and what to do about it.
    pub detail: String,
}

/// Whom a token stands for.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewedPerson {
    /// The user, by id.
    pub id: String,
    /// The user, by name.
    pub user: String,
    /// Roles by the token's claims, by name.
    pub roles_by_claims: Vec<String>,
    /// Every role that entitles, by name.
    pub roles: Vec<String>,
    /// Scopes that agents may have on their behalf.
    pub scopes: Vec<String>,
    /// What the claims tell of the person, by attribute; it fills what is empty of people whom SCIM does not know.
    pub attributes: BTreeMap<String, String>,
    /// What the person may do at the dashboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dashboard_role: Option<&'static str>,
}

#[derive(Default)]
struct Steps(Vec<ProbeStep>);

impl Steps {
    fn ok(&mut self, step: &'static str, detail: impl Into<String>) {
        self.0.push(ProbeStep { step, status: "ok", detail: detail.into() });
    }

    fn warn(&mut self, step: &'static str, detail: impl Into<String>) {
        self.0.push(ProbeStep { step, status: "warning", detail: detail.into() });
    }

    fn failed(&mut self, step: &'static str, detail: impl Into<String>) {
        self.0.push(ProbeStep { step, status: "failed", detail: detail.into() });
    }

    fn answer(self, person: Option<PreviewedPerson>) -> ProbeAnswer {
        ProbeAnswer { ok: self.0.iter().all(|step| step.status != "failed"), steps: self.0, person }
    }
}

impl Engine {
    /// Tries an identity provider; with a pasted `token`, also whom it stands for.
    ///
    /// # Errors
    /// `Forbidden` unless admin; `NotFound`.
    pub async fn test_identity_provider(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        body: &Value,
    ) -> Result<ProbeAnswer, Refusal> {
        caller.require_admin()?;
        let token = token_of(body)?;
        let provider = find_provider(view, id).ok_or(Refusal::NotFound)?;
        let mut steps = Steps::default();
        let source = KeySource::Discovery { issuer: provider.issuer.clone() };
        let Some(found) = self.keys_step(&source, &discovery_url(&provider.issuer), &mut steps).await else {
            return Ok(steps.answer(None));
        };
        self.sign_in_steps(view, &provider, &found, &mut steps).await?;
        let Some(token) = token else { return Ok(steps.answer(None)) };
        let now = self.inner.sources.now();
        let person = match token_step(&provider, &found, &token, now, &mut steps) {
            Some(verified) => self.person_steps(view, &provider, &verified, &mut steps).await?,
            None => None,
        };
        Ok(steps.answer(person))
    }

    /// Tries a trusted issuer; with a pasted `token`, also which agent it stands for.
    ///
    /// # Errors
    /// `Forbidden` unless admin; `NotFound`.
    pub async fn test_trusted_issuer(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        body: &Value,
    ) -> Result<ProbeAnswer, Refusal> {
        caller.require_admin()?;
        let token = token_of(body)?;
        let issuer = find_issuer(view, id).ok_or(Refusal::NotFound)?;
        let mut steps = Steps::default();
        let found = self.keys_step(&source_of(&issuer), &issuer.issuer, &mut steps).await;
        if let (Some(found), Some(token)) = (found, token) {
            let now = self.inner.sources.now();
            workload_steps(view, &issuer, &found, &token, now, &mut steps);
        }
        Ok(steps.answer(None))
    }

    async fn keys_step(&self, source: &KeySource, at: &str, steps: &mut Steps) -> Option<Provider> {
        let found = match self.inner.keys.probe(source).await {
            Ok(found) => found,
            Err(error) => {
                steps.failed("keys", format!("{error} (asked at {at})"));
                return None;
            }
        };
        if let Some(metadata) = &found.metadata {
            steps.ok(
                "discovery",
                format!("{at} describes this issuer; its keys are at {}", metadata.jwks_uri),
            );
        }
        let kids: Vec<&str> = found.keys.keys.iter().map(|jwk| jwk.kid().unwrap_or("(no kid)")).collect();
        steps.ok("keys", format!("{} usable: {}", kids.len(), kids.join(", ")));
        if found.keys.keys.len() > 1 && found.keys.keys.iter().any(|jwk| jwk.kid().is_none()) {
            steps.warn("keys", "a key has no `kid`: with several keys, tokens should say theirs");
        }
        Some(found)
    }

    async fn sign_in_steps(
        &self,
        view: &TenantView,
        provider: &IdentityProvider,
        found: &Provider,
        steps: &mut Steps,
    ) -> Result<(), Refusal> {
        if provider.audiences.is_empty() {
            steps.warn("audiences", "none is listed, so agents cannot exchange people's tokens");
        }
        let (Some(metadata), true, Some(client_id)) =
            (&found.metadata, provider.dashboard, provider.client_id.as_deref())
        else {
            return Ok(());
        };
        match (&metadata.authorization_endpoint, &metadata.token_endpoint) {
            (Some(_), Some(_)) => {
                steps.ok("sign-in", format!("register {} as the redirect URI", redirect_uri(view)));
            }
            _ => {
                steps.failed("sign-in", "the discovery document names no authorization and token endpoint");
                return Ok(());
            }
        }
        if !metadata.code_challenge_methods.is_empty()
            && !metadata.code_challenge_methods.iter().any(|method| method == "S256")
        {
            steps.warn("sign-in", "PKCE with S256 is not among the methods that it says it supports");
        }
        if view.read().settings.as_ref().is_none_or(|settings| settings.dashboard_roles.is_empty()) {
            steps.warn(
                "dashboard roles",
                "`dashboard_roles` in the settings is empty: nobody who signs in has a role",
            );
        }
        let (secret, redirect_uri) = (self.client_secret(view, provider)?, redirect_uri(view));
        let secret = secret.as_ref().map(|secret| secret.as_str());
        self.client_step(metadata, &Client { id: client_id, secret, redirect_uri: &redirect_uri }, steps)
            .await;
        Ok(())
    }

    /// A code that was never given out tells whether the client itself is accepted (RFC 6749 §5.2).
    async fn client_step(&self, metadata: &Metadata, client: &Client<'_>, steps: &mut Steps) {
        let verifier = "0".repeat(43);
        let fetch = &**self.inner.keys.fetch();
        match sign_in::redeem(fetch, metadata, client, &verifier, "deputy-connection-test").await {
            Err(SignInError::Refused { code }) => match code.as_str() {
                "invalid_grant" => steps.ok("client", "the client id and secret are accepted"),
                "invalid_client" | "unauthorized_client" => {
                    steps.failed(
                        "client",
                        format!("the provider answers `{code}`: check the client id and secret"),
                    );
                }
                _ => steps.warn(
                    "client",
                    format!("the provider answers a test code with `{code}`, which tells nothing"),
                ),
            },
            Err(error @ SignInError::Fetch(_)) => steps.failed("client", error.to_string()),
            Err(error) => steps.warn("client", format!("{error}, which tells nothing of the client")),
            Ok(_) => steps.failed("client", "the provider accepts a code that it never gave out"),
        }
    }

    async fn person_steps(
        &self,
        view: &TenantView,
        provider: &IdentityProvider,
        verified: &Verified,
        steps: &mut Steps,
    ) -> Result<Option<PreviewedPerson>, Refusal> {
        let user: User = match self.person_of(view, provider, &verified.claims).await? {
            Ok(user) => user,
            Err(problem) => {
                steps.failed("person", problem.to_string());
                return Ok(None);
            }
        };
        let rule = &provider.subject;
        steps.ok("person", format!("`{}` names the user `{}`", rule.claim, user.user_name));
        if verified.claims.contains_key("_claim_names") {
            steps.warn("claims", "the token has too many groups to list them (`_claim_names`): rules on `groups` match nothing; provision groups over SCIM");
        }
        let groups = self.groups_of(view, &user.id).await?;
        let dashboard_role = self.dashboard_role(view, &user.id).await?.map(|role| role.as_str());
        let by_claims = mapping::roles_by_claims(provider, &verified.claims);
        let state = view.read();
        let mut all = state.roles_of_person(&user.id, &groups);
        all.extend(by_claims.iter().cloned());
        let names = |ids: &BTreeSet<String>| {
            ids.iter().filter_map(|id| state.roles.get(id)).map(|role| role.name.clone()).collect::<Vec<_>>()
        };
        let leg = entitlements(all.iter().filter_map(|id| state.roles.get(id)).map(AsRef::as_ref));
        let scopes = leg.scopes.iter().flatten().map(Scope::to_string).collect::<Vec<_>>();
        if scopes.is_empty() {
            steps.warn(
                "entitlements",
                "no role entitles this person to anything: agents get nothing on their behalf",
            );
        } else {
            steps.ok("entitlements", scopes.join(" "));
        }
        Ok(Some(PreviewedPerson {
            id: user.id,
            user: user.user_name,
            roles_by_claims: names(&by_claims),
            roles: names(&all),
            scopes,
            attributes: profile::told(provider, &verified.claims).into_iter().collect(),
            dashboard_role,
        }))
    }
}

fn token_of(body: &Value) -> Result<Option<Zeroizing<String>>, Refusal> {
    entries::require_known(body, &["token"])?;
    let token: Option<String> = entries::member(body, "token")?;
    Ok(token.map(|token| Zeroizing::new(token.trim().to_owned())).filter(|token| !token.is_empty()))
}

fn token_step(
    provider: &IdentityProvider,
    found: &Provider,
    token: &str,
    now: Instant,
    steps: &mut Steps,
) -> Option<Verified> {
    let mut audiences = provider.audiences.clone();
    audiences.extend(provider.client_id.clone());
    let expected =
        Expected { issuer: Some(&provider.issuer), audiences: &audiences, purpose: Purpose::Subject };
    let verified = Assertion::parse(token).and_then(|token| token.verify(&found.keys, &expected, now));
    let verified = match verified {
        Ok(verified) => verified,
        Err(error) => {
            steps.failed("token", advice(&error));
            return None;
        }
    };
    let is_for_agents = |aud: &Value| match aud {
        Value::String(one) => provider.audiences.contains(one),
        Value::Array(all) => all.iter().filter_map(Value::as_str).any(|one| provider.audiences.contains(one)),
        _ => false,
    };
    if verified.claims.get("aud").is_some_and(is_for_agents) {
        steps.ok("token", "signature, issuer, audience and time hold");
    } else {
        steps.warn("token", "it holds, but is for the dashboard's client: agents cannot exchange it unless `audiences` lists that");
    }
    Some(verified)
}

fn workload_steps(
    view: &TenantView,
    issuer: &TrustedIssuer,
    found: &Provider,
    token: &str,
    now: Instant,
    steps: &mut Steps,
) {
    let audiences = BTreeSet::from([view.issuer.to_string()]);
    let expected = expected_of(issuer, &audiences);
    let verified = Assertion::parse(token).and_then(|token| token.verify(&found.keys, &expected, now));
    let verified = match verified {
        Ok(verified) => verified,
        Err(error) => return steps.failed("token", advice(&error)),
    };
    steps.ok("token", "signature, issuer, audience and time hold");
    if verified.claims.contains_key("cnf") {
        steps.failed("token", "it is bound to a key (`cnf`), so it does not authenticate by itself");
    }
    let subject = &verified.subject;
    let state = view.read();
    let named = state.workloads.get(&(issuer.issuer.clone(), subject.clone()));
    let Some(credential) = named.and_then(|id| state.credentials.get(id)) else {
        return steps.failed(
            "agent",
            format!(
                "no agent has a federated credential for `{subject}`: add one with this issuer and subject"
            ),
        );
    };
    let CredentialKind::Federated { claims, .. } = &credential.kind else { return };
    for required in claims.iter().filter(|required| !has(&verified.claims, *required)) {
        steps.failed("claims", format!("the credential requires `{}` to be {}", required.0, required.1));
    }
    if credential.expires_at.is_some_and(|at| now >= at) {
        steps.failed("credential", "the agent's credential has expired");
    }
    match state.agents.get(&credential.agent) {
        Some(agent) if agent.may_work(now) => {
            steps.ok("agent", format!("`{subject}` stands for the agent `{}`", agent.name));
        }
        Some(agent) => {
            steps.failed(
                "agent",
                format!("`{subject}` stands for the agent `{}`, which may not work", agent.name),
            );
        }
        None => steps.failed("agent", "the credential's agent is gone"),
    }
}

fn advice(error: &AssertionError) -> String {
    let more = match error {
        AssertionError::UnknownKey => ": it was signed with a key that is not published, or by somebody else",
        AssertionError::Audience { found } if found.contains(',') => {
            ": a token for several audiences is not accepted, have one issued for one"
        }
        AssertionError::Audience { .. } => ": list its audience, if tokens for it are meant to be used here",
        AssertionError::Expired => ": paste a fresh one",
        _ => "",
    };
    format!("{error}{more}")
}
