//! From Markdown to the tree.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag as Mark};

use crate::{DEPTH_MAX, Element, Node, Tag};

/// The tree of a text. Every text has one: what is not understood is shown as it stands.
pub fn read(markdown: &str) -> Vec<Node> {
    let mut tree = Tree::default();
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Start(mark) => tree.open(element_of(&mark)),
            Event::End(_) => tree.close(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => tree.say(&text),
            Event::Code(text) => {
                tree.open(Some(Element::new(Tag::Code)));
                tree.say(&text);
                tree.close();
            }
            Event::SoftBreak => tree.say("\n"),
            Event::HardBreak => tree.put(Node::Element(Element::new(Tag::Br))),
            Event::Rule => tree.put(Node::Element(Element::new(Tag::Hr))),
            // Of extensions that are off.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => tree.say(&text),
            Event::TaskListMarker(_) => {}
        }
    }
    tree.finish()
}

impl Element {
    fn new(tag: Tag) -> Self {
        Self {
            tag,
            href: None,
            children: Vec::new(),
        }
    }
}

/// The element of a mark; none where only what is in it is shown.
fn element_of(mark: &Mark<'_>) -> Option<Element> {
    let tag = match mark {
        Mark::Paragraph | Mark::HtmlBlock => Tag::P,
        Mark::Heading { level, .. } => match level {
            HeadingLevel::H1 => Tag::H4,
            HeadingLevel::H2 => Tag::H5,
            _ => Tag::H6,
        },
        Mark::BlockQuote(_) => Tag::Blockquote,
        Mark::CodeBlock(_) => Tag::Pre,
        Mark::List(None) => Tag::Ul,
        Mark::List(Some(_)) => Tag::Ol,
        Mark::Item => Tag::Li,
        Mark::Emphasis => Tag::Em,
        Mark::Strong => Tag::Strong,
        Mark::Link { dest_url, .. } => {
            return leads_somewhere(dest_url).then(|| Element {
                href: Some(dest_url.to_string()),
                ..Element::new(Tag::A)
            });
        }
        _ => return None,
    };
    Some(Element::new(tag))
}

fn leads_somewhere(address: &str) -> bool {
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    ["http", "https", "mailto"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

/// A tree that is being built: the elements that are open, the outermost first.
#[derive(Default)]
struct Tree {
    done: Vec<Node>,
    /// `None` for a mark that has no element of its own.
    open: Vec<Option<Element>>,
    depth: usize,
}

impl Tree {
    fn open(&mut self, element: Option<Element>) {
        let element = element.filter(|_| self.depth < DEPTH_MAX);
        self.depth += usize::from(element.is_some());
        self.open.push(element);
    }

    fn close(&mut self) {
        if let Some(Some(element)) = self.open.pop() {
            self.depth -= 1;
            self.put(Node::Element(element));
        }
    }

    fn put(&mut self, node: Node) {
        match self.open.iter_mut().rev().flatten().next() {
            Some(element) => element.children.push(node),
            None => self.done.push(node),
        }
    }

    fn say(&mut self, text: &str) {
        let children = match self.open.iter_mut().rev().flatten().next() {
            Some(element) => &mut element.children,
            None => &mut self.done,
        };
        match children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => children.push(Node::Text(text.to_owned())),
        }
    }

    fn finish(mut self) -> Vec<Node> {
        while !self.open.is_empty() {
            self.close();
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html;

    fn shown(markdown: &str) -> String {
        html(&read(markdown))
    }

    #[test]
    fn headings_lists_emphasis_and_links_are_shown() {
        assert_eq!(
            shown(
                "# Outcome\n\nWe *agreed* on **two** things:\n\n1. water\n2. [the text](https://house.example/a?b=1&c=2)"
            ),
            "<h4>Outcome</h4><p>We <em>agreed</em> on <strong>two</strong> things:</p>\
             <ol><li>water</li><li><a href=\"https://house.example/a?b=1&amp;c=2\" rel=\"noopener nofollow\">the text</a></li></ol>"
        );
    }

    #[test]
    fn html_in_the_text_is_shown_as_the_characters_that_it_is() {
        assert_eq!(
            shown("<script>alert(1)</script>"),
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
        );
        assert_eq!(
            shown("a <img src=x onerror=alert(1)> b"),
            "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>"
        );
    }

    #[test]
    fn a_link_to_anything_but_an_address_is_only_its_words() {
        for to in [
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "/convene",
            "vbscript:x",
            "x",
        ] {
            assert_eq!(shown(&format!("[words]({to})")), "<p>words</p>", "{to}");
        }
        assert!(shown("[words](MAILTO:press@house.example)").contains("href"));
        assert!(shown("<javascript:alert(1)>").starts_with("<p>javascript:alert(1)"));
    }

    #[test]
    fn an_image_is_its_description() {
        assert_eq!(shown("![A map](https://elsewhere.example/spy.png)"), "<p>A map</p>");
    }

    #[test]
    fn what_nests_without_end_is_flat_after_a_while() {
        let deep = shown(&format!("{} x", ">".repeat(20_000)));
        assert_eq!(deep.matches("<blockquote>").count(), DEPTH_MAX);
        assert!(deep.contains('x'));
        let lists = "- ".repeat(5_000);
        assert!(shown(&format!("{lists}x")).matches('<').count() <= 2 * DEPTH_MAX + 2);
    }
}
