//! An identity assertion grant, ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant): the provider says which agent
//! may act for whom, and within what.

use deputy_tests::issuer::{Alg, Key, Token};
use deputy_tests::{Answer, Client, Holder, Issuer, capability, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{ACCESS_TOKEN, AUDIENCE, Company, PAT, READ};

const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CRM: &str = "https://crm.example.com/";

/// A good assertion for the company's agent.
fn jag(company: &Company) -> Token {
    company.upstream.id_jag(PAT, &company.crawler.id, &company.tenant.issuer)
}

async fn grant_to(client: &Client, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", BEARER), ("assertion", assertion)];
    fields.extend_from_slice(more);
    client.post("/oauth/token", &fields).await
}

async fn grant(company: &Company, assertion: Token) -> Answer {
    grant_to(&company.crawler, &assertion.seal(), &[READ]).await
}

on_both_databases!(an_assertion_grants_for_its_person, async |db| {
    // No audience is registered: an assertion is for the tenant itself.
    let company = Company::with(db, json!({})).await;
    let answer = grant(&company, jag(&company)).await.is(200);
    assert_eq!((&answer["scope"], &answer["issued_token_type"]), (&json!("read:docs"), &json!(ACCESS_TOKEN)));
    let token = answer.text_of("access_token");
    let claims = jwt::claims(&token);
    assert_eq!(claims["sub"], format!("user:{}", company.pat));
    assert_eq!(claims["act"], json!({"sub": claims["agent"]["spiffe_id"]}));
    assert_eq!(claims["chain"][0]["sub"], company.pat.as_str());
    assert!(answer["expires_in"].as_i64().unwrap() <= 300);
    let path = format!("/events?subject=user:{}&action=token.exchanged", company.pat);
    let told = company.tenant.api.get(&path).await.is(200);
    assert_eq!(told.items()[0]["detail"]["person_vouched_by"], company.upstream.url());
    let kind = ("requested_token_type", capability::TOKEN_TYPE);
    let sealed = grant_to(&company.crawler, &jag(&company).seal(), &[READ, kind]).await.is(200);
    let sealed = capability::narrowed(&sealed.text_of("access_token"), "worker", json!({}));
    assert!(company.tenant.is_active(&sealed).await);
    let document = company.tenant.root.get("/.well-known/oauth-authorization-server").await.is(200);
    let grants = document["grant_types_supported"].as_array().unwrap();
    assert!(grants.iter().any(|grant| grant == BEARER), "{grants:?}");
    company.directory.set_active(&company.pat, false).await;
    assert!(!company.tenant.is_active(&token).await && !company.tenant.is_active(&sealed).await);
    company.refused("she left", grant(&company, jag(&company)).await);
});

on_both_databases!(it_is_an_assertion_for_this_client_of_this_tenant_and_short, async |db| {
    let company = Company::with(db, json!({"audiences": [AUDIENCE]})).await;
    let other = company.tenant.agent("other", &["read:docs"]).await;
    let good = || jag(&company);
    let (now, issuer) = (jwt::now(), company.tenant.issuer.as_str());
    for token in [
        good(),
        good().header("typ", "application/oauth-id-jag+jwt"),
        good().claim("aud", json!([issuer])),
        good().lives(3600),
    ] {
        grant(&company, token).await.is(200);
    }
    let stranger = Issuer::start().await;
    for (what, token) in [
        ("no typ", good().header_without("typ")),
        ("typ JWT", good().header("typ", "JWT")),
        ("typ at+jwt", good().header("typ", "at+jwt")),
        ("typ logout+jwt", good().header("typ", "logout+jwt")),
        ("for another server", good().claim("aud", "https://as.example.com")),
        ("for the provider's clients", good().claim("aud", AUDIENCE)),
        ("for the token endpoint", good().claim("aud", format!("{issuer}/oauth/token"))),
        ("for two", good().claim("aud", json!([issuer, "https://as.example.com"]))),
        ("for nobody", good().without("aud")),
        ("another client", good().claim("client_id", other.id.as_str())),
        ("the client's name", good().claim("client_id", "crawler")),
        ("two clients", good().claim("client_id", json!([company.crawler.id]))),
        ("no client", good().without("client_id")),
        ("no jti", good().without("jti")),
        ("no iat", good().without("iat")),
        ("no exp", good().without("exp")),
        ("no sub", good().without("sub")),
        ("over an hour", good().lives(3601)),
        ("over an hour from now", good().claim("exp", now + 3700)),
        ("expired", good().expired()),
        ("not yet valid", good().not_yet_valid()),
        ("unsigned", good().unsigned()),
        ("another key", good().signed_by(&Key::generate(Alg::Es256))),
        ("an unregistered issuer", stranger.id_jag(PAT, &company.crawler.id, issuer)),
        ("nobody", company.upstream.id_jag("00u-nobody", &company.crawler.id, issuer)),
        ("details", good().claim("authorization_details", json!([]))),
        ("a scope that is none", good().claim("scope", json!(["read:docs"]))),
        ("a malformed scope", good().claim("scope", "read:docs  read:mail")),
        ("a resource that is none", good().claim("resource", json!({"uri": CRM}))),
        ("an ID token", company.token()),
    ] {
        company.refused(what, grant(&company, token).await);
    }
    for (form, token) in good().confused() {
        company.refused(form, grant(&company, token).await);
    }
    // The other client has its own; and this one is no use to it.
    company.refused("stolen", grant_to(&other, &good().seal(), &[READ]).await);
    company.tenant.api.patch("/agents/other", json!({"may_act_for": ["user:pat@example.com"]})).await.is(200);
    company.refused("stolen still", grant_to(&other, &good().seal(), &[READ]).await);
    let own = company.upstream.id_jag(PAT, &other.id, issuer).seal();
    grant_to(&other, &own, &[READ]).await.is(200);
    company.tenant.api.patch("/agents/other", json!({"may_act_for": []})).await.is(200);
    company.refused("not for her", grant_to(&other, &own, &[READ]).await);
    let without = [("grant_type", BEARER), READ];
    company.crawler.post("/oauth/token", &without).await.is_oauth_error(400, "invalid_request");
    company.refused("nonsense", grant_to(&company.crawler, "nonsense", &[READ]).await);
});

on_both_databases!(its_scope_bounds_what_is_granted, async |db| {
    let company = Company::with(db, json!({})).await;
    company.tenant.api.patch("/roles/reader", json!({"scopes": ["read:docs", "write:docs"]})).await.is(200);
    let both = [("scope", "read:docs write:docs")];
    let ask = async |scope: Option<&str>, asked: &[(&str, &str)]| {
        let token = match scope {
            Some(scope) => jag(&company).claim("scope", scope),
            None => jag(&company),
        };
        grant_to(&company.crawler, &token.seal(), asked).await
    };
    assert_eq!(ask(None, &both).await.is(200)["scope"], "read:docs write:docs");
    let bounded = ask(Some("read:docs"), &both).await.is(200);
    assert_eq!(bounded["scope"], "read:docs");
    assert_eq!(bounded["removed"], json!([{"what": "scope:write:docs", "by": "entitlements"}]));
    // What it names is what is asked for, when the request says nothing.
    assert_eq!(ask(Some("write:docs"), &[]).await.is(200)["scope"], "write:docs");
    assert_eq!(ask(Some("write:docs read:files"), &[]).await.is(200)["scope"], "write:docs");
    ask(Some("read:files"), &[READ]).await.is_oauth_error(400, "invalid_scope");
    ask(Some("read:files"), &[]).await.is_oauth_error(400, "invalid_scope");
    // It gives nothing that the person is not entitled to.
    company.tenant.api.patch("/roles/reader", json!({"scopes": ["read:docs"]})).await.is(200);
    assert_eq!(ask(Some("read:docs write:docs"), &both).await.is(200)["scope"], "read:docs");
});

on_both_databases!(its_resources_cover_what_is_asked, async |db| {
    let company = Company::with(db, json!({})).await;
    let (tenant, erp) = (&company.tenant, "https://erp.example.com/");
    for uri in [CRM, erp] {
        tenant.api.post("/resources", json!({"uri": uri})).await.is(201);
    }
    let audience = json!({"audience": [CRM, erp, tenant.issuer]});
    tenant.api.patch("/roles/crawler-role", audience).await.is(200);
    let ask = async |resource: Value, asked: &[&str]| {
        let token = jag(&company).claim("resource", resource).seal();
        let mut fields = vec![READ];
        fields.extend(asked.iter().map(|uri| ("resource", *uri)));
        grant_to(&company.crawler, &token, &fields).await
    };
    let aud = |answer: Answer| jwt::claims(&answer.is(200).text_of("access_token"))["aud"].clone();
    assert_eq!(aud(ask(json!(CRM), &[CRM]).await), CRM);
    assert_eq!(aud(ask(json!(CRM), &[]).await), CRM, "what it names, when nothing is asked");
    assert_eq!(aud(ask(json!([CRM, erp]), &[erp]).await), erp);
    for (resource, asked) in
        [(json!(CRM), erp), (json!([CRM]), erp), (json!([]), CRM), (json!(CRM), tenant.issuer.as_str())]
    {
        ask(resource, &[asked]).await.is_oauth_error(400, "invalid_target");
    }
    // It names two, and a bearer's token is for one.
    ask(json!([CRM, erp]), &[]).await.is_oauth_error(400, "invalid_target");
    // It names a list in which something is no resource at all.
    let odd = ask(json!([CRM, 7]), &[CRM]).await;
    company.refused("not all are texts", odd);
});

on_both_databases!(a_bound_assertion_needs_its_key, async |db| {
    let company = Company::with(db, json!({})).await;
    let [own, other] = [Holder::p256(), Holder::p256()];
    let endpoint = format!("{}/oauth/token", company.tenant.issuer);
    let assertion = || jag(&company).claim("cnf", json!({"jkt": own.thumbprint()})).seal();
    let ask = async |holder: &Holder| {
        let assertion = assertion();
        let fields = [("grant_type", BEARER), ("assertion", assertion.as_str()), READ];
        let proof = holder.proof("POST", &endpoint, None);
        company.crawler.post_proved("/oauth/token", &fields, &[&proof]).await
    };
    company.refused("no proof", grant_to(&company.crawler, &assertion(), &[READ]).await);
    company.refused("another key", ask(&other).await);
    let answer = ask(&own).await.is(200);
    assert_eq!(answer["token_type"], "DPoP");
    let claims = jwt::claims(&answer.text_of("access_token"));
    assert_eq!(claims["cnf"]["jkt"], own.thumbprint());
});
