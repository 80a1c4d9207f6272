//! What every page keeps to: escaping, nothing inline, labels, form tokens.

use std::fs;
use std::path::Path;

use super::samples::every;

const EVIL: &str = "\"><script>alert(1)</script><b onclick='x'>&amp;";

#[test]
fn no_name_gets_out_of_its_place() {
    for (page, html) in every(EVIL) {
        assert!(!html.contains("<script>alert"), "{page}");
        assert!(!html.contains("<b onclick"), "{page}");
    }
}

#[test]
fn nothing_runs_or_styles_inline() {
    for (page, html) in every("name") {
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/static/"), "{page}: {script:.60}");
            assert!(script.contains("></script>"), "{page}");
        }
        assert!(!html.contains("<style") && !html.contains("style=\""), "{page}");
        assert!(!html.contains("javascript:"), "{page}");
        for handler in [" onclick=", " onload=", " onsubmit=", " onchange="] {
            assert!(!html.contains(handler), "{page}");
        }
        for other in ["src=\"http", "href=\"http://", "action=\"http", "url(http"] {
            assert!(!html.contains(other), "no other origin: {page}");
        }
    }
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    for (page, html) in every("name") {
        if page.starts_with("sign-in") || page == "set-up" {
            continue;
        }
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            if form.contains("method=\"post\"") {
                assert!(form.contains("name=\"csrf\" value=\"sample\""), "{page}: {form}");
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_page_a_title_and_a_heading() {
    for (page, html) in every("name") {
        assert!(html.starts_with("<!doctype html>"), "{page}");
        assert!(html.contains("<html lang=\"en\">"), "{page}");
        assert_eq!(html.matches("<title>").count(), 1, "{page}");
        assert_eq!(html.matches("<h1").count(), 1, "{page}");
        for (at, _) in html.match_indices(" id=\"") {
            let id = html[at + 5..].split('"').next().unwrap_or_default();
            assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{page}: id {id}");
        }
        for field in html.split("<input").skip(1) {
            let field = field.split('>').next().unwrap_or_default();
            if field.contains("type=\"hidden\"") || field.contains("type=\"radio\"") {
                continue;
            }
            let id = field.split(" id=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            assert!(html.contains(&format!("for=\"{id}\"")), "{page}: {field}");
        }
    }
}

/// Writes the pages and the files they load, to be opened in a browser.
#[test]
fn the_samples_can_be_looked_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pages");
    fs::create_dir_all(&folder).expect("a folder");
    let prefix = crate::assets::url("");
    for name in ["deputy.css", "deputy.svg", "forms.js", "events.js"] {
        let version = prefix.split('/').nth(2).unwrap_or_default();
        fs::write(folder.join(name), crate::assets::find(version, name).expect(name)).expect("written");
    }
    for (page, html) in every("a-name-<with>-\"signs\"") {
        fs::write(folder.join(format!("{page}.html")), html.replace(&prefix, "")).expect("written");
    }
}
