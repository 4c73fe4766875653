//! Standard output, whose reader may leave early (`docalign ... | head`).

use std::io::{self, Read, Write};

/// Writes until nobody reads any more; that is no failure.
#[derive(Debug, Default)]
pub struct Stdout {
    closed: bool,
}

impl Stdout {
    /// Writes a text.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        self.copy(&mut text.as_bytes())
    }

    /// Writes all of a file.
    pub fn copy(&mut self, from: &mut impl Read) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        let copied = io::copy(from, &mut stdout).and_then(|_| stdout.flush());
        match copied {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            copied => copied,
        }
    }
}
