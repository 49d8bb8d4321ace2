//! Of the engine that forwards packets, and of its measuring.

use super::{LIB, Mutant};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "whoever has the floor is shouted down",
        file: "crates/sfu/src/room.rs",
        edits: &[(
            "                Some(source.key.peer) != first,\n                Reverse(source.loudness_db + holds),",
            "                Reverse(source.loudness_db + holds),",
        )],
        package: "incamera-client",
        target: &["--test", "hostile"],
        test: "whoever_is_wanted_first_is_heard_by_whom_wants_it_and_nobody_elses_slots_move",
    },
    Mutant {
        name: "one number protects two packets",
        file: "crates/sfu/src/outlet/lane.rs",
        edits: &[(
            "if !self.once.takes(draft.sequence) {",
            "if !self.once.takes(draft.sequence) && false {",
        )],
        package: "incamera-sfu",
        target: LIB,
        test: "no_number_goes_out_twice",
    },
    Mutant {
        name: "a report counts as often as it is played back",
        file: "crates/srtp/src/open.rs",
        edits: &[("behind < WINDOW && sender.came >> behind & 1 == 0", "behind < u32::MAX")],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "reports_played_back_from_the_address_that_was_left_hold_no_media_there",
    },
    Mutant {
        name: "the media stack goes on sending under the SSRCs of the slots",
        file: "crates/sfu/src/answer.rs",
        edits: &[("direct.remove_stream_tx(ssrc).then_some(())?;", "")],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "no_two_packets_are_protected_with_the_same_key_stream",
    },
    Mutant {
        name: "who asks for repeats gets them without end",
        file: "crates/sfu/src/outlet/lane.rs",
        edits: &[
            (" || bytes > self.repeats_left {", " {"),
            ("self.repeats_left -= bytes;", ""),
        ],
        package: "incamera-sfu",
        target: LIB,
        test: "who_asks_for_ever_gets_a_part_of_what_is_sent",
    },
    Mutant {
        name: "I8: what nobody has verified may take the name of a stream that is known",
        file: "crates/sfu/src/peer.rs",
        edits: &[(
            "let known = if repeats { layer.repair } else { layer.ssrc };",
            "let known = if repeats { layer.repair } else { None::<Ssrc> };",
        )],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "a_forged_packet_takes_no_stream_over_though_it_names_it",
    },
    Mutant {
        name: "I8: the same of a stream of repeats",
        file: "crates/sfu/src/peer.rs",
        edits: &[(
            "let known = if repeats { layer.repair } else { layer.ssrc };",
            "let known = if repeats { None::<Ssrc> } else { layer.ssrc };",
        )],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "a_forged_repeat_is_not_even_looked_at",
    },
    Mutant {
        name: "whoever has no keys of a handshake counts as connected",
        file: "crates/sfu/src/outlet.rs",
        edits: &[("        self.protector.is_some()\n", "        true\n")],
        package: "incamera-sfu",
        target: LIB,
        test: "what_has_no_keys_is_not_opened_and_lets_nothing_out",
    },
    Mutant {
        name: "what anybody sends from an address keeps a peer's media there",
        file: "crates/sfu/src/engine/datagrams.rs",
        edits: &[(
            "if std::mem::take(&mut seen.alive)",
            "if (std::mem::take(&mut seen.alive) || true)",
        )],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "what_others_send_from_the_address_that_was_left_holds_no_media_there",
    },
    Mutant {
        name: "a check is taken for proof of where it came from",
        file: "crates/sfu/src/addresses.rs",
        edits: &[(
            "let agreed = self.0.iter().filter(|proven| proven.agrees(now));",
            "let agreed = self.0.iter();",
        )],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "whoever_names_another_as_the_place_to_send_to_has_no_media_sent_there",
    },
    Mutant {
        name: "who has agreed once to be sent media has agreed for good",
        file: "crates/sfu/src/addresses.rs",
        edits: &[(".is_some_and(|until| now < until)", ".is_some()")],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "whoever_leaves_and_signs_on_as_if_still_there_has_no_media_sent_there_for_long",
    },
    Mutant {
        name: "consent to be sent media counts from an answer, be it one that is played back",
        file: "crates/sfu/src/addresses.rs",
        edits: &[(
            "Some(*sent + CONSENT_LAPSES)",
            "Some((*sent).max(proven.heard) + CONSENT_LAPSES)",
        )],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "whoever_leaves_and_signs_on_as_if_still_there_has_no_media_sent_there_for_long",
    },
    Mutant {
        name: "the house is a lite agent, to which browsers need not agree",
        file: "crates/sfu/src/answer.rs",
        edits: &[(".set_rtp_mode(true)", ".set_rtp_mode(true).set_ice_lite(true)")],
        package: "incamera-sfu",
        target: &["--test", "engine"],
        test: "the_answer_has_what_a_browser_needs",
    },
    Mutant {
        name: "a server under load names another that learns its token",
        file: "crates/bench/src/media/whip/session.rs",
        edits: &[(".filter(|_| url.origin() == at.url.origin())", "")],
        package: "incamera-bench",
        target: LIB,
        test: "a_token_stays_with_the_server_for_which_it_is",
    },
];
