//! From what people write (`user:alice@example.com`, `agent:planner`) to who is meant, by id.
//!
//! A user is found by folded `userName`, else as the one active user with that e-mail; a group by
//! folded name; an agent by name. An id serves as well. Two that match are an error, never a guess.

use std::collections::{BTreeMap, BTreeSet};

use deputy_manifest::{PrincipalKind, Reference};
use deputy_store::{
    Group, TenantRead, TenantTx, User,
    event::{EventDraft, Touched},
    fold,
    model::{Agent, Principal},
};

use crate::{Caller, Refusal};

/// Finds who is meant; `None` when there is nobody.
pub(crate) async fn find(read: &TenantRead<'_>, reference: &Reference) -> Result<Option<Principal>, Refusal> {
    let target = reference.target();
    Ok(match reference.kind() {
        PrincipalKind::Agent => {
            let named = read.find_named::<Agent>(target).await?;
            let found = match named {
                Some(agent) => Some(agent),
                None => read.find::<Agent>(target).await?,
            };
            found.map(|agent| Principal::Agent(agent.id))
        }
        PrincipalKind::User => {
            let mut found = read.users_named(target).await?;
            if found.len() > 1 {
                return Err(Refusal::conflict(format!(
                    "`{reference}` matches more than one user: use the id"
                )));
            }
            let found = match found.pop() {
                Some(user) => Some(user),
                None => read.user(target).await?,
            };
            found.map(|user| Principal::User(user.id))
        }
        PrincipalKind::Group => {
            let found = match read.group_named(target).await? {
                Some(group) => Some(group),
                None => read.groups(Some(&[target.to_owned()])).await?.pop(),
            };
            found.map(|group| Principal::Group(group.id))
        }
    })
}

/// Finds who is meant, or says which member names nobody.
pub(crate) async fn require(
    read: &TenantRead<'_>,
    field: &'static str,
    reference: &Reference,
) -> Result<Principal, Refusal> {
    let unknown = || Refusal::invalid(field, format!("`{reference}` is not known in this tenant"));
    find(read, reference).await?.ok_or_else(unknown)
}

/// Principals as people write them, by the names that they have in this transaction.
pub(crate) async fn labels(
    read: &TenantRead<'_>,
    principals: &BTreeSet<Principal>,
) -> Result<BTreeMap<Principal, String>, Refusal> {
    let ids = |kind: &str| -> Vec<String> {
        principals.iter().filter(|one| one.kind() == kind).map(|one| one.id().to_owned()).collect()
    };
    let mut labels = BTreeMap::new();
    for user in read.users(&ids("user")).await? {
        labels.insert(Principal::User(user.id), format!("user:{}", user.user_name));
    }
    for group in read.groups(Some(&ids("group"))).await? {
        labels.insert(Principal::Group(group.id), format!("group:{}", group.name));
    }
    Ok(labels)
}

/// Principals as people write them, given their labels; by id who is gone.
pub(crate) fn named(principals: &BTreeSet<Principal>, labels: &BTreeMap<Principal, String>) -> Vec<String> {
    let label = |one: &Principal| labels.get(one).cloned().unwrap_or_else(|| one.to_string());
    principals.iter().map(label).collect()
}

/// Who is meant by many references, each looked up once.
#[derive(Debug, Default)]
pub(crate) struct Known {
    found: BTreeMap<Reference, Principal>,
}

impl FromIterator<(Reference, Principal)> for Known {
    fn from_iter<I: IntoIterator<Item = (Reference, Principal)>>(found: I) -> Self {
        Self { found: found.into_iter().collect() }
    }
}

impl Known {
    /// Who is meant, if that was found.
    pub(crate) fn get(&self, reference: &Reference) -> Option<&Principal> {
        self.found.get(reference)
    }

    /// Looks owners up; those who are unknown become placeholders when `ids` gives them ids, and are
    /// returned as unknown when it does not.
    pub(crate) async fn owners(
        &mut self,
        tx: &mut TenantTx<'_>,
        caller: &Caller,
        wanted: BTreeSet<Reference>,
        mut ids: Option<Vec<String>>,
    ) -> Result<Vec<Reference>, Refusal> {
        let mut unknown = Vec::new();
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        let mut by_folded: BTreeMap<(PrincipalKind, String), Principal> = BTreeMap::new();
        for reference in wanted {
            let key = (reference.kind(), fold(reference.target()));
            let known = match by_folded.get(&key) {
                Some(known) => Some(known.clone()),
                None => find(tx, &reference).await?,
            };
            let principal = match (known, reference.kind(), ids.as_mut().and_then(Vec::pop)) {
                (Some(known), _, _) => known,
                (None, PrincipalKind::User, Some(id)) => {
                    users.push(placeholder_user(id.clone(), reference.target()));
                    Principal::User(id)
                }
                (None, PrincipalKind::Group, Some(id)) => {
                    groups.push(placeholder_group(id.clone(), reference.target()));
                    Principal::Group(id)
                }
                (None, _, _) => {
                    unknown.push(reference);
                    continue;
                }
            };
            by_folded.insert(key, principal.clone());
            self.found.insert(reference, principal);
        }
        if unknown.is_empty() && !(users.is_empty() && groups.is_empty()) {
            tx.insert_users(&users).await?;
            tx.insert_groups(&groups).await?;
            tx.event(placeholders_event(caller, &users, &groups));
        }
        Ok(unknown)
    }
}

pub(crate) fn placeholder_user(id: String, name: &str) -> User {
    let email = name.contains('@').then(|| name.to_owned());
    let user_name = name.to_owned();
    User { id, user_name, email, display: None, active: true, placeholder: true, external_id: None }
}

pub(crate) fn placeholder_group(id: String, name: &str) -> Group {
    Group { id, name: name.to_owned(), placeholder: true, members: Vec::new() }
}

pub(crate) fn placeholders_event(caller: &Caller, users: &[User], groups: &[Group]) -> EventDraft {
    let names: Vec<String> = (users.iter().map(|user| format!("user:{}", user.user_name)))
        .chain(groups.iter().map(|group| format!("group:{}", group.name)))
        .collect();
    let mut event = caller.event("owners.created").detail(&serde_json::json!({"placeholders": names}));
    event.touched.extend(users.iter().map(|user| Touched::User(user.id.clone())));
    event.touched.extend(groups.iter().map(|group| Touched::Group(group.id.clone())));
    event
}
