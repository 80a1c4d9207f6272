//! The characters of a file, checked and rationed.
//!
//! Invariant: the YAML scanner, which reads a whole flow collection before it says anything about it, never holds
//! more than [`MAX_PIECE`] characters at a time.

use std::cell::Cell;
use std::iter::{Chain, Peekable};
use std::rc::Rc;
use std::str::Chars;

use super::MAX_BYTES;
use crate::problem::{Position, Problem};

/// The most characters between two events of the parser.
pub(super) const MAX_PIECE: usize = 1024 * 1024;

/// A JSON document is read behind this mark, which tells the scanner that its `{` is not the name of a member, so
/// that it need not look for the `:` behind the matching `}`.
const DOCUMENT_MARK: &str = "--- ";

/// The text of a file: UTF-8, not too large, printable.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Problem> {
    let whole = |message: String| Problem::new(Position::START, "", message);
    if bytes.len() > MAX_BYTES {
        let size = bytes.len();
        return Err(whole(format!(
            "the file has {size} bytes; at most {MAX_BYTES} (10 MiB) are read: split the fleet into several files"
        )));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let at = end_of(&String::from_utf8_lossy(good));
            return Err(Problem::new(at, "", "the file is not UTF-8 from here on: save it as UTF-8"));
        }
    };
    match text.char_indices().find(|(index, c)| !is_printable(*c, *index)) {
        None => Ok(text),
        Some((index, c)) => {
            let at = end_of(text.get(..index).unwrap_or_default());
            Err(Problem::new(
                at,
                "",
                format!("the character U+{:04X} is not allowed in YAML: remove it", u32::from(c)),
            ))
        }
    }
}

/// YAML 1.2.2 section 5.1; the byte order mark only as the first character.
fn is_printable(c: char, index: usize) -> bool {
    match c {
        '\t' | '\n' | '\r' | '\u{85}' => true,
        '\u{feff}' => index == 0,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => !c.is_control(),
    }
}

/// The place behind `text`.
fn end_of(text: &str) -> Position {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Position {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
    }
}

/// What the scanner may still read before it has to say something.
#[derive(Debug, Clone, Default)]
pub(super) struct Ration {
    used: Rc<Cell<usize>>,
}

impl Ration {
    /// The parser has said something: a full ration again.
    pub(super) fn renew(&self) {
        self.used.set(0);
    }

    /// Whether the scanner was cut off.
    pub(super) fn is_exhausted(&self) -> bool {
        self.used.get() > MAX_PIECE
    }
}

/// The characters for the scanner.
pub(super) struct Source<'a> {
    chars: Peekable<Chain<Chain<Chars<'a>, Chars<'static>>, Chars<'a>>>,
    ration: Ration,
}

impl Iterator for Source<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.chars.peek()?;
        self.ration.used.set(self.ration.used.get() + 1);
        if self.ration.is_exhausted() { None } else { self.chars.next() }
    }
}

/// The characters of `text`, the ration they are handed out by, and where the document mark was put in.
pub(super) fn source(text: &str) -> (Source<'_>, Ration, Option<Position>) {
    let body = text.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']);
    let (before, body) = text.split_at(text.len() - body.len());
    let is_json = body.starts_with('{') && !before.contains('\t');
    let mark = if is_json { DOCUMENT_MARK } else { "" };
    let ration = Ration::default();
    let chars = before.chars().chain(mark.chars()).chain(body.chars()).peekable();
    (Source { chars, ration: ration.clone() }, ration, is_json.then(|| end_of(before)))
}

/// The place in the file of a place in the source.
pub(super) fn in_file(at: Position, mark: Option<Position>) -> Position {
    let width = u32::try_from(DOCUMENT_MARK.len()).unwrap_or(0);
    match mark {
        Some(mark) if mark.line == at.line && at.column >= mark.column + width => {
            Position { line: at.line, column: at.column - width }
        }
        _ => at,
    }
}
