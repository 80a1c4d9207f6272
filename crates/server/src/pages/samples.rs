//! Every page with plausible data, with nothing, and with names that try to break out.

use askama::Template;

use super::agent::{AgentPage, CredentialRow, Fact, TokenRow};
use super::agents::{AgentsPage, states};
use super::ceiling::{Ceiling, Cell, Group, Mark, Row};
use super::chrome::{Chrome, Section};
use super::connect::{ConnectPage, KeyRow, lives};
use super::docs::{DocLink, DocsPage, Heading};
use super::error::ErrorPage;
use super::events::EventsPage;
use super::halt::{Approval, HaltPage, badge, levels};
use super::orphans::OrphansPage;
use super::overview::{Figure, OverviewPage};
use super::revoke::{Reach, RevokePage, kinds};
use super::row::{AgentRow, Badge, EventRow, Notice, OrphanRow, Tone};
use super::sign_in::{
    LeavingPage, ProviderButton, SetUpDonePage, SetUpPage, SignInPage, SignedInPage, StartPage,
};
use super::when::When;
use crate::http::session::CsrfToken;

const NOW: i64 = 1_795_266_300_000;
/// A name of sixty characters, the longest that a list must bear without breaking.
pub(super) const LONG: &str = "quarterly-financial-reconciliation-and-reporting-agent-emea1";

pub(super) fn ago(secs: i64) -> When {
    When::of(NOW - secs * 1000, NOW)
}

pub(super) fn chrome(here: Section, orphans: u64) -> Chrome {
    Chrome {
        tenant: "acme".into(),
        tenant_name: "Acme Corporation".into(),
        role: "admin",
        may_write: true,
        here,
        csrf: CsrfToken::sample(),
        halt: None,
        orphans,
        notice: None,
    }
}

pub(super) fn text<T: Template>(page: &T) -> String {
    page.render().expect("a page renders")
}

fn agent_rows(evil: &str) -> Vec<AgentRow> {
    let row = |name: &str, display: &str, state: &str, owners: &str, live: u64, last: Option<i64>| AgentRow {
        id: format!("0192f0c4-{:04x}", name.len()),
        name: name.into(),
        display_name: display.into(),
        state: Badge::of_state(state),
        owners: owners.into(),
        live_tokens: live,
        last_token: last.map(ago),
    };
    vec![
        row("crm-research-agent", "CRM research", "active", "user:alice@example.com", 12, Some(40)),
        row("invoice-matcher", "", "active", "group:finance", 3, Some(700)),
        row(LONG, LONG, "suspended", &format!("user:{LONG}@example.com, group:{LONG}"), 0, Some(86_400 * 3)),
        row("deploy-bot", "Deployments", "orphaned", "", 0, Some(7_200)),
        row("old-summariser", "", "decommissioned", "group:platform", 0, None),
        row(evil, evil, "active", evil, 1, None),
    ]
}

fn event_rows(evil: &str) -> Vec<EventRow> {
    let row = |seq: u64, secs: i64, action: &str, actor: &str, agent: &str, decision: &str, detail: &str| {
        EventRow {
            seq,
            when: ago(secs),
            action: action.into(),
            actor: actor.into(),
            agent: agent.into(),
            agent_id: (!agent.is_empty()).then(|| "0192f0c4".to_owned()),
            outcome: (!decision.is_empty()).then(|| Badge::of_decision(decision)),
            detail: detail.into(),
        }
    };
    vec![
        row(4_711, 2, "decision", "key:crm-api", "crm-research-agent", "deny", "limit_exceeded"),
        row(4_710, 9, "decision", "key:crm-api", "crm-research-agent", "allow", ""),
        row(4_709, 31, "token.issued", "agent:crm-research-agent", "crm-research-agent", "", ""),
        row(4_708, 400, "agent.orphaned", "key:okta-provisioning", "deploy-bot", "", ""),
        row(4_707, 401, "user.deactivated", "key:okta-provisioning", "", "", "user:bob@example.com"),
        row(4_706, 9_000, "token.issued", &format!("agent:{LONG}"), LONG, "", ""),
        row(4_705, 9_001, "agent.changed", evil, evil, "", evil),
    ]
}

fn key_rows(evil: &str) -> Vec<KeyRow> {
    let row = |prefix: &str, state: Badge, ends: Option<i64>, failure: &str| KeyRow {
        id: format!("0192f0c4-{prefix}"),
        prefix: prefix.into(),
        made: ago(86_400 * 12),
        ends: ends.map(|secs| ago(-secs)),
        synced: (state.tone != Tone::Calm).then(|| ago(40)),
        failed: (!failure.is_empty()).then(|| ago(7)),
        failure: failure.into(),
        state,
    };
    let long = format!("400 invalidValue: there is a user with the userName `{LONG}@example.com` already");
    vec![
        row("dpy_9yq1", Badge::new("not used yet", Tone::Calm), None, ""),
        row("dpy_Z0bW", Badge::new("refused lately", Tone::Bad), Some(86_400 * 300), &long),
        row("dpy_QeTt", Badge::new("expired", Tone::Warn), Some(-86_400), evil),
    ]
}

fn connect(chrome: Chrome, keys: Vec<KeyRow>) -> ConnectPage {
    ConnectPage {
        chrome,
        base: format!("https://deputy.example.com/t/{LONG}/scim/v2"),
        may_make: keys.iter().filter(|key| key.state.text != "expired").count() < 2,
        keys,
        lives: lives(),
        made: None,
        problem: None,
    }
}

fn orphan_rows() -> Vec<OrphanRow> {
    let row = |name: &str, why: &str, secs: i64, proposed: &str| OrphanRow {
        id: format!("0192f0c4-{:04x}", name.len()),
        name: name.into(),
        state: Badge::of_state("suspended"),
        why: why.into(),
        since: ago(secs),
        until: proposed.is_empty().then(|| ago(-86_400 * 3)),
        proposed: proposed.into(),
        may_accept: !proposed.is_empty(),
    };
    vec![
        row("deploy-bot", "user:bob@example.com was deactivated", 400, "user:carol@example.com"),
        row(LONG, "group:research has no active member left", 86_400 * 4, ""),
    ]
}

fn ceiling() -> Ceiling {
    let cell = |mark, note: &str| Cell { mark, note: note.into() };
    let (yes, no, any) = (Mark::Allows, Mark::Refuses, Mark::Silent);
    let row = |what: &str, cells: Vec<Cell>| Row { what: what.into(), cells };
    Ceiling {
        legs: vec!["Role bindings".into(), "Allowed scopes".into(), "Resource policy".into()],
        groups: vec![
            Group {
                title: "Scopes",
                rows: vec![
                    row("read:docs", vec![cell(yes, ""), cell(yes, ""), cell(any, ""), cell(yes, "")]),
                    row("write:drafts", vec![cell(yes, ""), cell(yes, ""), cell(any, ""), cell(yes, "")]),
                    row("admin:everything", vec![cell(no, ""), cell(yes, ""), cell(any, ""), cell(no, "")]),
                ],
            },
            Group {
                title: "Tools",
                rows: vec![
                    row("search", vec![cell(yes, ""), cell(any, ""), cell(any, ""), cell(yes, "")]),
                    row(
                        "transfer",
                        vec![
                            cell(yes, "amount 0 to 500; currency is USD"),
                            cell(any, ""),
                            cell(yes, "amount 0 to 250"),
                            cell(yes, "amount 0 to 250; currency is USD"),
                        ],
                    ),
                    row(
                        "shell",
                        vec![cell(no, "blocked"), cell(any, ""), cell(any, ""), cell(no, "blocked")],
                    ),
                    row(LONG, vec![cell(yes, ""), cell(any, ""), cell(no, ""), cell(no, "")]),
                ],
            },
            Group {
                title: "Terms",
                rows: vec![row(
                    "lifetime",
                    vec![cell(yes, "1 h"), cell(any, ""), cell(yes, "15 min"), cell(yes, "15 min")],
                )],
            },
        ],
    }
}

fn agent(name: &str, empty: bool) -> AgentPage {
    let token = |id: &str, subject: &str, secs: i64| TokenRow {
        id: id.into(),
        subject: subject.into(),
        scopes: "read:docs write:drafts".into(),
        depth: 0,
        expires: When::of(NOW + secs * 1000, NOW),
    };
    AgentPage {
        chrome: chrome(Section::Agents, 2),
        id: "0192f0c4-7b1e-7cc2-9a55-3f0d8d0c7a11".into(),
        name: name.into(),
        display_name: if empty { String::new() } else { "CRM research".into() },
        state: Badge::of_state(if empty { "suspended" } else { "active" }),
        why: empty
            .then(|| Notice { text: "Suspended by key:ops 3 h ago: rotating keys".into(), tone: Tone::Warn }),
        critical: !empty,
        may_suspend: !empty,
        may_reactivate: empty,
        spiffe_id: format!("spiffe://deputy.example.com/t/acme/agent/{name}"),
        owners: if empty { vec![] } else { vec!["user:alice@example.com".into(), "group:crm".into()] },
        roles: if empty { vec![] } else { vec!["crm-researcher".into()] },
        parent: None,
        created: ago(86_400 * 12),
        runtime: if empty {
            vec![]
        } else {
            vec![
                Fact { name: "Model", value: "gpt-4o".into() },
                Fact { name: "Tools", value: "brain_query, read_db, search".into() },
                Fact {
                    name: "Fingerprint",
                    value: "sha-256:9yq1Yx7vN0Z0bW2cQe4TtU5mB8kHjL3sDfGaPoIuYtR".into(),
                },
            ]
        },
        ceiling: if empty { Ceiling::default() } else { ceiling() },
        tokens: if empty {
            vec![]
        } else {
            vec![
                token("0192f0d1-11aa-7cc2-9a55-3f0d8d0c7a12", "", 840),
                token("0192f0d1-22bb-7cc2-9a55-3f0d8d0c7a13", "user:alice@example.com", 120),
            ]
        },
        tokens_total: if empty { 0 } else { 12 },
        credentials: if empty {
            vec![]
        } else {
            vec![
                CredentialRow {
                    kind: "secret",
                    detail: "dps_8Kx2…".into(),
                    created: ago(86_400 * 12),
                    expires: Some(When::of(NOW + 3_600_000, NOW)),
                },
                CredentialRow {
                    kind: "federated",
                    detail: "https://token.actions.githubusercontent.com repo:acme/crm:ref:refs/heads/main"
                        .into(),
                    created: ago(3_600),
                    expires: None,
                },
            ]
        },
    }
}

fn figures(busy: bool) -> Vec<Figure> {
    let figure = |label, value: &str, note: &str, tone, href: Option<&str>| Figure {
        label,
        value: value.into(),
        note: note.into(),
        tone,
        href: href.map(str::to_owned),
    };
    if busy {
        vec![
            figure("Agents", "52", "48 active", Tone::Calm, Some("/t/acme/agents")),
            figure("Live tokens", "1,204", "held by 31 agents", Tone::Calm, None),
            figure("Orphans", "2", "longest for 4 d", Tone::Bad, Some("/t/acme/orphans")),
            figure("Suspended", "3", "", Tone::Warn, Some("/t/acme/agents?state=suspended")),
            figure("Halt", "none", "everything works", Tone::Calm, Some("/t/acme/halt")),
        ]
    } else {
        vec![
            figure("Agents", "0", "", Tone::Calm, Some("/t/acme/agents")),
            figure("Live tokens", "0", "", Tone::Calm, None),
            figure("Orphans", "0", "", Tone::Calm, Some("/t/acme/orphans")),
            figure("Halt", "none", "everything works", Tone::Calm, Some("/t/acme/halt")),
        ]
    }
}

fn sign_in(tenant: &str, problem: Option<&str>, providers: &[&str]) -> SignInPage {
    let button =
        |name: &&str| ProviderButton { id: format!("0192f0c4-{}", name.len()), name: (*name).into() };
    SignInPage {
        tenant: tenant.into(),
        providers: providers.iter().map(button).collect(),
        problem: problem.map(str::to_owned),
        is_about_key: providers.is_empty(),
    }
}

/// Every page by a name, with `evil` wherever a name may stand.
pub(super) fn every(evil: &str) -> Vec<(&'static str, String)> {
    let mut halted = chrome(Section::Halt, 2);
    halted.halt = Some("Halted at level emergency: no token is issued and none is valid.".into());
    let mut noticed = chrome(Section::Agents, 2);
    noticed.notice = Some(Notice { text: format!("{evil} was suspended."), tone: Tone::Good });
    let mut auditor = chrome(Section::Revoke, 0);
    (auditor.may_write, auditor.role, auditor.tenant_name) = (false, "auditor", LONG.into());
    let mut reader = auditor.clone();
    reader.here = Section::Connect;
    let made = ConnectPage {
        made: Some("dpy_9yq1Yx7vN0Z0bW2cQe4TtU5mB8kHjL3sDfGaPoIuYtRk4hq2b".into()),
        ..connect(chrome(Section::Connect, 0), key_rows(evil).into_iter().take(1).collect())
    };
    let refused = ConnectPage {
        problem: Some(format!("No key was made: {evil}.")),
        ..connect(chrome(Section::Connect, 0), key_rows(evil))
    };
    let revoke = |chrome: Chrome, reach: Option<Reach>| RevokePage {
        chrome,
        kinds: kinds("agent"),
        target: if reach.is_some() { evil.into() } else { String::new() },
        reach,
        problem: None,
    };
    let reach = |tokens: u64| Reach {
        what: format!("Agent {evil} and everything it delegated."),
        tokens,
        at_least: tokens > 9_000,
        agents: 3,
        names: vec!["crm-research-agent".into(), LONG.into(), evil.into()],
        more: 4,
    };
    let events = |rows: Vec<EventRow>| EventsPage {
        chrome: chrome(Section::Events, 2),
        query: String::new(),
        last: rows.first().map_or(0, |row| row.seq),
        older: (!rows.is_empty()).then(|| "/t/acme/events?before=4705".to_owned()),
        events: rows,
        as_of: ago(0),
        stream: Some("/t/acme/events/stream?after=4711".into()),
    };
    let agents = |chrome: Chrome, query: &str, rows: Vec<AgentRow>| AgentsPage {
        chrome,
        query: query.into(),
        owner: String::new(),
        states: states(""),
        next: (!rows.is_empty()).then(|| "/t/acme/agents?cursor=abc".to_owned()),
        rows,
        first: None,
    };
    let overview = |orphans: Vec<OrphanRow>, events: Vec<EventRow>| OverviewPage {
        chrome: chrome(Section::Overview, u64::try_from(orphans.len()).unwrap_or_default()),
        figures: figures(!events.is_empty()),
        orphans,
        events,
    };
    let halt = |chrome: Chrome, level: &str| HaltPage {
        chrome,
        level: badge(level),
        since: (level != "none").then(|| ago(300)),
        by: if level == "none" { String::new() } else { "user:dana@example.com".into() },
        reason: if level == "none" { String::new() } else { evil.into() },
        approval: (level != "none").then(|| Approval {
            id: "a1".into(),
            by: "user:dana@example.com".into(),
            level: "none".into(),
            reason: evil.into(),
        }),
        choices: levels(level),
        problem: None,
    };
    let article =
        crate::manual::pages().last().map(|page| crate::manual::render(page.text)).unwrap_or_default();
    let mut all = super::vouching_samples::every(evil);
    all.extend([
        ("start", text(&StartPage { problem: None })),
        ("sign-in", text(&sign_in("acme", None, &[]))),
        ("sign-in-wrong", text(&sign_in(evil, Some("That key is not known here."), &[]))),
        ("sign-in-providers", text(&sign_in(LONG, None, &["Okta", "Microsoft", LONG, evil]))),
        (
            "sign-in-refused",
            text(&sign_in("acme", Some("The identity provider did not sign you in."), &["Okta"])),
        ),
        (
            "sign-in-leaving",
            text(&LeavingPage { location: format!("https://id.example.com/auth?state=s&nonce={evil}") }),
        ),
        ("sign-in-done", text(&SignedInPage { tenant: evil.into() })),
        (
            "set-up",
            text(&SetUpPage { code: "c".into(), name: evil.into(), slug: String::new(), problem: None }),
        ),
        (
            "set-up-done",
            text(&SetUpDonePage {
                slug: "acme".into(),
                name: evil.into(),
                issuer: "https://deputy.example.com/t/acme".into(),
                admin_key: "dpy_9yq1Yx7vN0Z0bW2cQe4TtU5mB8kHjL3sDfGaPoIuYtRk4hq2b".into(),
            }),
        ),
        ("overview", text(&overview(orphan_rows(), event_rows(evil)))),
        ("overview-empty", text(&overview(vec![], vec![]))),
        ("agents", text(&agents(noticed, "", agent_rows(evil)))),
        ("agents-empty", text(&agents(chrome(Section::Agents, 0), "", vec![]))),
        ("agents-none", text(&agents(chrome(Section::Agents, 0), evil, vec![]))),
        ("agent", text(&agent("crm-research-agent", false))),
        ("agent-long", text(&agent(LONG, false))),
        ("agent-empty", text(&agent(evil, true))),
        ("revoke", text(&revoke(chrome(Section::Revoke, 2), Some(reach(12))))),
        ("revoke-much", text(&revoke(auditor, Some(reach(10_000))))),
        ("revoke-empty", text(&revoke(chrome(Section::Revoke, 0), None))),
        ("events", text(&events(event_rows(evil)))),
        ("events-empty", text(&events(vec![]))),
        ("halt", text(&halt(chrome(Section::Halt, 0), "none"))),
        ("halt-emergency", text(&halt(halted, "emergency"))),
        ("orphans", text(&OrphansPage { chrome: chrome(Section::Orphans, 2), orphans: orphan_rows() })),
        ("orphans-empty", text(&OrphansPage { chrome: chrome(Section::Orphans, 0), orphans: vec![] })),
        ("connect", text(&made)),
        ("connect-empty", text(&connect(chrome(Section::Connect, 0), vec![]))),
        ("connect-refused", text(&refused)),
        ("connect-auditor", text(&connect(reader, key_rows(evil)))),
        (
            "docs",
            text(&DocsPage {
                title: "Configuration".into(),
                pages: vec![
                    DocLink { href: "/docs/overview".into(), title: "Overview".into(), here: false },
                    DocLink { href: "/docs/configuration".into(), title: "Configuration".into(), here: true },
                ],
                contents: vec![Heading { id: "the-file".into(), text: evil.into(), deeper: false }],
                body: article.html,
            }),
        ),
        ("error", ErrorPage::html(actix_web::http::StatusCode::NOT_FOUND, "There is nothing here", evil)),
    ]);
    all
}
