//! Of what members write and hand round.

use super::{ATTACKS, Mutant};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "a document is shown that is not the one that was offered",
        file: "crates/seal/src/document.rs",
        edits: &[("|| hash != self.offer.sealed_hash", "")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "a_member_whose_offer_lies_about_size_hash_or_kind_shows_nobody_anything",
    },
    Mutant {
        name: "an offer counts in a part for which it is not meant",
        file: "crates/seal/src/papers.rs",
        edits: &[(
            "offer.check().is_ok() && offer.part == context.part",
            "offer.check().is_ok()",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "a_member_whose_offer_lies_about_size_hash_or_kind_shows_nobody_anything",
    },
    Mutant {
        name: "a document for a closed part waits and is offered in an open one",
        file: "crates/seal/src/table.rs",
        edits: &[("=> offer.part == part,", "=> offer.part <= part,")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "what_was_meant_for_a_closed_part_does_not_slip_into_an_open_one",
    },
    Mutant {
        name: "all chunks of a document have one nonce",
        file: "crates/seal/src/document.rs",
        edits: &[("self.chunk = self.chunk.saturating_add(1);", "")],
        package: "incamera-seal",
        target: &["--lib"],
        test: "each_chunk_is_sealed_under_a_nonce_of_its_own",
    },
    Mutant {
        name: "one takes back what another has offered",
        file: "crates/seal/src/papers.rs",
        edits: &[(
            "self.papers.known.remove(&(by.letter, id))",
            "self.papers.known.keys().find(|(_, its)| *its == id).copied().and_then(|name| self.papers.known.remove(&name))",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "nobody_takes_back_or_takes_the_place_of_what_another_has_offered",
    },
    Mutant {
        name: "a document is given to whoever has a socket",
        file: "crates/server/src/sitting/documents.rs",
        edits: &[(
            "self.leaf_of(socket).and_then(|_| Ok(self.known(socket)?.person.letter))",
            "self.known(socket).map(|known| known.person.letter)",
        )],
        package: "incamera-server",
        target: &["--test", "house"],
        test: "whoever_is_not_in_the_group_sends_and_gets_nothing",
    },
    Mutant {
        name: "whatever is called a picture is shown",
        file: "crates/seal/src/document.rs",
        edits: &[(
            "kind.is_picture(&self.first).then",
            "kind.media_type().starts_with(\"image/\").then",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "a_member_whose_offer_lies_about_size_hash_or_kind_shows_nobody_anything",
    },
    Mutant {
        name: "I4: written under the keys of an epoch that may be over",
        file: "crates/seal/src/table.rs",
        edits: &[("self.out_of_touch || self.is_left_in_silence()", "self.out_of_touch")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i4_nothing_is_written_under_keys_that_may_be_those_of_an_ended_epoch",
    },
    Mutant {
        name: "what was written is read twice",
        file: "crates/seal/src/table.rs",
        edits: &[("if self.known.contains(&(writer, id)) {", "if false {")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "what_its_writer_does_not_know_to_have_come_is_sealed_again_and_read_once",
    },
    Mutant {
        name: "what was written shows its length",
        file: "crates/seal/src/group.rs",
        edits: &[(
            ".padding_size(limits::CHAT_PADDING_BYTES)\n                .build(provider",
            ".padding_size(0)\n                .build(provider",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i1_what_is_written_crosses_the_wire_sealed_in_open_parts_too",
    },
    Mutant {
        name: "what was kept back is not missed",
        file: "crates/seal/src/table.rs",
        edits: &[("let missing = number.saturating_sub(*next);", "let missing = 0;")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "what_is_kept_back_from_somebody_is_missed_with_the_next",
    },
    Mutant {
        name: "I1: what is written goes along in the clear",
        file: "crates/seal/src/group.rs",
        edits: &[(
            "self.mls.set_aad(Vec::new());\n        let sealed",
            "self.mls.set_aad(plain.to_vec());\n        let sealed",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i1_what_is_written_crosses_the_wire_sealed_in_open_parts_too",
    },
    Mutant {
        name: "what the house refuses keeps everything else back",
        file: "crates/seal/src/receive.rs",
        edits: &[(
            "(\"sealed\", _) => self.give_up_first(message),",
            "(\"sealed\", _) => {}",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "what_the_house_will_not_pass_on_is_given_up_and_keeps_nothing_else_back",
    },
    Mutant {
        name: "whoever is not in the group seals for it",
        file: "crates/server/src/sitting/sealed.rs",
        edits: &[("        self.leaf_of(socket)?;\n", "")],
        package: "incamera-server",
        target: &["--test", "house"],
        test: "who_is_not_in_the_group_seals_nothing_and_gets_nothing_that_is_sealed",
    },
];
