//! Secrets and documents that a verb reads from a file, from stdin or from the command line.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;
use zeroize::Zeroizing;

use super::Failure;

/// The first line of a file; `-` is stdin.
///
/// # Errors
/// If it cannot be read or is empty.
pub fn first_line(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = whole(path)?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(Zeroizing::new(line.to_owned())),
        _ => Err(Failure::Usage(format!("`{}` is empty", path.display()))),
    }
}

/// A token that is written out, or `-` for stdin.
///
/// # Errors
/// If stdin cannot be read or is empty.
pub fn token(argument: &str) -> Result<Zeroizing<String>, Failure> {
    if argument == "-" { first_line(Path::new("-")) } else { Ok(Zeroizing::new(argument.to_owned())) }
}

/// JSON that is written out, or `@FILE`.
///
/// # Errors
/// If the file cannot be read or the text is no JSON.
pub fn json(name: &str, argument: &str) -> Result<Value, Failure> {
    serde_json::from_str(&text(argument)?)
        .map_err(|error| Failure::Usage(format!("{name} is not JSON: {error}")))
}

/// A text that is written out, or `@FILE`.
///
/// # Errors
/// If the file cannot be read.
pub fn text(argument: &str) -> Result<Zeroizing<String>, Failure> {
    match argument.strip_prefix('@') {
        Some(path) => whole(Path::new(path)),
        None => Ok(Zeroizing::new(argument.to_owned())),
    }
}

/// A whole file; `-` is stdin.
///
/// # Errors
/// If it cannot be read or is not UTF-8.
pub fn whole(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let failed = |error| Failure::io(format!("`{}`", path.display()), error);
    let mut text = Zeroizing::new(String::new());
    if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map_err(failed)?;
    } else {
        *text = std::fs::read_to_string(path).map_err(failed)?;
    }
    Ok(text)
}
