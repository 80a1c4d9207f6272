//! What a provider's claims tell of a person whom no SCIM synchronisation knows.
//!
//! Invariant: claims fill what is empty, of people who were only named, and only what describes them: never how they
//! are found, whether they are active, or what they may do. What was provisioned over SCIM is the directory's own.

use deputy_federation::claims;
use deputy_mandate::{Members, Value};
use deputy_scim::{PATCH_URN, Patch, Path, Resource, USER, Unknown};
use deputy_store::{
    Person, User,
    event::Touched,
    model::{AttributeMapping, IdentityProvider},
};
use serde_json::json;

use crate::{Caller, Engine, Refusal, view::TenantView};

/// The attributes that claims may tell.
const TOLD: [&str; 12] = [
    "displayName",
    "nickName",
    "title",
    "preferredLanguage",
    "locale",
    "timezone",
    "name.formatted",
    "name.givenName",
    "name.familyName",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
];

/// The standard claims (OpenID Connect Core §5.1), when a provider states no mapping.
const STANDARD: [(&str, &str); 4] = [
    ("name", "displayName"),
    ("given_name", "name.givenName"),
    ("family_name", "name.familyName"),
    ("locale", "locale"),
];

/// Refuses an attribute that claims may not tell.
pub(super) fn verify_attribute(place: usize, mapping: &AttributeMapping) -> Result<(), Refusal> {
    if mapping.claim.is_empty() || mapping.claim.len() > 256 {
        let field = format!("attribute_mappings.{place}.claim");
        return Err(Refusal::invalid(field, "is a claim's name, or a JSON pointer to it"));
    }
    if TOLD.contains(&mapping.attribute.as_str()) {
        return Ok(());
    }
    let field = format!("attribute_mappings.{place}.attribute");
    Err(Refusal::invalid(field, format!("is one of {}", TOLD.join(", "))))
}

/// The attributes that these claims tell, with their values.
pub(super) fn told(provider: &IdentityProvider, claims: &Members) -> Vec<(String, String)> {
    let tell = |claim: &str, attribute: &str| {
        let value = claims::find(claims, claim).and_then(Value::as_str)?;
        let fits = (1..=256).contains(&value.len()) && !value.contains(char::is_control);
        fits.then(|| (attribute.to_owned(), value.to_owned()))
    };
    if provider.attribute_mappings.is_empty() {
        return STANDARD.iter().filter_map(|(claim, attribute)| tell(claim, attribute)).collect();
    }
    let mappings = provider.attribute_mappings.iter();
    mappings.filter_map(|mapping| tell(&mapping.claim, &mapping.attribute)).collect()
}

impl Engine {
    /// Fills in what the claims tell of somebody who was only named.
    pub(super) async fn fill_profile(
        &self,
        view: &TenantView,
        caller: &Caller,
        provider: &IdentityProvider,
        user: &User,
        claims: &Members,
    ) -> Result<(), Refusal> {
        let told = told(provider, claims);
        if !user.placeholder || told.is_empty() {
            return Ok(());
        }
        let (id, by, issuer) = (user.id.clone(), caller.clone(), provider.issuer.clone());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let Some(before) = tx.person(&id).await?.filter(|person| person.placeholder) else {
                    return Ok(());
                };
                let is_empty = |attribute: &String| {
                    Path::parse(attribute, &USER).is_ok_and(|path| before.resource.values(&path).is_empty())
                };
                let told: Vec<_> = told.into_iter().filter(|(attribute, _)| is_empty(attribute)).collect();
                if told.is_empty() {
                    return Ok(());
                }
                let resource = with(&before.resource, &told).ok_or(Refusal::Internal)?;
                let filled: Vec<&String> = told.iter().map(|(attribute, _)| attribute).collect();
                let (version, updated_at) = (before.version + 1, tx.now());
                let after = Person { resource, version, updated_at, ..before };
                tx.update_person(&after).await?;
                let detail = json!({"userName": after.user().user_name, "told_by": issuer, "filled": filled});
                let mut event = by.event("user.changed").detail(&detail);
                event.subject = Some(after.id.clone());
                if tx.names_person(&after.id).await? {
                    event.touched.push(Touched::User(after.id.clone()));
                }
                tx.event(event);
                Ok(())
            })
        });
        change.await.map(drop)
    }
}

/// A person with these attributes besides.
fn with(resource: &Resource, told: &[(String, String)]) -> Option<Resource> {
    let add = |(path, value): &(String, String)| json!({"op": "add", "path": path, "value": value});
    let message = json!({"schemas": [PATCH_URN], "Operations": told.iter().map(add).collect::<Vec<_>>()});
    let patch = Patch::parse(&USER, message.as_object()?, Unknown::Refuse).ok()?;
    patch.apply(resource).ok()
}
