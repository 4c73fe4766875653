//! Ctrl-C and its kin.

use std::io;

use docalign::worker::Stop;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// What a shell reports of a program that a signal ended: 128 and the signal's number.
const ENDED_BY: i32 = 128;

/// The first signal asks for a stop, the second ends the process at once.
pub fn listen(stop: &Stop) -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        // Looks at the flag before the second line sets it.
        flag::register_conditional_shutdown(signal, ENDED_BY + signal, stop.flag())?;
        flag::register(signal, stop.flag())?;
    }
    // With a handler, a file that grows too large is an error to its writer instead of its end.
    #[cfg(unix)]
    flag::register(
        signal_hook::consts::SIGXFSZ,
        std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)),
    )?;
    Ok(())
}
