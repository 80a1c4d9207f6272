//! Exact decimals that a double can keep.
//!
//! A JSON number is accepted when the RFC 8785 text of its nearest double, read as a decimal, is the number
//! itself. Such a decimal has at most 17 significant digits, so a `u64` coefficient and an exponent hold it
//! exactly, equality is structural and comparison needs no rounding.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

/// The largest number of significant digits in the shortest text of a double.
const MAX_DIGITS: usize = 17;
/// Decimals of up to 15 significant digits survive a double unchanged while the double is normal.
const SAFE_DIGITS: usize = 15;
/// Powers of ten inside which [`SAFE_DIGITS`] holds.
const SAFE_EXPONENTS: std::ops::RangeInclusive<i64> = -290..=290;

/// A finite decimal, `±coefficient × 10^exponent`, without trailing zeros in the coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    negative: bool,
    coefficient: u64,
    exponent: i32,
}

/// Why a text is not an acceptable number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not a number in JSON's grammar; NaN and infinities end here.
    #[error("not a JSON number")]
    Grammar,
    /// A double would change it.
    #[error("the number cannot be kept without loss")]
    Lossy,
}

impl Number {
    /// Zero; `-0` reads as this.
    pub const ZERO: Self = Self { negative: false, coefficient: 0, exponent: 0 };

    /// Reads a number in JSON's grammar (RFC 8259 §6).
    ///
    /// # Errors
    /// [`NumberError`] when the text is no number or a double cannot keep it.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let scanned = Scanned::read(text)?;
        if scanned.digits == 0 {
            return Ok(Self::ZERO);
        }
        if scanned.digits > MAX_DIGITS {
            return Err(NumberError::Lossy);
        }
        let exponent = i32::try_from(scanned.exponent).map_err(|_| NumberError::Lossy)?;
        let number = Self { negative: scanned.negative, coefficient: scanned.coefficient, exponent };
        let safe = scanned.digits <= SAFE_DIGITS && SAFE_EXPONENTS.contains(&scanned.exponent);
        if safe || number.survives_a_double() { Ok(number) } else { Err(NumberError::Lossy) }
    }

    /// An integer that a double keeps.
    pub(super) const fn from_integer(negative: bool, value: u64) -> Self {
        let (mut coefficient, mut exponent) = (value, 0);
        while coefficient != 0 && coefficient.is_multiple_of(10) {
            coefficient /= 10;
            exponent += 1;
        }
        Self { negative: negative && coefficient != 0, coefficient, exponent }
    }

    fn survives_a_double(self) -> bool {
        let double = self.as_f64();
        if !double.is_finite() || double == 0.0 {
            return false;
        }
        // `{:e}` writes the shortest digits that read back as the same double, as RFC 8785 §3.2.2.3 does.
        Scanned::read(&format!("{double:e}")).is_ok_and(|shortest| {
            shortest.coefficient == self.coefficient && shortest.exponent == i64::from(self.exponent)
        })
    }

    /// The nearest double; its RFC 8785 text is this number again.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}e{}", self.coefficient, self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// The number as an integer, when it is one and fits.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        let scale = 10_u64.checked_pow(u32::try_from(self.exponent).ok()?)?;
        let magnitude = i64::try_from(self.coefficient.checked_mul(scale)?).ok()?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// Writes the RFC 8785 text (ECMAScript's `Number::toString`).
    pub fn write_canonical(self, out: &mut String) {
        // No i64 reaches 10^21, from where on an exponent is written.
        if let Some(integer) = self.as_i64() {
            // Writing to a String cannot fail.
            let _ = write!(out, "{integer}");
            return;
        }
        if self.negative {
            out.push('-');
        }
        let digits = self.coefficient.to_string();
        let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        let point = count.saturating_add(self.exponent);
        let (head, tail) =
            digits.split_at_checked(usize::try_from(point).unwrap_or(0)).unwrap_or((&digits, ""));
        match point {
            1..=21 => {
                out.push_str(head);
                zeros(point.saturating_sub(count), out);
                if !tail.is_empty() {
                    out.push('.');
                    out.push_str(tail);
                }
            }
            -5..=0 => {
                out.push_str("0.");
                zeros(point.saturating_neg(), out);
                out.push_str(&digits);
            }
            _ => {
                let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
                out.push_str(first);
                if !rest.is_empty() {
                    out.push('.');
                    out.push_str(rest);
                }
                // Writing to a String cannot fail.
                let _ = write!(out, "e{:+}", point.saturating_sub(1));
            }
        }
    }

    /// The power of ten of the first digit, plus one: larger means a larger magnitude.
    fn magnitude(self) -> i64 {
        i64::from(self.coefficient.checked_ilog10().unwrap_or(0)) + i64::from(self.exponent)
    }

    fn cmp_magnitude(self, other: Self) -> Ordering {
        match (self.coefficient, other.coefficient) {
            (0, 0) => return Ordering::Equal,
            (0, _) => return Ordering::Less,
            (_, 0) => return Ordering::Greater,
            _ => {}
        }
        self.magnitude().cmp(&other.magnitude()).then_with(|| {
            // Equal magnitudes: the exponents differ by less than the digits of a u64, so this fits.
            let shift = self.exponent.min(other.exponent);
            self.scaled(shift).cmp(&other.scaled(shift))
        })
    }

    fn scaled(self, to: i32) -> u128 {
        let steps = u32::try_from(self.exponent.saturating_sub(to)).unwrap_or(0);
        u128::from(self.coefficient).saturating_mul(10_u128.saturating_pow(steps))
    }
}

fn zeros(count: i32, out: &mut String) {
    for _ in 0..count {
        out.push('0');
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_magnitude(*other),
            (true, true) => other.cmp_magnitude(*self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self::from_integer(false, u64::from(value))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write_canonical(&mut text);
        f.write_str(&text)
    }
}

/// A number's text taken apart; `digits` counts the significant ones, even where they overflow.
#[derive(Default)]
struct Scanned {
    negative: bool,
    coefficient: u64,
    digits: usize,
    exponent: i64,
}

impl Scanned {
    fn read(text: &str) -> Result<Self, NumberError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(NumberError::Grammar),
            Some((whole, fraction)) => (whole, fraction),
            None => (mantissa, ""),
        };
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(NumberError::Grammar);
        }
        let mut scanned = Self { negative, ..Self::default() };
        let mut trailing = 0_usize;
        for digit in whole.bytes().chain(fraction.bytes()) {
            match digit {
                b'0' if scanned.digits == 0 => {}
                b'0' => trailing += 1,
                b'1'..=b'9' => {
                    // Zeros count only once a digit follows them, so `1000…` stays one digit long.
                    scanned.digits += trailing + 1;
                    if scanned.digits <= MAX_DIGITS {
                        let shift = 10_u64.saturating_pow(u32::try_from(trailing + 1).unwrap_or(u32::MAX));
                        scanned.coefficient =
                            scanned.coefficient.saturating_mul(shift).saturating_add(u64::from(digit - b'0'));
                    }
                    trailing = 0;
                }
                _ => return Err(NumberError::Grammar),
            }
        }
        let places = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        scanned.exponent = exponent.saturating_sub(places(fraction.len())).saturating_add(places(trailing));
        Ok(scanned)
    }
}

fn read_exponent(text: &str) -> Result<i64, NumberError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NumberError::Grammar);
    }
    // Out of i64's range is out of a double's too, unless the coefficient is zero; saturating keeps both.
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX / 4);
    let magnitude = magnitude.min(i64::MAX / 4);
    Ok(if text.starts_with('-') { -magnitude } else { magnitude })
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
