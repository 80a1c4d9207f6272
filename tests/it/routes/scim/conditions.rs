//! Entity tags and conditional requests (RFC 7644 §3.14, RFC 9110 §13).

use deputy_tests::{Answer, Api, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

use super::{agent, group, made, patch, user};

async fn under(service: &Api, method: Method, path: &str, condition: (&str, &str), body: Value) -> Answer {
    let request = service.request(method.clone(), path).header(condition.0, condition.1);
    let reads = method == Method::GET || method == Method::DELETE;
    service.send(if reads { request } else { request.json(&body) }).await
}

on_both_databases!(a_version_is_known_by_its_tag, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    for (kind, first, second) in [
        ("/Users", user("a@example.com"), user("a2@example.com")),
        ("/Groups", group("crm", &[]), group("crm2", &[])),
        ("/Agents", agent("crawler"), {
            let mut named = agent("crawler");
            named["displayName"] = json!("Crawler");
            named
        }),
    ] {
        let created = service.post(kind, first.clone()).await.is(201);
        let (id, old) = (created.text_of("id"), created.header("etag").expect("a tag"));
        let path = format!("{kind}/{id}");
        let read = service.get(&path).await.is(200);
        assert_eq!(read.header("etag"), Some(old.clone()), "{kind}");
        assert_eq!(read["meta"]["version"], json!(old), "{kind}");

        let strong = old.trim_start_matches("W/").to_owned();
        for same in [old.as_str(), &strong, "*", &format!("\"other\", {old}")] {
            let unchanged =
                under(&service, Method::GET, &path, ("if-none-match", same), json!(null)).await.is(304);
            assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", Some(old.clone())));
        }
        under(&service, Method::GET, &path, ("if-none-match", "W/\"other\""), json!(null)).await.is(200);
        under(&service, Method::GET, &path, ("if-match", "W/\"other\""), json!(null))
            .await
            .is_scim_error(412, None);

        let changed = under(&service, Method::PUT, &path, ("if-match", &old), second.clone()).await.is(200);
        let new = changed.header("etag").expect("a tag");
        assert_ne!(new, old, "{kind}");
        let change = patch(json!([{"op": "replace", "path": "externalId", "value": "e-1"}]));
        for stale in [old.as_str(), &strong, "\"other\"", "nonsense"] {
            for (method, body) in
                [(Method::PUT, first.clone()), (Method::PATCH, change.clone()), (Method::DELETE, json!(null))]
            {
                under(&service, method, &path, ("if-match", stale), body).await.is_scim_error(412, None);
            }
        }
        under(&service, Method::PATCH, &path, ("if-none-match", "*"), change.clone())
            .await
            .is_scim_error(412, None);
        let kept = service.get(&path).await.is(200);
        assert_eq!(kept.header("etag"), Some(new.clone()), "{kind}");

        let patched = under(&service, Method::PATCH, &path, ("if-match", &new), change.clone()).await;
        assert!(matches!(patched.status, 200 | 204), "{kind}: {}", patched.text);
        let newest = patched.header("etag").expect("a tag");
        assert_ne!(newest, new, "{kind}");
        let again = service.patch(&path, change).await;
        assert_eq!(again.header("etag"), Some(newest.clone()), "{kind}: what changes nothing is no version");
        under(&service, Method::DELETE, &path, ("if-match", &newest), json!(null)).await.is(204);
        under(&service, Method::DELETE, &path, ("if-match", "*"), json!(null)).await.is_scim_error(404, None);
    }
});

on_both_databases!(a_group_whose_member_is_gone_is_at_another_version, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let members = [
        format!("/Users/{}", made(&service, "/Users", user("alice@example.com")).await),
        format!("/Groups/{}", made(&service, "/Groups", group("inner", &[])).await),
        format!("/Agents/{}", made(&service, "/Agents", agent("crawler")).await),
    ];
    let ids: Vec<&str> = members.iter().filter_map(|path| Some(path.rsplit_once('/')?.1)).collect();
    let team = format!("/Groups/{}", made(&service, "/Groups", group("crm", &ids)).await);
    for (gone, left) in members.iter().zip([2, 1, 0]) {
        let tag = service.get(&team).await.is(200).header("etag").expect("a tag");
        under(&service, Method::GET, &team, ("if-none-match", &tag), json!(null)).await.is(304);
        service.delete(gone).await.is(204);
        let read = under(&service, Method::GET, &team, ("if-none-match", &tag), json!(null)).await.is(200);
        assert_eq!(read["members"].as_array().map_or(0, Vec::len), left, "{gone}");
    }
});

on_both_databases!(of_two_writers_one_is_told, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let id = made(&service, "/Users", user("alice@example.com")).await;
    let path = format!("/Users/{id}");
    let tag = service.get(&path).await.is(200).header("etag").expect("a tag");
    let write = async |title: &str| {
        let change = patch(json!([{"op": "replace", "path": "title", "value": title}]));
        under(&service, Method::PATCH, &path, ("if-match", &tag), change).await.status
    };
    let (one, other) = tokio::join!(write("CEO"), write("CTO"));
    let mut statuses = [one, other];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
});
