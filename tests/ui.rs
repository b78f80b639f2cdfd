//! The macros as the compiler sees them: what must compile, and what each mistake is answered with.
//!
//! A case in `tests/ui/fail` is named after its mistake; the file beside it holds the compiler's whole output, so
//! that a case also shows that there is no second error. After an intended change: `TRYBUILD=overwrite cargo test
//! --test ui`, and read the difference.

#[test]
fn mistakes_are_answered_in_words() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn models_that_cannot_be_are_answered_in_words() {
    trybuild::TestCases::new().compile_fail("tests/ui/model/fail/*.rs");
}

#[test]
fn what_is_right_compiles() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
