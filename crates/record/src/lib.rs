//! The public record of a meeting's frame.
