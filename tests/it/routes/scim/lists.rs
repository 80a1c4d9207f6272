//! Lists: filters, orders, pages by index and by cursor, projection, searches (RFC 7644 §3.4, RFC 9865).

use deputy_tests::{Api, on_both_databases};
use serde_json::{Value, json};

use super::{ENTERPRISE, SEARCH, USER, agent, encoded, found, group, listed, made, members, tidy, user};

/// Five people with something to find them by.
async fn people(service: &Api) -> Vec<String> {
    let mut ids = Vec::new();
    for (name, family, title, active, kind) in [
        ("ann@example.com", "Zimmer", "Engineer", true, "work"),
        ("bob@example.com", "adams", "Engineer", false, "home"),
        ("Cid@example.com", "Baker", "50% \"_\\ off", true, "work"),
        ("dee@other.example", "Øre", "", true, "work"),
        ("eve@other.example", "", "Chief", false, "work"),
    ] {
        let body = json!({
            "schemas": [USER, ENTERPRISE], "userName": name, "title": title, "active": active,
            "externalId": format!("E-{name}"), "name": {"familyName": family},
            "emails": [{"value": name, "type": kind}, {"value": format!("x-{name}"), "type": "other"}],
            ENTERPRISE: {"department": if active { "R&D" } else { "Sales" }},
        });
        ids.push(made(service, "/Users", body).await);
    }
    ids
}

on_both_databases!(filters_find_what_they_say, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let ids = people(&service).await;
    let urn = format!(r#"{}:userName eq "ann@example.com""#, USER.to_uppercase());
    let department = format!(r#"{ENTERPRISE}:department eq "r&d""#);
    let by_id = format!(r#"id eq "{}""#, ids[1]);
    for (filter, wanted) in [
        (r#"userName eq "ANN@example.com""#, "a"),
        (r#"USERNAME Eq "ann@example.com""#, "a"),
        (&urn, "a"),
        (&by_id, "b"),
        (r#"userName ne "ann@example.com""#, "bcde"),
        (r#"userName co "@EXAMPLE""#, "abc"),
        (r#"userName sw "c""#, "c"),
        (r#"userName ew "other.example""#, "de"),
        (r#"userName gt "cid@example.com""#, "de"),
        (r#"userName le "cid@example.com""#, "abc"),
        (r#"externalId eq "E-ann@example.com""#, "a"),
        (r#"externalId eq "e-ann@example.com""#, ""),
        (r#"title pr"#, "abce"),
        (r#"not (title pr)"#, "d"),
        (r#"not(title pr)"#, "d"),
        (r#"name.familyName pr"#, "abcd"),
        (r#"name.familyName eq "ADAMS""#, "b"),
        (r#"name.familyName eq "øre""#, "d"),
        (r#"title co "50% \"_\\""#, "c"),
        (r#"title co "%""#, "c"),
        (r#"title co "_""#, "c"),
        (r#"active eq true"#, "acd"),
        (r#"active ne true"#, "be"),
        (&department, "acd"),
        (r#"emails.value eq "bob@example.com""#, "b"),
        (r#"emails eq "x-bob@example.com""#, "b"),
        (r#"emails[type eq "work" and value sw "ann"]"#, "a"),
        (r#"emails[type eq "work" and value sw "x-ann"]"#, ""),
        (r#"emails[type eq "work"].value eq "ann@example.com""#, "a"),
        (r#"emails[type eq "home"].value eq "ann@example.com""#, ""),
        (r#"emails[type eq "home"]"#, "b"),
        (r#"title eq "Engineer" and active eq true or userName sw "e""#, "ae"),
        (r#"title eq "Engineer" and (active eq true or userName sw "b")"#, "ab"),
        (r#"not (active eq true) and title eq "Engineer""#, "b"),
        (r#"meta.created gt "2001-01-01T00:00:00Z""#, "abcde"),
        (r#"meta.lastModified lt "2001-01-01T00:00:00Z""#, ""),
        (r#"nickName eq null"#, "abcde"),
        (r#"userName eq """#, ""),
    ] {
        let mut names = found(&service, "/Users", filter, "userName").await;
        names.sort_by_key(|name| name.to_lowercase());
        let letters: String = names.iter().map(|name| name[..1].to_lowercase()).collect();
        assert_eq!(letters, wanted, "{filter}");
    }
});

on_both_databases!(what_is_no_filter_is_refused, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    made(&service, "/Users", user("ann@example.com")).await;
    let deep = format!("{}title pr{}", "(".repeat(5_000), ")".repeat(5_000));
    let long = format!(r#"userName eq "{}""#, "x".repeat(7_000));
    let many = vec!["title pr"; 800].join(" or ");
    for filter in [
        "nothing eq \"x\"",
        "userName is \"x\"",
        "userName eq",
        "userName eq x",
        "userName",
        "eq \"x\"",
        "(title pr",
        "title pr)",
        "title pr and",
        "not title pr",
        "active gt true",
        "active co \"t\"",
        "active eq \"True\"",
        "x509Certificates.value gt \"AA\"",
        "emails[type eq \"work\"",
        "emails[nothing eq \"work\"]",
        "userName[type eq \"work\"]",
        "password eq \"x\"",
        "meta.created gt \"yesterday\"",
        "userName eq \"\\u12\"",
        "",
        &deep,
        &many,
    ] {
        let path = format!("/Users?filter={}", encoded(filter));
        service.get(&path).await.is_scim_error(400, Some("invalidFilter"));
    }
    let bounded = service.get(&format!("/Users?filter={}", encoded(&long))).await;
    assert!(matches!(bounded.status, 200 | 400), "{}", bounded.status);
    for query in ["filter=%", "filter=%ff", "filter=a%00", "filter=title+pr&filter=title+pr"] {
        let refused = service.get(&format!("/Users?{query}")).await;
        let scim_type = refused["scimType"].as_str().map(str::to_owned);
        assert!(matches!(scim_type.as_deref(), Some("invalidSyntax" | "invalidValue")), "{}", refused.text);
        refused.is_scim_error(400, scim_type.as_deref());
    }
    assert_eq!(found(&service, "/Users", "userName pr", "userName").await, ["ann@example.com"]);
    let plus = listed(&service, "/Users?filter=userName+eq+%22ann@example.com%22+and+active+eq+true").await;
    assert_eq!(plus["totalResults"], 1);
});

on_both_databases!(lists_have_the_order_that_is_asked_for, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    people(&service).await;
    let letters = |names: Vec<String>| names.iter().map(|name| name[..1].to_lowercase()).collect::<String>();
    for (by, up) in [("userName", "abcde"), ("emails", "abcde")] {
        let mut down: String = up.chars().rev().collect();
        for (order, wanted) in [("ascending", up.to_owned()), ("descending", std::mem::take(&mut down))] {
            let answer = listed(&service, &format!("/Users?sortBy={by}&sortOrder={order}")).await;
            assert_eq!(letters(members(&answer, "userName")), wanted, "{by} {order}");
            // Page by page in the same order.
            let mut paged = String::new();
            for start in 1..=5 {
                let page = format!("/Users?sortBy={by}&sortOrder={order}&startIndex={start}&count=1");
                paged += &letters(members(&listed(&service, &page).await, "userName"));
            }
            assert_eq!(paged, wanted, "{by} {order}");
        }
    }
    // Who has no value comes last, or first the other way round (RFC 7644 section 3.4.2.3).
    let named = listed(&service, "/Users?sortBy=name.familyName").await;
    assert_eq!(letters(members(&named, "userName")), "bcade");
    let named = listed(&service, "/Users?sortBy=name.familyName&sortOrder=DESCENDING").await;
    assert_eq!(letters(members(&named, "userName")), "edacb");
    for query in ["sortBy=nothing", "sortBy=userName&sortOrder=up", "sortBy=emails[type%20pr]"] {
        service.get(&format!("/Users?{query}")).await.is_scim_error(400, Some("invalidValue"));
    }
});

on_both_databases!(pages_by_index_are_counted_from_one, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let ids = people(&service).await;
    for name in ["a", "b", "c", "d", "e"] {
        made(&service, "/Groups", group(name, &[])).await;
        made(&service, "/Agents", agent(name)).await;
    }
    for kind in ["/Users", "/Groups", "/Agents"] {
        let all = members(&listed(&service, kind).await, "id");
        assert_eq!(all.len(), 5, "{kind}");
        for (query, wanted, start) in [
            ("startIndex=1&count=2", &all[0..2], 1),
            ("startIndex=3&count=2", &all[2..4], 3),
            ("startIndex=5&count=2", &all[4..5], 5),
            ("startIndex=2&count=2", &all[1..3], 2),
            ("startIndex=6", &all[5..], 6),
            ("startIndex=600&count=1000000", &all[5..], 600),
            ("startIndex=0&count=1", &all[..1], 1),
            ("startIndex=-7&count=1", &all[..1], 1),
            ("count=0", &all[..0], 1),
            ("count=-3", &all[..0], 1),
            ("startIndex=&count=", &all[..], 1),
        ] {
            let page = listed(&service, &format!("{kind}?{query}")).await;
            assert_eq!(members_or_none(&page), wanted, "{kind} {query}");
            assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(5), &json!(start)), "{query}");
        }
        for query in ["startIndex=x", "count=x", "count=1.5", "count=99999999999999999999"] {
            service.get(&format!("{kind}?{query}")).await.is_scim_error(400, Some("invalidValue"));
        }
    }
    service.delete(&format!("/Users/{}", ids[0])).await.is(204);
    assert_eq!(listed(&service, "/Users?count=0").await["totalResults"], 4);
});

fn members_or_none(page: &deputy_tests::Answer) -> Vec<String> {
    page["Resources"].as_array().map_or(Vec::new(), |_| members(page, "id"))
}

on_both_databases!(pages_by_cursor_lead_to_the_end, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    people(&service).await;
    for name in ["a", "b", "c"] {
        made(&service, "/Groups", group(name, &[])).await;
        made(&service, "/Agents", agent(name)).await;
    }
    for query in [
        "/Users?",
        "/Groups?",
        "/Agents?",
        "/Users?sortBy=name.familyName&sortOrder=descending&",
        "/Agents?filter=agentUserName%20pr&sortBy=agentUserName&",
    ] {
        let all = members(&listed(&service, query.trim_end_matches(['?', '&'])).await, "id");
        let (mut came, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = listed(&service, &format!("{query}count=2&cursor={}", encoded(&cursor))).await;
            came.extend(members(&page, "id"));
            pages += 1;
            match page["nextCursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(came, all, "{query}");
        assert_eq!(pages, all.len().div_ceil(2), "{query}");
    }
    let first = listed(&service, "/Users?count=2&cursor=").await;
    let cursor = encoded(first["nextCursor"].as_str().expect("a cursor"));
    for path in [
        "/Users?cursor=nonsense".to_owned(),
        format!("/Users?cursor={cursor}&filter=title%20pr"),
        format!("/Users?cursor={cursor}&sortBy=userName"),
        format!("/Groups?cursor={cursor}"),
    ] {
        service.get(&path).await.is_scim_error(400, Some("invalidCursor"));
    }
    let both = service.get(&format!("/Users?cursor={cursor}&startIndex=1")).await;
    both.is_scim_error(400, Some("invalidValue"));
    service.get("/Users?cursor=&count=x").await.is_scim_error(400, Some("invalidCount"));
});

on_both_databases!(a_list_shows_what_is_asked_for, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    people(&service).await;
    let names = |one: &Value| one.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let urn = encoded(&format!("{ENTERPRISE}:department"));
    for (query, wanted) in [
        ("attributes=userName".to_owned(), "id schemas userName"),
        ("attributes=emails.value,NAME".to_owned(), "emails id name schemas"),
        (
            format!("attributes={urn}"),
            "id schemas urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ),
        ("attributes=nothing,password".to_owned(), "id schemas"),
        (
            format!("excludedAttributes=id,meta,emails,name,title,active,externalId,{}", encoded(ENTERPRISE)),
            "id schemas userName",
        ),
    ] {
        let page = listed(&service, &format!("/Users?count=1&{query}")).await;
        assert_eq!(names(&page["Resources"][0]), wanted, "{query}");
    }
    let values = listed(&service, "/Users?count=1&attributes=emails.value").await;
    assert_eq!(values["Resources"][0]["emails"][0], json!({"value": "ann@example.com"}));
});

on_both_databases!(a_search_is_a_list, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    people(&service).await;
    made(&service, "/Groups", group("engineers", &[])).await;
    made(&service, "/Agents", agent("crawler")).await;
    let search = async |path: &str, more: Value| {
        let mut body = json!({"schemas": [SEARCH]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        tidy(service.post(path, body).await)
    };
    let more = json!({"filter": "title eq \"engineer\"", "sortBy": "userName", "sortOrder": "descending",
        "startIndex": 1, "count": 1, "attributes": ["userName"]});
    let page = search("/Users/.search", more).await.is(200);
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(2), &json!(1)));
    assert_eq!(page["Resources"][0]["userName"], "bob@example.com");
    assert!(page["Resources"][0].get("meta").is_none());

    // At the root: one type after the other.
    let all = search("/.search", json!({})).await.is(200);
    assert_eq!(all["totalResults"], 7);
    let kinds: Vec<_> =
        all["Resources"].as_array().unwrap().iter().map(|one| one["meta"]["resourceType"].clone()).collect();
    assert_eq!(kinds, ["User", "User", "User", "User", "User", "Group", "Agent"]);
    let ids = members(&all, "id");
    let mut paged = Vec::new();
    for start in [1, 4, 7] {
        let page = search("/.search", json!({"startIndex": start, "count": 3})).await.is(200);
        assert_eq!(page["totalResults"], 7, "{start}");
        paged.extend(members(&page, "id"));
    }
    assert_eq!(paged, ids);
    let (mut paged, mut cursor) = (Vec::new(), json!(""));
    while cursor.is_string() {
        let page = search("/.search", json!({"cursor": cursor, "count": 2})).await.is(200);
        paged.extend(members(&page, "id"));
        cursor = page["nextCursor"].clone();
    }
    assert_eq!(paged, ids);
    let filter = json!({"filter": "displayName eq \"engineers\" or userName sw \"ann\""});
    let some = search("/.search", filter).await.is(200);
    assert_eq!(some["totalResults"], 2, "{}", some.text);

    for path in ["/.search", "/Users/.search"] {
        let wrong = search(path, json!({"filter": "nothing eq 1"})).await;
        wrong.is_scim_error(400, Some("invalidFilter"));
        search(path, json!({"attributes": [1]})).await.is_scim_error(400, Some("invalidValue"));
        service.post(path, json!({"filter": "title pr"})).await.is_scim_error(400, Some("invalidSyntax"));
    }
});

on_both_databases!(a_tenant_is_listed_alone, async |db| {
    let server = db.server();
    let (tenant, other) = (server.tenant().await, server.tenant().await);
    let (ours, theirs) = (tenant.scim_as("scim").await, other.scim_as("scim").await);
    let alice = made(&ours, "/Users", user("alice@example.com")).await;
    made(&ours, "/Groups", group("crm", &[&alice])).await;
    for kind in ["/Users", "/Groups", "/Agents"] {
        assert_eq!(listed(&theirs, kind).await["totalResults"], 0, "{kind}");
    }
    theirs.get(&format!("/Users/{alice}")).await.is_scim_error(404, None);
    theirs.delete(&format!("/Users/{alice}")).await.is_scim_error(404, None);
    assert!(found(&theirs, "/Groups", &format!(r#"members eq "{alice}""#), "id").await.is_empty());
    assert_eq!(found(&ours, "/Groups", &format!(r#"members eq "{alice}""#), "id").await.len(), 1);
});
