//! A holder of an audience's key can seal anything; Deputy takes only what it issued.

use deputy_tests::{capability, jwt, on_both_databases};
use serde_json::json;

use super::super::super::{allowed, denied};
use super::{CRM, agent, key, planner, root, search};

on_both_databases!(a_first_block_of_somebody_elses_is_refused, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let (real, key) = (root(&client).await, key(&tenant).await);
    let block = capability::blocks(&real).remove(0);
    // The twin: the real block sealed again with the key is the real capability.
    assert_eq!(capability::sealed(&key, std::slice::from_ref(&block)), real);
    allowed(search(&tenant, &real).await);
    let mut wider = block.clone();
    wider["authorization_details"][0]["tools"]["transfer"] = json!({});
    let mut longer = block.clone();
    longer["exp"] = json!(block["exp"].as_u64().unwrap() + 3600);
    let mut older = block.clone();
    older["chain"][0]["seq"] = json!(block["chain"][0]["seq"].as_u64().unwrap() + 1000);
    let mut fresh = block.clone();
    fresh["jti"] = json!(jwt::nonce());
    fresh["chain"][0]["id"] = fresh["jti"].clone();
    // The id of an access token that the same agent really has.
    let other =
        client.token(&[("scope", "read:docs"), ("resource", CRM)]).await.is(200).text_of("access_token");
    let mut borrowed = block.clone();
    borrowed["jti"] = jwt::claims(&other)["jti"].clone();
    borrowed["chain"][0]["id"] = borrowed["jti"].clone();
    let forgeries: Vec<String> = [wider, longer, older, fresh, borrowed]
        .into_iter()
        .map(|block| capability::sealed(&key, &[block]))
        .collect();
    let all_refused = async || {
        for (number, forged) in forgeries.iter().enumerate() {
            for token in [forged.clone(), capability::narrowed(forged, "analyzer", json!({}))] {
                assert_eq!(denied(search(&tenant, &token).await), ["signature_invalid"], "{number}");
                assert!(!tenant.is_active(&token).await, "{number}");
                let fields = [("scope", "read:docs")];
                client.exchange_capability(&token, &fields).await.is_oauth_error(400, "invalid_grant");
            }
        }
    };
    all_refused().await;
    // And the same when the server has to look at the log for what it issued.
    server.kill_9();
    server.restart();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    all_refused().await;
    let narrower = capability::narrowed(&real, "analyzer", json!({}));
    for token in [&narrower, &real, &narrower] {
        allowed(search(&tenant, token).await);
    }
});

on_both_databases!(blocks_are_neither_changed_nor_removed_nor_moved, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let real = root(&planner(&tenant).await).await;
    let two = capability::narrowed(&real, "analyzer", json!({"scope": "read:docs"}));
    let three = capability::narrowed(&two, "parser", json!({}));
    for token in [&real, &two, &three] {
        allowed(search(&tenant, token).await);
    }
    let (blocks, tag) = (capability::blocks(&three), capability::tag(&three));
    assert_eq!(capability::with_tag(&blocks, &tag), three);
    let mut tampered = blocks.clone();
    tampered[1]["scope"] = json!("read:docs write:drafts");
    let without = vec![blocks[0].clone(), blocks[2].clone()];
    let moved = vec![blocks[0].clone(), blocks[2].clone(), blocks[1].clone()];
    for wrong in [tampered, without, moved, blocks[..2].to_vec(), blocks[..1].to_vec()] {
        let forged = capability::with_tag(&wrong, &tag);
        assert_eq!(denied(search(&tenant, &forged).await), ["signature_invalid"], "{}", wrong.len());
    }
    for malformed in ["dpyc1.", "dpyc1.e30.AAAA", &format!("{three}="), &format!("{three}.")] {
        assert_eq!(denied(search(&tenant, malformed).await), ["malformed"], "{malformed}");
    }
});

on_both_databases!(a_key_counts_for_its_own_audience_and_tenant, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let (client, abroad) = (planner(&tenant).await, planner(&foreign).await);
    let (real, theirs) = (root(&client).await, root(&abroad).await);
    allowed(search(&tenant, &real).await);
    allowed(search(&foreign, &theirs).await);
    assert_eq!(denied(search(&tenant, &theirs).await), ["signature_invalid"]);
    assert_eq!(denied(search(&foreign, &real).await), ["signature_invalid"]);
    // The real block under the other tenant's key, and under another audience's.
    tenant.api.post("/resources", json!({"uri": "https://erp.example.com/"})).await.is(201);
    let erp = capability::bytes(&capability::key(&tenant, "https://erp.example.com/").await);
    assert_ne!(erp, key(&tenant).await);
    let block = capability::blocks(&real).remove(0);
    let mut for_erp = block.clone();
    for_erp["aud"] = json!("https://erp.example.com/");
    for (key, block) in [(key(&foreign).await, &block), (erp.clone(), &block), (erp, &for_erp)] {
        let forged = capability::sealed(&key, std::slice::from_ref(block));
        assert_eq!(denied(search(&tenant, &forged).await), ["signature_invalid"]);
    }
    // A verifier of one audience learns nothing of a capability for another.
    let other = agent(&tenant, "other", json!({})).await;
    let own = other.capability(&[("scope", "read:docs"), ("resource", &tenant.issuer)]).await;
    let verifier = tenant.verifier(&[CRM]).await;
    let active = async |token: &str| {
        verifier.form("/oauth/introspect", &[("token", token)]).await.is(200)["active"].clone()
    };
    assert_eq!((active(&real).await, active(&own).await), (json!(true), json!(false)));
});
