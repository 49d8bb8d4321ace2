//! The member's cryptography, sans-IO: MLS group, key schedule, SFrame, consents.
