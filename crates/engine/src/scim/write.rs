//! Making, changing and removing what an identity provider provisions: each one transaction.

use deputy_scim::{GROUP, Patch, Projection, Resource, ResourceType, USER, Unknown};
use deputy_store::{Person, Team, model::Agent};
use serde_json::{Map, Value};

use super::{
    Change, ScimAnswer, ScimTarget, agents,
    answer::{answer, team_alone},
    groups::{self, Rewrite},
    people, require_provisioner,
};
use crate::{Caller, Engine, Refusal, view::TenantView};

/// What a change left.
enum Written {
    Person(Box<Person>),
    Team(Team),
    Agent(Box<Agent>),
}

impl Engine {
    /// POST: a new resource, or one that was only named before and is adopted.
    ///
    /// # Errors
    /// `Forbidden`; `Scim` for what is wrong with it, `uniqueness` for a name that is taken.
    pub async fn scim_create(
        &self,
        view: &TenantView,
        caller: &Caller,
        kind: &'static ResourceType,
        body: &Map<String, Value>,
        projection: &Projection,
    ) -> Result<ScimAnswer, Refusal> {
        require_provisioner(caller)?;
        let resource = Resource::create(kind, body, Unknown::Ignore).map_err(Refusal::scim)?;
        let (change, id) = (Change::new(self, caller, None), self.inner.sources.id()?);
        let written = self.change(view, move |tx| {
            Box::pin(async move {
                Ok(if *kind == USER {
                    Written::Person(Box::new(people::create(tx, &change, resource, id).await?))
                } else if *kind == GROUP {
                    Written::Team(groups::create(tx, &change, resource, id).await?)
                } else {
                    Written::Agent(Box::new(agents::create(tx, &change, resource, id).await?))
                })
            })
        });
        let written = written.await?.0;
        self.scim_written(view, written, projection, true).await
    }

    /// PUT: the resource as the client states it; what it may not set stays.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `Precondition`; `Scim` for what is wrong with it.
    pub async fn scim_replace(
        &self,
        view: &TenantView,
        caller: &Caller,
        target: &ScimTarget<'_>,
        body: &Map<String, Value>,
        projection: &Projection,
    ) -> Result<ScimAnswer, Refusal> {
        require_provisioner(caller)?;
        self.rewrite(view, caller, target, Rewrite::Replace(body.clone()), projection).await
    }

    /// PATCH: the operations in their order, all or none.
    ///
    /// # Errors
    /// As [`Engine::scim_replace`].
    pub async fn scim_patch(
        &self,
        view: &TenantView,
        caller: &Caller,
        target: &ScimTarget<'_>,
        body: &Map<String, Value>,
        projection: &Projection,
    ) -> Result<ScimAnswer, Refusal> {
        require_provisioner(caller)?;
        let patch = Patch::parse(target.kind, body, Unknown::Ignore).map_err(Refusal::scim)?;
        self.rewrite(view, caller, target, Rewrite::Patch(patch), projection).await
    }

    /// DELETE.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `Precondition`.
    pub async fn scim_delete(
        &self,
        view: &TenantView,
        caller: &Caller,
        target: &ScimTarget<'_>,
    ) -> Result<(), Refusal> {
        require_provisioner(caller)?;
        let (kind, id) = (target.kind, target.id.to_owned());
        let (change, base) = (Change::new(self, caller, Some(target)), self.scim_base(view));
        let deleted = self.change(view, move |tx| {
            Box::pin(async move {
                if *kind == USER {
                    people::delete(tx, &change, &id).await
                } else if *kind == GROUP {
                    groups::delete(tx, &change, &id).await
                } else {
                    agents::delete(tx, &change, &id, &base).await
                }
            })
        });
        deleted.await.map(|(done, _)| done)
    }

    async fn rewrite(
        &self,
        view: &TenantView,
        caller: &Caller,
        target: &ScimTarget<'_>,
        asked: Rewrite,
        projection: &Projection,
    ) -> Result<ScimAnswer, Refusal> {
        let (kind, id) = (target.kind, target.id.to_owned());
        let (change, base) = (Change::new(self, caller, Some(target)), self.scim_base(view));
        let is_shown = matches!(asked, Rewrite::Replace(_)) || projection.shows_patched(kind);
        let written = self.change(view, move |tx| {
            Box::pin(async move {
                if *kind == GROUP {
                    return Ok(Written::Team(groups::rewrite(tx, &change, &id, asked).await?));
                }
                let rewritten = |before: &Resource| match &asked {
                    Rewrite::Replace(body) => before.replace(body, Unknown::Ignore).map_err(Refusal::scim),
                    Rewrite::Patch(patch) => patch.apply(before).map_err(Refusal::scim),
                };
                Ok(if *kind == USER {
                    Written::Person(Box::new(people::rewrite(tx, &change, &id, rewritten).await?))
                } else {
                    Written::Agent(Box::new(agents::rewrite(tx, &change, &id, &base, rewritten).await?))
                })
            })
        });
        let written = written.await?.0;
        self.scim_written(view, written, projection, is_shown).await
    }

    /// What was written, as it is answered.
    async fn scim_written(
        &self,
        view: &TenantView,
        written: Written,
        projection: &Projection,
        is_shown: bool,
    ) -> Result<ScimAnswer, Refusal> {
        let read = self.inner.database.tenant(&view.id);
        let base = self.scim_base(view);
        let resource = match written {
            Written::Person(person) => self.show_people(&read, &[*person], projection, &base).await?.pop(),
            Written::Team(team) if !is_shown => Some(team_alone(&team, &base)),
            Written::Team(team) => self.show_teams(view, &read, &[team], projection, &base).await?.pop(),
            Written::Agent(agent) => self.agent_resource(view, &agent.id),
        };
        // Somebody else may have removed it since.
        Ok(answer(&resource.ok_or(Refusal::NotFound)?, projection))
    }
}
