//! Bounded runs of random and of spoiled files: no panic, no long wait, and every problem at a place in the file.

use std::time::{Duration, Instant};

use deputy_manifest::parse;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const FLEET: &[u8] = include_bytes!("../../../../manifests/fleet.yaml");

/// What a manifest is made of, and what breaks it.
const PIECES: [&str; 58] = [
    "apiVersion: deputy/v1\n",
    "kind: Fleet\n",
    "agents:",
    "roles:",
    "tools:",
    "resources:",
    "\n",
    "\n  ",
    "\n    ",
    "- ",
    "  - ",
    "name: ",
    "owner: ",
    "user:x",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "#",
    "'",
    "\"",
    "\\",
    "|\n",
    ">\n",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "~",
    "null",
    "true",
    "no",
    "0x1F",
    "-5",
    "1e999",
    "max: ",
    "one_of: ",
    "constraint_type: ",
    "range",
    "all",
    "constraints: ",
    "any: true",
    "credentials: ",
    "secret",
    "public_key: ",
    "ttl: ",
    "1h",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "é",
    "<<: ",
];

fn survives(bytes: &[u8]) {
    let start = Instant::now();
    if let Err(problems) = parse(bytes) {
        assert!(!problems.is_empty());
        let lines = u32::try_from(bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count()).unwrap() + 2;
        for problem in &problems {
            assert!(problem.line >= 1 && problem.column >= 1 && problem.line <= lines, "{problem}");
            assert!(!problem.message.is_empty() && problem.message.len() < 2_000, "{problem}");
            assert!(!problem.message.contains(char::is_control), "{problem:?}");
        }
    }
    assert!(start.elapsed() < Duration::from_secs(5), "took {:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..600)) {
        survives(&bytes);
    }

    #[test]
    fn random_pieces(pieces in vec(select(&PIECES[..]), 0..60)) {
        survives(pieces.concat().as_bytes());
    }

    #[test]
    fn random_pieces_behind_a_good_start(pieces in vec(select(&PIECES[..]), 0..40)) {
        survives(format!("apiVersion: deputy/v1\nkind: Fleet\n{}", pieces.concat()).as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spoiled_bytes(spoils in vec((any::<Index>(), any::<u8>()), 1..6)) {
        let mut bytes = FLEET.to_vec();
        for (at, byte) in spoils {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        survives(&bytes);
    }

    #[test]
    fn spoiled_pieces(from in any::<Index>(), length in 0_usize..40, piece in select(&PIECES[..])) {
        let mut bytes = FLEET.to_vec();
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, piece.bytes());
        survives(&bytes);
    }

    #[test]
    fn cut_off(at in any::<Index>()) {
        survives(&FLEET[..at.index(FLEET.len())]);
    }
}
