//! Random number generators.

use crate::convert;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use rutile::array::Array;
use rutile::generator::{Generator, State};
use std::time::{SystemTime, UNIX_EPOCH};

/// A stream of random numbers: `Generator().manual_seed(0)`. Philox: results depend neither on threads nor on the machine.
#[pyclass(frozen, name = "Generator", module = "rutile")]
pub struct PyGenerator(pub Generator);

const STATE_BYTES: usize = 16;

fn state_tensor(py: Python<'_>, generator: &Generator) -> PyResult<Py<PyAny>> {
    let State { seed, offset } = generator.state();
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().chain(offset.to_le_bytes()).collect();
    Ok(convert::wrap(py, Array::from_slice(&bytes, &[STATE_BYTES]).into())?.unbind())
}

fn set_state_from(generator: &Generator, state: &PyTensor) -> PyResult<()> {
    let array = state.tensor.array();
    if array.dtype() != rutile::DType::U8 {
        return Err(PyTypeError::new_err(format!("a generator's state is a uint8 tensor, not {}", array.dtype())));
    }
    if array.shape() != [STATE_BYTES] || !array.is_contiguous() {
        return Err(PyRuntimeError::new_err(format!(
            "a generator's state is a uint8 tensor of {STATE_BYTES} elements, not {} {:?}",
            array.dtype(),
            array.shape()
        )));
    }
    let (seed, offset) = array.slice::<u8>().split_at(8);
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    generator.set_state(State { seed: number(seed), offset: number(offset) });
    Ok(())
}

/// Python's integers as seeds: negative ones wrap.
fn seed_from(seed: &Bound<'_, PyAny>) -> PyResult<u64> {
    match seed.extract::<u64>() {
        Ok(seed) => Ok(seed),
        Err(_) => Ok(seed.extract::<i64>()? as u64),
    }
}

fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
    // Mixed (splitmix64) so that neighbouring clock readings give unrelated seeds.
    let mut z = now.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[pymethods]
impl PyGenerator {
    #[new]
    #[pyo3(signature = (device=None))]
    fn new(device: Option<&Bound<'_, PyAny>>) -> PyResult<PyGenerator> {
        crate::dtype::require_cpu(device)?;
        Ok(PyGenerator(Generator::new(fresh_seed())))
    }
    /// Starts the stream `seed` from its beginning; returns the generator.
    fn manual_seed(slf: Py<Self>, seed: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
        slf.get().0.set_state(State { seed: seed_from(seed)?, offset: 0 });
        Ok(slf)
    }
    /// The seed of the stream.
    fn initial_seed(&self) -> u64 {
        self.0.state().seed
    }
    /// Starts a stream that nobody can predict, and returns its seed.
    fn seed(&self) -> u64 {
        let seed = fresh_seed();
        self.0.set_state(State { seed, offset: 0 });
        seed
    }
    /// Where the stream stands, as a uint8 tensor.
    fn get_state(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        state_tensor(py, &self.0)
    }
    /// Moves the stream to a state of `get_state`; returns the generator.
    fn set_state(slf: Py<Self>, new_state: &Bound<'_, PyTensor>) -> PyResult<Py<Self>> {
        set_state_from(&slf.get().0, new_state.get())?;
        Ok(slf)
    }
    /// Always the CPU.
    #[getter]
    fn device(&self, py: Python<'_>) -> PyResult<Py<crate::dtype::PyDevice>> {
        Py::new(py, crate::dtype::PyDevice)
    }
}

/// Starts the default stream `seed` from its beginning; returns the default generator. What is drawn then depends on
/// nothing else: not on the number of threads, nor on the machine.
///
/// >>> _ = rt.manual_seed(0)
/// >>> x = rt.rand(3)
/// >>> _ = rt.manual_seed(0)
/// >>> rt.equal(rt.rand(3), x)
/// True
#[pyfunction]
pub fn manual_seed(seed: &Bound<'_, PyAny>) -> PyResult<PyGenerator> {
    let global = Generator::global().clone();
    global.set_state(State { seed: seed_from(seed)?, offset: 0 });
    Ok(PyGenerator(global))
}

/// The seed of the default stream.
///
/// >>> _ = rt.manual_seed(7)
/// >>> rt.initial_seed()
/// 7
#[pyfunction]
pub fn initial_seed() -> u64 {
    Generator::global().state().seed
}

/// Starts the default stream from an unpredictable seed, and returns it.
///
/// >>> seed = rt.seed()
/// >>> seed == rt.initial_seed()
/// True
#[pyfunction]
pub fn seed() -> u64 {
    PyGenerator(Generator::global().clone()).seed()
}

/// The default generator.
///
/// >>> rt.default_generator().initial_seed() == rt.initial_seed()
/// True
#[pyfunction]
pub fn default_generator() -> PyGenerator {
    PyGenerator(Generator::global().clone())
}

/// Where the default stream stands, as a uint8 tensor.
///
/// >>> state = rt.get_rng_state()
/// >>> x = rt.rand(3)
/// >>> rt.set_rng_state(state)
/// >>> rt.equal(rt.rand(3), x)
/// True
#[pyfunction]
pub fn get_rng_state(py: Python<'_>) -> PyResult<Py<PyAny>> {
    state_tensor(py, Generator::global())
}

/// Moves the default stream to a state of `get_rng_state`.
/// Raises: TypeError for a tensor of another dtype; RuntimeError for one of another shape.
///
/// >>> state = rt.get_rng_state()
/// >>> x = rt.rand(3)
/// >>> rt.set_rng_state(state)
/// >>> rt.equal(rt.rand(3), x)
/// True
#[pyfunction]
pub fn set_rng_state(new_state: &Bound<'_, PyTensor>) -> PyResult<()> {
    set_state_from(Generator::global(), new_state.get())
}
