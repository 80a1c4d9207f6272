//! What is kept, in the form in which SCIM answers it: with `id`, `meta` and what is computed.

use std::collections::BTreeMap;

use deputy_scim::{GROUP, Meta, Path, Projection, Resource, ResourceType, weak_etag};
use deputy_store::{Membership, Person, Team};
use serde_json::{Map, Value, json};

use super::ScimAnswer;

/// The answer for a resource that is complete.
pub(super) fn answer(resource: &Resource, projection: &Projection) -> ScimAnswer {
    let meta = resource.body().get("meta");
    let part = |name: &str| {
        let text = meta.and_then(|meta| meta.get(name)).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    ScimAnswer { body: projection.apply(resource), etag: part("version"), location: part("location") }
}

/// The entity tag of something whose writes are counted.
pub(super) fn tag(version: i64) -> String {
    weak_etag(&version.to_string())
}

/// A person with the groups that they are in.
pub(super) fn person(person: &Person, groups: &[Membership], base: &str) -> Resource {
    let mut resource = person.resource.clone();
    put_groups(&mut resource, groups, base);
    let (created, last_modified) = (person.created_at.0, person.updated_at.0);
    finish(&mut resource, &person.id, &tag(person.version), base, created, last_modified);
    resource
}

/// A group with these members, if they are wanted.
pub(super) fn team(
    team: &Team,
    members: &[Membership],
    names: &BTreeMap<String, String>,
    base: &str,
) -> Resource {
    let mut body = attributes(team);
    let members: Vec<Value> =
        members.iter().filter_map(|one| member(&one.member, one.display.as_deref(), names, base)).collect();
    body.insert("members".to_owned(), members.into());
    let mut resource = Resource::from_stored(&GROUP, body);
    let (created, last_modified) = (team.created_at.0, team.updated_at.0);
    finish(&mut resource, &team.id, &tag(team.version), base, created, last_modified);
    resource
}

/// A group whose members nobody asks for.
pub(super) fn team_alone(group: &Team, base: &str) -> Resource {
    team(group, &[], &BTreeMap::new(), base)
}

/// What a group says of itself, without its members.
pub(super) fn attributes(team: &Team) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("displayName".to_owned(), team.name.as_str().into());
    body.extend(team.external_id.as_deref().map(|id| ("externalId".to_owned(), id.into())));
    body
}

/// Sets what the server decides of every resource.
pub(super) fn finish(
    resource: &mut Resource,
    id: &str,
    etag: &str,
    base: &str,
    created: i64,
    last_modified: i64,
) {
    resource.set_id(id);
    resource.set_meta(&Meta { created, last_modified, version: etag, base, id });
}

/// Sets the groups that somebody or something is in directly.
pub(super) fn put_groups(resource: &mut Resource, groups: &[Membership], base: &str) {
    let Ok(path) = Path::parse("groups", resource.kind()) else { return };
    let entry = |one: &Membership| {
        json!({
            "value": one.group,
            "$ref": format!("{base}/Groups/{}", one.group),
            "display": one.display.as_deref().unwrap_or_default(),
            "type": "direct",
        })
    };
    resource.put(&path, groups.iter().map(entry).collect());
}

/// Somebody or something by `user:{id}`, as members and owners are written; `names` has those without a `display`.
pub(super) fn member(
    principal: &str,
    display: Option<&str>,
    names: &BTreeMap<String, String>,
    base: &str,
) -> Option<Value> {
    let (kind, id) = principal.split_once(':')?;
    let kind = ResourceType::find(kind)?;
    let mut entry = json!({
        "value": id,
        "$ref": format!("{base}{}/{id}", kind.endpoint),
        "type": kind.name,
    });
    let display = display.or_else(|| names.get(principal).map(String::as_str));
    if let (Some(display), Some(entry)) = (display, entry.as_object_mut()) {
        entry.insert("display".to_owned(), display.into());
    }
    Some(entry)
}
