//! Acting on a person's behalf: their token of an identity provider (RFC 8693 §2.1), or an assertion by which the
//! provider lets this client act for them, an ID-JAG (RFC 7523 §2.1, draft-ietf-oauth-identity-assertion-authz-grant).
//!
//! Invariant: an agent acts only for persons for whom it may, and gets nothing that the person is not entitled to. What
//! is issued ends with the token that it rests on. Why a token names nobody is for the server's log alone: whoever
//! presents it may have found it.

use std::collections::BTreeSet;

use deputy_federation::{
    assertion::{Assertion, Expected, Purpose, Verified},
    claims,
};
use deputy_mandate::{Instant, Leg, Scope, Value};
use deputy_oauth::{
    error::{GrantProblem, RequestProblem, TargetProblem},
    token::{ExchangeRequest, JwtBearerRequest, PresentedType, Resource, TokenType, Wanted},
};
use deputy_store::{
    User,
    model::{Agent, IdentityProvider, Principal},
};

use super::{entitlements, mapping};
use crate::{Client, Engine, Refusal, clients::refused, view::TenantView};

/// A person for whom a client may act now.
pub(crate) struct OnBehalf {
    /// The person, by id.
    pub(crate) person: String,
    /// What the person may have done.
    pub(crate) entitlements: Leg,
    /// When the token ends that says so.
    pub(crate) until: Instant,
    /// Who vouched for the person.
    pub(crate) issuer: String,
}

fn refusal(problem: GrantProblem) -> Refusal {
    Refusal::OAuth(problem.into())
}

impl Engine {
    /// The person whose token an exchange presents; `None` when it is no token of an identity provider.
    ///
    /// # Errors
    /// `invalid_grant`; `temporarily_unavailable` while the provider's keys cannot be had.
    pub(crate) async fn person_presented(
        &self,
        view: &TenantView,
        client: &Client,
        request: &ExchangeRequest,
        now: Instant,
    ) -> Result<Option<OnBehalf>, Refusal> {
        let is_id_token = match request.subject.token_type {
            PresentedType::IdToken => true,
            PresentedType::Form(TokenType::Capability) => return Ok(None),
            PresentedType::Form(TokenType::AccessToken | TokenType::AttenuatingAgentToken) => false,
        };
        let unknown = || refusal(GrantProblem::PersonUnknown);
        let parsed = Assertion::parse(&request.subject.token);
        let provider = parsed.as_ref().ok().and_then(|assertion| provider_of(view, assertion));
        let (assertion, provider) = match (parsed, provider) {
            (Ok(assertion), Some(provider)) => (assertion, provider),
            _ if is_id_token => return Err(unknown()),
            _ => return Ok(None),
        };
        if request.delegate.is_some() {
            return Err(Refusal::OAuth(RequestProblem::ForeignDelegate.into()));
        }
        if request.subject_proof.is_some() {
            return Err(Refusal::OAuth(RequestProblem::Malformed("subject_token_proof").into()));
        }
        let verified =
            self.verified(view, &provider, assertion, &provider.audiences, Purpose::Subject, now).await?;
        // What is bound to somebody's key is not laundered into another's token.
        if !is_bound(&verified, client) {
            return Err(unknown());
        }
        self.on_behalf(view, client, &provider, &verified).await.map(Some)
    }

    /// The person for whom an assertion lets this client act, and what is asked for within what it says.
    ///
    /// # Errors
    /// `invalid_grant`; `invalid_target` and `invalid_scope` for what the assertion does not cover.
    pub(crate) async fn person_asserted(
        &self,
        view: &TenantView,
        client: &Client,
        request: &JwtBearerRequest,
        now: Instant,
    ) -> Result<(OnBehalf, Wanted), Refusal> {
        let unknown = || refusal(GrantProblem::PersonUnknown);
        let assertion = Assertion::parse(&request.assertion).map_err(|_| unknown())?;
        let provider = provider_of(view, &assertion).ok_or_else(unknown)?;
        let audiences = BTreeSet::from([view.issuer.to_string()]);
        let verified = self.verified(view, &provider, assertion, &audiences, Purpose::Grant, now).await?;
        let claims = &verified.claims;
        let is_for_client = claims.get("client_id").and_then(Value::as_str) == Some(&client.agent.id);
        // Details of another server's types would limit what is granted in ways that nobody here can honour.
        if !is_for_client || claims.contains_key("authorization_details") || !is_bound(&verified, client) {
            return Err(refusal(GrantProblem::AssertionFor));
        }
        let mut wanted = request.wanted.clone();
        let scopes = asserted_scopes(&verified)?;
        wanted.resources = within(&verified, wanted.resources)?;
        if wanted.scope.is_none() && wanted.details.is_none() {
            wanted.scope.clone_from(&scopes);
        }
        let mut on_behalf = self.on_behalf(view, client, &provider, &verified).await?;
        if let Some(asserted) = scopes {
            let entitled = on_behalf.entitlements.scopes.take().unwrap_or_default();
            on_behalf.entitlements.scopes = Some(entitled.intersection(&asserted).cloned().collect());
        }
        Ok((on_behalf, wanted))
    }

    async fn verified(
        &self,
        view: &TenantView,
        provider: &IdentityProvider,
        assertion: Assertion<'_>,
        audiences: &BTreeSet<String>,
        purpose: Purpose,
        now: Instant,
    ) -> Result<Verified, Refusal> {
        let keys = self.provider_keys(view, &provider.issuer, Some(assertion.wanted()), now).await?;
        let expected = Expected { issuer: Some(&provider.issuer), audiences, purpose };
        assertion.verify(&keys, &expected, now).map_err(|error| {
            tracing::info!(tenant = %view.slug, issuer = %provider.issuer, %error, "a person's token is refused");
            refusal(GrantProblem::PersonUnknown)
        })
    }

    async fn on_behalf(
        &self,
        view: &TenantView,
        client: &Client,
        provider: &IdentityProvider,
        verified: &Verified,
    ) -> Result<OnBehalf, Refusal> {
        let person = self.person_of(view, provider, &verified.claims).await?.map_err(|problem| {
            tracing::info!(tenant = %view.slug, issuer = %provider.issuer, %problem, "a token names nobody");
            refusal(GrantProblem::PersonUnknown)
        })?;
        let groups = self.groups_of(view, &person.id).await?;
        let state = view.read();
        // As it is registered at present, not as it was when the client authenticated.
        let agent = state.agents.get(&client.agent.id).ok_or_else(refused)?;
        if !may_act_for(agent, &person, &groups) {
            return Err(refusal(GrantProblem::NotForPerson));
        }
        let mut roles = state.roles_of_person(&person.id, &groups);
        roles.extend(mapping::roles_by_claims(provider, &verified.claims));
        let roles = roles.iter().filter_map(|id| state.roles.get(id)).map(AsRef::as_ref);
        Ok(OnBehalf {
            entitlements: entitlements(roles),
            person: person.id,
            until: verified.expires_at,
            issuer: provider.issuer.clone(),
        })
    }
}

fn provider_of(view: &TenantView, assertion: &Assertion<'_>) -> Option<std::sync::Arc<IdentityProvider>> {
    view.read().identity_providers.get(assertion.issuer()?).cloned()
}

/// Whom it may act for: who is named, or in a group that is; its owners, when nothing is said.
fn may_act_for(agent: &Agent, person: &User, groups: &BTreeSet<String>) -> bool {
    let allowed = agent.may_act_for.as_ref().unwrap_or(&agent.owners);
    allowed.iter().any(|one| match one {
        Principal::User(id) => *id == person.id,
        Principal::Group(id) => groups.contains(id),
        Principal::Agent(_) => false,
    })
}

/// What is bound to a key is good with a proof by that key only (RFC 9449 §6.1).
fn is_bound(verified: &Verified, client: &Client) -> bool {
    match verified.claims.get("cnf") {
        None => true,
        Some(_) => {
            let jkt = claims::find(&verified.claims, "/cnf/jkt").and_then(Value::as_str);
            jkt.is_some() && jkt == client.jkt.as_deref()
        }
    }
}

fn asserted_scopes(verified: &Verified) -> Result<Option<BTreeSet<Scope>>, Refusal> {
    match verified.claims.get("scope") {
        None => Ok(None),
        Some(Value::String(list)) => {
            let scopes = Scope::parse_list(list).map_err(|_| refusal(GrantProblem::AssertionFor))?;
            Ok(Some(scopes))
        }
        Some(_) => Err(refusal(GrantProblem::AssertionFor)),
    }
}

/// The resources asked for, which must be among those that the assertion names, if it names any; those, when none is
/// asked for.
fn within(verified: &Verified, asked: BTreeSet<Resource>) -> Result<BTreeSet<Resource>, Refusal> {
    let named = match verified.claims.get("resource") {
        None => return Ok(asked),
        Some(Value::Array(several)) => several.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    let parse = |one: &Value| one.as_str().and_then(|uri| Resource::parse(uri).ok());
    let named: Option<BTreeSet<Resource>> = named.iter().map(parse).collect();
    let named = named.ok_or_else(|| refusal(GrantProblem::AssertionFor))?;
    if asked.is_empty() && !named.is_empty() {
        return Ok(named);
    }
    if asked.is_subset(&named) && !asked.is_empty() {
        return Ok(asked);
    }
    Err(Refusal::OAuth(TargetProblem::Unknown.into()))
}
