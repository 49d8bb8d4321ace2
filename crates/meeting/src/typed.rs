//! A line that others see while it is being typed (`docs/protocol.md` §11i).

use incamera_protocol::limits;
use tls_codec::{TlsDeserialize, TlsSerialize, TlsSize};

use crate::codec::{Text, is_unsafe_to_show};
use crate::refusal::Refusal;

/// Stands before the end of a line of which not all is shown.
const CUT: char = '…';

/// All of the line as it stands: what got lost on the way is made good by the next one.
#[derive(Debug, Clone, PartialEq, Eq, TlsSerialize, TlsDeserialize, TlsSize)]
pub struct Typed {
    /// The part in which it is typed. It is of no other.
    pub part: u32,
    /// Empty: nothing is being typed any more.
    pub text: Text,
}

impl Typed {
    /// Of what stands in the field where it is typed: in one line, without what no line may have, and of a long one the end.
    pub fn of(part: u32, draft: &str) -> Result<Self, Refusal> {
        let one_line = draft.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        let line: String = one_line.filter(|c| !is_unsafe_to_show(*c)).collect();
        let line = line.trim();
        let text = if line.len() > limits::TYPED_BYTES_MAX {
            let room = limits::TYPED_BYTES_MAX.saturating_sub(CUT.len_utf8());
            let from = line.ceil_char_boundary(line.len().saturating_sub(room));
            Text::new(&format!("{CUT}{}", line.get(from..).unwrap_or_default()))
        } else {
            Text::new(line)
        };
        Ok(Self { part, text: text? })
    }

    /// What no client says is refused.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.text.as_str().len() > limits::TYPED_BYTES_MAX {
            return Err(Refusal::TooLarge("line"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(draft: &str) -> String {
        Typed::of(1, draft).unwrap().text.as_str().to_owned()
    }

    #[test]
    fn a_line_is_one_line_without_what_turns_the_direction_of_others() {
        assert_eq!(line("  one\n\ttwo \u{202E}eerht\u{0} "), "one  two eerht");
        assert_eq!(line(" \n "), "");
        assert_eq!(
            line("\u{2067}\u{0633}\u{0644}\u{0627}\u{0645}\u{2069}"),
            "\u{0633}\u{0644}\u{0627}\u{0645}"
        );
    }

    #[test]
    fn of_a_long_line_the_end_is_shown_and_no_letter_is_cut_in_two() {
        for letter in ["a", "\u{0633}", "\u{4E2D}", "\u{1F642}"] {
            for more in 0..4 {
                let draft = format!("{}{}", "x".repeat(more), letter.repeat(limits::TYPED_BYTES_MAX + 1));
                let typed = Typed::of(1, &draft).unwrap();
                assert_eq!(typed.check(), Ok(()));
                let shown = typed.text.as_str();
                assert!(shown.starts_with(CUT) && shown.ends_with(letter));
                assert!(shown.len() > limits::TYPED_BYTES_MAX - 4);
            }
        }
        let whole = "a".repeat(limits::TYPED_BYTES_MAX);
        assert_eq!(line(&whole), whole);
    }
}
