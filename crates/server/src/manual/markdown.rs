//! Markdown to HTML (CommonMark, with tables).
//!
//! Invariant: no HTML of the source gets through, and every heading has an id that links can name.

use std::collections::BTreeMap;
use std::mem;

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

use super::destination;
use crate::pages::docs::Heading;

/// A rendered page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The HTML.
    pub html: String,
    /// The headings below the title.
    pub headings: Vec<Heading>,
    /// Where its links lead.
    pub links: Vec<String>,
}

/// Renders one page.
#[must_use]
pub fn render(text: &str) -> Rendered {
    let mut rendered = Rendered::default();
    let mut taken = BTreeMap::new();
    let mut events = Vec::new();
    let mut heading: Option<(HeadingLevel, Vec<Event<'_>>)> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { level, .. }), _) => heading = Some((level, Vec::new())),
            (Event::End(TagEnd::Heading(_)), open) => {
                if let Some((level, inner)) = mem::take(open) {
                    let words = words(&inner);
                    let id = unique(&mut taken, anchor(&words));
                    events.push(Event::Start(Tag::Heading {
                        level,
                        id: Some(id.clone().into()),
                        classes: Vec::new(),
                        attrs: Vec::new(),
                    }));
                    events.extend(inner);
                    events.push(Event::End(TagEnd::Heading(level)));
                    if level != HeadingLevel::H1 {
                        let deeper = level > HeadingLevel::H2;
                        rendered.headings.push(Heading { id, text: words, deeper });
                    }
                }
            }
            (event, Some((_, inner))) => inner.push(plain(event, &mut rendered.links)),
            (event, None) => wrapped(plain(event, &mut rendered.links), &mut events),
        }
    }
    html::push_html(&mut rendered.html, events.into_iter());
    rendered
}

/// A wide table scrolls by itself instead of widening the page.
fn wrapped<'a>(event: Event<'a>, into: &mut Vec<Event<'a>>) {
    let html = |text: &'static str| Event::Html(CowStr::Borrowed(text));
    match event {
        Event::Start(Tag::Table(_)) => into.extend([html("<div class=\"scroll\">"), event]),
        Event::End(TagEnd::Table) => into.extend([event, html("</div>\n")]),
        event => into.push(event),
    }
}

/// HTML becomes text; links between files become links between pages.
fn plain<'a>(event: Event<'a>, links: &mut Vec<String>) -> Event<'a> {
    match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url =
                if link_type == LinkType::Email { dest_url.to_string() } else { destination(&dest_url) };
            links.push(dest_url.clone());
            Event::Start(Tag::Link { link_type, dest_url: dest_url.into(), title, id })
        }
        event => event,
    }
}

fn words(events: &[Event<'_>]) -> String {
    let text = |event: &Event<'_>| match event {
        Event::Text(text) | Event::Code(text) => text.to_string(),
        Event::SoftBreak | Event::HardBreak => " ".to_owned(),
        _ => String::new(),
    };
    events.iter().map(text).collect()
}

/// The same rule as repository browsers: lower case, blanks to dashes, other signs dropped.
fn anchor(words: &str) -> String {
    let kept = words.trim().to_lowercase();
    let kept = kept.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    });
    kept.collect()
}

fn unique(taken: &mut BTreeMap<String, u32>, id: String) -> String {
    let seen = taken.entry(id.clone()).or_default();
    *seen += 1;
    if *seen == 1 { id } else { format!("{id}-{}", *seen - 1) }
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn html_of_the_source_is_text() {
        let html = render("a <script>alert(1)</script>\n\n<img src=x onerror=y>\n").html;
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    }

    #[test]
    fn headings_have_ids_and_tables_scroll() {
        let rendered = render("# T\n\n## The `POST` call\n\n## The `POST` call\n\n| a |\n|---|\n| b |\n");
        assert_eq!(rendered.headings[0].id, "the-post-call");
        assert_eq!(rendered.headings[1].id, "the-post-call-1");
        assert!(rendered.html.contains("<h2 id=\"the-post-call\">"), "{}", rendered.html);
        assert!(rendered.html.contains("<div class=\"scroll\"><table>"), "{}", rendered.html);
    }
}
