//! Who is meant by the people that a manifest names: looked up together, whatever their number.
//!
//! A user is known by folded `userName`, else as the one active user with that e-mail, else by id; a
//! group by folded name, else by id. Two that fit are a problem of the file, never a guess.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use deputy_manifest::{PrincipalKind, Reference};
use deputy_store::{Group, TenantRead, User, fold, model::Principal};

use crate::{
    Refusal,
    agents::principals,
    resolve::{placeholder_group, placeholder_user},
};

/// Who is meant by each reference, and who has to be made.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Those who are known, and those who will be.
    pub(super) meant: HashMap<Reference, Principal>,
    /// What is wrong with the others.
    pub(super) problems: HashMap<Reference, String>,
    /// People to make.
    pub(super) new_users: Vec<User>,
    /// Groups to make.
    pub(super) new_groups: Vec<Group>,
    /// Those of them who can answer for an agent, of those who are known.
    pub(super) live: BTreeSet<Principal>,
    new_ids: HashSet<String>,
}

/// Everybody whom these agents name.
pub(super) fn named(agents: &[deputy_manifest::FleetAgent]) -> BTreeSet<Reference> {
    agents.iter().flat_map(|agent| principals(&agent.entry)).collect()
}

impl People {
    /// Looks everybody up; those who are unknown become placeholders when `new_id` gives them ids.
    pub(super) async fn look_up(
        read: &TenantRead<'_>,
        wanted: BTreeSet<Reference>,
        mut new_id: Option<impl FnMut() -> Result<String, Refusal>>,
    ) -> Result<Self, Refusal> {
        let of = |kind: PrincipalKind| wanted.iter().filter(move |one| one.kind() == kind);
        let folded =
            |kind| of(kind).map(|one| fold(one.target())).collect::<BTreeSet<_>>().into_iter().collect();
        let ids = |kind| of(kind).map(|one| one.target().to_owned()).collect::<Vec<String>>();
        let (users, user_ids): (Vec<String>, _) = (folded(PrincipalKind::User), ids(PrincipalKind::User));
        let (groups, group_ids): (Vec<String>, _) = (folded(PrincipalKind::Group), ids(PrincipalKind::Group));
        let users = read.users_called(&users, &user_ids).await?;
        let groups = read.groups_called(&groups, &group_ids).await?;
        let known = Known::of(&users, &groups);

        let mut people = Self::default();
        let mut made: BTreeMap<(PrincipalKind, String), Principal> = BTreeMap::new();
        for reference in wanted {
            match (known.find(&reference), &mut new_id) {
                (Found::One(principal), _) => drop(people.meant.insert(reference, principal)),
                (Found::Several, _) => {
                    let problem =
                        format!("`{reference}` is the e-mail of more than one active user: use the id");
                    people.problems.insert(reference, problem);
                }
                (Found::Nobody, None) => {
                    let problem = format!(
                        "`{reference}` is not known in this tenant; with `create_owners` it is made as a placeholder"
                    );
                    people.problems.insert(reference, problem);
                }
                (Found::Nobody, Some(new_id)) => {
                    let key = (reference.kind(), fold(reference.target()));
                    let principal = match made.get(&key) {
                        Some(principal) => principal.clone(),
                        None => people.make(&reference, new_id()?),
                    };
                    made.insert(key, principal.clone());
                    people.meant.insert(reference, principal);
                }
            }
        }
        let known = people.meant.values().filter(|one| !people.is_new(one)).cloned().collect();
        people.live = read.live(&known).await?;
        Ok(people)
    }

    fn make(&mut self, reference: &Reference, id: String) -> Principal {
        self.new_ids.insert(id.clone());
        if reference.kind() == PrincipalKind::Group {
            self.new_groups.push(placeholder_group(id.clone(), reference.target()));
            return Principal::Group(id);
        }
        self.new_users.push(placeholder_user(id.clone(), reference.target()));
        Principal::User(id)
    }

    /// Whether a principal is one of those to be made.
    pub(super) fn is_new(&self, principal: &Principal) -> bool {
        self.new_ids.contains(principal.id())
    }

    /// What somebody to be made is called.
    pub(super) fn new_label(&self, principal: &str) -> Option<String> {
        let (kind, id) = principal.split_once(':')?;
        let name = match kind {
            "user" => &self.new_users.iter().find(|user| user.id == id)?.user_name,
            _ => &self.new_groups.iter().find(|group| group.id == id)?.name,
        };
        Some(format!("{kind}:{name}"))
    }
}

enum Found {
    Nobody,
    One(Principal),
    Several,
}

/// The people who were found, by everything that they can be called.
#[derive(Default)]
struct Known<'p> {
    users: HashMap<String, &'p str>,
    emails: HashMap<String, Vec<&'p str>>,
    user_ids: BTreeSet<&'p str>,
    groups: HashMap<String, &'p str>,
    group_ids: BTreeSet<&'p str>,
}

impl<'p> Known<'p> {
    fn of(users: &'p [User], groups: &'p [Group]) -> Self {
        let mut known = Self::default();
        for user in users {
            known.users.insert(fold(&user.user_name), &user.id);
            known.user_ids.insert(&user.id);
            if let (true, Some(email)) = (user.active, &user.email) {
                known.emails.entry(fold(email)).or_default().push(&user.id);
            }
        }
        for group in groups {
            known.groups.insert(fold(&group.name), &group.id);
            known.group_ids.insert(&group.id);
        }
        known
    }

    fn find(&self, reference: &Reference) -> Found {
        let (target, folded) = (reference.target(), fold(reference.target()));
        if reference.kind() == PrincipalKind::Group {
            let id = self.groups.get(&folded).copied().or_else(|| self.group_ids.get(target).copied());
            return id.map_or(Found::Nobody, |id| Found::One(Principal::Group(id.to_owned())));
        }
        let user = |id: &str| Found::One(Principal::User(id.to_owned()));
        if let Some(id) = self.users.get(&folded) {
            return user(id);
        }
        match self.emails.get(&folded).map(Vec::as_slice) {
            Some([id]) => user(id),
            Some([_, _, ..]) => Found::Several,
            Some([]) | None => self.user_ids.get(target).map_or(Found::Nobody, |id| user(id)),
        }
    }
}
