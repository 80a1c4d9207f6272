//! What a person may have done: roles bound to them and to their groups, and roles that their claims give.

use deputy_tests::{jwt, on_both_databases};
use serde_json::{Value, json};

use super::{AUDIENCE, Company, READ, exchange, server};

/// What the agent gets of everything that it may have; empty for nothing.
async fn scopes(company: &Company, claims: Value) -> String {
    let subject = company.token().claims(claims).seal();
    let answer = exchange(&company.crawler, &subject, &[("scope", "read:docs write:docs")]).await;
    match answer.status {
        200 => answer.text_of("scope"),
        _ => {
            answer.is_oauth_error(400, "invalid_scope");
            String::new()
        }
    }
}

/// A company whose person has no role of her own yet; `reader` allows `read:docs`, `writer` `write:docs`.
async fn unbound(db: deputy_tests::Database, provider: Value) -> Company {
    let company = Company::without_provider(server(db)).await;
    let bindings = company.tenant.api.get("/role-bindings").await.is(200);
    let of_reader = bindings.items().iter().find(|one| one["role"] == "reader").unwrap();
    let id = of_reader["id"].as_str().unwrap();
    company.tenant.api.delete(&format!("/role-bindings/{id}")).await.is(204);
    company.tenant.role("writer", &["write:docs"]).await;
    company.provider(provider).await;
    company
}

on_both_databases!(a_binding_of_her_own, async |db| {
    let company = unbound(db, json!({"audiences": [AUDIENCE]})).await;
    assert_eq!(scopes(&company, json!({})).await, "", "who has no role entitles to nothing");
    let bound = company.tenant.bind("reader", "user:pat@example.com").await;
    assert_eq!(scopes(&company, json!({})).await, "read:docs");
    company.tenant.bind("writer", "user:pat@example.com").await;
    assert_eq!(scopes(&company, json!({})).await, "read:docs write:docs", "scopes unite");
    company.tenant.api.delete(&format!("/role-bindings/{}", bound.text_of("id"))).await.is(204);
    assert_eq!(scopes(&company, json!({})).await, "write:docs");
    // Somebody else's are somebody else's.
    company.directory.user_with("kim@example.com", json!({"externalId": "00u-kim"})).await;
    company.tenant.bind("reader", "user:kim@example.com").await;
    assert_eq!(scopes(&company, json!({})).await, "write:docs");
});

on_both_databases!(groups_that_scim_keeps_entitle_where_an_administrator_says_so, async |db| {
    let company = unbound(db, json!({"audiences": [AUDIENCE]})).await;
    let (tenant, directory) = (&company.tenant, &company.directory);
    let inner = directory.group("inner", &[&company.pat]).await;
    let outer = directory.group("outer", &[&inner]).await;
    let bind = async |role: &str, subject: &str, follow: bool| {
        let body = json!({"role": role, "subject": subject, "follow_scim": follow});
        tenant.api.post("/role-bindings", body).await.is(201).text_of("id")
    };
    let unfollowed = bind("reader", "group:inner", false).await;
    assert_eq!(scopes(&company, json!({})).await, "");
    tenant.api.delete(&format!("/role-bindings/{unfollowed}")).await.is(204);
    bind("reader", "group:inner", true).await;
    assert_eq!(scopes(&company, json!({})).await, "read:docs");
    bind("writer", "group:outer", true).await;
    assert_eq!(scopes(&company, json!({})).await, "read:docs write:docs", "through a group in a group");
    directory.part(&outer, &inner).await;
    assert_eq!(scopes(&company, json!({})).await, "read:docs");
    directory.join(&outer, &company.pat).await;
    directory.part(&inner, &company.pat).await;
    assert_eq!(scopes(&company, json!({})).await, "write:docs");
    directory.part(&outer, &company.pat).await;
    assert_eq!(scopes(&company, json!({})).await, "");
});

on_both_databases!(claims_give_roles_by_each_kind_of_rule, async |db| {
    let rules = json!([
        {"claim": "dept", "equals": "sales", "role": "reader"},
        {"claim": "level", "equals": 3, "role": "reader"},
        {"claim": "staff", "equals": true, "role": "reader"},
        {"claim": "groups", "contains": "crm", "role": "writer"},
        {"claim": "/realm_access/roles", "contains": "editor", "role": "writer"},
        {"claim": "/a~1b/c", "matches-prefix": "wr", "role": "writer"},
        {"claim": "teams", "matches-prefix": "eng-", "role": "reader"},
    ]);
    let company = unbound(db, json!({"audiences": [AUDIENCE], "claim_mappings": rules})).await;
    for (claims, got) in [
        (json!({}), ""),
        (json!({"dept": "sales"}), "read:docs"),
        (json!({"dept": "Sales"}), ""),
        (json!({"dept": ["sales"]}), ""),
        (json!({"dept": "sales-emea"}), ""),
        (json!({"level": 3}), "read:docs"),
        (json!({"level": "3"}), ""),
        (json!({"staff": true}), "read:docs"),
        (json!({"staff": "true"}), ""),
        (json!({"groups": ["hr", "crm"]}), "write:docs"),
        (json!({"groups": "crm"}), ""),
        (json!({"groups": ["crm-admins"]}), ""),
        (json!({"realm_access": {"roles": ["editor"]}}), "write:docs"),
        (json!({"/realm_access/roles": ["editor"]}), ""),
        (json!({"realm_access.roles": ["editor"]}), ""),
        (json!({"a/b": {"c": "writers"}}), "write:docs"),
        (json!({"a/b": {"c": "rewriters"}}), ""),
        (json!({"teams": ["eng-crawl", "x"]}), "read:docs"),
        (json!({"teams": "eng-crawl"}), "read:docs"),
        (json!({"teams": ["x-eng-"]}), ""),
        (json!({"dept": "sales", "groups": ["crm"]}), "read:docs write:docs"),
        // The provider says that there are too many groups to say.
        (json!({"_claim_names": {"groups": "src1"}}), ""),
    ] {
        assert_eq!(scopes(&company, claims.clone()).await, got, "{claims}");
    }
    // A role that was given another name is the same role; rules that are gone give nothing.
    let path = company.provider_path().await;
    let one = json!({"claim_mappings": [{"claim": "dept", "equals": "sales", "role": "writer"}]});
    company.tenant.api.patch(&path, one).await.is(200);
    assert_eq!(scopes(&company, json!({"dept": "sales"})).await, "write:docs");
    assert_eq!(scopes(&company, json!({"level": 3})).await, "");
    company.tenant.api.patch("/roles/writer", json!({"scopes": ["read:docs"]})).await.is(200);
    assert_eq!(scopes(&company, json!({"dept": "sales"})).await, "read:docs", "as the role is now");
});

on_both_databases!(limits_and_denials_of_the_persons_roles_narrow, async |db| {
    let company = unbound(db, json!({"audiences": [AUDIENCE]})).await;
    let tenant = &company.tenant;
    let tools = json!({"tools": {"search": {}, "shell": {}, "transfer": {}}, "may_delegate": true});
    let may = json!({"may_act_for": ["user:pat@example.com"]});
    let teller = tenant.agent_with("teller", &["read:docs"], may, tools).await;
    let at_most = |max: u32| json!({"constraint_type": "range", "min": 0, "max": max});
    for (name, more) in [
        ("careful", json!({"blocked_tools": ["shell"], "limits": {"amount": at_most(500)}})),
        ("thrifty", json!({"limits": {"amount": at_most(100)}})),
    ] {
        let mut body = json!({"name": name, "scopes": ["read:docs"]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        tenant.api.post("/roles", body).await.is(201);
        tenant.bind(name, "user:pat@example.com").await;
    }
    let details = r#"[{"type":"deputy_mandate","tools":{"search":{},"shell":{},"transfer":{}}}]"#;
    let asked = [READ, ("authorization_details", details)];
    let own = teller.token(&asked).await.is(200).text_of("access_token");
    let hers = exchange(&teller, &company.token().seal(), &asked).await.is(200).text_of("access_token");
    let allowed = async |token: &str, tool: &str, amount: u32| {
        tenant.decide(token, tool, json!({"amount": amount}), json!({})).await.is(200)["decision"] == true
    };
    for (tool, amount, on_behalf) in
        [("search", 1, true), ("shell", 1, false), ("transfer", 100, true), ("transfer", 101, false)]
    {
        assert!(allowed(&own, tool, amount).await, "{tool} {amount}");
        assert_eq!(allowed(&hers, tool, amount).await, on_behalf, "{tool} {amount}");
    }
    let child = teller.exchange(&hers, &[READ, ("authorization_details", details)]).await.is(200);
    assert!(!allowed(&child.text_of("access_token"), "shell", 1).await);
});

on_both_databases!(an_audience_is_the_agents_to_choose, async |db| {
    let company = unbound(db, json!({"audiences": [AUDIENCE]})).await;
    let (tenant, crm) = (&company.tenant, "https://crm.example.com/");
    company.tenant.bind("reader", "user:pat@example.com").await;
    tenant.api.post("/resources", json!({"uri": crm})).await.is(201);
    let role = json!({"audience": [crm]});
    let may = json!({"may_act_for": ["user:pat@example.com"]});
    let agent = tenant.agent_with("seller", &["read:docs"], may, role).await;
    let subject = company.token().seal();
    let answer = exchange(&agent, &subject, &[READ, ("resource", crm)]).await.is(200);
    assert_eq!(jwt::claims(&answer.text_of("access_token"))["aud"], crm);
    let unknown = [READ, ("resource", "https://erp.example.com/")];
    exchange(&agent, &subject, &unknown).await.is_oauth_error(400, "invalid_target");
});
