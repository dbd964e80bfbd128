//! An array with a place on the tape.

use super::node::{Edge, Hook, Node};
use crate::array::{Array, DType, Shape};
use crate::error::Result;
use crate::fail;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, Weak};

/// An array with a place on the tape. Cloning gives another handle on the same tensor.
#[derive(Clone)]
pub struct Tensor(Arc<Inner>);

/// Rebuilds the edge of a view after its base was written in place: `(base, window)`.
pub type Refresh = fn(&Tensor, &Array) -> Edge;

pub(super) struct Inner {
    array: RwLock<Array>,
    /// Absent as long as the tensor has nothing to do with the tape.
    tape: OnceLock<Box<Mutex<Place>>>,
}

/// A tensor's place on the tape.
#[derive(Default)]
struct Place {
    /// Set on leaves that collect gradients.
    requires_grad: bool,
    /// How it was made; `None` on leaves.
    edge: Option<Edge>,
    grad: Option<Tensor>,
    retains_grad: bool,
    hooks: Vec<(u64, Arc<dyn Hook>)>,
    post_hooks: Vec<(u64, Arc<dyn Hook>)>,
    /// How often its history was rewritten by in-place operations.
    epoch: u64,
    view: Option<ViewOf>,
}

struct ViewOf {
    base: Tensor,
    epoch: u64,
    refresh: Refresh,
}

static HOOK_IDS: AtomicU64 = AtomicU64::new(0);

impl From<Array> for Tensor {
    fn from(array: Array) -> Tensor {
        Tensor(Arc::new(Inner { array: RwLock::new(array), tape: OnceLock::new() }))
    }
}

impl Tensor {
    /// A tensor whose gradient flows to `edge`.
    pub fn with_edge(array: Array, edge: Option<Edge>) -> Tensor {
        if edge.is_none() {
            return Tensor::from(array);
        }
        Tensor::placed(array, Place { edge, ..Place::default() })
    }

    /// A window on `base` whose gradient flows to `edge`.
    pub(super) fn view(array: Array, edge: Option<Edge>, base: &Tensor, refresh: Refresh) -> Tensor {
        let base = base.base().unwrap_or_else(|| base.clone());
        let view = Some(ViewOf { epoch: base.epoch(), base, refresh });
        Tensor::placed(array, Place { edge, view, ..Place::default() })
    }

    fn placed(array: Array, place: Place) -> Tensor {
        let tape = OnceLock::from(Box::new(Mutex::new(place)));
        Tensor(Arc::new(Inner { array: RwLock::new(array), tape }))
    }

    /// Its elements; the bytes are shared.
    #[inline]
    pub fn array(&self) -> Array {
        self.0.array.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs `f` on the array without cloning it.
    #[inline]
    pub fn with_array<R>(&self, f: impl FnOnce(&Array) -> R) -> R {
        f(&self.0.array.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Borrows the array; as long as the guard lives nobody can replace it.
    #[inline]
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Array> {
        self.0.array.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces its elements (`tensor.data = other`), keeping its place on the tape.
    pub fn set_array(&self, array: Array) {
        *self.0.array.write().unwrap_or_else(PoisonError::into_inner) = array;
    }

    /// Extent per axis.
    pub fn shape(&self) -> Shape {
        self.with_array(|a| Shape::from_slice(a.shape()))
    }
    /// Number of axes.
    pub fn ndim(&self) -> usize {
        self.with_array(Array::ndim)
    }
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.with_array(Array::len)
    }
    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The element type.
    pub fn dtype(&self) -> DType {
        self.with_array(Array::dtype)
    }

    /// A number that is the same for all handles on this tensor and for no other living tensor.
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }
    /// Whether both are handles on one tensor.
    pub fn is(&self, other: &Tensor) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn place(&self) -> Option<MutexGuard<'_, Place>> {
        self.0.tape.get().map(|place| place.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn place_mut(&self) -> MutexGuard<'_, Place> {
        self.0.tape.get_or_init(Box::default).lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- what the tape knows ----

    /// Whether gradients flow to or through it.
    pub fn requires_grad(&self) -> bool {
        match self.place() {
            None => false,
            Some(place) => {
                if place.requires_grad || place.edge.is_some() {
                    return true;
                }
                drop(place);
                self.edge().is_some()
            }
        }
    }

    /// Whether it was not made by a recorded operation.
    pub fn is_leaf(&self) -> bool {
        !matches!(self.edge(), Some(Edge::Node(..)))
    }

    /// Makes a leaf collect gradients, or stop doing so.
    pub fn set_requires_grad(&self, requires_grad: bool) -> Result<()> {
        if !requires_grad && self.0.tape.get().is_none() {
            return Ok(());
        }
        if requires_grad && !self.dtype().has_gradients() {
            fail!(
                Autograd,
                "only Tensors of floating point and complex dtype can require gradients, not {}",
                self.dtype()
            );
        }
        if !self.is_leaf() {
            if requires_grad {
                return Ok(());
            }
            fail!(
                Autograd,
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a \
                 subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            );
        }
        self.place_mut().requires_grad = requires_grad;
        Ok(())
    }

    /// Where its gradient goes; `None` if nobody wants it.
    pub fn edge(&self) -> Option<Edge> {
        let mut place = self.place()?;
        if let Some(view) = &place.view {
            let now = view.base.epoch();
            if now != view.epoch {
                let (base, refresh) = (view.base.clone(), view.refresh);
                let edge = base.requires_grad().then(|| refresh(&base, &self.array()));
                place.edge = edge;
                if let Some(view) = &mut place.view {
                    view.epoch = now;
                }
            }
        }
        match &place.edge {
            Some(edge) => Some(edge.clone()),
            None if place.requires_grad => Some(Edge::Leaf(self.clone())),
            None => None,
        }
    }

    /// The node that made it, if it was recorded.
    pub fn node(&self) -> Option<(Arc<Node>, usize)> {
        match self.edge() {
            Some(Edge::Node(node, output)) => Some((node, output)),
            _ => None,
        }
    }

    fn epoch(&self) -> u64 {
        self.place().map_or(0, |place| place.epoch)
    }

    /// After an in-place operation: its history now ends in `edge`.
    pub fn rewrite_history(&self, edge: Option<Edge>) {
        let mut place = self.place_mut();
        place.edge = edge;
        place.requires_grad = false;
        place.epoch += 1;
    }

    /// After its window was moved in place (`transpose_`): other elements of the same bytes, with a history of their own.
    /// It stays a view of its base.
    pub fn move_window(&self, array: Array, edge: Option<Edge>) {
        self.set_array(array);
        if edge.is_some() || self.0.tape.get().is_some() {
            let mut place = self.place_mut();
            place.edge = edge;
            if place.view.is_none() {
                place.epoch += 1;
            }
        }
    }

    /// Cuts it from the tape (`detach_`).
    pub fn forget_history(&self) {
        if let Some(mut place) = self.place() {
            place.edge = None;
            place.requires_grad = false;
            place.view = None;
        }
    }

    /// The tensor that owns the bytes this one is a window on, if it is a tracked view.
    pub fn base(&self) -> Option<Tensor> {
        self.place()?.view.as_ref().map(|view| view.base.clone())
    }

    /// The same elements outside the tape.
    pub fn detach(&self) -> Tensor {
        Tensor::from(self.array().unwrapped())
    }

    // ---- gradients and hooks ----

    /// The gradient that `backward` left here.
    pub fn grad(&self) -> Option<Tensor> {
        self.place()?.grad.clone()
    }

    /// Sets or clears the gradient.
    pub fn set_grad(&self, grad: Option<Tensor>) {
        if grad.is_some() || self.0.tape.get().is_some() {
            let old = std::mem::replace(&mut self.place_mut().grad, grad);
            drop(old);
        }
    }

    /// Keeps the gradient of a tensor that is no leaf.
    pub fn retain_grad(&self) -> Result<()> {
        match self.edge() {
            None => fail!(Autograd, "can't retain_grad on Tensor that has requires_grad=False"),
            Some(Edge::Leaf(_)) => Ok(()),
            Some(Edge::Node(node, output)) => {
                if !std::mem::replace(&mut self.place_mut().retains_grad, true) {
                    node.retain(output, Arc::downgrade(&self.0));
                }
                Ok(())
            }
        }
    }

    /// Whether [`Tensor::retain_grad`] took effect.
    pub fn retains_grad(&self) -> bool {
        self.place().is_some_and(|place| place.retains_grad)
    }

    /// Calls `hook` with the gradient whenever it is computed; what it returns replaces the gradient.
    pub fn add_hook(&self, hook: Arc<dyn Hook>) -> Result<u64> {
        let id = HOOK_IDS.fetch_add(1, Ordering::Relaxed);
        match self.edge() {
            None => fail!(Autograd, "cannot register a hook on a tensor that doesn't require gradient"),
            Some(Edge::Node(node, output)) => node.add_hook(output, id, hook),
            Some(Edge::Leaf(leaf)) => leaf.place_mut().hooks.push((id, hook)),
        }
        Ok(id)
    }

    /// Calls `hook` after a leaf's gradient was accumulated; what it returns is ignored.
    pub fn add_post_hook(&self, hook: Arc<dyn Hook>) -> Result<u64> {
        if !matches!(self.edge(), Some(Edge::Leaf(_))) {
            fail!(Autograd, "post accumulate grad hooks cannot be registered on non-leaf tensors");
        }
        let id = HOOK_IDS.fetch_add(1, Ordering::Relaxed);
        self.place_mut().post_hooks.push((id, hook));
        Ok(id)
    }

    /// Takes a hook away again.
    pub fn remove_hook(&self, id: u64) {
        if let Some(Edge::Node(node, _)) = self.edge() {
            node.remove_hook(id);
        }
        if let Some(mut place) = self.place() {
            place.hooks.retain(|(i, _)| *i != id);
            place.post_hooks.retain(|(i, _)| *i != id);
        }
    }

    pub(super) fn hooks(&self) -> Vec<Arc<dyn Hook>> {
        self.place().map_or_else(Vec::new, |p| p.hooks.iter().map(|(_, hook)| hook.clone()).collect())
    }

    pub(super) fn post_hooks(&self) -> Vec<Arc<dyn Hook>> {
        self.place().map_or_else(Vec::new, |p| p.post_hooks.iter().map(|(_, hook)| hook.clone()).collect())
    }

    pub(super) fn upgrade(weak: &Weak<Inner>) -> Option<Tensor> {
        weak.upgrade().map(Tensor)
    }
}

impl std::fmt::Debug for Tensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.with_array(|array| array.fmt(f))
    }
}
