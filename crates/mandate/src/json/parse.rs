//! The strict reader (RFC 8259, RFC 7493): linear in its input, bounded in depth, refusing what is ambiguous.

use std::collections::btree_map::Entry;

use super::{MAX_NESTING, Members, Number, NumberError, Value};

/// Why a text is refused; `at` is a byte offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The text ends inside a value.
    #[error("the JSON text ends early")]
    End,
    /// Something other than what the grammar allows here.
    #[error("unexpected character at byte {at}")]
    Unexpected {
        /// Where.
        at: usize,
    },
    /// Deeper than [`MAX_NESTING`].
    #[error("nested deeper than {MAX_NESTING} at byte {at}")]
    TooDeep {
        /// Where.
        at: usize,
    },
    /// Two members of one object share a name.
    #[error("duplicate member `{name}`")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A number that is none, or that a double cannot keep.
    #[error("{source} at byte {at}")]
    Number {
        /// Where.
        at: usize,
        /// What is wrong with it.
        source: NumberError,
    },
    /// An escape that stands for no character, such as half a surrogate pair.
    #[error("bad escape at byte {at}")]
    Escape {
        /// Where.
        at: usize,
    },
}

pub(super) fn parse(text: &str) -> Result<Value, ValueError> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_space();
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.at == text.len() { Ok(value) } else { Err(ValueError::Unexpected { at: reader.at }) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The text from `from` to here; both are on character boundaries because only ASCII moves them.
    fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn refuse<T>(&self) -> Result<T, ValueError> {
        if self.at >= self.text.len() {
            Err(ValueError::End)
        } else {
            Err(ValueError::Unexpected { at: self.at })
        }
    }

    fn take(&mut self, wanted: u8) -> Result<(), ValueError> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            Ok(())
        } else {
            self.refuse()
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, ValueError> {
        match self.peek() {
            Some(b'{' | b'[') if depth == MAX_NESTING => Err(ValueError::TooDeep { at: self.at }),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.refuse(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, ValueError> {
        for &byte in word.as_bytes() {
            self.take(byte)?;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, ValueError> {
        let from = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        Number::parse(self.since(from))
            .map(Value::Number)
            .map_err(|source| ValueError::Number { at: from, source })
    }

    fn array(&mut self, depth: usize) -> Result<Value, ValueError> {
        self.take(b'[')?;
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']').is_ok() {
            return Ok(Value::Array(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take(b',').is_err() {
                self.take(b']')?;
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, ValueError> {
        self.take(b'{')?;
        let mut members = Members::new();
        self.skip_space();
        if self.take(b'}').is_ok() {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let slot = match members.entry(self.string()?) {
                Entry::Occupied(taken) => return Err(ValueError::Duplicate { name: taken.key().clone() }),
                Entry::Vacant(slot) => slot,
            };
            self.skip_space();
            self.take(b':')?;
            self.skip_space();
            slot.insert(self.value(depth + 1)?);
            self.skip_space();
            if self.take(b',').is_err() {
                self.take(b'}')?;
                return Ok(Value::Object(members));
            }
        }
    }

    fn string(&mut self) -> Result<String, ValueError> {
        self.take(b'"')?;
        let mut text = String::new();
        loop {
            let from = self.at;
            let rest = self.text.as_bytes().get(from..).unwrap_or_default();
            let plain = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f));
            self.at += plain.unwrap_or(rest.len());
            text.push_str(self.since(from));
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return self.refuse(),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ValueError> {
        let at = self.at;
        self.take(b'\\')?;
        let plain = match self.peek() {
            Some(b'u') => {
                self.at += 1;
                return self.unicode(at);
            }
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(_) => return Err(ValueError::Escape { at }),
            None => return Err(ValueError::End),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self, at: usize) -> Result<char, ValueError> {
        let first = self.hex(at)?;
        let code = if (0xd800..0xdc00).contains(&first) {
            self.take(b'\\').and_then(|()| self.take(b'u')).map_err(|_| ValueError::Escape { at })?;
            let second = self.hex(at)?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(ValueError::Escape { at });
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        // A lone low surrogate is no character, so it ends here too.
        char::from_u32(code).ok_or(ValueError::Escape { at })
    }

    fn hex(&mut self, at: usize) -> Result<u32, ValueError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit =
                self.peek().and_then(|b| char::from(b).to_digit(16)).ok_or(ValueError::Escape { at })?;
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
