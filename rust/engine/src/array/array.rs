//! Strided arrays: a place in a storage.

use super::{DType, HasDType, Scalar, Shape, Storage, Strides, contiguous_strides};
use crate::error::Result;
use crate::fail;
use rutile_kernels::{View, ViewMut};
use std::sync::Arc;

/// A strided window on a storage. Cloning shares the bytes.
pub struct Array {
    storage: Arc<Storage>,
    offset: usize,
    shape: Shape,
    strides: Strides,
    dtype: DType,
    /// A Python number in disguise: it does not take part in promotion as an array does.
    wrapped: bool,
    /// Writes through it are not counted (`tensor.data`).
    untracked: bool,
}

impl Clone for Array {
    #[inline]
    fn clone(&self) -> Array {
        let (shape, strides) = self.layout();
        Array { storage: self.storage.clone(), shape, strides, ..*self }
    }
}

impl Array {
    /// A contiguous array whose elements must be written before they are read.
    pub fn uninit(dtype: DType, shape: &[usize]) -> Array {
        let bytes = shape.iter().try_fold(dtype.size(), |bytes, &n| bytes.checked_mul(n));
        // Axes without elements first: the product of the others may overflow.
        let bytes = if shape.contains(&0) { 0 } else { bytes.unwrap_or(usize::MAX) };
        Array {
            storage: Arc::new(Storage::uninit(bytes)),
            offset: 0,
            shape: Shape::from_slice(shape),
            strides: contiguous_strides(shape),
            dtype,
            wrapped: false,
            untracked: false,
        }
    }

    /// A contiguous array with these elements; `values.len()` is the product of `shape`.
    pub fn from_slice<T: HasDType>(values: &[T], shape: &[usize]) -> Array {
        let out = Array::uninit(T::DTYPE, shape);
        out.slice_mut::<T>().copy_from_slice(values);
        out
    }

    /// A 0-d array that takes part in promotion as a Python number.
    pub fn wrapped(value: Scalar) -> Array {
        let mut out = match value {
            Scalar::Bool(v) => Array::from_slice(&[v], &[]),
            Scalar::Int(v) => Array::from_slice(&[v], &[]),
            Scalar::Float(v) => Array::from_slice(&[v], &[]),
            Scalar::Complex(re, im) => Array::from_slice(&[re, im], &[2]).joined().expect("two doubles"),
        };
        out.wrapped = true;
        out
    }

    /// A window on existing bytes.
    pub fn from_storage(
        storage: Arc<Storage>,
        dtype: DType,
        shape: &[usize],
        strides: &[isize],
        offset: usize,
    ) -> Array {
        let (shape, strides) = (Shape::from_slice(shape), Strides::from_slice(strides));
        let out = Array { storage, offset, shape, strides, dtype, wrapped: false, untracked: false };
        assert!(out.in_bounds(), "an array stays inside its storage");
        out
    }

    /// Shape and strides, to be changed. `clone` would go through an iterator.
    #[inline]
    fn layout(&self) -> (Shape, Strides) {
        (Shape::from_slice(&self.shape), Strides::from_slice(&self.strides))
    }

    fn in_bounds(&self) -> bool {
        if self.is_empty() {
            return true;
        }
        // In 128 bits: a reach that wraps around would pass for one inside.
        let (mut low, mut high) = (self.offset as i128, self.offset as i128);
        for (&n, &stride) in self.shape.iter().zip(&self.strides) {
            let reach = (n as i128 - 1) * stride as i128;
            if reach < 0 { low += reach } else { high += reach }
        }
        low >= 0 && (high + 1) * self.dtype.size() as i128 <= self.storage.bytes() as i128
    }

    /// Extent per axis.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }
    /// Distance between neighbours per axis, in elements.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }
    /// Where the first element lies in the storage, in elements.
    pub fn offset(&self) -> usize {
        self.offset
    }
    /// Number of axes.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        if self.is_empty() { 0 } else { self.shape.iter().product() }
    }
    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }
    /// The element type.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.dtype
    }
    /// The shared bytes.
    pub fn storage(&self) -> &Arc<Storage> {
        &self.storage
    }
    /// Whether it stands for a Python number in promotion.
    #[inline]
    pub fn is_wrapped(&self) -> bool {
        self.wrapped
    }
    /// The same array, as an ordinary one in promotion.
    pub fn unwrapped(mut self) -> Array {
        self.wrapped = false;
        self
    }
    /// The same bytes; writes through the result do not count as in-place changes.
    pub fn untracked(mut self) -> Array {
        self.untracked = true;
        self
    }
    /// Notes an in-place write.
    pub fn bump(&self) {
        if !self.untracked {
            self.storage.bump();
        }
    }

    /// Whether elements lie in row-major order without gaps.
    pub fn is_contiguous(&self) -> bool {
        let mut step = 1;
        for (&n, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if n == 0 {
                return true;
            }
            if n != 1 {
                if stride != step {
                    return false;
                }
                step *= n as isize;
            }
        }
        true
    }

    /// Whether both are the same window on the same bytes.
    pub fn same_window(&self, other: &Array) -> bool {
        self.shares_storage(other)
            && self.offset == other.offset
            && self.shape == other.shape
            && self.strides == other.strides
            && self.dtype == other.dtype
    }

    /// Whether both lie in the same storage.
    pub fn shares_storage(&self, other: &Array) -> bool {
        Arc::ptr_eq(&self.storage, &other.storage)
    }

    fn first<T: HasDType>(&self) -> *mut T {
        assert_eq!(self.dtype, T::DTYPE, "array of {} read as {}", self.dtype, T::DTYPE);
        self.storage.pointer().cast::<T>().wrapping_add(self.offset)
    }

    /// The first element; `T` must be the dtype's type.
    pub fn pointer<T: HasDType>(&self) -> *const T {
        self.first::<T>()
    }

    /// A borrowed view for kernels; `T` must be the dtype's type.
    pub fn view<T: HasDType>(&self) -> View<'_, T> {
        // SAFETY: the window lies inside the storage, which `self` keeps alive, and was written before it is read.
        unsafe { View::new(self.first::<T>(), &self.shape, &self.strides) }
    }

    /// A writable view for kernels. Storage is shared memory, as in NumPy: whoever writes sees to it that nobody else
    /// reads or writes the same elements in the meantime.
    pub(crate) fn view_mut<T: HasDType>(&self) -> ViewMut<'_, T> {
        // SAFETY: as for `view`; exclusive use is the caller's duty as said above.
        unsafe { ViewMut::new(self.first::<T>(), &self.shape, &self.strides) }
    }

    /// The elements of a contiguous array.
    pub fn slice<T: HasDType>(&self) -> &[T] {
        assert!(self.is_contiguous(), "slice of an array with gaps");
        // SAFETY: contiguous and inside the storage.
        unsafe { std::slice::from_raw_parts(self.first::<T>(), self.len()) }
    }

    /// The elements of a contiguous array, to be written; the duty of [`Array::view_mut`] holds.
    #[allow(clippy::mut_from_ref)]
    pub(crate) fn slice_mut<T: HasDType>(&self) -> &mut [T] {
        assert!(self.is_contiguous(), "slice of an array with gaps");
        // SAFETY: contiguous and inside the storage; exclusive use is the caller's duty.
        unsafe { std::slice::from_raw_parts_mut(self.first::<T>(), self.len()) }
    }

    /// The same bytes as another dtype of the same size.
    pub fn reinterpreted(&self, dtype: DType) -> Array {
        assert_eq!(self.dtype.size(), dtype.size());
        Array { dtype, wrapped: false, ..self.clone() }
    }

    /// The same bytes as another dtype, with the shape, strides and offset that it needs in its own elements.
    pub fn reinterpreted_window(&self, dtype: DType, shape: Shape, strides: Strides, offset: usize) -> Array {
        let out = Array { dtype, shape, strides, offset, wrapped: false, ..self.clone() };
        assert!(out.in_bounds(), "an array stays inside its storage");
        out
    }

    /// The bytes of a contiguous array.
    pub fn bytes(&self) -> &[u8] {
        assert!(self.is_contiguous(), "bytes of an array with gaps");
        let size = self.dtype.size();
        // SAFETY: contiguous and inside the storage; any element is plain bytes.
        unsafe { std::slice::from_raw_parts(self.storage.pointer().add(self.offset * size), self.len() * size) }
    }

    /// A contiguous array with these bytes; bools are made 0 or 1.
    pub fn from_bytes(dtype: DType, shape: &[usize], bytes: &[u8]) -> Array {
        let out = Array::uninit(dtype, shape);
        assert_eq!(out.len() * dtype.size(), bytes.len(), "as many bytes as the shape needs");
        // SAFETY: the array was just made for this many bytes.
        let target = unsafe { std::slice::from_raw_parts_mut(out.storage.pointer(), bytes.len()) };
        if dtype == DType::Bool {
            target.iter_mut().zip(bytes).for_each(|(to, from)| *to = u8::from(*from != 0));
        } else {
            target.copy_from_slice(bytes);
        }
        out
    }

    /// The element of an array that has just one.
    pub fn item(&self) -> Scalar {
        assert_eq!(self.len(), 1);
        if self.dtype.is_complex() {
            return Scalar::Complex(self.part(0).item().to_f64(), self.part(1).item().to_f64());
        }
        crate::with_dtype!(self.dtype, T => {
            // SAFETY: the array has one element, at its first place.
            let value = unsafe { self.first::<T>().read() };
            use rutile_kernels::Element;
            match self.dtype {
                DType::Bool => Scalar::Bool(value.to_i64() != 0),
                dtype if dtype.is_float() => Scalar::Float(value.to_f64()),
                _ => Scalar::Int(value.to_i64()),
            }
        })
    }

    // ---- complex numbers ----

    /// The parts of complex numbers, real part first, as a last axis of two on the same bytes.
    pub fn parts(&self) -> Array {
        assert!(self.dtype.is_complex(), "parts of {}", self.dtype);
        let mut out = Array { dtype: self.dtype.real(), offset: 2 * self.offset, wrapped: false, ..self.clone() };
        out.strides.iter_mut().for_each(|stride| *stride *= 2);
        out.shape.push(2);
        out.strides.push(1);
        out
    }

    /// The real (0) or imaginary (1) parts of complex numbers.
    pub fn part(&self, which: usize) -> Array {
        self.parts().select(self.ndim(), which)
    }

    fn first_pair<T: HasDType>(&self) -> *mut [T; 2] {
        assert!(
            self.dtype.is_complex() && self.dtype.real() == T::DTYPE,
            "{} read as pairs of {}",
            self.dtype,
            T::DTYPE
        );
        self.storage.pointer().cast::<[T; 2]>().wrapping_add(self.offset)
    }

    /// A borrowed view of complex numbers for kernels; `T` must be the type of their parts.
    pub fn pairs<T: HasDType>(&self) -> View<'_, [T; 2]> {
        // SAFETY: as for `view`; a pair is two parts side by side, aligned as they are.
        unsafe { View::new(self.first_pair::<T>(), &self.shape, &self.strides) }
    }

    /// A writable view of complex numbers; the duty of [`Array::view_mut`] holds.
    pub(crate) fn pairs_mut<T: HasDType>(&self) -> ViewMut<'_, [T; 2]> {
        // SAFETY: as for `pairs`; exclusive use is the caller's duty.
        unsafe { ViewMut::new(self.first_pair::<T>(), &self.shape, &self.strides) }
    }

    /// The inverse of [`Array::parts`]: pairs along the last axis as complex numbers; `None` if they do not lie as such.
    pub fn joined(&self) -> Option<Array> {
        let (&pair, &step) = (self.shape.last()?, self.strides.last()?);
        let even =
            self.offset.is_multiple_of(2) && self.strides[..self.ndim() - 1].iter().all(|stride| stride % 2 == 0);
        if pair != 2 || step != 1 || !even {
            return None;
        }
        let mut out = Array { dtype: self.dtype.complex(), offset: self.offset / 2, wrapped: false, ..self.clone() };
        out.shape.pop();
        out.strides.pop();
        out.strides.iter_mut().for_each(|stride| *stride /= 2);
        Some(out)
    }

    // ---- windows on the same bytes ----

    /// The same bytes with another shape, strides and (absolute) offset.
    pub fn window(&self, shape: Shape, strides: Strides, offset: usize) -> Array {
        let storage = self.storage.clone();
        let out = Array { storage, shape, strides, offset, wrapped: false, ..*self };
        debug_assert!(out.in_bounds());
        out
    }

    /// Whether [`Array::window`] with these arguments stays inside the storage.
    pub fn window_fits(&self, shape: &[usize], strides: &[isize], offset: usize) -> bool {
        let (shape, strides) = (Shape::from_slice(shape), Strides::from_slice(strides));
        Array { shape, strides, offset, ..self.clone() }.in_bounds()
    }

    /// Axes in another order; `order` is a permutation.
    pub fn permute(&self, order: &[usize]) -> Array {
        let (mut shape, mut strides) = self.layout();
        for (to, &from) in order.iter().enumerate() {
            (shape[to], strides[to]) = (self.shape[from], self.strides[from]);
        }
        self.window(shape, strides, self.offset)
    }

    /// Every `step`-th of `len` elements of an axis from `start` on.
    pub fn narrow(&self, axis: usize, start: usize, len: usize, step: isize) -> Array {
        let (mut shape, mut strides) = self.layout();
        let offset = if len == 0 { self.offset } else { self.at(axis, start) };
        shape[axis] = len;
        strides[axis] *= step;
        self.window(shape, strides, offset)
    }

    /// One element of an axis; the axis goes.
    pub fn select(&self, axis: usize, index: usize) -> Array {
        let (mut shape, mut strides) = self.layout();
        let offset = self.at(axis, index);
        shape.remove(axis);
        strides.remove(axis);
        self.window(shape, strides, offset)
    }

    fn at(&self, axis: usize, index: usize) -> usize {
        (self.offset as isize + index as isize * self.strides[axis]) as usize
    }

    /// A new axis of length one before `axis`.
    pub fn unsqueeze(&self, axis: usize) -> Array {
        let (mut shape, mut strides) = self.layout();
        let stride = if axis < shape.len() { shape[axis] as isize * strides[axis] } else { 1 };
        shape.insert(axis, 1);
        strides.insert(axis, stride);
        self.window(shape, strides, self.offset)
    }

    /// Without the axes that `drop` marks; they have length one.
    pub fn squeeze(&self, drop: impl Fn(usize) -> bool) -> Array {
        let kept = || (0..self.ndim()).filter(|&a| !drop(a));
        let shape = kept().map(|a| self.shape[a]).collect();
        let strides = kept().map(|a| self.strides[a]).collect();
        self.window(shape, strides, self.offset)
    }

    /// Repeats axes of length one (and new leading axes) without copying.
    pub fn expand(&self, op: &str, shape: &[usize]) -> Result<Array> {
        let lead = match shape.len().checked_sub(self.ndim()) {
            Some(lead) => lead,
            None => fail!(Shape, "{op}: {:?} has more axes than {shape:?}", self.shape()),
        };
        if !shape.contains(&0) && shape.iter().try_fold(16_isize, |n, &m| n.checked_mul(m.try_into().ok()?)).is_none() {
            fail!(Shape, "{op}: a tensor of size {shape:?} has more elements than 64 bits count");
        }
        let mut strides = Strides::from_elem(0, shape.len());
        for axis in 0..self.ndim() {
            let (from, to) = (self.shape[axis], shape[axis + lead]);
            if from == to {
                strides[axis + lead] = self.strides[axis];
            } else if from != 1 {
                fail!(
                    Shape,
                    "{op}: The expanded size of the tensor ({to}) must match the existing size ({from}) at non-singleton \
                     dimension {}. Target sizes: {shape:?}. Tensor sizes: {:?}",
                    axis + lead,
                    self.shape()
                );
            }
        }
        Ok(Array { wrapped: self.wrapped, ..self.window(Shape::from_slice(shape), strides, self.offset) })
    }

    /// The same elements under another shape without copying, if strides allow; the number of elements is the same.
    pub fn reshape(&self, shape: &[usize]) -> Option<Array> {
        debug_assert_eq!(self.len(), shape.iter().product::<usize>());
        if self.is_contiguous() {
            return Some(self.window(Shape::from_slice(shape), contiguous_strides(shape), self.offset));
        }
        // Runs of old axes that lie evenly in memory may be cut anew.
        let mut strides = Strides::from_elem(1, shape.len());
        let mut to = shape.len();
        let mut from = self.ndim();
        while from > 0 {
            let mut step = self.strides[from - 1];
            let mut run = self.shape[from - 1];
            from -= 1;
            while from > 0 && (self.shape[from - 1] == 1 || run == 1 || self.strides[from - 1] == run as isize * step) {
                if run == 1 {
                    step = self.strides[from - 1];
                }
                run *= self.shape[from - 1];
                from -= 1;
            }
            let mut taken = 1;
            while to > 0 && (taken < run || shape[to - 1] == 1) {
                strides[to - 1] = step * taken as isize;
                taken *= shape[to - 1];
                to -= 1;
            }
            if taken != run {
                return None;
            }
        }
        Some(self.window(Shape::from_slice(shape), strides, self.offset))
    }
}

impl std::fmt::Debug for Array {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Array({}, {:?}, strides {:?})", self.dtype, self.shape(), self.strides())
    }
}
