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
    let chain = allowed.chain.as_deref().unwrap();
    assert_eq!((chain.len(), &chain[1].agent, &chain[1].id), (2, &"a1/worker".to_owned(), &allowed.credential));
    assert_eq!(line(&issuer.access(&child()), &call()).unwrap().chain, None, "the issuer knows these hops");

    let denied = line(&issuer.access(&claims()), &transfer(987_654)).unwrap();
    assert_eq!((denied.decision, denied.reasons.as_slice()), (Outcome::Deny, &[ReasonCode::ConstraintViolated][..]));
    let text = serde_json::to_string(&denied).unwrap();
    assert!(!text.contains("987654") && !text.contains("amount"), "{text}");
    assert_eq!(
        text,
        r#"{"audience":"https://crm.example.com/","credential":"c1","decision":"deny","id":"id-1","reasons":["constraint_violated"],"time":"2027-01-15T08:00:00Z","tool":"transfer"}"#
    );
    assert_eq!(serde_json::from_str::<UseLine>(&text).unwrap(), denied);
    assert!(serde_json::from_str::<UseLine>(&text.replace("\"tool\"", "\"tusk\"")).is_err());

    assert_eq!(line("eyJ.not.ours", &call()), None, "nobody is accused by a text that nobody signed");
    let long = Request { tool: Some("é".repeat(200)), ..call() };
    assert_eq!(line(&issuer.access(&claims()), &long).unwrap().tool.unwrap().chars().count(), 101);
}
