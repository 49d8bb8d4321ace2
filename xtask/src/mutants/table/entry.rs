//! Of who comes in, and of who may see the keys.

use super::{ATTACKS, LIB, Mutant, RULES};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "I1: a long way from the server to the keys is passed",
        file: "xtask/src/architecture.rs",
        edits: &[(
            "found.extend(graph.path(blind, seeing).map(Violation::Sees));",
            "found.extend(graph.path(blind, seeing).filter(|way| way.len() < 3).map(Violation::Sees));",
        )],
        package: "xtask",
        target: &[],
        test: "i1_a_planted_way_from_the_server_to_the_seal_is_found_however_long",
    },
    Mutant {
        name: "an address opens as many connections as it likes",
        file: "crates/server/src/server.rs",
        edits: &[(
            "http::Addresses::up_to(connections)",
            "http::Addresses::up_to(connections.filter(|_| false))",
        )],
        package: "incamera-server",
        target: &["--test", "house"],
        test: "an_address_that_only_connects_keeps_nobody_else_out",
    },
    Mutant {
        name: "I2: a letter that its delegation has not signed",
        file: "crates/meeting/src/credential.rs",
        edits: &[(
            "if !self.letter.verify(\"letter\", &claim.delegation_key) {",
            "if false {",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i2_a_letter_signed_by_another_delegation_is_refused_by_server_and_members",
    },
    Mutant {
        name: "I2: a revoked letter lets in",
        file: "crates/meeting/src/meeting.rs",
        edits: &[("if self.is_revoked(&person) {", "if false {")],
        package: "incamera-meeting",
        target: RULES,
        test: "a_revoked_letter_is_dead_and_its_holder_may_be_removed",
    },
    Mutant {
        name: "I2: an external commit is judged as a member's",
        file: "crates/meeting/src/commit.rs",
        edits: &[(
            "let CommitSender::Member(sender) = facts.sender else {
            return Err(Refusal::Commit(\"it comes from outside the group\"));
        };",
            "let sender = match facts.sender {
            CommitSender::Member(sender) => sender,
            CommitSender::Outsider => Leaf(0),
        };",
        )],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i2_an_external_commit_is_refused_by_server_and_members",
    },
    Mutant {
        name: "I2: somebody is added without the meeting secret",
        file: "crates/meeting/src/commit.rs",
        edits: &[("        if !facts.meeting_secret {", "        if false {")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i2_somebody_added_without_the_meeting_secret_is_refused",
    },
    Mutant {
        name: "I2: somebody who is here is removed",
        file: "crates/meeting/src/commit.rs",
        edits: &[(
            "if !replaced && !self.may_be_removed(",
            "if false && !replaced && !self.may_be_removed(",
        )],
        package: "incamera-meeting",
        target: RULES,
        test: "nobody_who_is_here_is_removed",
    },
    Mutant {
        name: "I2: somebody is led into an earlier group",
        file: "crates/meeting/src/meeting/enter.rs",
        edits: &[(
            "if self.reached.is_some_and(|reached| position <= reached) {",
            "if false {",
        )],
        package: "incamera-meeting",
        target: RULES,
        test: "who_was_in_a_later_epoch_is_not_led_into_an_earlier_one",
    },
    Mutant {
        name: "I2: an old knock is answered",
        file: "crates/seal/src/leaf_keys.rs",
        edits: &[("self.keys.contains(leaf_key)", "leaf_key.is_empty()")],
        package: "incamera-seal",
        target: ATTACKS,
        test: "i2_a_knock_that_is_played_again_moves_nobody",
    },
    Mutant {
        name: "what was judged is not weighed again",
        file: "crates/meeting/src/meeting/judged.rs",
        edits: &[("if judged.revision == self.revision {", "if true {")],
        package: "incamera-meeting",
        target: RULES,
        test: "a_commit_that_was_judged_before_something_else_was_taken_in_is_weighed_again",
    },
    Mutant {
        name: "a chain that is known by its binding alone",
        file: "crates/meeting/src/meeting.rs",
        edits: &[(
            "if known == credential => Ok",
            "if known.binding.body == credential.binding.body => Ok",
        )],
        package: "incamera-meeting",
        target: RULES,
        test: "a_chain_with_one_bit_turned_is_refused_after_the_good_one_was_taken_in",
    },
    Mutant {
        name: "signatures of which one is bent, checked together",
        file: "crates/meeting/src/sign/bulk.rs",
        edits: &[("are_torsion_free(&self.r, &drawn) && self", "self")],
        package: "incamera-meeting",
        target: LIB,
        test: "what_its_own_signer_has_bent_holds_together_as_little_as_alone",
    },
    Mutant {
        name: "signatures that are taken for good and do not hold",
        file: "crates/meeting/src/sign/bulk.rs",
        edits: &[("all_hold.into_inner().then_some(outcome)", "Some(outcome)")],
        package: "incamera-meeting",
        target: LIB,
        test: "a_run_in_bulk_says_of_each_what_it_would_say_singly",
    },
    Mutant {
        name: "I1: whoever is only on the way in gets sealed frames",
        file: "crates/server/src/sitting/media.rs",
        edits: &[(
            "self.join_media(owner, Role::Waiting, offer, answer);",
            "self.join_media(owner, Role::Member, offer, answer);",
        )],
        package: "incamera-client",
        target: &["--test", "hostile"],
        test: "whoever_is_on_the_way_in_is_connected_and_gets_not_even_sealed_frames",
    },
];
