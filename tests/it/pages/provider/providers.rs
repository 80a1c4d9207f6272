//! `/identity-providers`: registered, tried, ruled, changed and deleted by forms.

use deputy_tests::on_both_databases;
use serde_json::json;

use super::super::visitor::Visitor;
use super::{ALICE, CLIENT, Place, SECRET, refused, server};

const LIST: &str = "/identity-providers";

on_both_databases!(a_provider_is_registered_changed_and_deleted, async |db| {
    let server = server(db);
    let tenant = server.tenant().await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    assert!(admin.page(LIST).await.contains("No identity provider is registered yet"));
    let form = admin.page("/identity-providers/new").await;
    assert!(form.contains(&format!("{}/sign-in/callback", tenant.issuer)));
    assert!(form.contains(&format!("{}/sign-in/logout", tenant.issuer)));
    let fields = [
        ("issuer", "https://acme.okta.com"),
        ("audiences", "api://deputy\r\n\r\n https://api.acme.com "),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("dashboard", "1"),
    ];
    let made = admin.post(LIST, &fields).await.is(303).header("location").unwrap();
    let id = made.split('/').next_back().unwrap().split('?').next().unwrap().to_owned();
    let path = format!("{LIST}/{id}");
    let page = admin.page(&format!("{path}?done=provider_registered")).await;
    for words in ["Registered.", "Okta", "https://api.acme.com", "api://deputy", "kept, and shown to nobody"]
    {
        assert!(page.contains(words), "{words}");
    }
    let listed = admin.page(LIST).await;
    assert!(
        listed.contains("https://acme.okta.com") && listed.contains("agents act for people, sign-in here")
    );

    let api = format!("{LIST}/{id}");
    let stored = async || tenant.api.get(&api).await.is(200);
    assert_eq!(stored().await["subject"], json!({"claim": "sub", "attribute": "externalId"}));
    let edit = admin.page(&format!("{path}/edit")).await;
    assert!(edit.contains("leave this empty and it stays") && !edit.contains(SECRET));
    let changed =
        [("preset", "okta"), ("claim", "email"), ("attribute", "userName"), ("audiences", "api://deputy")];
    let wrong = admin.post(&format!("{path}/edit"), &changed).await.is(400);
    assert!(wrong.text.contains("E-mail domains: is needed") && wrong.text.contains("value=\"email\""));
    let mut changed = changed.to_vec();
    changed.push(("email_domains", "acme.com"));
    admin.post(&format!("{path}/edit"), &changed).await.is(303);
    let now = stored().await;
    assert_eq!((&now["has_client_secret"], &now["dashboard"]), (&json!(true), &json!(false)));
    assert_eq!((&now["email_domains"], &now["client_id"]), (&json!(["acme.com"]), &json!(null)));
    changed.push(("forget_secret", "1"));
    admin.post(&format!("{path}/edit"), &changed).await.is(303);
    assert_eq!(stored().await["has_client_secret"], false);

    let again = admin.post(LIST, &[("issuer", "https://acme.okta.com")]).await.is(409);
    assert!(again.text.contains("is registered already"));
    admin.post(&format!("{path}/delete"), &[]).await.is(303);
    tenant.api.get(&api).await.is(404);
    admin.get(&path).await.is(404);
    admin.post(&format!("{path}/delete"), &[]).await.is(404);
    let events = tenant.events().await;
    assert!(!server.log().contains(SECRET) && !events.iter().any(|event| event.to_string().contains(SECRET)));
});

on_both_databases!(a_form_that_cannot_be_says_what_is_wrong_and_keeps_the_rest, async |db| {
    let server = server(db);
    let tenant = server.tenant().await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let google = [("issuer", "https://accounts.google.com"), ("client_secret", SECRET), ("client_id", "c")];
    let wrong = admin.post(LIST, &google).await.is(400);
    assert!(wrong.text.contains("role=\"alert\"") && wrong.text.contains("Hosted domain: "));
    assert!(wrong.text.contains("value=\"https://accounts.google.com\"") && !wrong.text.contains(SECRET));
    for (fields, words) in [
        (&[("client_id", "c")][..], "Issuer: "),
        (&[("issuer", "https://login.microsoftonline.com/common/v2.0")][..], "Issuer: "),
        (&[("issuer", "https://a.example.com"), ("claim", "sub")][..], "How people are found: "),
        (&[("issuer", "https://a.example.com"), ("dashboard", "1")][..], "Client id: "),
        (&[("issuer", "https://10.0.0.1")][..], "Issuer: "),
    ] {
        let answer = admin.post(LIST, fields).await.is(400);
        assert!(answer.text.contains(words), "{fields:?}: {}", answer.text);
    }
    assert!(tenant.api.get(LIST).await.is(200).items().is_empty());
    admin.post(LIST, &[("issuer", "https://a.example.com")]).await.is(303);
});

on_both_databases!(rules_are_added_and_removed_one_by_one, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    place.tenant.role("crm-reader", &["read:crm"]).await;
    let admin = Visitor::with_key(&place.tenant, place.tenant.admin_key()).await;
    let path = format!("{LIST}/{}", place.id);
    let rules = async || place.tenant.api.get(&path).await.is(200)["claim_mappings"].clone();
    for (test, value) in [("contains", "crm"), ("equals", "<i>"), ("matches-prefix", "crm-")] {
        let fields = [("claim", "groups"), ("test", test), ("value", value), ("role", "crm-reader")];
        let done = admin.post(&format!("{path}/rules"), &fields).await.is(303);
        assert!(done.header("location").unwrap().ends_with("?done=rule_added#rules"));
    }
    let of = |test: &str, value: &str| json!({"claim": "groups", test: value, "role": "crm-reader"});
    let all = [of("contains", "crm"), of("equals", "<i>"), of("matches-prefix", "crm-")];
    assert_eq!(rules().await, json!(all));
    for (fields, words) in [
        ([("claim", "groups"), ("test", "contains"), ("value", "x"), ("role", "no-such-role")], "Role: "),
        ([("claim", ""), ("test", "contains"), ("value", "x"), ("role", "crm-reader")], "Claim: "),
        ([("claim", "groups"), ("test", "matches-prefix"), ("value", ""), ("role", "crm-reader")], "Value: "),
        ([("claim", "groups"), ("test", "resembles"), ("value", "x"), ("role", "crm-reader")], "Value: "),
    ] {
        let answer = admin.post(&format!("{path}/rules"), &fields).await.is(400);
        assert!(answer.text.contains(words), "{fields:?}: {}", answer.text);
    }
    assert_eq!(rules().await, json!(all));
    let remove = format!("{path}/rules/remove");
    let shown = admin.page(&path).await;
    assert!(!shown.contains("<i>") && shown.contains("&#60;i&#62;"));
    admin.post(&remove, &[("rule", "{}")]).await.is(404);
    let text = r#"{"claim":"groups","equals":"<i>","role":"crm-reader"}"#;
    admin.post(&remove, &[("rule", text)]).await.is(303);
    admin.post(&remove, &[("rule", text)]).await.is(404);
    assert_eq!(rules().await, json!([all[0], all[2]]));
});

on_both_databases!(a_test_says_step_by_step_what_holds, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let tenant = &place.tenant;
    let admin = Visitor::with_key(tenant, tenant.admin_key()).await;
    let path = format!("{LIST}/{}", place.id);
    let test = format!("{path}/test");
    let shown = admin.post(&test, &[]).await.is(200);
    assert_eq!(shown.header("cache-control").as_deref(), Some("no-store"));
    for words in ["discovery", "1 usable", "the client id and secret are accepted", "none is listed"] {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    tenant.api.patch(&path, json!({"client_secret": "another"})).await.is(200);
    let wrong = admin.post(&test, &[]).await.is(200).text;
    assert!(wrong.contains("check the client id and secret") && wrong.contains("badge bad"));

    tenant.role("crm-reader", &["read:crm"]).await;
    let rule = json!([{"claim": "groups", "contains": "crm", "role": "crm-reader"}]);
    tenant.api.patch(&path, json!({"claim_mappings": rule, "audiences": ["api://deputy"]})).await.is(200);
    let token = place.issuer.token(ALICE, "api://deputy").claim("groups", json!(["crm"]));
    let text = token.clone().seal();
    let person = admin.post(&test, &[("token", &text)]).await.is(200).text;
    for words in ["Whom the token stands for", "alice@example.com", "crm-reader", "read:crm", ">admin<"] {
        assert!(person.contains(words), "{words}");
    }
    assert!(!person.contains(&text) && !server.log().contains(&text));
    let expired = token.clone().expired().seal();
    let refused = admin.post(&test, &[("token", &expired)]).await.is(200).text;
    assert!(refused.contains("paste a fresh one") && !refused.contains("Whom the token stands for"));
    let nobody = place.issuer.token("00u9nobody", "api://deputy").seal();
    assert!(
        admin.post(&test, &[("token", &nobody)]).await.is(200).text.contains("is the person provisioned")
    );
    place.issuer.stop().await;
    let away = admin.post(&test, &[]).await.is(200).text;
    assert!(away.contains("badge bad") && !away.contains("badge good"));
    assert!(!tenant.events().await.iter().any(|event| event.to_string().contains(&text)));
});

on_both_databases!(an_auditor_sees_providers_and_changes_none, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let auditor = Visitor::with_key(&place.tenant, &place.tenant.key("auditor", json!({})).await).await;
    let path = format!("{LIST}/{}", place.id);
    for page in [LIST, &path] {
        let text = auditor.page(page).await;
        assert_eq!(text.matches("method=\"post\"").count(), 1, "{page}: one signs out");
        assert!(text.contains(&place.issuer.url()) && !text.contains("/new\"") && !text.contains("/edit\""));
    }
    for form in ["/identity-providers/new", &format!("{path}/edit")] {
        auditor.get(form).await.is(403);
    }
    let rule = [("claim", "c"), ("test", "equals"), ("value", "v"), ("role", "r"), ("rule", "{}")];
    for form in ["", "/edit", "/test", "/delete", "/rules", "/rules/remove"] {
        let form = if form.is_empty() { LIST.to_owned() } else { format!("{path}{form}") };
        auditor.post(&form, &rule).await.is(403);
    }
    place.tenant.api.get(&path).await.is(200);
    place.attempt().await.is(200);
    // Without the session's form token even an administrator changes nothing.
    let admin = Visitor::with_key(&place.tenant, place.tenant.admin_key()).await;
    admin.send(reqwest::Method::POST, &format!("{path}/delete"), &[]).await.is(403);
    let nobody = Visitor::new(&place.tenant);
    nobody.get(&path).await.is(303);
    admin.post(&format!("{path}/delete"), &[]).await.is(303);
    refused(&place.press().await, 401, "Nobody can sign in");
});
