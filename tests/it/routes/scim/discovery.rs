//! `/Schemas`, `/ResourceTypes`, `/ServiceProviderConfig` (RFC 7644 §4).

use deputy_tests::{Api, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

const SCIM_JSON: &str = "application/scim+json";

/// The resources of a complete list, each of which says the same where it says it is.
async fn each_at_its_location(service: &Api, path: &str, base: &str) -> Vec<Value> {
    let listed = service.get(path).await.is(200);
    assert_eq!(listed.header("content-type").as_deref(), Some(SCIM_JSON));
    assert_eq!(listed["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    let resources = listed["Resources"].as_array().expect("a list").clone();
    assert_eq!(listed["totalResults"], resources.len());
    for resource in &resources {
        let location = resource["meta"]["location"].as_str().expect("a location");
        let path = location.strip_prefix(base).expect("a location below the base");
        let read = service.get(path).await.is(200);
        assert_eq!(read.header("content-type").as_deref(), Some(SCIM_JSON));
        assert_eq!(&read.json, resource);
    }
    resources
}

fn ids(resources: &[Value]) -> Vec<&str> {
    resources.iter().map(|resource| resource["id"].as_str().expect("an id")).collect()
}

on_both_databases!(schemas_and_types_are_listed_and_read_one_by_one, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let base = format!("{}/scim/v2", tenant.issuer);
    let schemas = each_at_its_location(&service, "/Schemas", &base).await;
    let types = each_at_its_location(&service, "/ResourceTypes", &base).await;
    assert_eq!(ids(&types), ["User", "Group", "Agent"]);
    for one in &types {
        let extensions = one["schemaExtensions"].as_array().expect("a list").iter();
        for urn in extensions.map(|extension| &extension["schema"]).chain([&one["schema"]]) {
            assert!(ids(&schemas).contains(&urn.as_str().unwrap()), "{urn}");
        }
    }
    for (path, same) in [
        ("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", &schemas[0]),
        ("/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser", &schemas[0]),
        ("/Schemas/URN:ietf:params:scim:schemas:core:2.0:user", &schemas[0]),
        ("/ResourceTypes/group", &types[1]),
    ] {
        assert_eq!(&service.get(path).await.is(200).json, same, "{path}");
    }
    for path in ["/Schemas/urn:ietf:params:scim:schemas:core:2.0:Nothing", "/ResourceTypes/Nothing"] {
        service.get(path).await.is_scim_error(404, None);
    }
});

on_both_databases!(the_service_says_what_it_can, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let request = service.request(Method::GET, "/ServiceProviderConfig").header("host", "elsewhere.example");
    let config = service.send(request).await.is(200);
    assert_eq!(config.header("content-type").as_deref(), Some(SCIM_JSON));
    for (feature, supported) in [
        ("patch", true),
        ("bulk", false),
        ("filter", true),
        ("changePassword", false),
        ("sort", true),
        ("etag", true),
    ] {
        assert_eq!(config[feature]["supported"], supported, "{feature}");
    }
    let base = format!("{}/scim/v2", tenant.issuer);
    assert_eq!(
        config["meta"]["location"],
        format!("{base}/ServiceProviderConfig"),
        "never from the Host header"
    );
    let documentation = config.text_of("documentationUri");
    let read = server.anonymous().get(documentation.strip_prefix(server.url()).expect("a page here")).await;
    assert!(matches!(read.status, 200 | 303), "{}", read.status);

    for path in ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes/User"] {
        let head = service.send(service.request(Method::HEAD, path)).await.is(200);
        assert_eq!(
            (head.header("content-type").as_deref(), head.text.as_str()),
            (Some(SCIM_JSON), ""),
            "{path}"
        );
    }
});

on_both_databases!(what_is_offered_is_not_filtered, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/ResourceTypes/User"] {
        for filter in ["?filter=id+pr", "?FILTER=id%20pr", "?count=1&filter="] {
            service.get(&format!("{path}{filter}")).await.is_scim_error(403, None);
        }
        let plain = service.get(path).await.is(200);
        let ignored =
            service.get(&format!("{path}?count=x&startIndex=7&sortBy=id&attributes=id")).await.is(200);
        assert_eq!(ignored.json, plain.json, "{path}");
    }
});

on_both_databases!(who_provisions_or_reads_may_see_what_is_offered, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for role in ["scim", "admin", "auditor"] {
        tenant.scim_as(role).await.get("/ResourceTypes").await.is(200);
    }
    tenant.scim_as("importer").await.get("/ResourceTypes").await.is_scim_error(403, None);
});
