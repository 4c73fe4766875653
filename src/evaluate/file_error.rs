//! Why a gold file or a report cannot be used.

/// Why a gold file or a report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationFileError {
    /// It is not JSON, or lacks something.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It is of another version, or another sort of file.
    #[error("not of version {expected}, but \"{found}\"")]
    Version {
        /// What the file says.
        found: String,
        /// What it should say.
        expected: &'static str,
    },
}

/// Refuses a file of another version.
pub(super) fn expect_schema(
    found: &str,
    expected: &'static str,
) -> Result<(), EvaluationFileError> {
    if found == expected {
        return Ok(());
    }
    Err(EvaluationFileError::Version {
        found: found.to_owned(),
        expected,
    })
}
