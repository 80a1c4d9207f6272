//! The pure core: every form, every reason, each with the request that passes.

mod forms;
mod liveness;
mod proofs;
mod uses;

use aws_lc_rs::rand::SystemRandom;
use deputy_mandate::{Instant, Mandate, Narrowing, ReasonCode, Request, Scope, Value};
use deputy_token::aat::{self, Derivation};
use deputy_token::access::{self, AccessClaims, AgentClaim, Cnf, Hop};
use deputy_token::capability::{self, Attenuation, AudienceKey, CapabilitySecret, attenuate};
use deputy_token::keys::{Alg, JwkSet, Kid, SigningKey};
use deputy_token::revocation::{Halt, RevocationIndex};

use crate::{InProcess, KeySet, Known, Policy, Presented, ReplayMemory, RevocationView, Verdict};

pub(crate) const ISSUER: &str = "https://deputy.example/t/acme";
pub(crate) const CRM: &str = "https://crm.example.com/";
pub(crate) const NOW: Instant = Instant::from_secs(1_800_000_000);

/// An issuer with one key of each kind.
pub(crate) struct Issuer {
    pub(crate) key: SigningKey,
    pub(crate) secret: CapabilitySecret,
}

pub(crate) fn key(kid: &str, alg: Alg) -> SigningKey {
    SigningKey::generate(Kid::new(kid).unwrap(), alg, &SystemRandom::new()).unwrap()
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self { key: key("k1", Alg::Es256), secret: CapabilitySecret::from_bytes(&[7; 32]) }
    }

    pub(crate) fn audience_key(&self) -> AudienceKey {
        self.secret.audience_key(&Kid::new("c1").unwrap(), CRM)
    }

    pub(crate) fn access(&self, claims: &AccessClaims) -> String {
        access::seal(claims, &self.key).unwrap()
    }

    pub(crate) fn capability(&self, claims: &AccessClaims) -> String {
        capability::seal(claims, &self.audience_key()).unwrap()
    }

    /// A root for `holder` with one tool.
    pub(crate) fn aat(&self, holder: &SigningKey) -> String {
        let jkt = holder.jwk().thumbprint();
        let mut claims = claims();
        claims.mandate = Mandate {
            scopes: Default::default(),
            limits: Default::default(),
            blocked_tools: Default::default(),
            ..claims.mandate
        };
        claims.mandate.tools.retain(|tool, _| tool == "transfer");
        claims.chain[0].jkt = Some(jkt.clone());
        claims.cnf = Some(Cnf { jkt });
        aat::seal_root(&claims, holder.jwk(), &self.key).unwrap()
    }

    /// What a verifier of this issuer knows.
    pub(crate) fn verifier(&self) -> Fixture {
        let keys = KeySet::from(JwkSet { keys: vec![self.key.jwk().clone()] });
        let mut policy = Policy::new(ISSUER, CRM);
        policy.capability_keys.push(self.audience_key());
        let view = RevocationView::from_parts(NOW, RevocationIndex::new(), Halt::None);
        Fixture { policy, keys, view, replays: InProcess::default(), now: NOW }
    }
}

/// A verifier with everything handed in.
pub(crate) struct Fixture {
    pub(crate) policy: Policy,
    pub(crate) keys: KeySet,
    pub(crate) view: RevocationView,
    pub(crate) replays: InProcess,
    pub(crate) now: Instant,
}

impl Fixture {
    pub(crate) fn check(&self, presented: Presented<'_>, request: &Request) -> Verdict {
        let replays: &dyn ReplayMemory = &self.replays;
        let known = Known { keys: &self.keys, revocations: &self.view, replays };
        self.policy.check_at(&known, &presented, request, self.now)
    }

    /// The codes against the everyday call, sent as `Bearer`.
    pub(crate) fn codes(&self, token: &str) -> Vec<ReasonCode> {
        self.check(Presented::bearer(token), &call()).codes().collect()
    }
}

pub(crate) fn hop(id: &str, agent: &str) -> Hop {
    let (sub, jkt, bind) = (Some("alice".into()), None, None);
    let rt = Some("mZ3rU0l8Zb1JtQdE0o4cWk3h5cQ2o1f5fY9p8s7r6q5".into());
    Hop { id: id.into(), agent: agent.into(), sub, jkt, rt, bind, crit: false, seq: 7 }
}

/// An everyday root: two scopes, two tools, fifteen minutes.
pub(crate) fn claims() -> AccessClaims {
    let mandate = format!(
        r#"{{"scopes": ["read:docs", "write:drafts"], "tools": {{"search": {{}}, "transfer": {{
            "amount": {{"constraint_type": "range", "min": 0, "max": 500}}}}}},
            "blocked_tools": ["shell"],
            "limits": {{"env": {{"constraint_type": "one_of", "values": ["staging", "development"]}}}},
            "declared": {{}}, "limit_required": {{}}, "audience": ["{CRM}"], "binding": {{}},
            "not_before": {from}, "expires_at": {to}, "max_depth": 4, "may_delegate": true}}"#,
        from = NOW.0,
        to = NOW.plus_secs(900).0,
    );
    let spiffe_id = "spiffe://deputy.example/t/acme/agent/planner";
    AccessClaims {
        iss: ISSUER.into(),
        sub: "user:alice".into(),
        iat: NOW,
        client_id: "a1".into(),
        agent: AgentClaim {
            id: "a1".into(),
            name: "planner".into(),
            spiffe_id: spiffe_id.into(),
            owners: vec!["user:alice".into()],
        },
        chain: vec![hop("c1", "a1")],
        mandate: Mandate::from_json(&mandate).unwrap(),
        act: None,
        may_act: None,
        cnf: None,
    }
}

/// The same, handed on once by the issuer.
pub(crate) fn child() -> AccessClaims {
    let mut claims = claims();
    claims.chain.push(hop("c2", "a2"));
    claims.client_id = "a2".into();
    claims.agent.id = "a2".into();
    claims
}

/// An everyday call.
pub(crate) fn call() -> Request {
    transfer(120)
}

pub(crate) fn transfer(amount: i64) -> Request {
    let arguments = Value::parse(&format!(r#"{{"amount": {amount}}}"#)).unwrap();
    Request { tool: Some("transfer".into()), arguments, ..Request::default() }
}

pub(crate) fn reading() -> Request {
    Request { scope: Some(Scope::try_from("read:docs").unwrap()), ..Request::default() }
}

/// One more hop, made offline.
pub(crate) fn narrowed(capability: &str, name: &str, narrowing: Narrowing) -> String {
    let step = Attenuation { name: name.into(), narrowing, cnf: None };
    attenuate(capability, &step, [3; 16]).unwrap()
}

/// One more token of a chain, made offline by `parent` for `holder`.
pub(crate) fn derived(chain: &str, parent: &SigningKey, holder: &SigningKey) -> String {
    let mut tools = claims().mandate.tools;
    tools.retain(|tool, _| tool == "transfer");
    let derivation = Derivation {
        name: "worker",
        tools: &tools,
        audience: None,
        expires_at: NOW.plus_secs(600),
        del_max_depth: 4,
        iat: NOW,
        holder: holder.jwk(),
        jti: "d1",
    };
    aat::derive(chain, &derivation, parent).unwrap()
}
