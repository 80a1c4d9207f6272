//! Who and what may be stopped: the agent, the tenant, the provider; each at once.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

use super::{AUDIENCE, Company, PAT, READ, exchange};

on_both_databases!(the_agent_is_suspended_or_the_tenant_halted, async |db| {
    let company = Company::new(db).await;
    let tenant = &company.tenant;
    let token = company.on_behalf().await;
    tenant.api.post("/agents/crawler/suspend", json!({"reason": "test"})).await.is(200);
    company.ask_good().await.is_oauth_error(401, "invalid_client");
    assert!(!tenant.is_active(&token).await);
    tenant.api.post("/agents/crawler/reactivate", json!({})).await.is(200);
    let token = company.on_behalf().await;
    tenant.api.put("/halt", json!({"level": "emergency", "reason": "test"})).await.is(200);
    company.ask_good().await.is_oauth_error(403, "access_denied");
    assert!(!tenant.is_active(&token).await);
});

on_both_databases!(a_runtime_is_presented_for_a_person_too, async |db| {
    let company = Company::new(db).await;
    let runtime = json!({"model": "one", "tools": [], "config": {}});
    company.tenant.api.patch("/agents/crawler", json!({"runtime": runtime})).await.is(200);
    company.refused("no runtime", company.ask_good().await);
    let ask = async |model: &str| {
        let runtime = json!({"model": model, "tools": [], "config": {}}).to_string();
        let fields = [READ, ("runtime", runtime.as_str())];
        exchange(&company.crawler, &company.token().seal(), &fields).await
    };
    company.refused("another", ask("two").await);
    ask("one").await.is(200);
});

on_both_databases!(the_provider_is_changed_or_gone, async |db| {
    let company = Company::new(db).await;
    let (tenant, path) = (&company.tenant, company.provider_path().await);
    let set = async |patch: serde_json::Value| tenant.api.patch(&path, patch).await.is(200);
    company.ask_good().await.is(200);
    set(json!({"audiences": ["api://other"]})).await;
    company.refused("its audience is gone", company.ask_good().await);
    company.ask(&company.upstream.token(PAT, "api://other").seal()).await.is(200);
    set(json!({"audiences": []})).await;
    company.refused("no audience", company.ask(&company.upstream.token(PAT, "api://other").seal()).await);
    set(json!({"audiences": [AUDIENCE]})).await;
    let token = jwt::claims(&company.on_behalf().await);
    assert_eq!(token["sub"], format!("user:{}", company.pat));
    set(json!({"subject": {"claim": "email", "attribute": "email"}, "email_domains": ["example.com"]})).await;
    company.refused("people are found otherwise", company.ask_good().await);
    set(json!({"subject": null})).await;
    company.ask_good().await.is(200);
    tenant.api.delete(&path).await.is(204);
    company.refused("no provider", company.ask_good().await);
    company.provider(json!({"audiences": [AUDIENCE]})).await;
    company.ask_good().await.is(200);
});
