//! Reads RFC 8785 text in one pass: every other writing of the same value is refused, and no tree is built.
//!
//! Members of a known object are asked for in their canonical order ([`CanonicalReader::need`],
//! [`CanonicalReader::find`]), so an unknown, repeated or misplaced one is simply not what stands there. Members
//! with free names ([`CanonicalReader::members`]) must ascend by their UTF-16 code units.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{MAX_NESTING, Members, Number, Value};
use crate::jcs::write_string;

/// The largest integer that every reader of JSON tells from its neighbours.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
/// Decimals with no more digits than this are written as they are, and survive a double.
const PLAIN_DIGITS: usize = 15;

/// Why a text is refused; `at` is a byte offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// Not the canonical text of what belongs here.
    #[error("not the canonical text of what belongs at byte {at}")]
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
    /// Canonical, but not a mandate's.
    #[error(transparent)]
    Mandate(#[from] Box<crate::MandateError>),
}

/// A place in a canonical text.
#[derive(Debug, Clone)]
pub struct CanonicalReader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> CanonicalReader<'a> {
    /// At the start of `text`.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Nothing may follow.
    ///
    /// # Errors
    /// [`CanonicalError::Unexpected`].
    pub fn finish(self) -> Result<(), CanonicalError> {
        if self.at == self.text.len() { Ok(()) } else { self.refuse() }
    }

    pub(crate) fn refuse<T>(&self) -> Result<T, CanonicalError> {
        Err(CanonicalError::Unexpected { at: self.at })
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// How far it is.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    /// The text from `from` to here; both are on character boundaries because only ASCII moves them.
    pub(crate) fn since(&self, from: usize) -> &'a str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    #[inline]
    fn skip(&mut self, wanted: u8) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    #[inline]
    fn take(&mut self, wanted: u8) -> Result<(), CanonicalError> {
        if self.skip(wanted) { Ok(()) } else { self.refuse() }
    }

    fn descend(&mut self, bracket: u8) -> Result<(), CanonicalError> {
        if self.depth == MAX_NESTING {
            return Err(CanonicalError::TooDeep { at: self.at });
        }
        self.take(bracket)?;
        self.depth += 1;
        Ok(())
    }

    fn ascend(&mut self, bracket: u8) -> Result<(), CanonicalError> {
        self.take(bracket)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    /// Opens an object whose members are known.
    ///
    /// # Errors
    /// [`CanonicalError`] when none begins here.
    #[inline]
    pub fn open(&mut self) -> Result<(), CanonicalError> {
        self.descend(b'{')
    }

    /// Closes it: no member is left.
    ///
    /// # Errors
    /// [`CanonicalError`] when one is.
    #[inline]
    pub fn close(&mut self) -> Result<(), CanonicalError> {
        self.ascend(b'}')
    }

    /// Whether the next member is `name`; if so, its value is what comes next. Callers ask in canonical order.
    #[inline(always)]
    pub fn find(&mut self, name: &'static str) -> bool {
        let text = self.text.as_bytes();
        let comma = usize::from(self.at.checked_sub(1).and_then(|at| text.get(at)) != Some(&b'{'));
        let from = self.at + comma;
        let value = from + name.len() + 3;
        // The commonest answer for an absent member is its first letter.
        let there = text.get(from + 1) == name.as_bytes().first()
            && (comma == 0 || text.get(self.at) == Some(&b','))
            && text.get(from) == Some(&b'"')
            && text.get(from + 1..value - 2) == Some(name.as_bytes())
            && text.get(value - 2..value) == Some(b"\":");
        if there {
            self.at = value;
        }
        there
    }

    /// The next member is `name`, and its value comes next.
    ///
    /// # Errors
    /// [`CanonicalError::Unexpected`] when something else stands there.
    #[inline(always)]
    pub fn need(&mut self, name: &'static str) -> Result<(), CanonicalError> {
        if self.find(name) { Ok(()) } else { self.refuse() }
    }

    /// Whether `object`, the text of a whole object, stands here; if so, it is passed. An object ends with its
    /// bracket, so a reader would have stopped at the same place.
    pub(crate) fn pass_object(&mut self, object: &str) -> bool {
        let there = self.rest().starts_with(object.as_bytes());
        self.at += if there { object.len() } else { 0 };
        there
    }

    /// An array, item by item.
    ///
    /// # Errors
    /// [`CanonicalError`], and whatever `each` refuses.
    pub fn items<E: From<CanonicalError>>(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.descend(b'[')?;
        if self.peek() != Some(b']') {
            each(self)?;
            while self.skip(b',') {
                each(self)?;
            }
        }
        Ok(self.ascend(b']')?)
    }

    /// An array of exactly one item.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub(crate) fn only_item<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, CanonicalError>,
    ) -> Result<T, CanonicalError> {
        self.descend(b'[')?;
        let item = read(self)?;
        self.ascend(b']')?;
        Ok(item)
    }

    /// An object with free names, member by member.
    ///
    /// # Errors
    /// [`CanonicalError`], and whatever `each` refuses.
    pub fn members<E: From<CanonicalError>>(
        &mut self,
        mut each: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.descend(b'{')?;
        if self.peek() != Some(b'}') {
            let mut last: Option<Cow<'a, str>> = None;
            loop {
                let at = self.at;
                let name = self.string()?;
                if last.is_some_and(|last| !ascends(&last, &name)) {
                    return Err(CanonicalError::Unexpected { at }.into());
                }
                last = Some(name.clone());
                self.take(b':')?;
                each(self, name)?;
                if !self.skip(b',') {
                    break;
                }
            }
        }
        Ok(self.ascend(b'}')?)
    }

    /// A string, borrowed unless it has an escape.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn string(&mut self) -> Result<Cow<'a, str>, CanonicalError> {
        self.take(b'"')?;
        let rest = self.text.get(self.at..).unwrap_or_default();
        // Only the last string of a text goes the long way.
        let plain = plain_words(rest.as_bytes()).unwrap_or_else(|_| plain_length(rest.as_bytes()));
        match rest.split_at_checked(plain) {
            Some((plain, after)) if after.starts_with('"') => {
                self.at += plain.len() + 1;
                Ok(Cow::Borrowed(plain))
            }
            _ => self.escaped().map(Cow::Owned),
        }
    }

    /// A string with escapes: the shortest one for each character that needs one, and no other.
    #[cold]
    #[inline(never)]
    fn escaped(&mut self) -> Result<String, CanonicalError> {
        let start = self.at;
        let mut text = String::new();
        loop {
            let from = self.at;
            self.at += plain_length(self.rest());
            text.push_str(self.since(from));
            if self.skip(b'"') {
                break;
            }
            self.take(b'\\')?;
            text.push(match self.peek() {
                Some(b @ (b'"' | b'\\')) => char::from(b),
                Some(b'b') => '\u{8}',
                Some(b'f') => '\u{c}',
                Some(b'n') => '\n',
                Some(b'r') => '\r',
                Some(b't') => '\t',
                Some(b'u') => {
                    let digits = self.text.get(self.at + 1..self.at + 5).unwrap_or_default();
                    let code = u8::from_str_radix(digits, 16).unwrap_or(u8::MAX);
                    if code >= b' ' {
                        return self.refuse();
                    }
                    self.at += 4;
                    char::from(code)
                }
                _ => return self.refuse(),
            });
            self.at += 1;
        }
        // What was written must be what would be written.
        let mut again = String::with_capacity(text.len() + 8);
        write_string(&text, &mut again);
        if again.get(1..) == Some(self.since(start)) { Ok(text) } else { self.refuse() }
    }

    /// A string of its own.
    ///
    /// # Errors
    /// [`CanonicalError`].
    #[inline]
    pub fn text(&mut self) -> Result<String, CanonicalError> {
        self.string().map(Cow::into_owned)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`CanonicalError`].
    #[inline]
    pub fn flag(&mut self) -> Result<bool, CanonicalError> {
        let flag = self.peek() == Some(b't');
        self.word(if flag { "true" } else { "false" }).map(|()| flag)
    }

    fn word(&mut self, word: &str) -> Result<(), CanonicalError> {
        if !self.rest().starts_with(word.as_bytes()) {
            return self.refuse();
        }
        self.at += word.len();
        Ok(())
    }

    /// A non-negative integer, at most 2^53 − 1.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn integer(&mut self) -> Result<u64, CanonicalError> {
        let at = self.at;
        match (self.digits(), self.peek()) {
            (_, Some(b'.' | b'e' | b'E')) => {}
            (Some(value), _) if value <= MAX_SAFE_INTEGER => return Ok(value),
            _ => {}
        }
        Err(CanonicalError::Unexpected { at })
    }

    /// Decimal digits without a leading zero; `None` when there are none, or too many for any safe integer.
    fn digits(&mut self) -> Option<u64> {
        let digits = self.rest();
        let (mut value, mut length) = (0_u64, 0);
        for digit in digits.iter().map_while(|byte| byte.is_ascii_digit().then(|| byte - b'0')) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            length += 1;
        }
        self.at += length;
        let plain = matches!(length, 1..=16) && (length == 1 || digits.first() != Some(&b'0'));
        plain.then_some(value)
    }

    /// A number.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn number(&mut self) -> Result<Number, CanonicalError> {
        let from = self.at;
        let negative = self.skip(b'-');
        let digits = self.digits();
        let few = self.since(from).len() <= PLAIN_DIGITS;
        match (digits, self.peek()) {
            (_, Some(b'.' | b'e' | b'E')) => {}
            (Some(value), _) if few && !(negative && value == 0) => {
                return Ok(Number::from_integer(negative, value));
            }
            _ => {}
        }
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = self.since(from);
        match Number::parse(text) {
            Ok(number) if number.to_string() == text => Ok(number),
            _ => Err(CanonicalError::Unexpected { at: from }),
        }
    }

    /// Any value.
    ///
    /// # Errors
    /// [`CanonicalError`].
    pub fn value(&mut self) -> Result<Value, CanonicalError> {
        match self.peek() {
            Some(b'"') => self.text().map(Value::String),
            Some(b't' | b'f') => self.flag().map(Value::Bool),
            Some(b'n') => self.word("null").map(|()| Value::Null),
            Some(b'[') => self.values().map(Value::Array),
            Some(b'{') => {
                let mut members = Members::new();
                self.members(|reader, name| {
                    members.insert(name.into_owned(), reader.value()?);
                    Ok::<_, CanonicalError>(())
                })?;
                Ok(Value::Object(members))
            }
            _ => self.number().map(Value::Number),
        }
    }

    /// An array of any values.
    pub(crate) fn values(&mut self) -> Result<Vec<Value>, CanonicalError> {
        let mut values = Vec::new();
        self.items(|reader| {
            values.push(reader.value()?);
            Ok::<_, CanonicalError>(())
        })?;
        Ok(values)
    }
}

/// How many bytes from here need no look: no quote, no backslash, no control character.
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    let rest = match plain_words(bytes) {
        Ok(plain) => return plain,
        Err(rest) => rest,
    };
    // The last eight once more, of which only the rest is new.
    if bytes.last_chunk().is_some_and(|last| special(u64::from_le_bytes(*last)) == 0) {
        return bytes.len();
    }
    let plain = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
    bytes.len() - rest.len() + plain
}

/// The same, eight bytes at a time; the rest, when it is less than that.
#[inline]
fn plain_words(bytes: &[u8]) -> Result<usize, &[u8]> {
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return Ok(bytes.len() - rest.len() + (found.trailing_zeros() / 8) as usize);
        }
        rest = after;
    }
    Err(rest)
}

/// The high bit of the first byte among eight that needs a look; bits above it may be wrong, it never is.
const fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Below 0x80 only what is sought goes below zero. A borrow only travels up, so the lowest mark is exact.
    let quote = (word ^ (ONES * 0x22)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    (quote | backslash | control) & !word & HIGH
}

/// Whether one name comes before another in the order of their UTF-16 code units.
fn ascends(last: &str, next: &str) -> bool {
    name_order(last, next).is_lt()
}

/// The order of names by their UTF-16 code units.
pub(crate) fn name_order(a: &str, b: &str) -> Ordering {
    match a.bytes().zip(b.bytes()).find(|(a, b)| a != b) {
        None => a.len().cmp(&b.len()),
        // Only characters from U+E000 on are out of order as bytes, and only among themselves.
        Some((0xee.., 0xee..)) => a.encode_utf16().cmp(b.encode_utf16()),
        Some((a, b)) => a.cmp(&b),
    }
}

#[cfg(test)]
#[path = "canonical_tests.rs"]
mod tests;
