//! Whom a token names: the one active person who has the configured claim, and an address only when it counts.

use deputy_tests::on_both_databases;
use serde_json::{Value, json};

use super::{AUDIENCE, Company, PAT};

on_both_databases!(nobody_else_than_the_one_active_person, async |db| {
    let company = Company::new(db).await;
    company.ask_good().await.is(200);
    let of = |sub: &str| company.upstream.token(sub, AUDIENCE);
    for (what, token) in [
        ("unknown", of("00u-nobody")),
        ("another case", of("00U-PAT")),
        ("their name", of("pat@example.com")),
        ("their id", of(&company.pat)),
        ("empty", of("")),
        ("blank", of("00u-pat ")),
        ("a control character", of("00u-pat\u{0}")),
        ("none", of(PAT).without("sub")),
        ("a number", of(PAT).claim("sub", 7)),
        ("a list", of(PAT).claim("sub", json!([PAT]))),
    ] {
        company.refused(what, company.ask(&token.seal()).await);
    }
    // Two people with one value are nobody.
    let twin = company.directory.user_with("twin@example.com", json!({"externalId": PAT})).await;
    company.refused("ambiguous", company.ask_good().await);
    company.directory.scim.delete(&format!("/Users/{twin}")).await.is(204);
    company.ask_good().await.is(200);
    company.directory.set_active(&company.pat, false).await;
    company.refused("deactivated", company.ask_good().await);
    company.directory.set_active(&company.pat, true).await;
    company.ask_good().await.is(200);
    company.directory.scim.delete(&format!("/Users/{}", company.pat)).await.is(204);
    company.refused("deleted", company.ask_good().await);
});

on_both_databases!(an_address_counts_when_it_is_verified_and_of_a_listed_domain, async |db| {
    let by_address = json!({
        "audiences": [AUDIENCE], "email_domains": ["Example.com"],
        "subject": {"claim": "email", "attribute": "userName"},
    });
    let company = Company::with(db, by_address).await;
    company.directory.user_with("kim@other.example", json!({})).await;
    let of = async |email: &str, verified: Value| {
        let token = company.upstream.token("anything", AUDIENCE).claim("email", email);
        company.ask(&token.claim("email_verified", verified).seal()).await
    };
    of("pat@example.com", json!(true)).await.is(200);
    of("Pat@Example.COM", json!(true)).await.is(200);
    for (what, email, verified) in [
        ("unverified", "pat@example.com", json!(false)),
        ("called verified in text", "pat@example.com", json!("true")),
        ("not said", "pat@example.com", Value::Null),
        ("of an unlisted domain", "kim@other.example", json!(true)),
        ("of a domain below", "pat@sub.example.com", json!(true)),
        ("of a domain that ends alike", "pat@notexample.com", json!(true)),
        ("no address", "pat", json!(true)),
        ("nobody's", "pat+x@example.com", json!(true)),
    ] {
        company.refused(what, of(email, verified).await);
    }
    let path = company.provider_path().await;
    let found =
        json!({"subject": {"claim": "email", "attribute": "email"}, "email_domains": ["other.example"]});
    company.tenant.api.patch(&path, found).await.is(200);
    company.refused("unlisted by now", of("pat@example.com", json!(true)).await);
    let may = json!({"may_act_for": ["user:kim@other.example"]});
    company.tenant.api.patch("/agents/crawler", may).await.is(200);
    company.tenant.bind("reader", "user:kim@other.example").await;
    of("kim@other.example", json!(true)).await.is(200);
});

on_both_databases!(an_address_is_one_however_the_claim_is_written, async |db| {
    let by_pointer = json!({
        "audiences": [AUDIENCE], "email_domains": ["example.com"],
        "subject": {"claim": "/email", "attribute": "userName"},
    });
    let company = Company::with(db, by_pointer).await;
    let token = company.upstream.token("anything", AUDIENCE).claim("email", "pat@example.com");
    company.ask(&token.clone().claim("email_verified", true).seal()).await.is(200);
    company.refused("unverified", company.ask(&token.clone().claim("email_verified", false).seal()).await);
    company.refused("not said", company.ask(&token.seal()).await);
});

on_both_databases!(a_hosted_domain_is_the_tokens_own, async |db| {
    let company = Company::with(db, json!({"audiences": [AUDIENCE], "hosted_domain": "acme.example"})).await;
    let of = |hd: Value| company.token().claim("hd", hd).seal();
    company.ask(&of(json!("acme.example"))).await.is(200);
    company.ask(&of(json!("ACME.example"))).await.is(200);
    for hd in [json!("evil.example"), json!("sub.acme.example"), json!(["acme.example"]), json!(true)] {
        company.refused("another", company.ask(&of(hd)).await);
    }
    company.refused("absent", company.ask_good().await);
});

on_both_databases!(another_claim_tells_people_apart, async |db| {
    let rule = json!({
        "audiences": [AUDIENCE], "subject": {"claim": "/user/ref", "attribute": "externalId"},
    });
    let company = Company::with(db, rule).await;
    let of = |user: Value| company.upstream.token("pairwise-7", AUDIENCE).claim("user", user).seal();
    company.ask(&of(json!({"ref": PAT}))).await.is(200);
    company.refused("nobody", company.ask(&of(json!({"ref": "00u-nobody"}))).await);
    company.refused("not there", company.ask(&of(json!(PAT))).await);
    company.refused("the usual claim", company.ask_good().await);
});
