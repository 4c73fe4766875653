//! Reads untrusted files in a process of its own.
//!
//! A damaged or hostile PDF can exhaust the memory or the stack inside a reader, which no Rust
//! error can catch. So the program starts itself again as a *worker*, which limits its own memory
//! ([`limits`]) and its rights ([`confine`]), takes jobs and tells progress and outcomes as JSON lines over its standard streams
//! ([`protocol`], [`serve`]), while the [`Supervisor`] in the first process watches the clock,
//! replaces a worker that died and turns its death into an outcome like any other.
//!
//! A worker serves one job at a time and can be used again; several files at once take several
//! supervisors.

pub mod confine;
mod death;
mod failure;
mod input;
mod job;
pub mod limits;
pub mod protocol;
mod serve;
mod stderr;
mod stop;
mod supervisor;
mod write;

pub use failure::{Failure, FailureCode, cause_chain};
pub use job::run_job;
pub(crate) use protocol::{CROPS_LIST, CropsList, os_path};
pub use protocol::{
    CorpusJob, EvaluateJob, InputFile, Job, JobOutput, Outcome, PlanJob, Processed, Progress,
    Reply, Request, Success, TableStyle, WrittenFile,
};
pub use serve::{ServeError, ServeOptions, serve};
pub use stop::Stop;
pub use supervisor::{Supervisor, SupervisorOptions};
pub(crate) use write::hex;
