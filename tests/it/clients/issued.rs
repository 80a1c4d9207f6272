//! What a real server issued and holders narrowed, verified by implementations that were written from the
//! published vectors alone: a folder in the vectors' form, with the server's key as the only thing trusted.

use deputy_tests::{Database, Holder, Tenant, capability, foreign, holder, jwt};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

const CRM: &str = "https://crm.example.com/";

/// Everything that an access token says.
const CLAIMS: [&str; 17] = [
    "act",
    "agent",
    "aud",
    "authorization_details",
    "chain",
    "client_id",
    "cnf",
    "del_depth",
    "del_max_depth",
    "exp",
    "iat",
    "iss",
    "jti",
    "may_act",
    "nbf",
    "scope",
    "sub",
];

/// The members of the files' own, and these cases.
fn file(common: &Value, cases: Vec<Value>) -> Value {
    let mut file = common.clone();
    file["cases"] = json!(cases);
    file
}

fn write(folder: &TempDir, name: &str, file: &Value) {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, file.to_string()).expect("written");
}

fn amount(max: u32) -> Value {
    json!({"amount": {"constraint_type": "range", "min": 0, "max": max}})
}

/// What the server says of a credential that it calls alive.
async fn told(tenant: &Tenant, text: &str) -> Value {
    let told = tenant.introspect(text).await.is(200).json;
    assert_eq!(told["active"], true, "{told}");
    told
}

/// A request, and what the server decides about it.
async fn decision(tenant: &Tenant, text: &str, request: Value) -> Value {
    let (tool, arguments) = (request["tool"].as_str().expect("a tool"), request["arguments"].clone());
    let context = json!({"audience": CRM, "scope": request["scope"]});
    let answer = tenant.decide(text, tool, arguments, context).await.is(200);
    let reasons: Vec<Value> =
        answer["context"]["reasons"].as_array().into_iter().flatten().map(named).collect();
    json!({"allow": answer["decision"], "now": jwt::now(), "reasons": reasons, "request": request})
}

/// A reason by its code and field; the rest is prose.
fn named(reason: &Value) -> Value {
    let members = reason.as_object().expect("a reason").iter();
    members
        .filter(|(name, _)| ["code", "field"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<Map<_, _>>()
        .into()
}

#[tokio::test]
async fn capabilities_are_verified_by_a_stranger() {
    let server = Database::Sqlite.server();
    let tenant = server.tenant().await;
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let role = json!({"audience": [CRM], "may_delegate": true, "tools": {"search": {}, "pay": amount(500)}});
    let client = tenant.agent_with("crawler", &["read:docs", "write:drafts"], json!({}), role).await;
    let details = r#"[{"type":"deputy_mandate","tools":{"search":{},"pay":{}}}]"#;
    let fields = [("scope", "read:docs write:drafts"), ("resource", CRM), ("authorization_details", details)];
    let top = client.capability(&fields).await;
    let members = json!({"scope": "read:docs", "tools": {"pay": amount(100)}});
    let leaf = capability::narrowed(&top, "analyzer", members);
    let tied = json!({"cnf": {"jkt": Holder::p256().thumbprint()}, "may_delegate": false});
    let tied = capability::narrowed(&leaf, "parser", tied);
    let mut common = capability::key(&tenant, CRM).await;
    common["issuer"] = json!(tenant.issuer);

    let mut valid = Vec::new();
    let mut outcomes = Vec::new();
    for (name, text) in [("issued", &top), ("narrowed", &leaf), ("bound", &tied)] {
        let said = told(&tenant, text).await;
        let claims: Map<String, Value> =
            CLAIMS.iter().filter_map(|name| Some(((*name).to_owned(), said.get(name)?.clone()))).collect();
        let mut decisions = Vec::new();
        // A bound one needs a proof at the server, which is not what is compared here.
        let most = if name == "bound" { &[][..] } else { &[100, 101, 501] };
        for (scope, much) in most.iter().flat_map(|much| [("read:docs", much), ("write:drafts", much)]) {
            let request =
                json!({"tool": "pay", "arguments": {"amount": much}, "scope": scope, "audience": CRM});
            decisions.push(decision(&tenant, text, request).await);
        }
        outcomes.extend(decisions.iter().map(|decision| decision["allow"] == true));
        valid.push(json!({"name": name, "capability": text, "claims": claims, "decisions": decisions,
            "issued_hops": 1, "meters": []}));
    }
    assert_eq!(outcomes.iter().filter(|allowed| **allowed).count(), 5, "{valid:?}");

    let mut flipped = capability::tag(&leaf);
    flipped[31] ^= 1;
    let wider = |members: Value| capability::narrowed(&leaf, "parser", members);
    let refused = [
        ("a wider constraint", wider(json!({"tools": {"pay": amount(101)}})), "not_attenuated"),
        ("a scope more", wider(json!({"scope": "read:docs write:drafts"})), "not_attenuated"),
        ("below one that must not", capability::narrowed(&tied, "more", json!({})), "delegation_not_allowed"),
        (
            "sealed by another key",
            capability::sealed(&[7; 32], &capability::blocks(&leaf)),
            "signature_invalid",
        ),
        ("a flipped bit", capability::with_tag(&capability::blocks(&leaf), &flipped), "signature_invalid"),
    ];
    let mut invalid = Vec::new();
    for (name, text, reason) in refused {
        assert!(!tenant.is_active(&text).await, "{name}");
        invalid.push(json!({"name": name, "capability": text, "reason": reason}));
    }
    let exp = told(&tenant, &top).await["exp"].as_u64().expect("an instant");
    for (now, reason) in [(exp, json!("expired")), (exp - 1, Value::Null)] {
        invalid.push(json!({"name": "its time", "capability": top, "now": now, "reason": reason}));
    }
    let folder = TempDir::new().expect("a folder");
    write(&folder, "valid.json", &file(&common, valid));
    write(&folder, "invalid.json", &file(&common, invalid));
    let input = [("VECTORS", folder.path().to_str().expect("a path in UTF-8"))];
    let Some(outcome) = foreign::python("capability_vectors.py", &input) else { return };
    assert_eq!(outcome.passed(), "valid: 3\ninvalid: 7\n");
}

/// What the server says of a chain, in the words of the vectors.
async fn effective(tenant: &Tenant, chain: &str) -> Value {
    let said = told(tenant, chain).await;
    let leaf = jwt::claims(chain.rsplit('~').next().expect("a token"));
    json!({
        "agent": said["agent"],
        "audience": [said["aud"]],
        "chain": said["chain"],
        "expires_at": said["exp"],
        "issued_hops": 1,
        "max_depth": said["del_max_depth"],
        "may_delegate": said["del_depth"].as_u64() < said["del_max_depth"].as_u64(),
        "not_before": said["nbf"],
        "sub": said["sub"],
        "tools": leaf["authorization_details"][0]["tools"],
    })
}

#[tokio::test]
async fn attenuating_chains_are_verified_by_a_stranger() {
    let server = Database::Sqlite.server();
    let tenant = server.tenant().await;
    let role = json!({"may_delegate": true, "tools": {"search": {}, "transfer": amount(500)}});
    let client = tenant.agent_with("planner", &["read:docs"], json!({}), role).await;
    let [top, worker, parser] = [Holder::ed25519(), Holder::ed25519(), Holder::ed25519()];
    let tools = |tools: Value| json!([{"type": "attenuating_agent_token", "tools": tools}]);
    let both = json!({"tools": {"search": {}, "transfer": {}}});
    let root = client.attenuating(&tenant, &top, both).await.is(200).text_of("access_token");
    let leaf = top.derive(&root, &worker, "analyzer", |claims| {
        claims["authorization_details"] = tools(json!({"transfer": amount(100)}));
    });
    let deeper = worker.derive(&leaf, &parser, "parser", |claims| {
        claims["authorization_details"] = tools(json!({"transfer": amount(10)}));
    });
    let header = jwt::header(&root);
    assert_eq!(header["alg"], "ES256", "the published vectors have Ed25519 roots only");
    let document = tenant.root.without_key().get("/.well-known/openid-configuration").await.is(200);
    let jwks = server.http().get(document.text_of("jwks_uri")).send().await.expect("an answer");
    let jwks: Value = serde_json::from_slice(&jwks.bytes().await.expect("a body")).expect("JSON");
    let jwk = jwks["keys"].as_array().expect("keys").iter().find(|jwk| jwk["kid"] == header["kid"]);
    let common = json!({"issuer": tenant.issuer, "audience": tenant.issuer, "now": jwt::now(),
        "trust_anchor": {"kid": header["kid"], "jwk": jwk.expect("the key is published")}});

    let mut valid = Vec::new();
    for (name, chain) in [("issued", &root), ("narrowed", &leaf), ("narrowed twice", &deeper)] {
        let digests: Vec<String> = chain.split('~').map(holder::digest).collect();
        let effective = effective(&tenant, chain).await;
        valid.push(json!({"name": name, "chain": chain, "digests": digests, "effective": effective}));
    }

    let wider = |change: &dyn Fn(&mut Value)| top.derive(&root, &worker, "analyzer", change);
    let stranger = Holder::p256();
    let resigned = stranger.sign(&header, &jwt::claims(&root));
    let child = leaf.rsplit('~').next().expect("a token");
    let child = parser.sign(&jwt::header(child), &jwt::claims(child));
    let longer = |claims: &mut Value| claims["exp"] = json!(claims["exp"].as_u64().expect("an instant") + 1);
    let more = |claims: &mut Value| {
        claims["authorization_details"] = tools(json!({"transfer": amount(501)}));
    };
    let refused = [
        ("a wider constraint", wider(&more), "not_attenuated"),
        ("a longer life", wider(&longer), "not_attenuated"),
        ("a root signed again", resigned, "signature_invalid"),
        ("a child signed again", format!("{root}~{child}"), "signature_invalid"),
    ];
    let mut invalid = Vec::new();
    for (name, chain, reason) in refused {
        assert!(!tenant.is_active(&chain).await, "{name}");
        invalid.push(json!({"name": name, "rule": "", "chain": chain, "reason": reason}));
    }

    let arguments = json!({"amount": 5});
    let claims =
        |amount: u32| Holder::pop_claims(&deeper, &tenant.issuer, "transfer", &json!({"amount": amount}));
    let good = claims(5);
    let proofs = vec![
        json!({"name": "the leaf's holder", "jti": good["jti"], "proof": parser.pop(&good)}),
        json!({"name": "the parent's", "reason": "proof_invalid", "proof": worker.pop(&claims(5))}),
        json!({"name": "another call", "reason": "proof_invalid", "proof": parser.pop(&claims(6))}),
    ];
    let mut call = common.clone();
    call["call"] = json!({"tool": "transfer", "arguments": arguments});
    call["window"] = json!({"past": 30, "ahead": 30});
    call["chain"] = json!(deeper);

    let folder = TempDir::new().expect("a folder");
    write(&folder, "aat/valid.json", &file(&common, valid));
    write(&folder, "aat/refused.json", &file(&common, invalid));
    write(&folder, "aat/proofs.json", &file(&call, proofs));
    let input = [("VECTORS", folder.path().to_str().expect("a path in UTF-8"))];
    let Some(outcome) = foreign::python("aat_vectors.py", &input) else { return };
    assert_eq!(outcome.passed(), "3 valid, 4 refused, 3 proofs\n");
}
