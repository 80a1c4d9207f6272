//! Tokens that are not what they are said to be: other issuers, keys, audiences, times, headers and kinds (RFC 8725).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deputy_tests::issuer::{Alg, Foreign, Key};
use deputy_tests::{Answer, Directory, Holder, Issuer, jwt, on_both_databases};
use serde_json::{Value, json};

use super::{
    ACCESS_TOKEN, AUDIENCE, Company, EXCHANGE, ID_TOKEN, JWT, PAT, READ, exchange, exchange_as, server,
};

on_both_databases!(an_issuer_speaks_for_itself_alone, async |db| {
    let company = Company::new(db).await;
    company.ask_good().await.is(200);
    let stranger = Issuer::start().await;
    company.refused("unregistered", company.ask(&stranger.token(PAT, AUDIENCE).seal()).await);
    assert_eq!(stranger.hits("/.well-known/openid-configuration"), 0, "a stranger is not even asked");
    let url = company.upstream.url();
    let posing = stranger.token(PAT, AUDIENCE).claim("iss", url.as_str());
    company.refused("other keys", company.ask(&posing.clone().seal()).await);
    let kid = company.upstream.key().kid().to_owned();
    company.refused("other keys, same kid", company.ask(&posing.header("kid", kid).seal()).await);
    let good = company.token();
    for (what, iss) in [
        ("a slash more", json!(format!("{url}/"))),
        ("another case", json!(url.to_uppercase())),
        ("a list", json!([url])),
        ("another registered nowhere", json!("https://id.example.com")),
        ("none", Value::Null),
    ] {
        company.refused(what, company.ask(&good.clone().claim("iss", iss).seal()).await);
    }
    company.refused("tampered", company.ask(&good.clone().tampered("sub", "00u-kim").seal()).await);
    company.refused("no token", company.ask("nonsense").await);
    company.refused("three parts", company.ask("a.b.c").await);
    // Whatever was wrong, it is said in the same words.
    let (one, two) =
        (company.ask("nonsense").await, company.ask(&stranger.token(PAT, AUDIENCE).seal()).await);
    let three = company.ask(&company.upstream.token("00u-nobody", AUDIENCE).seal()).await;
    assert_eq!((&one.json, &two.json), (&two.json, &three.json));
    company.ask_good().await.is(200);
});

on_both_databases!(two_registered_providers_do_not_sign_for_each_other, async |db| {
    let company = Company::new(db).await;
    let second = Issuer::start().await;
    let entry = json!({"issuer": second.url(), "audiences": ["api://second"]});
    company.tenant.api.post("/identity-providers", entry).await.is(201);
    company.ask(&second.token(PAT, "api://second").seal()).await.is(200);
    company.refused("the other's audience", company.ask(&second.token(PAT, AUDIENCE).seal()).await);
    let posing = second.token(PAT, AUDIENCE).claim("iss", company.upstream.url());
    company.refused("the other's name", company.ask(&posing.seal()).await);
    company.ask_good().await.is(200);
});

on_both_databases!(another_tenants_provider_is_nobodys_here, async |db| {
    let company = Company::new(db).await;
    let tenant = company.server.tenant().await;
    let directory = Directory::of(&tenant).await;
    directory.user_with("pat@example.com", json!({"externalId": PAT})).await;
    tenant.role("reader", &["read:docs"]).await;
    tenant.bind("reader", "user:pat@example.com").await;
    let may = json!({"may_act_for": ["user:pat@example.com"]});
    let agent = tenant.agent_with("crawler", &["read:docs"], may, json!({})).await;
    let subject = company.token().seal();
    company.refused("elsewhere", exchange(&agent, &subject, &[READ]).await);
    company.ask(&subject).await.is(200);
    let entry = json!({"issuer": company.upstream.url(), "audiences": [AUDIENCE]});
    tenant.api.post("/identity-providers", entry).await.is(201);
    exchange(&agent, &subject, &[READ]).await.is(200);
});

on_both_databases!(a_registered_audience_alone, async |db| {
    let entry = json!({"audiences": [AUDIENCE, "api://second"], "client_id": "dashboard"});
    let company = Company::with(db, entry).await;
    let of = |aud: Value| company.upstream.token(PAT, aud).seal();
    for aud in [json!(AUDIENCE), json!([AUDIENCE]), json!("api://second")] {
        company.ask(&of(aud)).await.is(200);
    }
    for aud in [
        json!("api://other"),
        // Who signs in to the dashboard has not sent an agent anywhere.
        json!("dashboard"),
        json!(company.tenant.issuer),
        json!([AUDIENCE, "api://second"]),
        json!([AUDIENCE, "api://other"]),
        json!([AUDIENCE, AUDIENCE]),
        json!([]),
        json!([[AUDIENCE]]),
        json!({"aud": AUDIENCE}),
        json!(""),
        Value::Null,
    ] {
        company.refused(&aud.to_string(), company.ask(&of(aud.clone())).await);
    }
    company.refused("none", company.ask(&company.token().without("aud").seal()).await);
});

on_both_databases!(in_its_time, async |db| {
    let company = Company::new(db).await;
    let (now, good) = (jwt::now(), company.token());
    company.ask(&good.clone().without("nbf").seal()).await.is(200);
    company.ask(&good.clone().claim("exp", now as f64 + 200.5).seal()).await.is(200);
    for (what, token) in [
        ("expired", good.clone().expired()),
        ("not yet valid", good.clone().not_yet_valid()),
        ("issued in the future", good.clone().claim("iat", now + 600)),
        ("no exp", good.clone().without("exp")),
        ("no iat", good.clone().without("iat")),
        ("exp as text", good.clone().claim("exp", (now + 300).to_string())),
        ("exp without end", good.clone().claim("exp", 1e300)),
        ("exp before 1970", good.clone().claim("exp", -1)),
    ] {
        company.refused(what, company.ask(&token.seal()).await);
    }
});

on_both_databases!(signed_as_the_provider_signs, async |db| {
    let company = Company::new(db).await;
    let good = company.token();
    company.refused("alg none", company.ask(&good.clone().unsigned().seal()).await);
    for spelling in ["None", "NONE", "nOnE", ""] {
        let token = good.clone().unsigned().header("alg", spelling);
        company.refused(spelling, company.ask(&token.seal()).await);
    }
    for (form, token) in good.confused() {
        company.refused(form, company.ask(&token.seal()).await);
    }
    let own = Key::generate(Alg::Es256);
    let jwk = company.upstream.key().jwk();
    for (what, token) in [
        ("jwk of its own", good.clone().signed_by(&own).header("jwk", own.jwk())),
        ("jwk of the provider", good.clone().header("jwk", jwk)),
        ("jku", good.clone().header("jku", company.upstream.at("/jwks.json"))),
        ("x5u", good.clone().header("x5u", "https://evil.example.com/")),
        ("x5c", good.clone().header("x5c", json!(["MIIB"]))),
        ("crit", good.clone().header("crit", json!(["exp"]))),
        ("b64", good.clone().header("b64", false)),
        ("an alg of another key", good.clone().header("alg", "RS256")),
        ("signed by a key that is not published", good.clone().signed_by(&own)),
    ] {
        company.refused(what, company.ask(&token.seal()).await);
    }
    company.ask(&good.clone().header_without("kid").seal()).await.is(200);
    company.ask(&good.seal()).await.is(200);
});

on_both_databases!(each_algorithm_beside_keys_that_verify_nothing, async |db| {
    let company = Company::without_provider(server(db)).await;
    for (place, alg) in [Alg::Rs256, Alg::Es256, Alg::EdDsa].into_iter().enumerate() {
        let upstream = Issuer::start_with(alg).await;
        for foreign in Foreign::ALL.into_iter().filter(|foreign| *foreign != Foreign::Symmetric) {
            upstream.publish(foreign.jwk(&format!("{foreign:?}")));
        }
        let audience = format!("api://{place}");
        let entry = json!({"issuer": upstream.url(), "audiences": [audience]});
        company.tenant.api.post("/identity-providers", entry).await.is(201);
        let good = upstream.token(PAT, audience.as_str());
        company.ask(&good.clone().seal()).await.is(200);
        for (form, token) in good.confused() {
            company.refused(form, company.ask(&token.seal()).await);
        }
    }
});

on_both_databases!(who_publishes_a_secret_is_believed_nothing, async |db| {
    let company = Company::new(db).await;
    company.upstream.publish(Foreign::Symmetric.jwk("secret"));
    for token in [company.token(), company.token().header("kid", "secret").hs256(&[7; 32])] {
        let answer = company.ask(&token.seal()).await;
        assert!(matches!(answer.status, 400 | 503), "{}", answer.text);
    }
    let second = Issuer::start().await;
    let entry = json!({"issuer": second.url(), "audiences": [AUDIENCE]});
    company.tenant.api.post("/identity-providers", entry).await.is(201);
    company.ask(&second.token(PAT, AUDIENCE).seal()).await.is(200);
});

on_both_databases!(of_the_kind_that_stands_for_a_person, async |db| {
    let company = Company::with(db, json!({"audiences": [AUDIENCE], "client_id": AUDIENCE})).await;
    let good = company.token();
    for typ in ["JWT", "jwt", "at+jwt", "application/at+jwt"] {
        company.ask(&good.clone().header("typ", typ).seal()).await.is(200);
    }
    for typ in
        ["logout+jwt", "oauth-id-jag+jwt", "secevent+jwt", "dpop+jwt", "oauth-authz-req+jwt", "aat+jwt", ""]
    {
        company.refused(typ, company.ask(&good.clone().header("typ", typ).seal()).await);
    }
    let logout = company.upstream.logout_token(AUDIENCE, Some(PAT), None).seal();
    company.refused("logout token", company.ask(&logout).await);
    let grant = company.upstream.id_jag(PAT, &company.crawler.id, &company.tenant.issuer).seal();
    company.refused("ID-JAG", company.ask(&grant).await);
    for kind in [JWT, ACCESS_TOKEN] {
        company.refused(kind, exchange_as(&company.crawler, kind, &logout, &[READ]).await);
    }
});

/// An exchange that another key proves beside the client's secret.
async fn proved(company: &Company, subject: &str, holder: &Holder) -> Answer {
    let proof = holder.proof("POST", &format!("{}/oauth/token", company.tenant.issuer), None);
    let fields =
        [("grant_type", EXCHANGE), ("subject_token", subject), ("subject_token_type", ID_TOKEN), READ];
    company.crawler.post_proved("/oauth/token", &fields, &[&proof]).await
}

on_both_databases!(what_is_bound_to_a_key_is_good_with_that_key_alone, async |db| {
    let company = Company::new(db).await;
    let [own, other] = [Holder::p256(), Holder::ed25519()];
    let bound = company.token().claim("cnf", json!({"jkt": own.thumbprint()})).seal();
    company.refused("without a proof", company.ask(&bound).await);
    company.refused("with another key", proved(&company, &bound, &other).await);
    let answer = proved(&company, &bound, &own).await.is(200);
    assert_eq!(answer["token_type"], "DPoP");
    let claims = jwt::claims(&answer.text_of("access_token"));
    assert_eq!(claims["cnf"]["jkt"], own.thumbprint());
    for cnf in [json!({"x5t#S256": "x"}), json!({}), json!(null), json!("x"), json!({"jwk": own.jwk()})] {
        let token = company.token().claim("cnf", cnf.clone()).seal();
        company.refused(&cnf.to_string(), proved(&company, &token, &own).await);
    }
    // What is bound to nobody may be made bound.
    let answer = proved(&company, &company.token().seal(), &other).await.is(200);
    assert_eq!(jwt::claims(&answer.text_of("access_token"))["cnf"]["jkt"], other.thumbprint());
});

on_both_databases!(claims_are_read_strictly, async |db| {
    let company = Company::new(db).await;
    let good = company.token().seal();
    let parts: Vec<&str> = good.split('.').collect();
    for (what, subject) in [
        ("a part more", format!("{good}.x")),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("padding", format!("{}=.{}.{}", parts[0], parts[1], parts[2])),
        ("a blank", format!(" {good}")),
    ] {
        company.refused(what, company.ask(&subject).await);
    }
    // Every name stands once, whoever signed it.
    let key = company.upstream.key();
    let sealed = |header: String, claims: String| {
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(key.signature(input.as_bytes())))
    };
    let header = json!({"alg": "ES256", "kid": key.kid()}).to_string();
    let claims = jwt::claims(&good).to_string();
    let twice = |text: &str, member: &str| format!("{{{member},{}", text.trim_start_matches('{'));
    company.ask(&sealed(header.clone(), claims.clone())).await.is(200);
    company.ask(&sealed(header.clone(), twice(&claims, r#""new":1"#))).await.is(200);
    for (what, header, claims) in [
        ("two subjects", header.clone(), twice(&claims, r#""sub":"00u-kim""#)),
        ("two audiences", header.clone(), twice(&claims, r#""aud":"api://other""#)),
        ("two expiries", header.clone(), twice(&claims, r#""exp":9999999999"#)),
        ("two algorithms", twice(&header, r#""alg":"none""#), claims.clone()),
        ("two kids", twice(&header, r#""kid":"x""#), claims.clone()),
        ("an array", header.clone(), format!("[{claims}]")),
        ("more behind", header.clone(), format!("{claims}{claims}")),
        ("a byte order mark", header.clone(), format!("\u{feff}{claims}")),
    ] {
        company.refused(what, company.ask(&sealed(header, claims)).await);
    }
    let deep = (0..200).fold(json!("x"), |inner, _| json!([inner]));
    let answer = company.ask(&company.token().claim("deep", deep).seal()).await;
    assert!(matches!(answer.status, 200 | 400), "{}", answer.text);
    let large = company.ask(&company.token().claim("large", "x".repeat(2_000_000)).seal()).await;
    assert!(matches!(large.status, 400 | 413), "{}", large.status);
    assert_eq!(company.server.anonymous().get("/readyz").await.status, 200);
    company.ask(&good).await.is(200);
});

on_both_databases!(a_workload_is_no_person_and_a_person_no_workload, async |db| {
    let company = Company::new(db).await;
    let tenant = &company.tenant;
    // One issuer signs for both, and one subject is a person and a workload.
    tenant.api.post("/trusted-issuers", json!({"issuer": company.upstream.url()})).await.is(201);
    let body = json!({"kind": "federated", "issuer": company.upstream.url(), "subject": PAT});
    tenant.api.post("/agents/crawler/credentials", body).await.is(201);
    let authenticate = async |token: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", jwt::ASSERTION_TYPE),
            ("client_assertion", token),
            READ,
        ];
        tenant.root.form("/oauth/token", &fields).await
    };
    let (person, workload) =
        (company.token().seal(), company.upstream.token(PAT, tenant.issuer.as_str()).seal());
    company.ask(&person).await.is(200);
    authenticate(&workload).await.is(200);
    company.refused("a workload's", company.ask(&workload).await);
    authenticate(&person).await.is_oauth_error(401, "invalid_client");
    let grant = company.upstream.id_jag(PAT, &company.crawler.id, &tenant.issuer).seal();
    authenticate(&grant).await.is_oauth_error(401, "invalid_client");
});
