//! `GET /docs`: the user documentation.

use askama::Template;

/// A page in the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocLink {
    /// Where to.
    pub href: String,
    /// Its title.
    pub title: String,
    /// Whether it is this one.
    pub here: bool,
}

/// A heading of this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The fragment.
    pub id: String,
    /// The words.
    pub text: String,
    /// Whether it is below another heading.
    pub deeper: bool,
}

/// One page of documentation.
#[derive(Debug, Template)]
#[template(path = "docs.html")]
pub struct DocsPage {
    /// The title.
    pub title: String,
    /// All pages.
    pub pages: Vec<DocLink>,
    /// The headings of this one.
    pub contents: Vec<Heading>,
    /// HTML that the renderer made from our own Markdown, with raw HTML turned off.
    pub body: String,
}
