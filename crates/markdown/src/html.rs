//! The tree as HTML.

use crate::{Element, Node};

/// HTML in which every character of the text is a character.
pub fn html(nodes: &[Node]) -> String {
    let mut to = String::new();
    write(nodes, &mut to);
    to
}

fn write(nodes: &[Node], to: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => escape(text, to),
            Node::Element(element) => write_element(element, to),
        }
    }
}

fn write_element(Element { tag, href, children }: &Element, to: &mut String) {
    to.push('<');
    to.push_str(tag.name());
    if let Some(href) = href {
        to.push_str(" href=\"");
        escape(href, to);
        to.push_str("\" rel=\"noopener nofollow\"");
    }
    to.push('>');
    if tag.is_void() {
        return;
    }
    write(children, to);
    to.push_str("</");
    to.push_str(tag.name());
    to.push('>');
}

fn escape(text: &str, to: &mut String) {
    for character in text.chars() {
        match character {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\'' => to.push_str("&#39;"),
            _ => to.push(character),
        }
    }
}
