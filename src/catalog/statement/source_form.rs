//! The server's text of an expression, turned into a form that it reads back as the same.

/// The text as it must be given to the server so that it prints the recorded text again.
pub(super) fn source_form(text: &str) -> String {
    text.to_owned()
}
