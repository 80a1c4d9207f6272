//! A credential's story for a person: who holds it, from whom, and what it is good for, in words.

use deputy_mandate::{Instant, Mandate, Scope};

use crate::cli::token::said::Said;
use crate::cli::{Failure, output};
use crate::pages::when::When;
use crate::words;

/// Prints it.
pub(super) fn show(said: &Said, now: Instant) -> Result<(), Failure> {
    let mut facts = who(said);
    facts.extend(life(said, now));
    facts.extend(authority(&said.claims.mandate));
    facts.push(("key", key(said)));
    facts.push(("delegation", delegation(said)));
    output::facts(&facts)?;
    output::line("chain")?;
    chain(said).iter().try_for_each(|line| output::line(&output::visible(line)))
}

type Facts = Vec<(&'static str, String)>;

fn who(said: &Said) -> Facts {
    let claims = &said.claims;
    let behalf = if claims.sub.starts_with("user:") {
        claims.sub.clone()
    } else {
        "nobody: the root agent acts for itself".to_owned()
    };
    let offline = claims.chain.len().saturating_sub(said.issued);
    let form = match offline {
        0 => said.form.words().to_owned(),
        1 => format!("{}, narrowed offline once", said.form.words()),
        times => format!("{}, narrowed offline {times} times", said.form.words()),
    };
    let may_act = claims.may_act.as_ref().map(|may_act| may_act.client_ids.join(", "));
    vec![
        ("form", form),
        ("issuer", claims.iss.clone()),
        ("held by", claims.agent.name.clone()),
        ("agent id", claims.agent.id.clone()),
        ("owners", or_none(claims.agent.owners.join(", "))),
        ("on behalf of", behalf),
        ("subject", claims.sub.clone()),
        ("may act", may_act.unwrap_or_default()),
    ]
}

fn life(said: &Said, now: Instant) -> Facts {
    let said_of = |at: Instant| {
        let when = When::of(at.0, now.0);
        format!("{} ({})", when.text, when.iso)
    };
    let mandate = &said.claims.mandate;
    let expires = said_of(said.claims.expires_at());
    let gone = now >= said.claims.expires_at();
    let mut facts = vec![
        ("issued", said_of(said.claims.iat)),
        ("expires", if gone { format!("expired {expires}") } else { expires }),
    ];
    if now < mandate.not_before {
        facts.push(("valid from", said_of(mandate.not_before)));
    }
    facts
}

fn authority(mandate: &Mandate) -> Facts {
    let names = |names: &std::collections::BTreeSet<String>| {
        names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    let mut facts = vec![
        ("audience", or_none(names(&mandate.audience))),
        ("scopes", or_none(Scope::write_list(&mandate.scopes))),
    ];
    let tools = mandate.tools.iter().map(|(tool, arguments)| match arguments.is_empty() {
        true => format!("{tool}: any arguments{}", declared(mandate, tool)),
        false => format!("{tool}: {}", words::arguments(arguments)),
    });
    rows(&mut facts, "tools", tools, "none");
    facts.push(("blocked", names(&mandate.blocked_tools)));
    rows(&mut facts, "limits", mandate.limits.iter().map(|(name, limit)| words::of(name, limit)), "");
    let bound = mandate.binding.members().into_iter();
    rows(&mut facts, "bound to", bound.filter_map(|(what, id)| Some(format!("{what} {}", id?))), "");
    facts.push(("uses", mandate.uses.map(|uses| format!("at most {uses}")).unwrap_or_default()));
    facts
}

fn declared(mandate: &Mandate, tool: &str) -> String {
    let names = mandate.declared.get(tool).map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
    names.map_or_else(String::new, |names| format!(" among {}", names.join(", ")))
}

/// One line for each; the name stands beside the first.
fn rows(facts: &mut Facts, name: &'static str, lines: impl Iterator<Item = String>, none: &str) {
    let before = facts.len();
    facts.extend(lines.map(|line| ("", line)));
    match facts.get_mut(before) {
        Some((first, _)) => *first = name,
        None => facts.push((name, none.to_owned())),
    }
}

fn or_none(list: String) -> String {
    if list.is_empty() { "none".to_owned() } else { list }
}

fn key(said: &Said) -> String {
    match &said.claims.cnf {
        Some(cnf) => format!("bound to {}: each use needs a proof by it", cnf.jkt),
        None => "not bound: whoever has the text can use it".to_owned(),
    }
}

fn delegation(said: &Said) -> String {
    let (mandate, made) = (&said.claims.mandate, said.claims.del_depth());
    let most = usize::from(mandate.max_depth);
    let made = match made {
        0 => "none made".to_owned(),
        made => format!("{made} made"),
    };
    match (mandate.may_delegate, most.saturating_sub(said.claims.del_depth())) {
        (false, _) => format!("{made}; the holder may not hand it on"),
        (true, left) => format!("{made}, {left} left of {most}"),
    }
}

/// The chain, root first, each hop one step further in.
fn chain(said: &Said) -> Vec<String> {
    let names = said.names();
    let hops = said.claims.chain.iter().zip(&names).enumerate();
    hops.map(|(depth, (hop, name))| {
        let step = match depth {
            0 => "  ".to_owned(),
            depth => format!("  {}└─ ", "   ".repeat(depth.saturating_sub(1))),
        };
        let mut line = format!("{step}{name}  [depth {depth}] id {}", hop.id);
        if depth < said.issued {
            line.push_str(&format!("  issued at event {}", hop.seq));
        } else {
            line.push_str("  made offline");
        }
        if let Some(jkt) = &hop.jkt {
            line.push_str(&format!("  key {jkt}"));
        }
        if let Some(runtime) = &hop.rt {
            line.push_str(&format!("  runtime {runtime}"));
        }
        line
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Instant;

    use super::{authority, chain, delegation, life, who};
    use crate::cli::token::said::Said;

    fn said(name: &str) -> Said {
        let path = format!("{}/../../tests/vectors/capability/valid.json", env!("CARGO_MANIFEST_DIR"));
        let vectors: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let case = vectors["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
        Said::read(case["capability"].as_str().unwrap()).unwrap()
    }

    fn fact(facts: &[(&str, String)], name: &str) -> String {
        facts.iter().find(|(each, _)| *each == name).map(|(_, value)| value.clone()).unwrap()
    }

    #[test]
    fn the_story_of_a_capability() {
        let root = said("root");
        assert_eq!(fact(&who(&root), "form"), "capability");
        assert_eq!(fact(&who(&root), "held by"), "crm-research-agent");
        let facts = authority(&root.claims.mandate);
        assert_eq!(fact(&facts, "blocked"), "delete_record, deploy, shell");
        assert_eq!(fact(&facts, "limits"), "amount ≤ 500");
        assert!(facts.iter().any(
            |(_, value)| value == "transfer: amount 0 to 500; currency is EUR or USD; target is anything"
        ));
        assert_eq!(delegation(&root), "none made, 3 left of 3");
        let soon = Instant::from_secs(1_800_000_900 - 840);
        assert_eq!(fact(&life(&root, soon), "expires"), "in 14 min (2027-01-15T08:15:00Z)");
        let late = Instant::from_secs(1_800_000_900 + 60);
        assert_eq!(fact(&life(&root, late), "expires"), "expired 1 min ago (2027-01-15T08:15:00Z)");
        let early = Instant::from_secs(1_800_000_000 - 60);
        assert_eq!(fact(&life(&root, early), "valid from"), "in 1 min (2027-01-15T08:00:00Z)");
    }

    #[test]
    fn each_hop_is_a_step_in() {
        let three = said("three hops narrow everything");
        let lines = chain(&three);
        assert_eq!(lines.len(), three.claims.chain.len());
        assert!(lines[0].starts_with("  crm-research-agent  [depth 0] id c1  issued"), "{lines:?}");
        assert!(lines[1].starts_with("  └─ ") && lines[1].contains("made offline"), "{lines:?}");
        assert!(lines[2].starts_with("     └─ "), "{lines:?}");
    }
}
