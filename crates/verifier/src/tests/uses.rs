//! Metered credentials offline, and what is reported of a decision.

use deputy_mandate::{Narrowing, ReasonCode};

use super::*;
use crate::{Outcome, UseLine};

#[test]
fn a_metered_credential_asks_for_the_meter() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier();
    let mut metered = claims();
    metered.mandate.uses = Some(1);
    let capability = issuer.capability(&metered);
    let root = issuer.capability(&claims());
    let uses = Narrowing { uses: Some(2), ..Narrowing::default() };
    let stated_above = narrowed(&narrowed(&root, "a", uses), "b", Narrowing::default());
    let inherited = narrowed(&capability, "worker", Narrowing::default());
    for token in [issuer.access(&metered), capability, inherited, stated_above] {
        let verdict = verifier.check(Presented::bearer(&token), &call());
        assert_eq!(verdict.codes().collect::<Vec<_>>(), [ReasonCode::OnlineCheckRequired]);
        assert!(verdict.needs_meter() && !verdict.is_allow());
        assert!(!verifier.check(Presented::bearer(&token), &transfer(501)).needs_meter());
    }
    let free = verifier.check(Presented::bearer(&root), &call());
    assert!(free.is_allow() && !free.needs_meter());
}

#[test]
fn a_line_says_who_did_what_and_no_argument() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier();
    let token = narrowed(&issuer.capability(&claims()), "worker", Narrowing::default());
    let line = |token: &str, request: &Request| {
        let verdict = verifier.check(Presented::bearer(token), request);
        UseLine::of(&verdict, request, CRM, "id-1".into(), NOW)
    };
    let allowed = line(&token, &call()).unwrap();
    assert_eq!((allowed.decision, allowed.reasons.len()), (Outcome::Allow, 0));
    assert_eq!((allowed.agent.as_str(), allowed.credential.len()), ("a1/worker", 43), "the hop made offline");

    let denied = line(&issuer.access(&claims()), &transfer(987_654)).unwrap();
    assert_eq!(
        (denied.decision, denied.reasons.as_slice()),
        (Outcome::Deny, &[ReasonCode::ConstraintViolated][..])
    );
    let text = serde_json::to_string(&denied).unwrap();
    assert!(!text.contains("987654") && !text.contains("amount"), "{text}");
    assert_eq!(
        text,
        r#"{"id":"id-1","credential":"c1","agent":"a1","audience":"https://crm.example.com/","tool":"transfer","decision":"deny","reasons":["constraint_violated"],"time":"2027-01-15T08:00:00Z"}"#
    );
    assert_eq!(serde_json::from_str::<UseLine>(&text).unwrap(), denied);
    assert!(serde_json::from_str::<UseLine>(&text.replace("\"tool\"", "\"tusk\"")).is_err());

    assert_eq!(line("eyJ.not.ours", &call()), None, "nobody is accused by a text that nobody signed");
    assert_eq!(line(&token, &Request::default()), None, "nothing was tried");
    let scope = line(&issuer.access(&claims()), &reading()).unwrap();
    assert_eq!(
        (scope.scope.as_deref(), scope.tool, scope.decision),
        (Some("read:docs"), None, Outcome::Allow)
    );
}
