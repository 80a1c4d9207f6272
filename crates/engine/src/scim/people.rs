//! People: made, changed and removed, and what follows for what they own.
//!
//! A person who was only named, as an owner in a manifest say, is adopted by the first write that knows them. One who
//! was removed and comes again is somebody else, with another id.

use std::collections::BTreeSet;

use deputy_scim::{Path, Resource, USER, fold};
use deputy_store::{
    Person, TenantTx,
    event::{EventDraft, Touched},
    model::Principal,
};
use serde_json::json;

use super::{
    Change,
    answer::tag,
    roles,
    texts::{require_names, taken},
};
use crate::{
    Refusal,
    ownership::{end_for_subject, settle_owned},
};

/// POST.
pub(super) async fn create(
    tx: &mut TenantTx<'_>,
    change: &Change,
    mut resource: Resource,
    id: String,
) -> Result<Person, Refusal> {
    require_names(&resource, "userName")?;
    default_active(&mut resource, true);
    let now = tx.now();
    let user_name = resource.text("userName").unwrap_or_default().to_owned();
    let known = match tx.person_named(&user_name).await? {
        Some(known) if !known.placeholder => return Err(name_taken(&user_name)),
        Some(named) => Some(named),
        None => named_by_email(tx, &resource).await?,
    };
    let Some(before) = known else {
        let person =
            Person { id, placeholder: false, resource, version: 1, created_at: now, updated_at: now };
        tx.insert_people(std::slice::from_ref(&person)).await?;
        tell(tx, change, "user.created", &person).await?;
        roles::follow(tx, change, &Principal::User(person.id.clone()), None, Some(&person.resource)).await?;
        return Ok(person);
    };
    let after = Person {
        placeholder: false,
        resource,
        version: before.version + 1,
        updated_at: now,
        ..before.clone()
    };
    write(tx, change, &before, &after, "user.adopted").await?;
    Ok(after)
}

/// PUT and PATCH: what `rewritten` makes of the person.
pub(super) async fn rewrite(
    tx: &mut TenantTx<'_>,
    change: &Change,
    id: &str,
    rewritten: impl FnOnce(&Resource) -> Result<Resource, Refusal>,
) -> Result<Person, Refusal> {
    let before = tx.person(id).await?.ok_or(Refusal::NotFound)?;
    change.require_version(&tag(before.version))?;
    let mut resource = rewritten(&before.resource)?;
    require_names(&resource, "userName")?;
    // Nobody is activated by what a client leaves out.
    default_active(&mut resource, before.resource.flag("active").unwrap_or(true));
    if resource == before.resource && !before.placeholder {
        return Ok(before);
    }
    let user_name = resource.text("userName").unwrap_or_default();
    if tx.person_named(user_name).await?.is_some_and(|other| other.id != id) {
        return Err(name_taken(user_name));
    }
    let after = Person {
        placeholder: false,
        resource,
        version: before.version + 1,
        updated_at: tx.now(),
        ..before.clone()
    };
    let action = match (is_active(&before), is_active(&after)) {
        (true, false) => "user.deactivated",
        (false, true) => "user.reactivated",
        _ => "user.changed",
    };
    write(tx, change, &before, &after, action).await?;
    Ok(after)
}

/// DELETE.
pub(super) async fn delete(tx: &mut TenantTx<'_>, change: &Change, id: &str) -> Result<(), Refusal> {
    let person = tx.person(id).await?.ok_or(Refusal::NotFound)?;
    change.require_version(&tag(person.version))?;
    let own = Principal::User(id.to_owned());
    let mut affected: BTreeSet<Principal> =
        tx.groups_above(&[own.to_string()]).await?.into_iter().map(Principal::Group).collect();
    affected.insert(own.clone());
    tell(tx, change, "user.deleted", &person).await?;
    tx.delete_person(id).await?;
    roles::forget(tx, change, &own).await?;
    end_for_subject(tx, &change.settling, id, "the person was deleted")?;
    settle_owned(tx, &change.settling.about(id), &affected).await
}

async fn write(
    tx: &mut TenantTx<'_>,
    change: &Change,
    before: &Person,
    after: &Person,
    action: &'static str,
) -> Result<(), Refusal> {
    tx.update_person(after).await?;
    tell(tx, change, action, after).await?;
    let own = Principal::User(after.id.clone());
    roles::follow(tx, change, &own, Some(&before.resource), Some(&after.resource)).await?;
    if is_active(before) == is_active(after) {
        return Ok(());
    }
    if !is_active(after) {
        end_for_subject(tx, &change.settling, &after.id, "the person was deactivated")?;
    }
    settle_owned(tx, &change.settling.about(&after.id), &BTreeSet::from([own])).await
}

/// The event of a change; memory reads the person again only if it holds them.
async fn tell(
    tx: &mut TenantTx<'_>,
    change: &Change,
    action: &'static str,
    person: &Person,
) -> Result<(), Refusal> {
    let user = person.user();
    let detail = json!({
        "userName": user.user_name,
        "externalId": user.external_id,
        "active": user.active,
    });
    let mut event: EventDraft = change.settling.by.event(action).detail(&detail);
    event.subject = Some(person.id.clone());
    if tx.names_person(&person.id).await? {
        event.touched.push(Touched::User(person.id.clone()));
    }
    tx.event(event);
    Ok(())
}

fn is_active(person: &Person) -> bool {
    person.resource.flag("active").unwrap_or(true)
}

fn default_active(resource: &mut Resource, active: bool) {
    if resource.flag("active").is_none()
        && let Ok(path) = Path::parse("active", &USER)
    {
        resource.put(&path, active.into());
    }
}

/// Who was named by one of the person's addresses, if that is one.
async fn named_by_email(tx: &TenantTx<'_>, resource: &Resource) -> Result<Option<Person>, Refusal> {
    let Ok(path) = Path::parse("emails.value", &USER) else { return Ok(None) };
    let addresses: BTreeSet<String> =
        resource.values(&path).into_iter().filter_map(|value| value.as_str()).map(fold).collect();
    let mut found: Option<Person> = None;
    for address in addresses.into_iter().filter(|address| !address.is_empty()) {
        for named in tx.named_by_email(&address).await? {
            if found.as_ref().is_some_and(|known| known.id != named.id) {
                return Ok(None);
            }
            found = Some(named);
        }
    }
    Ok(found)
}

fn name_taken(user_name: &str) -> Refusal {
    taken(format!("there is a user with the userName `{user_name}` already"))
}
