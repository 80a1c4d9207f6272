//! An agent as an OAuth client with a secret.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Answer, Api, Holder, Tenant};

/// The token type of capabilities.
const CAPABILITY: &str = crate::capability::TOKEN_TYPE;

/// An agent's client credentials, used by `client_secret_basic`.
#[derive(Clone, Debug)]
pub struct Client {
    /// The agent's name.
    pub agent: String,
    /// Its client identifier.
    pub id: String,
    /// Its secret.
    pub secret: String,
    root: Api,
}

impl Client {
    pub(crate) fn new(tenant: &Tenant, agent: &str, id: &str, secret: &str) -> Self {
        let root = tenant.root.without_key();
        Self { agent: agent.to_owned(), id: id.to_owned(), secret: secret.to_owned(), root }
    }

    /// The same client at another server on the same database.
    #[must_use]
    pub fn through(&self, tenant: &Tenant) -> Self {
        Self { root: tenant.root.without_key(), ..self.clone() }
    }

    /// The same client with another secret.
    #[must_use]
    pub fn with_secret(&self, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self.clone() }
    }

    /// A form to `path` below the tenant, authenticated by `client_secret_basic`.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.root.request(Method::POST, path).basic_auth(&self.id, Some(&self.secret));
        self.root.send(request.form(fields)).await
    }

    /// The same with `DPoP` headers.
    pub async fn post_proved(&self, path: &str, fields: &[(&str, &str)], proofs: &[&str]) -> Answer {
        let mut request = self.root.request(Method::POST, path).basic_auth(&self.id, Some(&self.secret));
        for proof in proofs {
            request = request.header("DPoP", *proof);
        }
        self.root.send(request.form(fields)).await
    }

    /// The token endpoint, `grant_type=client_credentials` with `DPoP` headers.
    pub async fn token_proved(&self, fields: &[(&str, &str)], proofs: &[&str]) -> Answer {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend_from_slice(fields);
        self.post_proved("/oauth/token", &form, proofs).await
    }

    /// An exchange of the access token `subject` with a `DPoP` header.
    pub async fn exchange_proved(&self, subject: &str, fields: &[(&str, &str)], proofs: &[&str]) -> Answer {
        let mut form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", subject),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ];
        form.extend_from_slice(fields);
        self.post_proved("/oauth/token", &form, proofs).await
    }

    /// The token endpoint, `grant_type=client_credentials` and these further fields.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend_from_slice(fields);
        self.post("/oauth/token", &form).await
    }

    /// An access token with this scope.
    pub async fn access_token(&self, scope: &str) -> String {
        self.token(&[("scope", scope)]).await.is(200).text_of("access_token")
    }

    /// The token endpoint: an exchange of the access token `subject`, with these further fields.
    pub async fn exchange(&self, subject: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", subject),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ];
        form.extend_from_slice(fields);
        self.post("/oauth/token", &form).await
    }

    /// A capability with these fields of the request.
    pub async fn capability(&self, fields: &[(&str, &str)]) -> String {
        let fields: Vec<_> =
            [("requested_token_type", CAPABILITY)].into_iter().chain(fields.iter().copied()).collect();
        self.token(&fields).await.is(200).text_of("access_token")
    }

    /// The token endpoint: the root of an attenuating agent token with these members, bound to the holder's key.
    pub async fn attenuating(&self, tenant: &Tenant, holder: &Holder, members: Value) -> Answer {
        let mut entry = members;
        entry["type"] = json!("attenuating_agent_token");
        let (details, cnf) = (json!([entry]).to_string(), json!({"jwk": holder.jwk()}).to_string());
        let fields = [("authorization_details", details.as_str()), ("req_cnf", cnf.as_str())];
        let proof = holder.proof("POST", &format!("{}/oauth/token", tenant.issuer), None);
        self.token_proved(&fields, &[&proof]).await
    }

    /// The token endpoint: an exchange of the capability `subject`, with these further fields.
    pub async fn exchange_capability(&self, subject: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", subject),
            ("subject_token_type", CAPABILITY),
        ];
        form.extend_from_slice(fields);
        self.post("/oauth/token", &form).await
    }

    /// Introspection, authenticated as this client.
    pub async fn introspect(&self, token: &str) -> Answer {
        self.post("/oauth/introspect", &[("token", token)]).await
    }

    /// RFC 7009 revocation, authenticated as this client.
    pub async fn revoke(&self, token: &str) -> Answer {
        self.post("/oauth/revoke", &[("token", token)]).await
    }
}
