//! The rules of a meeting, pure: charter, letters, parts, motions, consents.
