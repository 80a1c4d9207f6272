//! Groups: made, changed and removed. Members are added and taken away by their ids alone.

use std::collections::{BTreeMap, BTreeSet};

use deputy_scim::{GROUP, MemberDelta, Patch, Resource, Split, Unknown};
use deputy_store::{Team, TenantTx, event::Touched, model::Principal};
use serde_json::{Map, Value, json};

use super::{
    Change, answer,
    answer::{attributes, tag},
    members::{self, Moved},
    roles,
    texts::{require_names, taken},
};
use crate::{Refusal, ownership::settle_owned};

/// POST.
pub(super) async fn create(
    tx: &mut TenantTx<'_>,
    change: &Change,
    mut resource: Resource,
    id: String,
) -> Result<Team, Refusal> {
    require_names(&resource, "displayName")?;
    let wanted = members::delta_of(resource.take_members().unwrap_or_default());
    let name = resource.text("displayName").unwrap_or_default().to_owned();
    let now = tx.now();
    let (team, action) = match tx.team_named(&name).await? {
        Some(known) if !known.placeholder => return Err(name_taken(&name)),
        Some(named) => (Team { version: named.version + 1, ..named }, "group.adopted"),
        None => {
            let (created_at, updated_at) = (now, now);
            let team = Team {
                id,
                name: String::new(),
                external_id: None,
                placeholder: false,
                version: 1,
                created_at,
                updated_at,
            };
            (team, "group.created")
        }
    };
    let team = Team { placeholder: false, updated_at: now, ..named_by(team, &resource) };
    match action {
        "group.created" => tx.insert_team(&team).await?,
        _ => tx.update_team(&team).await?,
    }
    let moved = members::apply(tx, &team.id, &wanted).await?;
    finish(tx, change, action, &team, &moved, true).await?;
    Ok(team)
}

/// What a request makes of a group.
pub(super) enum Rewrite {
    /// PUT: the body.
    Replace(Map<String, Value>),
    /// PATCH: the operations.
    Patch(Patch),
}

/// PUT and PATCH.
pub(super) async fn rewrite(
    tx: &mut TenantTx<'_>,
    change: &Change,
    id: &str,
    rewrite: Rewrite,
) -> Result<Team, Refusal> {
    let before = tx.team(id).await?.ok_or(Refusal::NotFound)?;
    change.require_version(&tag(before.version))?;
    let own = Resource::from_stored(&GROUP, attributes(&before));
    let (mut after, delta) = match rewrite {
        Rewrite::Replace(body) => {
            let mut after = own.replace(&body, Unknown::Ignore).map_err(Refusal::scim)?;
            let sent = after.take_members().unwrap_or_default();
            (after, MemberDelta { replaced: true, ..members::delta_of(sent) })
        }
        Rewrite::Patch(patch) => match patch.split_members().map_err(Refusal::scim)? {
            Some(Split { members, rest }) => (rest.apply(&own).map_err(Refusal::scim)?, members),
            None => patched_whole(tx, &before, &patch).await?,
        },
    };
    after.take_members();
    require_names(&after, "displayName")?;
    let named = named_by(before.clone(), &after);
    if tx.team_named(&named.name).await?.is_some_and(|other| other.id != id) {
        return Err(name_taken(&named.name));
    }
    let moved = members::apply(tx, id, &delta).await?;
    let is_renamed = named != before || before.placeholder;
    if !is_renamed && moved.is_empty() {
        return Ok(before);
    }
    let team = Team { placeholder: false, version: before.version + 1, updated_at: tx.now(), ..named };
    tx.update_team(&team).await?;
    finish(tx, change, "group.changed", &team, &moved, is_renamed).await?;
    Ok(team)
}

/// A patch that asks more of members than their ids: all of them are read for it.
async fn patched_whole(
    tx: &TenantTx<'_>,
    before: &Team,
    patch: &Patch,
) -> Result<(Resource, MemberDelta), Refusal> {
    let members = tx.members(std::slice::from_ref(&before.id)).await?;
    let whole = answer::team(before, &members, &BTreeMap::new(), "");
    let mut after = patch.apply(&whole).map_err(Refusal::scim)?;
    let sent = after.take_members().unwrap_or_default();
    Ok((after, MemberDelta { replaced: true, ..members::delta_of(sent) }))
}

/// DELETE.
pub(super) async fn delete(tx: &mut TenantTx<'_>, change: &Change, id: &str) -> Result<(), Refusal> {
    let team = tx.team(id).await?.ok_or(Refusal::NotFound)?;
    change.require_version(&tag(team.version))?;
    let own = Principal::Group(id.to_owned());
    let mut affected: BTreeSet<Principal> =
        tx.groups_above(&[own.to_string()]).await?.into_iter().map(Principal::Group).collect();
    affected.insert(own.clone());
    tx.delete_team(id).await?;
    roles::forget(tx, change, &own).await?;
    let mut event =
        change.settling.by.event("group.deleted").detail(&json!({"displayName": team.name, "id": id}));
    event.touched.push(Touched::Group(id.to_owned()));
    tx.event(event);
    settle_owned(tx, &change.settling, &affected).await
}

/// The event of a change, and what follows from who came and who went.
async fn finish(
    tx: &mut TenantTx<'_>,
    change: &Change,
    action: &'static str,
    team: &Team,
    moved: &Moved,
    is_renamed: bool,
) -> Result<(), Refusal> {
    let detail = json!({
        "displayName": team.name,
        "id": team.id,
        "added": moved.added.len(),
        "removed": moved.removed.len(),
    });
    let mut event = change.settling.by.event(action).detail(&detail);
    // Memory holds no people of a group, so that their coming and going leaves it as it is.
    if is_renamed || moved.more_than_people() {
        event.touched.push(Touched::Group(team.id.clone()));
    }
    tx.event(event);
    members::require_no_conflicts(tx, moved).await?;
    let own = BTreeSet::from([Principal::Group(team.id.clone())]);
    settle_owned(tx, &change.settling, &own).await
}

fn named_by(team: Team, resource: &Resource) -> Team {
    let text = |name| resource.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Team { name: text("displayName").unwrap_or_default(), external_id: text("externalId"), ..team }
}

fn name_taken(name: &str) -> Refusal {
    taken(format!("there is a group with the displayName `{name}` already"))
}
