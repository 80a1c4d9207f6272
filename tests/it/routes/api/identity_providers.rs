//! `/t/{tenant}/api/v1/identity-providers`: OpenID providers for people, and trying them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use deputy_tests::issuer::{Alg, Behaviour, DISCOVERY, JWKS, Key, TOKEN};
use deputy_tests::{Answer, Database, Directory, Issuer, Server, Store, Tenant, on_both_databases};
use serde_json::{Value, json};

const AUDIENCE: &str = "api://agents";
const OKTA: &str = "https://acme.okta.com/oauth2/default";

fn server(db: Database) -> Server {
    db.starting().with("OUTBOUND_ALLOW", "127.0.0.0/8").start()
}

fn path(issuer: &str) -> String {
    format!("/identity-providers/{}", issuer.replace(':', "%3A").replace('/', "%2F"))
}

/// The bytes of a SQLite database; none of another.
fn stored(store: &Store) -> Vec<u8> {
    let Database::Sqlite = store.kind() else { return Vec::new() };
    let file =
        |suffix: &str| std::fs::read(store.home().join(format!("deputy.db{suffix}"))).unwrap_or_default();
    [file(""), file("-wal")].concat()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

on_both_databases!(an_entry_is_made_read_changed_replaced_and_deleted, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.role("reader", &["read:docs"]).await;
    let made = tenant
        .api
        .post(
            "/identity-providers",
            json!({
                "issuer": OKTA, "client_id": "0oa1", "client_secret": "first-secret", "dashboard": true,
                "audiences": [AUDIENCE], "email_domains": ["Acme.com"],
                "claim_mappings": [{"claim": "groups", "contains": "crm", "role": "reader"}],
                "attribute_mappings": [{"claim": "dept", "attribute": "title"}],
            }),
        )
        .await
        .is(201);
    assert_eq!(made["preset"], "okta");
    assert_eq!(made["subject"], json!({"claim": "sub", "attribute": "externalId"}));
    assert_eq!((&made["email_domains"], &made["has_client_secret"]), (&json!(["acme.com"]), &json!(true)));
    assert_eq!(made["claim_mappings"][0], json!({"claim": "groups", "contains": "crm", "role": "reader"}));
    assert_eq!(made["redirect_uri"], format!("{}/sign-in/callback", tenant.issuer));
    assert_eq!(made["backchannel_logout_uri"], format!("{}/sign-in/logout", tenant.issuer));
    let by_id = format!("/identity-providers/{}", made.text_of("id"));
    for path in [&by_id, &path(OKTA)] {
        assert_eq!(tenant.api.get(path).await.is(200).json, made.json);
    }
    let listed = tenant.api.get("/identity-providers").await.is(200);
    assert_eq!(listed.items(), std::slice::from_ref(&made.json));
    tenant.api.get("/identity-providers/nobody").await.is_problem(404);

    let patched =
        tenant.api.patch(&by_id, json!({"audiences": ["api://two"], "dashboard": null})).await.is(200);
    assert_eq!((&patched["audiences"], &patched["dashboard"]), (&json!(["api://two"]), &json!(false)));
    assert_eq!((&patched["client_id"], &patched["has_client_secret"]), (&json!("0oa1"), &json!(true)));
    assert_eq!(patched["claim_mappings"], made["claim_mappings"]);
    let replaced = tenant.api.put(&by_id, json!({"issuer": OKTA, "audiences": [AUDIENCE]})).await.is(200);
    assert_eq!((&replaced["claim_mappings"], replaced.json.get("client_id")), (&json!([]), None));
    assert_eq!(replaced["created_at"], made["created_at"]);
    for other in [json!({"issuer": "https://other.okta.com"}), json!({"id": "another"})] {
        tenant.api.patch(&by_id, other).await.is_problem(400);
    }
    tenant.api.delete(&path(OKTA)).await.is(204);
    tenant.api.get(&by_id).await.is_problem(404);
    tenant.api.delete(&by_id).await.is_problem(404);
    tenant.api.patch(&by_id, json!({})).await.is_problem(404);
    let actions: Vec<Value> = tenant
        .events()
        .await
        .iter()
        .filter(|event| event["action"].as_str().unwrap().starts_with("identity_provider."))
        .map(|event| event["action"].clone())
        .collect();
    let expected = ["created", "changed", "changed", "deleted"].map(|end| format!("identity_provider.{end}"));
    assert_eq!(actions, expected.map(Value::from));
});

on_both_databases!(a_secret_is_kept_and_never_shown, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let entry = json!({"issuer": OKTA, "client_id": "0oa1", "client_secret": "SeCrEt-number-one"});
    let made = tenant.api.post("/identity-providers", entry).await.is(201);
    let by_id = format!("/identity-providers/{}", made.text_of("id"));
    let answers = [
        made,
        tenant.api.patch(&by_id, json!({"client_secret": "SeCrEt-number-two"})).await.is(200),
        tenant.api.patch(&by_id, json!({"audiences": [AUDIENCE]})).await.is(200),
        tenant.api.get("/identity-providers").await.is(200),
        tenant.api_as("auditor").await.get(&by_id).await.is(200),
    ];
    for answer in &answers {
        assert!(!answer.text.contains("SeCrEt") && !answer.text.contains("sealed"), "{}", answer.text);
    }
    assert_eq!(answers[4]["has_client_secret"], true);
    let gone = tenant.api.patch(&by_id, json!({"client_secret": null})).await.is(200);
    assert_eq!((&gone["has_client_secret"], &gone["client_id"]), (&json!(false), &json!("0oa1")));
    tenant.api.patch(&by_id, json!({"client_secret": "SeCrEt-number-three"})).await.is(200);
    let kept = tenant.api.put(&by_id, json!({"issuer": OKTA, "client_id": "0oa1"})).await.is(200);
    assert_eq!(kept["has_client_secret"], true, "it stays unless it is named");
    let events = serde_json::to_string(&tenant.events().await).unwrap();
    assert!(!events.contains("SeCrEt") && !server.log().contains("SeCrEt"));
    let bytes = stored(server.store());
    assert!(!holds(&bytes, "SeCrEt"), "in the database in clear");
    assert!(bytes.is_empty() || holds(&bytes, OKTA), "what is looked through is what holds it");
    if db == Database::Postgres {
        // No row holds it: the statement fails when one does.
        let none = "DO $$ BEGIN IF EXISTS (SELECT 1 FROM records WHERE records::text LIKE '%SeCrEt%') OR \
                    EXISTS (SELECT 1 FROM events WHERE events::text LIKE '%SeCrEt%') THEN \
                    RAISE EXCEPTION 'in clear'; END IF; \
                    IF NOT EXISTS (SELECT 1 FROM records WHERE records::text LIKE '%acme.okta.com%') THEN \
                    RAISE EXCEPTION 'nothing is looked through'; END IF; END $$";
        server.store().execute(none).await;
    }
});

on_both_databases!(what_is_wrong_with_an_entry_is_named, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.role("reader", &["read:docs"]).await;
    let generic = "https://id.acme.com";
    let with = |more: Value| {
        let mut body = json!({"issuer": generic});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let mapping = |more: Value| {
        let mut rule = json!({"claim": "groups", "role": "reader"});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with(json!({"claim_mappings": [{"claim": "a", "equals": 1, "role": "reader"}, rule]}))
    };
    let entra =
        |directory: &str| json!({"issuer": format!("https://login.microsoftonline.com/{directory}/v2.0")});
    for (field, body) in [
        ("issuer", json!({})),
        ("issuer", json!({"issuer": 7})),
        ("issuer", json!({"issuer": "id.acme.com"})),
        ("issuer", json!({"issuer": "https://id.acme.com/?a=b"})),
        ("issuer", json!({"issuer": "https://id.acme.com/#a"})),
        ("issuer", json!({"issuer": "http://id.acme.com"})),
        ("issuer", json!({"issuer": "ftp://id.acme.com"})),
        ("issuer", json!({"issuer": "https://user:password@id.acme.com"})),
        ("issuer", json!({"issuer": "https://10.1.2.3"})),
        ("issuer", json!({"issuer": "https://192.168.0.1/realms/a"})),
        ("issuer", json!({"issuer": "https://169.254.169.254/latest"})),
        ("issuer", json!({"issuer": "https://[::1]"})),
        ("issuer", json!({"issuer": "https://[fd00::1]"})),
        ("issuer", json!({"issuer": "https://localhost"})),
        ("issuer", json!({"issuer": "https://127.0.0.1"})),
        ("issuer", json!({"issuer": "https://2130706433"})),
        ("issuer", json!({"issuer": "https://0x7f.1"})),
        ("issuer", json!({"issuer": tenant.issuer})),
        ("issuer", entra("common")),
        ("issuer", entra("organizations")),
        ("issuer", entra("consumers")),
        ("issuer", entra("{tenantid}")),
        ("hosted_domain", json!({"issuer": "https://accounts.google.com"})),
        ("preset", with(json!({"preset": "ping"}))),
        ("preset", with(json!({"preset": "google"}))),
        ("preset", json!({"issuer": OKTA, "preset": "entra"})),
        ("client_id", with(json!({"dashboard": true}))),
        ("client_id", with(json!({"client_id": ""}))),
        ("client_secret", with(json!({"client_secret": ""}))),
        ("client_secret", with(json!({"client_secret": 7}))),
        ("dashboard", with(json!({"dashboard": "yes"}))),
        ("audiences", with(json!({"audiences": "api://agents"}))),
        ("audiences", with(json!({"audiences": [""]}))),
        ("audiences", with(json!({"audiences": ["a\nb"]}))),
        ("email_domains", with(json!({"email_domains": ["acme"]}))),
        ("email_domains", with(json!({"email_domains": ["@acme.com"]}))),
        ("email_domains", with(json!({"subject": {"claim": "email", "attribute": "userName"}}))),
        ("email_domains", with(json!({"subject": {"claim": "/email", "attribute": "userName"}}))),
        ("email_domains", with(json!({"subject": {"claim": "upn", "attribute": "email"}}))),
        ("subject", with(json!({"subject": {"claim": "sub"}}))),
        ("subject", with(json!({"subject": {"claim": "sub", "attribute": "phone"}}))),
        ("subject.claim", with(json!({"subject": {"claim": "", "attribute": "userName"}}))),
        ("claim_mappings.1", mapping(json!({}))),
        ("claim_mappings.1", mapping(json!({"equals": "a", "contains": "b"}))),
        ("claim_mappings.1", mapping(json!({"equals": ["a"]}))),
        ("claim_mappings.1", mapping(json!({"contains": {"a": 1}}))),
        ("claim_mappings.1.matches-prefix", mapping(json!({"matches-prefix": ""}))),
        ("claim_mappings.1.claim", mapping(json!({"equals": "a", "claim": ""}))),
        ("claim_mappings.1.role", mapping(json!({"equals": "a", "role": "nobody"}))),
        ("claim_mappings", mapping(json!({"equals": "a", "regex": ".*"}))),
        (
            "attribute_mappings.0.attribute",
            with(json!({"attribute_mappings": [{"claim": "a", "attribute": "active"}]})),
        ),
        (
            "attribute_mappings.0.attribute",
            with(json!({"attribute_mappings": [{"claim": "a", "attribute": "userName"}]})),
        ),
        (
            "attribute_mappings.0.claim",
            with(json!({"attribute_mappings": [{"claim": "", "attribute": "title"}]})),
        ),
        ("name", with(json!({"name": "Okta"}))),
        ("", json!([generic])),
    ] {
        let refused = tenant.api.post("/identity-providers", body.clone()).await.is_problem(400);
        assert_eq!(refused["field"].as_str().unwrap_or_default(), field, "{body}: {}", refused.text);
    }
    assert!(tenant.api.get("/identity-providers").await.is(200).items().is_empty());
    let directory = "8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b";
    for (body, preset, claim) in [
        (with(json!({})), "generic", "sub"),
        (json!({"issuer": OKTA}), "okta", "sub"),
        (entra(directory), "entra", "oid"),
        (json!({"issuer": "https://accounts.google.com", "hosted_domain": "Acme.com"}), "google", "email"),
        (json!({"issuer": "https://id.okta.acme.com", "preset": "okta"}), "okta", "sub"),
    ] {
        let made = tenant.api.post("/identity-providers", body.clone()).await.is(201);
        assert_eq!((&made["preset"], &made["subject"]["claim"]), (&json!(preset), &json!(claim)));
        tenant.api.post("/identity-providers", body).await.is_problem(409);
    }
    let google = tenant.api.get(&path("https://accounts.google.com")).await.is(200);
    assert_eq!((&google["hosted_domain"], &google["email_domains"]), (&json!("acme.com"), &json!([])));
    let last = tenant.api.patch(&path("https://accounts.google.com"), json!({"hosted_domain": null})).await;
    assert_eq!(last.is_problem(400)["field"], "hosted_domain");
});

on_both_databases!(a_role_that_claims_give_is_not_deleted, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.role("reader", &["read:docs"]).await;
    let rules = json!([{"claim": "dept", "equals": "sales", "role": "reader"}]);
    tenant.api.post("/identity-providers", json!({"issuer": OKTA, "claim_mappings": rules})).await.is(201);
    let refused = tenant.api.delete("/roles/reader").await.is_problem(409);
    assert!(refused.text.contains(OKTA), "{}", refused.text);
    tenant.api.patch(&path(OKTA), json!({"claim_mappings": []})).await.is(200);
    tenant.api.delete("/roles/reader").await.is(204);
});

on_both_databases!(only_administrators_change_and_try_it, async |db| {
    let server = server(db);
    let tenant = server.tenant().await;
    tenant.api.post("/identity-providers", json!({"issuer": OKTA})).await.is(201);
    let auditor = tenant.api_as("auditor").await;
    auditor.get(&path(OKTA)).await.is(200);
    auditor.post("/identity-providers", json!({"issuer": "https://a.okta.com"})).await.is_problem(403);
    auditor.patch(&path(OKTA), json!({})).await.is_problem(403);
    auditor.put(&path(OKTA), json!({"issuer": OKTA})).await.is_problem(403);
    auditor.delete(&path(OKTA)).await.is_problem(403);
    auditor.post(&format!("{}/test", path(OKTA)), json!({})).await.is_problem(403);
    let foreign = server.tenant().await;
    foreign.api.get(&path(OKTA)).await.is_problem(404);
    foreign.api.post(&format!("{}/test", path(OKTA)), json!({})).await.is_problem(404);
    tenant.api.get(&path(OKTA)).await.is(200);
});

/// Each step's name with its status, and its words.
fn steps(answer: &Answer) -> BTreeMap<String, (String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let steps = answer["steps"].as_array().unwrap().iter();
    steps.map(|step| (text(&step["step"]), (text(&step["status"]), text(&step["detail"])))).collect()
}

/// A provider with a client, registered.
async fn tried(server: &Server, more: Value) -> (Tenant, Issuer, String) {
    let tenant = server.tenant().await;
    let upstream = Issuer::start().await;
    let mut entry = json!({"issuer": upstream.url(), "audiences": [AUDIENCE]});
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = tenant.api.post("/identity-providers", entry).await.is(201);
    let path = format!("/identity-providers/{}/test", made.text_of("id"));
    (tenant, upstream, path)
}

on_both_databases!(a_good_provider_passes_every_step, async |db| {
    let server = server(db);
    let secret = "the-clients-secret";
    let more = json!({"client_id": "deputy", "client_secret": secret, "dashboard": true});
    let (tenant, upstream, path) = tried(&server, more).await;
    upstream.client("deputy", secret, &format!("{}/sign-in/callback", tenant.issuer));
    let answer = tenant.api.post(&path, json!({})).await.is(200);
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!((&answer["ok"], answer.json.get("person")), (&json!(true), None), "{}", answer.text);
    let found = steps(&answer);
    for step in ["discovery", "keys", "sign-in", "client"] {
        assert_eq!(found[step].0, "ok", "{step}: {}", answer.text);
    }
    assert!(found["keys"].1.contains(upstream.key().kid()), "{}", found["keys"].1);
    assert_eq!(found["dashboard roles"].0, "warning", "{}", answer.text);
    assert!(!answer.text.contains(secret));
    // It is asked now, whatever is known: a key that was made meanwhile is there.
    let key = upstream.rotate();
    let again = tenant.api.post(&path, json!({})).await.is(200);
    assert!(steps(&again)["keys"].1.contains(key.kid()));

    for (what, spoil) in [
        ("the secret", json!({"client_secret": "another"})),
        ("the client", json!({"client_secret": secret, "client_id": "nobody"})),
    ] {
        let entry = path.trim_end_matches("/test");
        tenant.api.patch(entry, spoil).await.is(200);
        let answer = tenant.api.post(&path, json!({})).await.is(200);
        assert_eq!((&answer["ok"], &*steps(&answer)["client"].0), (&json!(false), "failed"), "{what}");
    }
    tenant.api.post(&path, json!({"tokens": "x"})).await.is_problem(400);
});

on_both_databases!(what_is_wrong_with_a_provider_is_said_where_it_is_found, async |db| {
    let server = server(db);
    let (tenant, upstream, path) = tried(&server, json!({"client_id": "deputy", "dashboard": true})).await;
    upstream.client("deputy", "x", &format!("{}/sign-in/callback", tenant.issuer));
    let spoiled = async |what: &str, words: &str| {
        let start = Instant::now();
        let answer = tenant.api.post(&path, json!({"token": "never looked at"})).await.is(200);
        assert!(start.elapsed() < Duration::from_secs(15), "{what}");
        assert_eq!(answer["ok"], false, "{what}: {}", answer.text);
        let steps = answer["steps"].as_array().unwrap();
        let last = steps.last().unwrap();
        assert_eq!(last["status"], "failed", "{what}: {}", answer.text);
        assert!(last["detail"].as_str().unwrap().contains(words), "{what}: {}", answer.text);
        upstream.behave_well();
    };
    upstream.discovery("issuer", "https://id.example.com");
    spoiled("another issuer", "describes `https://id.example.com`").await;
    upstream.discovery_without("jwks_uri");
    spoiled("no jwks_uri", "jwks_uri").await;
    upstream.discovery("jwks_uri", "http://10.0.0.1/jwks.json");
    spoiled("private keys", "address").await;
    for path in [DISCOVERY, JWKS] {
        upstream.behave(path, Behaviour::Redirect("https://id.example.com/".to_owned()));
        spoiled("redirects", "redirects, which is not followed").await;
        upstream.behave(path, Behaviour::Status(500));
        spoiled("500", "status 500").await;
        upstream.behave(path, Behaviour::Text("<html>".to_owned()));
        spoiled("no JSON", "").await;
        upstream.behave(path, Behaviour::Huge);
        spoiled("huge", "longer than 1 MiB").await;
    }
    upstream.behave(JWKS, Behaviour::Text(r#"{"keys":[]}"#.to_owned()));
    spoiled("no keys", "no signature key").await;
    upstream.behave(JWKS, Behaviour::Hang);
    spoiled("hangs", "did not answer in time").await;
    upstream.stop().await;
    spoiled("down", "no connection").await;
    upstream.start_again();
    // Without endpoints nobody signs in; a client that says nothing tells nothing.
    upstream.discovery_without("token_endpoint");
    let answer = tenant.api.post(&path, json!({})).await.is(200);
    assert_eq!(steps(&answer)["sign-in"].0, "failed", "{}", answer.text);
    upstream.behave_well();
    upstream.behave(TOKEN, Behaviour::Status(500));
    let answer = tenant.api.post(&path, json!({})).await.is(200);
    assert!(steps(&answer)["client"].0 != "ok", "{}", answer.text);
    upstream.behave_well();
    upstream.behave(TOKEN, Behaviour::Close);
    let answer = tenant.api.post(&path, json!({})).await.is(200);
    assert_eq!(steps(&answer)["client"].0, "failed", "{}", answer.text);
});

on_both_databases!(a_pasted_token_tells_whom_it_stands_for_and_is_nowhere_afterwards, async |db| {
    let server = server(db);
    let mappings = json!({
        "client_id": "dashboard",
        "attribute_mappings": [{"claim": "job", "attribute": "title"}],
    });
    let (tenant, upstream, path) = tried(&server, mappings).await;
    tenant.role("reader", &["read:docs"]).await;
    tenant.role("writer", &["write:docs"]).await;
    let rules = json!([{"claim": "groups", "contains": "crm", "role": "writer"}]);
    tenant.api.patch(path.trim_end_matches("/test"), json!({"claim_mappings": rules})).await.is(200);
    let directory = Directory::of(&tenant).await;
    let pat = directory.user_with("pat@example.com", json!({"externalId": "00u-pat"})).await;
    tenant.bind("reader", "user:pat@example.com").await;
    let paste = async |token: &str| tenant.api.post(&path, json!({"token": token})).await.is(200);
    let before = tenant.events().await.len();

    let good = || upstream.token("00u-pat", AUDIENCE).claim("groups", json!(["crm"])).claim("job", "Chief");
    let token = good().seal();
    let answer = paste(&format!(" {token}\n")).await;
    assert_eq!(answer["ok"], true, "{}", answer.text);
    let person = &answer["person"];
    assert_eq!((&person["id"], &person["user"]), (&json!(pat), &json!("pat@example.com")));
    assert_eq!(person["roles_by_claims"], json!(["writer"]));
    let mut roles: Vec<&str> = person["roles"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    roles.sort_unstable();
    assert_eq!(roles, ["reader", "writer"]);
    assert_eq!(person["scopes"], json!(["read:docs", "write:docs"]));
    assert_eq!(person["attributes"], json!({"title": "Chief"}));
    assert_eq!(person.get("dashboard_role"), None);
    let found = steps(&answer);
    assert_eq!((&*found["token"].0, &*found["person"].0, &*found["entitlements"].0), ("ok", "ok", "ok"));
    let for_client = paste(&upstream.token("00u-pat", "dashboard").seal()).await;
    assert_eq!(steps(&for_client)["token"].0, "warning", "{}", for_client.text);

    let mut pasted = vec![token];
    for (what, step, words, token) in [
        ("expired", "token", "expired", good().expired()),
        ("another audience", "token", "`aud`", good().claim("aud", "api://other")),
        ("two audiences", "token", "`aud`", good().claim("aud", json!([AUDIENCE, "api://other"]))),
        ("another issuer", "token", "`iss`", good().claim("iss", "https://id.example.com")),
        ("another key", "token", "signature", good().signed_by(&Key::generate(Alg::Es256))),
        ("an unknown key", "token", "`kid`", good().header("kid", "x")),
        ("another kind", "token", "`typ`", good().header("typ", "logout+jwt")),
        ("unsigned", "token", "", good().unsigned()),
        ("nobody", "person", "no user has `00u-nobody`", good().claim("sub", "00u-nobody")),
        ("no claim", "person", "", good().claim("sub", "")),
    ] {
        let token = token.seal();
        let answer = paste(&token).await;
        assert_eq!(
            (&answer["ok"], answer.json.get("person")),
            (&json!(false), None),
            "{what}: {}",
            answer.text
        );
        let steps = answer["steps"].as_array().unwrap();
        let last = steps.last().unwrap();
        // A token without a proper `sub` is none.
        assert!(last["step"] == step || what == "no claim", "{what}: {}", answer.text);
        assert_eq!(last["status"], "failed", "{what}: {}", answer.text);
        assert!(last["detail"].as_str().unwrap().contains(words), "{what}: {}", answer.text);
        pasted.push(token);
    }
    directory.user_with("poor@example.com", json!({"externalId": "00u-poor"})).await;
    let poor = paste(&upstream.token("00u-poor", AUDIENCE).seal()).await;
    assert_eq!((&*steps(&poor)["entitlements"].0, &poor["person"]["scopes"]), ("warning", &json!([])));
    let many = paste(&good().without("groups").claim("_claim_names", json!({"groups": "src1"})).seal()).await;
    assert_eq!(steps(&many)["claims"].0, "warning", "{}", many.text);
    directory.set_active(&pat, false).await;
    let left = paste(&good().seal()).await;
    assert!(steps(&left)["person"].1.contains("deactivated"), "{}", left.text);

    let events = tenant.events().await;
    let new = events[before..].iter().filter(|event| event["action"].as_str().unwrap().starts_with("user."));
    assert_eq!(new.count(), 2, "what was pasted changed nothing and is no event");
    let (events, log) = (serde_json::to_string(&events).unwrap(), server.log());
    for token in &pasted {
        let signature = token.rsplit('.').next().unwrap();
        assert!(!events.contains(token) && !log.contains(token));
        assert!(signature.is_empty() || !events.contains(signature) && !log.contains(signature));
    }
    assert!(!log.contains("Chief") && !events.contains("Chief"));
});
