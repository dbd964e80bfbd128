//! What can go wrong. Messages name the operation, what it expected and what came.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// An error of the engine; the binding maps each variant to one Python exception.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Shapes that do not fit together.
    #[error("{0}")]
    Shape(String),
    /// A dtype that the operation does not take.
    #[error("{0}")]
    DType(String),
    /// An index or axis out of range.
    #[error("{0}")]
    Index(String),
    /// An argument of the wrong kind (a `TypeError`).
    #[error("{0}")]
    Type(String),
    /// An argument of the right kind with an impossible value (a `ValueError`).
    #[error("{0}")]
    Value(String),
    /// A matrix that the computation cannot handle: singular, not positive-definite.
    #[error("{0}")]
    LinAlg(String),
    /// A request that the tape cannot serve.
    #[error("{0}")]
    Autograd(String),
    /// Something that Rutile does not do; the message says what would work.
    #[error("{0}")]
    Unsupported(String),
    /// Memory that cannot be had.
    #[error("{0}")]
    Memory(String),
    /// A file that cannot be read or written.
    #[error("{0}")]
    Io(String),
    /// An exception raised by a callback (a hook), kept by the binding under this key.
    #[error("a Python callback raised an exception")]
    Callback(u64),
}

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Returns early with an error: `fail!(Shape, "matmul: {} columns ...", k)`.
#[macro_export]
macro_rules! fail {
    ($kind:ident, $($message:tt)*) => {
        return Err($crate::error::Error::$kind(format!($($message)*)))
    };
}

/// What unwinds when this many bytes cannot be had: allocations return arrays, not results.
pub struct OutOfMemory(pub usize);

/// Runs `work` for the operation `op`; memory that cannot be had becomes an error.
pub fn guard<T>(op: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| match panic.downcast_ref() {
        Some(OutOfMemory(usize::MAX)) => fail!(Memory, "{op}: can't allocate memory: the size does not fit 64 bits"),
        Some(OutOfMemory(bytes)) => {
            fail!(Memory, "{op}: can't allocate memory: tried to get {bytes} bytes ({:.1} GiB)", *bytes as f64 / GIB)
        }
        None => resume_unwind(panic),
    })
}

const GIB: f64 = (1_u64 << 30) as f64;
