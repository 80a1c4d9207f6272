//! The dashboard's own files, embedded at build.
//!
//! Invariant: a URL names the build's version, so that it may be cached for ever and never serves another's.

/// The version of the whole folder, and each file by name.
const EMBEDDED: (&str, &[(&str, &[u8])]) = include!(concat!(env!("OUT_DIR"), "/static.rs"));

/// Where a page finds a file.
#[must_use]
pub fn url(name: &str) -> String {
    format!("/static/{}/{name}", EMBEDDED.0)
}

/// A file by its version and name; a version of another build finds nothing.
#[must_use]
pub fn find(version: &str, name: &str) -> Option<&'static [u8]> {
    if version != EMBEDDED.0 {
        return None;
    }
    EMBEDDED.1.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

/// The media type by the name's ending.
#[must_use]
pub fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{EMBEDDED, find, media_type, url};

    #[test]
    fn the_style_sheet_is_found_by_this_build_only() {
        assert!(find(EMBEDDED.0, "deputy.css").is_some());
        assert!(find("0", "deputy.css").is_none());
        assert!(find(EMBEDDED.0, "../deputy.css").is_none());
        assert!(url("deputy.css").starts_with("/static/"));
        assert_eq!(media_type("deputy.css"), "text/css; charset=utf-8");
    }
}
