//! Flags and details, put together.

use deputy_mandate::{Instant, Mandate};

use super::Less;

fn parent() -> Mandate {
    Mandate::from_json(
        r#"{"scopes":["read","write"],"tools":{"search":{},"transfer":{"amount":{"constraint_type":"range","max":500},
        "currency":{"constraint_type":"exact","value":"EUR"}}},"blocked_tools":["shell"],
        "limits":{"amount":{"constraint_type":"range","max":500}},"declared":{},"limit_required":{},
        "audience":["https://a.example/"],"binding":{},"not_before":0,"expires_at":900000,"max_depth":3,
        "may_delegate":true}"#,
    )
    .unwrap()
}

fn with(change: impl FnOnce(&mut Less)) -> Result<deputy_mandate::Narrowing, String> {
    let mut less = Less::default();
    change(&mut less);
    less.narrowing(&parent(), Instant::from_secs(100)).map_err(|error| error.to_string())
}

#[test]
fn nothing_asked_for_is_all_inherited() {
    assert_eq!(with(|_| {}), Ok(deputy_mandate::Narrowing::default()));
}

#[test]
fn a_tool_keeps_the_constraints_that_are_not_named() {
    let tools = with(|less| less.tool = vec!["transfer".into()]).unwrap().tools.unwrap();
    assert_eq!(tools["transfer"], parent().tools["transfer"]);
    let tighter = r#"transfer={"amount":{"constraint_type":"range","max":100}}"#;
    let tools = with(|less| less.tool = vec!["search".into(), tighter.into()]).unwrap().tools.unwrap();
    assert_eq!(tools["transfer"]["currency"], parent().tools["transfer"]["currency"]);
    assert!(
        parent()
            .verify_narrowing(&deputy_mandate::Narrowing { tools: Some(tools), ..Default::default() })
            .is_ok()
    );
}

#[test]
fn blocks_and_limits_are_added() {
    let json =
        r#"{"blocked_tools":["search"],"limits":{"env":{"constraint_type":"exact","value":"staging"}}}"#;
    let asked = with(|less| less.details = Some(json.into())).unwrap();
    assert_eq!(asked.blocked_tools.unwrap().len(), 2);
    assert_eq!(asked.limits.unwrap().len(), 2);
}

#[test]
fn the_entry_may_stand_alone_or_in_its_array() {
    for json in [r#"{"max_depth":1}"#, r#"[{"type":"deputy_mandate","max_depth":1}]"#] {
        assert_eq!(with(|less| less.details = Some(json.into())).unwrap().max_depth, Some(1));
    }
}

#[test]
fn scopes_times_and_flags() {
    let asked = with(|less| {
        less.scope = Some("read".into());
        less.expires_in = Some(60);
        less.no_delegate = true;
        less.uses = Some(2);
        less.bind_task = Some("t".into());
    })
    .unwrap();
    assert_eq!(asked.scopes.unwrap().len(), 1);
    assert_eq!(
        (asked.expires_at, asked.may_delegate, asked.uses),
        (Some(Instant::from_secs(160)), Some(false), Some(2))
    );
    assert_eq!(asked.binding.unwrap().task.as_deref(), Some("t"));
    assert_eq!(with(|less| less.scope = Some(String::new())).unwrap().scopes.unwrap().len(), 0);
}

#[test]
fn what_is_malformed_or_said_twice_is_bad_usage() {
    for (details, why) in [
        ("{", "--details"),
        ("[]", "one entry"),
        (r#"{"tool":{}}"#, "tool"),
        (r#"{"type":"other"}"#, "type"),
        (r#"{"may_act":["agent:x"]}"#, "may_act"),
        (r#"{"uses":9}"#, "twice"),
        (r#"{"tools":{"search":{}}}"#, "twice"),
    ] {
        let error = with(|less| {
            less.details = Some(details.into());
            less.uses = Some(2);
            less.tool = vec!["search".into()];
        })
        .unwrap_err();
        assert!(error.contains(why), "{details}: {error}");
    }
    for tool in ["a=", "a=[]", r#"a={"x":1}"#, r#"a={"x":{"constraint_type":"new"}}"#] {
        assert!(with(|less| less.tool = vec![tool.into()]).unwrap_err().contains("--tool a"), "{tool}");
    }
    assert!(with(|less| less.scope = Some("a\"b".into())).unwrap_err().contains("--scope"));
}
