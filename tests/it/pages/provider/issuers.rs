//! `/trusted-issuers`: trusted, tried and trusted no more by forms.

use deputy_tests::{Issuer, Tenant, on_both_databases};
use serde_json::json;

use super::super::visitor::Visitor;
use super::server;

const LIST: &str = "/trusted-issuers";

/// Trusts an issuer, and says the path of its page.
async fn trusted(tenant: &Tenant, admin: &Visitor, fields: &[(&str, &str)]) -> String {
    let made = admin.post(LIST, fields).await.is(303).header("location").unwrap();
    let path = made.strip_prefix(&format!("/t/{}", tenant.slug)).unwrap();
    path.split('?').next().unwrap().to_owned()
}

on_both_databases!(an_issuer_is_trusted_with_keys_from_each_place, async |db| {
    let server = server(db);
    let (tenant, issuer) = (server.tenant().await, Issuer::start().await);
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let empty = admin.page(LIST).await;
    assert!(empty.contains("No issuer is trusted yet") && empty.contains(&tenant.issuer));
    let set = json!({"keys": [issuer.key().jwk()]}).to_string();
    let mut bundle = json!({"keys": [issuer.key().jwk()]});
    bundle["keys"][0]["use"] = json!("jwt-svid");
    let (bundle, address) = (bundle.to_string(), issuer.at("/jwks.json"));
    let kid = issuer.key().kid().to_owned();
    let (url, spiffe) = (issuer.url(), issuer.at("/spiffe-bundle"));
    let of = |issuer, keys, address, document| {
        [
            ("issuer", issuer),
            ("keys", keys),
            ("address", address),
            ("document", document),
            ("description", "CI <1>"),
        ]
    };
    for (fields, words) in [
        (of(&*url, "discovery", "ignored", "ignored"), "discovery"),
        (of("https://a.example.com", "jwks_uri", &address, ""), &*address),
        (of("https://b.example.com", "jwks", "", &set), &*kid),
        (of("spiffe://c.example.com", "bundle_uri", &spiffe, ""), &*spiffe),
        (of("spiffe://d.example.com", "bundle", "", &bundle), &*kid),
    ] {
        let path = trusted(&tenant, &admin, &fields).await;
        let page = admin.page(&path).await;
        assert!(page.contains(words) && page.contains("CI &#60;1&#62;"), "{words}: {page}");
        let tried = admin.post(&format!("{path}/test"), &[]).await.is(200).text;
        assert!(tried.contains("1 usable") && !tried.contains("badge bad"), "{words}: {tried}");
        assert!(admin.page(LIST).await.contains(fields[0].1));
        admin.post(&format!("{path}/delete"), &[]).await.is(303);
        admin.get(&path).await.is(404);
    }
    assert!(admin.page(LIST).await.contains("No issuer is trusted yet"));
});

on_both_databases!(what_cannot_be_trusted_is_said_and_kept_in_the_form, async |db| {
    let server = server(db);
    let tenant = server.tenant().await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    for (fields, words) in [
        (&[("keys", "discovery")][..], "Issuer: "),
        (&[("issuer", "https://a.example.com"), ("keys", "jwks_uri")][..], "Address: "),
        (&[("issuer", "https://a.example.com"), ("keys", "jwks"), ("document", "{")][..], "Keys: "),
        (&[("issuer", "https://a.example.com"), ("keys", "jwks"), ("document", "[]")][..], "Keys: "),
        (
            &[("issuer", "https://a.example.com"), ("keys", "bundle"), ("document", "{\"keys\":[]}")][..],
            "Keys: ",
        ),
        (&[("issuer", "spiffe://a.example.com"), ("keys", "discovery")][..], "Address: "),
    ] {
        let answer = admin.post(LIST, fields).await.is(400);
        assert!(answer.text.contains(words), "{fields:?}: {}", answer.text);
        assert!(fields[0].0 != "issuer" || answer.text.contains(&format!("value=\"{}\"", fields[0].1)));
    }
    assert!(tenant.api.get(LIST).await.is(200).items().is_empty());
    trusted(&tenant, &admin, &[("issuer", "https://a.example.com"), ("keys", "discovery")]).await;
    let again = admin.post(LIST, &[("issuer", "https://a.example.com"), ("keys", "discovery")]).await.is(409);
    assert!(again.text.contains("is trusted already"));
});

on_both_databases!(a_token_says_which_agent_it_stands_for, async |db| {
    let server = server(db);
    let (tenant, issuer) = (server.tenant().await, Issuer::start().await);
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let url = issuer.url();
    let path = trusted(&tenant, &admin, &[("issuer", &url), ("keys", "discovery")]).await;
    tenant.agent("builder", &["read:docs"]).await;
    let token = issuer.github_actions("acme/crm", "refs/heads/main", &tenant.issuer).seal();
    let test = format!("{path}/test");
    let before = admin.post(&test, &[("token", &token)]).await.is(200).text;
    assert!(before.contains("no agent has a federated credential for"));
    let credential =
        json!({"kind": "federated", "issuer": url, "subject": "repo:acme/crm:ref:refs/heads/main"});
    tenant.api.post("/agents/builder/credentials", credential).await.is(201);
    let after = admin.post(&test, &[("token", &token)]).await.is(200).text;
    assert!(after.contains("stands for the agent `builder`") && !after.contains(&token));
    let other = issuer.github_actions("acme/crm", "refs/heads/main", "https://other.example.com").seal();
    assert!(admin.post(&test, &[("token", &other)]).await.is(200).text.contains("badge bad"));

    let auditor = Visitor::with_key(&tenant, &tenant.key("auditor", json!({})).await).await;
    for page in [LIST, &path] {
        assert_eq!(auditor.page(page).await.matches("method=\"post\"").count(), 1, "{page}: one signs out");
    }
    for form in [LIST, &test, &format!("{path}/delete")] {
        auditor.post(form, &[("issuer", "https://a.example.com"), ("keys", "discovery")]).await.is(403);
    }
    admin.get(&path).await.is(200);
});
