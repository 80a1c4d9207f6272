//! The verbs of the command line that have no route behind them, and the examples that are made of them.

mod delegate;
mod examples;
mod inspect;
mod made;
mod verify;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use deputy_tests::setup;

/// A server that nobody can reach: whoever asks one fails.
const NOWHERE: &str = "http://127.0.0.1:9";

/// `deputy token …` with no server, no key, and `stdin` as its input.
fn token(arguments: &[&str], stdin: &str) -> Ran {
    let mut command = Command::new(setup::binary());
    command.arg("token").args(arguments).env_clear().env("DEPUTY_SERVER", NOWHERE);
    Ran::of(command, stdin)
}

/// What a command said, and how it ended.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(mut command: Command, stdin: &str) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        // A command that is refused for its arguments does not read.
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).ok();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// It did what it was asked for; its stdout.
    #[track_caller]
    fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// It did, and stdout is one line.
    #[track_caller]
    fn line(self) -> String {
        let out = self.done();
        let line = out.strip_suffix('\n').expect("a line");
        assert!(!line.is_empty() && !line.contains(['\n', ' ']), "{out}");
        line.to_owned()
    }

    /// It refused with this code, nothing on stdout, and these words.
    #[track_caller]
    fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (Some(code), ""), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "no `{word}` in {}", self.err);
        }
    }

    /// It denied, with these codes in this order.
    #[track_caller]
    fn denied(&self, codes: &[&str]) {
        assert_eq!(self.code, Some(1), "{}{}", self.out, self.err);
        let mut lines = self.out.lines();
        assert_eq!(lines.next(), Some("DENY"), "{}", self.err);
        let found: Vec<&str> = lines.map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(found, codes, "{}", self.out);
    }
}

/// A path as an argument.
fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
