//! Applying what was read behind a position: the one writer of a tenant's memory.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use deputy_store::{
    Changes, Kind,
    model::{AnyRecord, CredentialKind, Principal},
};

use super::TenantState;

impl TenantState {
    /// Brings this state to the position of `changes`.
    pub fn apply(&mut self, changes: Changes) {
        self.authorities.get_mut().clear();
        let mut tools_changed = false;
        for (kind, id) in changes.gone {
            tools_changed |= kind == Kind::Tool;
            self.remove(kind, &id);
        }
        for record in changes.records {
            tools_changed |= matches!(record, AnyRecord::Tool(_));
            self.put(record);
        }
        for user in changes.users {
            self.users.insert(user.id.clone(), Arc::new(user));
        }
        for group in changes.groups {
            self.remove_group(&group.id);
            for member in &group.members {
                self.member_of.entry(member.clone()).or_default().insert(group.id.clone());
            }
            self.groups.insert(group.id.clone(), Arc::new(group));
        }
        for gone in changes.gone_people {
            match gone.split_once(':') {
                Some(("user", id)) => drop(self.users.remove(id)),
                Some(("group", id)) => self.remove_group(id),
                _ => {}
            }
        }
        for row in &changes.revocations {
            self.revocations.insert(row.seq, &row.target, row.kept_until);
        }
        if tools_changed {
            self.rebuild_catalogue();
        }
    }

    fn put(&mut self, record: AnyRecord) {
        match record {
            AnyRecord::Agent(agent) => {
                self.remove(Kind::Agent, &agent.id);
                self.agent_names.insert(agent.name.clone(), agent.id.clone());
                for owner in &agent.owners {
                    self.owned.entry(owner.clone()).or_default().insert(agent.id.clone());
                }
                self.agents.insert(agent.id.clone(), Arc::from(agent));
            }
            AnyRecord::Role(role) => drop(self.roles.insert(role.id.clone(), Arc::from(role))),
            AnyRecord::RoleBinding(binding) => {
                self.remove(Kind::RoleBinding, &binding.id);
                let roles = self.bound.entry(binding.subject.clone()).or_default();
                roles.insert(binding.role.clone(), binding.id.clone());
                self.bindings.insert(binding.id.clone(), Arc::new(binding));
            }
            AnyRecord::Tool(tool) => {
                self.tools.retain(|_, known| known.id != tool.id);
                self.tools.insert(tool.name.clone(), Arc::new(tool));
            }
            AnyRecord::Resource(resource) => {
                self.resources.retain(|_, known| known.id != resource.id);
                self.resources.insert(resource.uri.clone(), Arc::from(resource));
            }
            AnyRecord::Credential(credential) => {
                self.remove(Kind::Credential, &credential.id);
                if let CredentialKind::Federated { issuer, subject, .. } = &credential.kind {
                    self.workloads.insert((issuer.clone(), subject.clone()), credential.id.clone());
                }
                let of_agent = self.credentials_of.entry(credential.agent.clone()).or_default();
                of_agent.insert(credential.id.clone());
                self.credentials.insert(credential.id.clone(), Arc::from(credential));
            }
            AnyRecord::ApiKey(key) => {
                self.keys.retain(|_, known| known.id != key.id);
                self.keys.insert(key.hash.clone(), Arc::from(key));
            }
            AnyRecord::SigningKey(key) => drop(self.signing.insert(key.id.clone(), Arc::from(key))),
            AnyRecord::AuditKey(key) => drop(self.audit.insert(key.id.clone(), Arc::from(key))),
            AnyRecord::CapabilitySecret(secret) => {
                drop(self.capability_secrets.insert(secret.id.clone(), Arc::new(secret)));
            }
            AnyRecord::Settings(settings) => self.settings = Some(Arc::from(settings)),
            AnyRecord::Halt(halt) => self.halt = Some(halt),
            AnyRecord::Approval(approval) => {
                drop(self.approvals.insert(approval.id.clone(), Arc::new(approval)));
            }
            AnyRecord::Review(review) => drop(self.reviews.insert(review.id.clone(), Arc::new(review))),
            AnyRecord::IdentityProvider(provider) => {
                self.remove(Kind::IdentityProvider, &provider.id);
                self.identity_providers.insert(provider.issuer.clone(), Arc::from(provider));
            }
            AnyRecord::TrustedIssuer(issuer) => {
                self.remove(Kind::TrustedIssuer, &issuer.id);
                self.trusted_issuers.insert(issuer.issuer.clone(), Arc::from(issuer));
            }
        }
    }

    fn remove(&mut self, kind: Kind, id: &str) {
        match kind {
            Kind::Agent => {
                if let Some(agent) = self.agents.remove(id) {
                    self.agent_names.remove(&agent.name);
                    for owner in &agent.owners {
                        remove_from(&mut self.owned, owner, id);
                    }
                }
            }
            Kind::Role => drop(self.roles.remove(id)),
            Kind::RoleBinding => {
                if let Some(binding) = self.bindings.remove(id)
                    && let Some(roles) = self.bound.get_mut(&binding.subject)
                {
                    roles.remove(&binding.role);
                    if roles.is_empty() {
                        self.bound.remove(&binding.subject);
                    }
                }
            }
            Kind::Tool => self.tools.retain(|_, tool| tool.id != id),
            Kind::Resource => self.resources.retain(|_, resource| resource.id != id),
            Kind::Credential => {
                if let Some(credential) = self.credentials.remove(id) {
                    if let CredentialKind::Federated { issuer, subject, .. } = &credential.kind {
                        self.workloads.remove(&(issuer.clone(), subject.clone()));
                    }
                    remove_from(&mut self.credentials_of, &credential.agent, id);
                }
            }
            Kind::ApiKey => self.keys.retain(|_, key| key.id != id),
            Kind::SigningKey => drop(self.signing.remove(id)),
            Kind::AuditKey => drop(self.audit.remove(id)),
            Kind::CapabilitySecret => drop(self.capability_secrets.remove(id)),
            Kind::Settings => self.settings = None,
            Kind::Halt => self.halt = None,
            Kind::Approval => drop(self.approvals.remove(id)),
            Kind::Review => drop(self.reviews.remove(id)),
            Kind::IdentityProvider => self.identity_providers.retain(|_, one| one.id != id),
            Kind::TrustedIssuer => self.trusted_issuers.retain(|_, one| one.id != id),
        }
    }

    fn remove_group(&mut self, id: &str) {
        if let Some(group) = self.groups.remove(id) {
            for member in &group.members {
                remove_from(&mut self.member_of, member, id);
            }
        }
    }
}

fn remove_from<K: Hash + Eq + Clone>(
    map: &mut HashMap<K, std::collections::BTreeSet<String>>,
    key: &K,
    value: &str,
) {
    if let Some(values) = map.get_mut(key) {
        values.remove(value);
        if values.is_empty() {
            map.remove(key);
        }
    }
}

impl TenantState {
    /// Ids of the agents that a principal owns directly.
    pub fn agents_of(&self, owner: &Principal) -> impl Iterator<Item = &str> {
        self.owned.get(owner).into_iter().flatten().map(String::as_str)
    }
}
