//! What is refused before a resource is looked at, each time in SCIM's words (RFC 7644 §3.12).

use deputy_tests::{Answer, Api, on_both_databases};
use reqwest::Method;
use serde_json::json;

const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

async fn call(service: &Api, method: Method, path: &str) -> Answer {
    service.send(service.request(method, path).json(&json!({}))).await
}

on_both_databases!(me_and_bulk_are_not_offered, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    for path in ["/Me", "/Bulk"] {
        for method in METHODS {
            call(&service, method.clone(), path).await.is_scim_error(501, None);
            call(&service.without_key(), method, path).await.is_scim_error(401, None);
        }
    }
});

on_both_databases!(a_wrong_method_is_told_the_right_ones, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let mut rows = vec![("/.search".to_owned(), "POST")];
    for path in ["/Schemas", "/Schemas/x", "/ResourceTypes", "/ResourceTypes/User", "/ServiceProviderConfig"]
    {
        rows.push((path.to_owned(), "GET, HEAD"));
    }
    for kind in ["/Users", "/Groups", "/Agents"] {
        rows.push((kind.to_owned(), "GET, HEAD, POST"));
        rows.push((format!("{kind}/.search"), "POST"));
        rows.push((format!("{kind}/no-such-thing"), "GET, HEAD, PUT, PATCH, DELETE"));
    }
    for (path, allow) in rows {
        for method in METHODS {
            let allowed = allow.split(", ").any(|one| one == method.as_str());
            let answer = call(&service, method.clone(), &path).await;
            if allowed {
                assert_ne!(answer.status, 405, "{method} {path}");
            } else {
                let answer = answer.is_scim_error(405, None);
                assert_eq!(answer.header("allow").as_deref(), Some(allow), "{method} {path}");
            }
        }
    }
});

on_both_databases!(who_calls_is_settled_before_what_is_there, async |db| {
    let server = db.server();
    let (tenant, other) = (server.tenant().await, server.tenant().await);
    let service = tenant.scim_as("scim").await;
    let foreign = other.scim_as("scim").await;
    let foreign = service.with_key(foreign.key().unwrap());
    for path in ["/Users", "/Groups/1", "/Schemas", "/Nothing", "/Users/1/emails", ""] {
        for stranger in [&service.without_key(), &foreign, &service.with_key("nonsense")] {
            let refused = stranger.get(path).await.is_scim_error(401, None);
            assert!(
                refused.header("www-authenticate").is_some_and(|said| said.starts_with("Bearer")),
                "{path}"
            );
        }
    }
    for path in ["/Nothing", "/Users/1/emails", "/users", "/Users/", "/", ""] {
        service.get(path).await.is_scim_error(404, None);
    }
    server.anonymous().get("/t/no-such-tenant/scim/v2/Schemas").await.is_scim_error(401, None);
    service.get("/Schemas").await.is(200);
});

on_both_databases!(a_key_that_does_not_provision_is_told_before_its_body_is_read, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for role in ["auditor", "importer"] {
        let service = tenant.scim_as(role).await;
        for path in ["/Users", "/Groups/.search", "/.search"] {
            service.raw(Method::POST, path, "text/plain", "{").await.is_scim_error(403, None);
        }
        for path in ["/Agents", "/Users/1", "/Users?startIndex=x"] {
            service.get(path).await.is_scim_error(403, None);
        }
    }
    let service = tenant.scim_as("scim").await;
    service.raw(Method::POST, "/Users", "text/plain", "{").await.is_scim_error(415, None);
    service.get("/Users?startIndex=x").await.is_scim_error(400, Some("invalidValue"));
    service.get("/Users?count=1&count=2").await.is_scim_error(400, Some("invalidSyntax"));
});

on_both_databases!(a_body_is_a_json_object_of_bounded_size, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let routes = [
        (Method::POST, "/Users"),
        (Method::PUT, "/Groups/1"),
        (Method::PATCH, "/Agents/1"),
        (Method::POST, "/.search"),
    ];
    for (method, path) in routes {
        let send = async |kind: &str, body: Vec<u8>| service.raw(method.clone(), path, kind, body).await;
        for kind in
            ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/problem+json"]
        {
            send(kind, b"{}".to_vec()).await.is_scim_error(415, None);
        }
        for body in ["", "{", "[]", "null", r#"{"a": 1, "a": 2}"#, "{} {}"] {
            send("application/scim+json", body.into()).await.is_scim_error(400, Some("invalidSyntax"));
        }
        let nul = br#"{"a": "\u0000"}"#.to_vec();
        send("application/scim+json", nul).await.is_scim_error(400, Some("invalidValue"));
        let large = vec![b' '; (1 << 20) + 1];
        send("application/scim+json", large).await.is_scim_error(413, None);
    }
});

// A search that names no schema is refused for what it says: what comes to that was taken as a body.
on_both_databases!(json_by_either_name_or_none_is_read, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let padded = format!("{{}}{}", " ".repeat((1 << 20) - 2));
    for kind in ["application/scim+json", "application/json", "application/SCIM+json; charset=utf-8"] {
        for body in ["{}", &padded] {
            let refused = service.raw(Method::POST, "/Users/.search", kind, body).await;
            let said = refused.is_scim_error(400, Some("invalidSyntax")).text_of("detail");
            assert!(said.contains("schemas"), "{kind}: {said}");
        }
    }
    let request = service.request(Method::POST, "/.search").body("{}");
    let said = service.send(request).await.is_scim_error(400, Some("invalidSyntax")).text_of("detail");
    assert!(said.contains("schemas"), "{said}");
    let search = json!({"schemas": [SEARCH_URN], "startIndex": "x"});
    service.post("/.search", search).await.is_scim_error(400, Some("invalidValue"));
});
