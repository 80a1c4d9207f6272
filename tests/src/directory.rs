//! An identity provider, as far as tests need one: it provisions people and groups over SCIM.

use serde_json::{Value, json};

use crate::{Answer, Api, Tenant};

/// A client of a tenant's SCIM service.
#[derive(Clone, Debug)]
pub struct Directory {
    /// The service, `/t/{slug}/scim/v2`, with a key of its own.
    pub scim: Api,
}

impl Directory {
    /// A directory that is connected to a tenant.
    pub async fn of(tenant: &Tenant) -> Self {
        Self { scim: tenant.scim_as("scim").await }
    }

    /// Provisions a person, whose address is their name, and returns their id.
    pub async fn user(&self, name: &str) -> String {
        self.user_with(name, json!({})).await
    }

    /// The same, with more attributes.
    pub async fn user_with(&self, name: &str, more: Value) -> String {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": name,
            "emails": [{"value": name, "type": "work", "primary": true}],
            "active": true,
        });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        self.scim.post("/Users", body).await.is(201).text_of("id")
    }

    /// Provisions a group with these members, by id, and returns its id.
    pub async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": members,
        });
        self.scim.post("/Groups", body).await.is(201).text_of("id")
    }

    /// The id of the person with this name, who must be there.
    pub async fn find(&self, name: &str) -> String {
        let path = format!("/Users?filter=userName%20eq%20%22{name}%22");
        let found = self.scim.get(&path).await.is(200);
        assert_eq!(found["totalResults"], 1, "{name}");
        found["Resources"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// Patches a resource by its path, such as `/Users/7`.
    pub async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.scim.patch(path, body).await
    }

    /// Says whether a person is active, as Okta's catalogue applications do.
    pub async fn set_active(&self, user: &str, active: bool) {
        let operations = json!([{"op": "replace", "value": {"active": active}}]);
        self.patch(&format!("/Users/{user}"), operations).await.is(200);
    }

    /// Deactivates the person with this name.
    pub async fn leaves(&self, name: &str) {
        self.set_active(&self.find(name).await, false).await;
    }

    /// Puts somebody into a group.
    pub async fn join(&self, group: &str, member: &str) {
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": member}]}]);
        self.patch(&format!("/Groups/{group}"), operations).await.is(204);
    }

    /// Takes somebody out of a group.
    pub async fn part(&self, group: &str, member: &str) {
        let path = format!("members[value eq \"{member}\"]");
        self.patch(&format!("/Groups/{group}"), json!([{"op": "remove", "path": path}])).await.is(204);
    }
}
