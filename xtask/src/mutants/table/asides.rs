//! Of asides and whispers.

use super::{ATTACKS, Mutant};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "an aside of another delegation is read",
        file: "crates/seal/src/table.rs",
        edits: &[(
            "Some(Saying::Aside(aside)) if writer.delegation == self.identity.delegation() => {",
            "Some(Saying::Aside(aside)) => {",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "an_aside_by_another_delegation_is_not_read_even_with_the_right_key",
    },
    Mutant {
        name: "asides of every epoch have one key",
        file: "crates/seal/src/aside.rs",
        edits: &[(
            "Hkdf::<Sha256>::new(Some(exported), of.reveal())",
            "Hkdf::<Sha256>::new(exported.get(..0), of.reveal())",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "the_secret_of_a_delegation_opens_nothing_of_another_epoch",
    },
    Mutant {
        name: "asides need no secret of the delegation",
        file: "crates/seal/src/aside.rs",
        edits: &[(
            "Hkdf::<Sha256>::new(Some(exported), of.reveal())",
            "Hkdf::<Sha256>::new(Some(exported), &of.reveal()[..0])",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "another_delegation_with_all_that_it_has_opens_no_aside",
    },
    Mutant {
        name: "a whisper is sealed for the floor",
        file: "crates/seal/src/member.rs",
        edits: &[(
            "return self.media.seal(Stream::Aside, frame, false)",
            "return self.media.seal(Stream::Microphone, frame, false)",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "while_one_whispers_nothing_is_sealed_for_the_floor",
    },
    Mutant {
        name: "a whisper is sealed before the house has turned it aside",
        file: "crates/seal/src/whisper.rs",
        edits: &[(" && self.whisper.house == Sends::Aside", "")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "nothing_is_sealed_before_the_house_has_turned_the_sound_aside",
    },
    Mutant {
        name: "I4: whispers go on while the doors close",
        file: "crates/seal/src/whisper.rs",
        edits: &[("Phase::Open => !self.is_closing(),", "Phase::Open => true,")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i4_in_a_close_nothing_is_whispered_and_no_late_whisper_is_taken",
    },
    Mutant {
        name: "a whisper of another delegation is weighed by its key alone",
        file: "crates/seal/src/member.rs",
        edits: &[(
            "Stream::Aside => of_mine(leaf),",
            "Stream::Aside => of_mine(leaf) || leaf.0 < 99,",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "another_delegations_sound_and_the_floors_do_not_pass_for_a_whisper",
    },
    Mutant {
        name: "a whisper is a language channel's sound",
        file: "crates/seal/src/booth.rs",
        edits: &[(
            "stream == Stream::Microphone && Some(leaf) == voice",
            "stream.kind() == MediaKind::Audio && Some(leaf) == voice",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "an_interpreter_on_air_does_not_whisper",
    },
    Mutant {
        name: "a key of an aside can be one of an open part",
        file: "crates/protocol/src/ids.rs",
        edits: &[("if parts.open && parts.stream == Stream::Aside {", "if false {")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "a_key_of_an_aside_cannot_even_be_named_as_one_of_an_open_part",
    },
    Mutant {
        name: "the engine sends a whisper to every circle",
        file: "crates/sfu/src/room.rs",
        edits: &[(
            "circle.is_some_and(|circle| self.voice == Voice::Circle(circle))",
            "circle.is_some() && matches!(self.voice, Voice::Circle(_))",
        )],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "what_is_said_to_a_circle_comes_to_those_of_it_and_to_nobody_else",
    },
];
