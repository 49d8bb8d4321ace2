//! What was found.

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Finding {
    /// What was looked at.
    pub(crate) of: String,
    pub(crate) state: State,
    /// In a sentence.
    pub(crate) said: String,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Good,
    /// Nothing is wrong; the operator should know.
    Note,
    Bad,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Bad => "BAD",
        }
    }
}

impl Finding {
    pub(crate) fn good(of: &str, said: impl Into<String>) -> Self {
        Self::new(of, State::Good, said)
    }

    pub(crate) fn note(of: &str, said: impl Into<String>) -> Self {
        Self::new(of, State::Note, said)
    }

    pub(crate) fn bad(of: &str, said: impl Into<String>) -> Self {
        Self::new(of, State::Bad, said)
    }

    fn new(of: &str, state: State, said: impl Into<String>) -> Self {
        Self {
            of: of.to_owned(),
            state,
            said: said.into(),
        }
    }
}
