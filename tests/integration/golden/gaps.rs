//! What the program is known to get wrong in the fixtures.

/// A fault that is admitted for now.
pub struct Gap {
    /// The fixture.
    pub fixture: &'static str,
    /// How the fault's line begins.
    pub problem: &'static str,
    /// Why it is not mended yet.
    pub reason: &'static str,
}

impl Gap {
    pub fn admits(&self, fixture: &str, problem: &str) -> bool {
        self.fixture == fixture && problem.starts_with(self.problem)
    }
}

pub const KNOWN_GAPS: &[Gap] = &[];
