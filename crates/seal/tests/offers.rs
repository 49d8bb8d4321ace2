//! What the page offers, by role, phase and chair, as one table; and that it is what the rules allow: whatever is offered
//! is done, whatever is not is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod house;

use house::{House, draft};
use incamera_meeting::{Draft, Entry, Right, Role};
use incamera_protocol::view::{Command, Lamp, May, MotionKind};
use incamera_seal::Failure;

/// Whom the question is about: a person of the last of three delegations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// It holds the delegation's key, and is its principal.
    FirstClient,
    Guest(Role),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Closed,
    /// A motion to open waits.
    Asked,
    /// It waits, and this person's delegation has consented by another.
    Agreed,
    Open,
    /// A close was called and its commit has not come.
    Closing,
    Adjourned,
    Revoked,
}

const PHASES: [Phase; 8] = [
    Phase::Waiting,
    Phase::Closed,
    Phase::Asked,
    Phase::Agreed,
    Phase::Open,
    Phase::Closing,
    Phase::Adjourned,
    Phase::Revoked,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chair {
    None,
    Own,
    Other,
}

/// o: open, c: close, y: consent, a: adjourn, p: appear, k: let people in.
///
/// In capitals: it is not offered because it would add nothing, and not refused either. Nobody is asked to consent where
/// a chair opens, nor again when the delegation has; whoever is asked for consent, or has moved or consented, is not
/// asked to appear. Whoever has done none of it is in the open part unseen, until they appear.
const TABLE: &str = "
                          waiting  closed  asked  agreed  open  closing  adjourned  revoked
no chair
  first client            k        oak     aykP   aYPk    ck    k        -          -
  principal               -        oa      ayP    apY     cp    -        -          -
  adviser                 -        -       p      p       p     -        -          -
  interpreter             -        -       p      p       p     -        -          -
  secretary               -        -       p      p       p     -        -          -
own delegation is chair
  first client            k        oak     akYP   n/a     ck    k        -          -
  principal               -        oa      apY    n/a     cp    -        -          -
  adviser                 -        -       p      n/a     p     -        -          -
  interpreter             -        -       p      n/a     p     -        -          -
  secretary               -        -       p      n/a     p     -        -          -
another is chair
  first client            k        k       pkY    n/a     pk    k        -          -
  principal               -        -       pY     n/a     p     -        -          -
  adviser                 -        -       p      n/a     p     -        -          -
  interpreter             -        -       p      n/a     p     -        -          -
  secretary               -        -       p      n/a     p     -        -          -
";

/// What is offered or tried, by its letter.
const LETTERS: &str = "ocyapk";

impl Who {
    const ALL: [Self; 5] = [
        Self::FirstClient,
        Self::Guest(Role::ALL[0]),
        Self::Guest(Role::ALL[1]),
        Self::Guest(Role::ALL[2]),
        Self::Guest(Role::ALL[3]),
    ];

    fn name(self) -> &'static str {
        match self {
            Self::FirstClient => "first client",
            Self::Guest(Role::Principal) => "principal",
            Self::Guest(Role::Adviser) => "adviser",
            Self::Guest(Role::Interpreter) => "interpreter",
            Self::Guest(Role::Secretary) => "secretary",
        }
    }
}

impl Chair {
    const ALL: [Self; 3] = [Self::None, Self::Own, Self::Other];

    fn name(self) -> &'static str {
        match self {
            Self::None => "no chair",
            Self::Own => "own delegation is chair",
            Self::Other => "another is chair",
        }
    }

    /// The seat of a principal who may move.
    fn mover(self) -> usize {
        match self {
            Self::None | Self::Other => 0,
            Self::Own => 2,
        }
    }

    fn draft(self) -> Draft {
        let chair = match self {
            Self::None => None,
            Self::Own => Some(2),
            Self::Other => Some(0),
        };
        Draft {
            opening_chair: chair,
            closing_chair: chair,
            ..draft(3)
        }
    }
}

fn cell(who: Who, phase: Phase, chair: Chair) -> &'static str {
    let mut lines = TABLE.lines().skip_while(|line| *line != chair.name()).skip(1);
    let line = lines
        .find(|line| line.trim_start().starts_with(who.name()))
        .unwrap_or_else(|| panic!("no line for {who:?}"));
    let cells: Vec<&str> = line.trim_start()[who.name().len()..].split_whitespace().collect();
    assert_eq!(cells.len(), PHASES.len(), "{line}");
    cells[PHASES.iter().position(|other| *other == phase).unwrap()]
}

/// A house in this phase, and the seat of this person.
fn set(who: Who, phase: Phase, chair: Chair) -> (House, usize) {
    let mut house = House::convene_as(&chair.draft());
    let first_waits = phase == Phase::Waiting && who == Who::FirstClient;
    for delegation in 0..3 {
        if delegation == 2 && first_waits {
            house.swallows.push("knock");
        }
        let member = house.new_member(delegation);
        house.join(member);
    }
    let seat = match who {
        Who::FirstClient => 2,
        Who::Guest(role) => {
            if phase == Phase::Waiting {
                house.swallows.push("knock");
            }
            let letter = house.mint(2, "A guest", role, Entry::AtOnce);
            let guest = house.new_guest(&letter, 50);
            house.join(guest)
        }
    };
    // Somebody of the delegation waits to be let in.
    let letter = house.mint(2, "A latecomer", Role::Adviser, Entry::WhenLetIn);
    let latecomer = house.new_guest(&letter, 60);
    house.join(latecomer);
    assert_eq!(house.seats[seat].view.lobby.len(), 1);
    go_to(&mut house, phase, chair, seat);
    (house, seat)
}

fn go_to(house: &mut House, phase: Phase, chair: Chair, seat: usize) {
    let mover = chair.mover();
    match phase {
        Phase::Waiting => assert_eq!(house.seats[seat].view.lamp, Lamp::Waiting),
        Phase::Closed => assert_eq!(house.seats[seat].view.lamp, Lamp::Closed),
        Phase::Asked | Phase::Agreed => {
            // Where a chair moves there is nothing to wait for but the commit.
            house.swallows.push("commit");
            house.move_to(mover, MotionKind::Open);
            if phase == Phase::Agreed {
                house.consent(2);
            }
            assert!(house.seats[seat].view.motion.is_some());
        }
        Phase::Open | Phase::Closing => {
            house.move_to(mover, MotionKind::Open);
            if chair == Chair::None {
                house.consent(1);
                house.consent(2);
            }
            assert_eq!(house.seats[mover].view.lamp, Lamp::Open);
            if phase == Phase::Closing {
                house.swallows.push("commit");
                house.move_to(mover, MotionKind::Close);
                assert_eq!(house.seats[seat].view.lamp, Lamp::Closing);
            }
        }
        Phase::Adjourned => {
            house.move_to(mover, MotionKind::Adjourn);
            assert_eq!(house.seats[seat].view.lamp, Lamp::Adjourned);
        }
        Phase::Revoked => {
            let letter = house.letter_of(seat);
            house.revoke(2, letter);
            assert!(house.seats[seat].fatal.is_some());
        }
    }
}

/// Taken apart by name: an offer that is new does not compile here until it has a letter.
fn letters_of(may: May) -> String {
    let May {
        open,
        close,
        consent,
        adjourn,
        appear,
        admit,
    } = may;
    let offered = LETTERS.chars().zip([open, close, consent, adjourn, appear, admit]);
    offered
        .filter(|(_, offered)| *offered)
        .map(|(letter, _)| letter)
        .collect()
}

fn attempt(house: &mut House, seat: usize, letter: char) -> Result<(), Failure> {
    let moved = |kind| Command::Move { kind, item: 1 };
    let view = &house.seats[seat].view;
    let command = match letter {
        'o' => moved(MotionKind::Open),
        'c' => moved(MotionKind::Close),
        'a' => moved(MotionKind::Adjourn),
        'y' => Command::Consent {
            motion: view.motion.as_ref().map(|motion| motion.id.clone()).unwrap_or_default(),
        },
        'p' => Command::Appear,
        'k' => Command::Admit {
            id: view.lobby.first().map(|waiting| waiting.id.clone()).unwrap_or_default(),
        },
        other => panic!("{other}"),
    };
    let now = house.now_ms;
    house.seats[seat].member.command(&command, now)
}

#[test]
fn the_page_offers_what_the_table_says_and_the_rules_agree() {
    let mut tried = 0;
    for chair in Chair::ALL {
        for who in Who::ALL {
            for phase in PHASES {
                let cell = cell(who, phase, chair);
                if cell == "n/a" {
                    continue;
                }
                let at = format!("{}, {}, {phase:?}", chair.name(), who.name());
                let (mut house, seat) = set(who, phase, chair);
                let offered = letters_of(house.seats[seat].view.may);
                let expected: String = LETTERS.chars().filter(|letter| cell.contains(*letter)).collect();
                assert_eq!(offered, expected, "{at}");
                // A refusal changes nothing, so all of them can be tried in one house.
                let taken = |letter: &char| cell.to_lowercase().contains(*letter);
                for letter in LETTERS.chars().filter(|letter| !taken(letter)) {
                    let refused = attempt(&mut house, seat, letter);
                    assert!(
                        matches!(refused, Err(Failure::Refused(_))),
                        "{at}, {letter}: {refused:?}"
                    );
                    tried += 1;
                }
                assert_eq!(letters_of(house.seats[seat].view.may), expected, "{at}");
                for letter in LETTERS.chars().filter(taken) {
                    let (mut house, seat) = set(who, phase, chair);
                    assert_eq!(attempt(&mut house, seat, letter), Ok(()), "{at}, {letter}");
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, (15 * PHASES.len() - 10) * LETTERS.len());
}

/// A right that the rules come to know does not compile here until the page has a letter for it.
#[test]
fn every_right_of_the_table_of_roles_has_its_offer() {
    let letter = |right| match right {
        Right::Move(MotionKind::Open) => 'o',
        Right::Move(MotionKind::Close) => 'c',
        Right::Move(MotionKind::Adjourn) => 'a',
        Right::Consent => 'y',
        // To be heard and seen in public.
        Right::Send => 'p',
        // `BoothsOf::may` and `attends`, in meetings with channels; this one has none.
        Right::Interpret => 'i',
        Right::Attend => 'b',
    };
    for right in [
        Right::Move(MotionKind::Open),
        Right::Move(MotionKind::Close),
        Right::Move(MotionKind::Adjourn),
        Right::Consent,
        Right::Send,
    ] {
        for role in Role::ALL {
            let somewhere = PHASES
                .into_iter()
                .any(|phase| cell(Who::Guest(role), phase, Chair::None).contains(letter(right)));
            assert_eq!(somewhere, role.may(right), "{role:?}, {right:?}");
        }
    }
}
