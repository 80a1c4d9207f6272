//! Who is live among owners, as the database has it in this transaction.
//!
//! An owner is live when it is an active person, or a group with an active person in it, however deep. A group that
//! was named before any sync knew it counts as live until the sync says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::Value;

use crate::{StoreError, TenantRead, model::Principal, sql};

/// How deep groups may lie in groups before membership stops counting.
const MOST_NESTING: usize = 16;

/// Groups with an active person, and those that are only named; the search ends at the first person found.
const WITH_PEOPLE: &str = "SELECT g.id FROM groups g WHERE g.tenant = ? AND (\
     (g.placeholder = 1 AND NOT EXISTS (\
         SELECT 1 FROM group_members m WHERE m.tenant = g.tenant AND m.group_id = g.id)) \
     OR EXISTS (SELECT 1 FROM group_members m \
         JOIN users u ON u.tenant = m.tenant AND u.id = substr(m.member, 6) AND u.active = 1 \
         WHERE m.tenant = g.tenant AND m.group_id = g.id AND substr(m.member, 1, 5) = 'user:')) \
     AND g.id IN";

impl TenantRead<'_> {
    /// Those of these owners who are live.
    pub async fn live(&self, owners: &BTreeSet<Principal>) -> Result<BTreeSet<Principal>, StoreError> {
        let (mut users, mut groups) = (Vec::new(), BTreeSet::new());
        for owner in owners {
            match owner {
                Principal::User(id) => users.push(id.clone()),
                Principal::Group(id) => drop(groups.insert(id.clone())),
                Principal::Agent(_) => {}
            }
        }
        let active = "SELECT id FROM users WHERE tenant = ? AND active = 1 AND id IN";
        let users = self.ids_where(active, &users).await?;
        let groups = self.live_groups(&groups).await?;
        Ok(users.into_iter().map(Principal::User).chain(groups.into_iter().map(Principal::Group)).collect())
    }

    async fn live_groups(&self, wanted: &BTreeSet<String>) -> Result<BTreeSet<String>, StoreError> {
        let mut live = BTreeSet::new();
        let mut inside: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut seen = wanted.clone();
        let mut next: Vec<String> = wanted.iter().cloned().collect();
        for _ in 0..=MOST_NESTING {
            if next.is_empty() {
                break;
            }
            live.extend(self.ids_where(WITH_PEOPLE, &next).await?);
            next.retain(|group| !live.contains(group));
            let mut found = Vec::new();
            for (group, member) in self.members_but_people(&next).await? {
                let Some(nested) = member.strip_prefix("group:") else { continue };
                inside.entry(nested.to_owned()).or_default().push(group);
                if seen.insert(nested.to_owned()) {
                    found.push(nested.to_owned());
                }
            }
            next = found;
        }
        // From each live group up to those that it lies in.
        let mut up: Vec<String> = live.iter().cloned().collect();
        while let Some(group) = up.pop() {
            for outer in inside.get(&group).into_iter().flatten() {
                if live.insert(outer.clone()) {
                    up.push(outer.clone());
                }
            }
        }
        live.retain(|group| wanted.contains(group));
        Ok(live)
    }

    /// The agents and groups in these groups, as (group id, member).
    pub(crate) async fn members_but_people(
        &self,
        groups: &[String],
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut found = Vec::new();
        for chunk in groups.chunks(sql::IN_CHUNK) {
            let text = format!(
                "SELECT group_id, member FROM group_members \
                 WHERE tenant = ? AND substr(member, 1, 5) <> 'user:' AND group_id IN {}",
                sql::marks(chunk.len())
            );
            let values = chunk.iter().map(|id| Value::from(id.as_str())).collect();
            for row in self.all(&text, values).await? {
                found.push((row.try_get("", "group_id")?, row.try_get("", "member")?));
            }
        }
        Ok(found)
    }

    /// Every group that any of these is in, directly or through other groups; members as `user:{id}`.
    pub async fn groups_above(&self, members: &[String]) -> Result<BTreeSet<String>, StoreError> {
        let mut found = BTreeSet::new();
        let mut next = members.to_vec();
        while !next.is_empty() {
            let groups: BTreeSet<String> =
                self.memberships(&next).await?.into_iter().map(|(_, group)| group).collect();
            next = groups.iter().filter(|id| !found.contains(*id)).map(|id| format!("group:{id}")).collect();
            found.extend(groups);
        }
        Ok(found)
    }
}
