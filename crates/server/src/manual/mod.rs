//! The user documentation: the Markdown files of `web/docs`, embedded at build.
//!
//! Invariant: a file `20-tokens.md` is the page `/docs/tokens`; the numbers give the order and are nowhere
//! else, and links between files work both in a repository browser and here.

mod markdown;

pub use markdown::{Rendered, render};

/// Each file's name and text, in order.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/docs.rs"));

/// A page before it is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manual {
    /// The last segment of its path.
    pub slug: &'static str,
    /// Its first heading.
    pub title: &'static str,
    /// Its Markdown.
    pub text: &'static str,
}

/// All pages, in order.
pub fn pages() -> impl Iterator<Item = Manual> {
    FILES.iter().map(|&(name, text)| {
        let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(name);
        Manual { slug: slug(name), title: title.trim(), text }
    })
}

/// A file's name without its number and its ending.
fn slug(name: &str) -> &str {
    let stem = name.strip_suffix(".md").unwrap_or(name);
    match stem.split_once('-') {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => stem,
    }
}

/// Where a link of a Markdown file leads in the product.
fn destination(link: &str) -> String {
    let (file, fragment) = link.split_once('#').map_or((link, None), |(file, rest)| (file, Some(rest)));
    if file.contains("://") || file.starts_with('/') || !file.ends_with(".md") {
        return link.to_owned();
    }
    let page = format!("/docs/{}", slug(file.rsplit('/').next().unwrap_or(file)));
    fragment.map_or_else(|| page.clone(), |fragment| format!("{page}#{fragment}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{destination, pages, render, slug};

    #[test]
    fn a_name_is_a_slug_and_a_link_a_path() {
        assert_eq!(slug("20-tokens.md"), "tokens");
        assert_eq!(slug("scim-entra.md"), "scim-entra");
        assert_eq!(destination("20-tokens.md#errors"), "/docs/tokens#errors");
        assert_eq!(destination("https://example.com/a.md"), "https://example.com/a.md");
        assert_eq!(destination("#here"), "#here");
    }

    #[test]
    fn every_link_between_pages_leads_somewhere() {
        let mut known = BTreeSet::new();
        for page in pages() {
            let path = format!("/docs/{}", page.slug);
            known.extend(render(page.text).headings.iter().map(|heading| format!("{path}#{}", heading.id)));
            known.insert(path);
        }
        assert!(known.contains("/docs/overview"), "there is a first page");
        for page in pages() {
            for link in render(page.text).links {
                let whole = if link.starts_with('#') { format!("/docs/{}{link}", page.slug) } else { link };
                assert!(!whole.starts_with("/docs/") || known.contains(&whole), "{}: {whole}", page.slug);
            }
        }
    }
}
