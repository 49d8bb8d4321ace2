//! The browser's shell over seal and meeting.
