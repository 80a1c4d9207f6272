//! Exchanges that are not well formed (RFC 8693 §2.1).

use deputy_tests::on_both_databases;
use serde_json::json;

use super::{READ, planner, root};

const GRANT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

on_both_databases!(each_parameter_has_its_own_refusal, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let token = root(&planner, json!({})).await;
    let (subject, kind) = (("subject_token", token.as_str()), ("subject_token_type", ACCESS_TOKEN));
    let ask = async |fields: &[(&str, &str)]| planner.post("/oauth/token", fields).await;
    ask(&[GRANT, READ, subject, kind, ("requested_token_type", ACCESS_TOKEN), ("unknown", "1")])
        .await
        .is(200);
    for wrong in [
        &[GRANT, READ, kind][..],
        &[GRANT, READ, subject],
        &[GRANT, READ, subject, ("subject_token_type", "urn:ietf:params:oauth:token-type:saml2")],
        &[GRANT, READ, subject, kind, ("requested_token_type", "urn:ietf:params:oauth:token-type:jwt")],
        &[GRANT, READ, subject, kind, ("actor_token_type", ACCESS_TOKEN)],
        &[GRANT, READ, subject, kind, subject],
        &[GRANT, READ, subject, kind, ("audience", &tenant.issuer), ("audience", &tenant.issuer)],
        &[GRANT, READ, subject, kind, ("expires_in", "soon")],
        &[GRANT, READ, subject, kind, ("runtime", "short")],
        &[GRANT, READ, subject, kind, ("client_id", "somebody")],
    ] {
        let refused = ask(wrong).await.is_oauth_error(400, "invalid_request");
        assert!(!refused.text.contains(&token), "the token is in an error");
    }
    ask(&[GRANT, subject, kind, ("scope", "a\"b")]).await.is_oauth_error(400, "invalid_scope");
    // A type that is known, of a token that is not of it.
    let id_token = ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token");
    ask(&[GRANT, READ, subject, id_token]).await.is_oauth_error(400, "invalid_grant");
    let details = ("authorization_details", r#"[{"type":"other"}]"#);
    ask(&[GRANT, subject, kind, details]).await.is_oauth_error(400, "invalid_authorization_details");
});

on_both_databases!(the_client_authenticates_first, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let token = root(&planner, json!({})).await;
    let stranger = planner.with_secret("wrong");
    stranger.exchange(&token, &[READ]).await.is_oauth_error(401, "invalid_client");
    let fields = [GRANT, READ, ("subject_token", &token), ("subject_token_type", ACCESS_TOKEN)];
    tenant.root.form("/oauth/token", &fields).await.is_oauth_error(401, "invalid_client");
    planner.exchange(&token, &[READ]).await.is(200);
});
