//! Nodes of the tape.

use super::tensor::{Inner, Tensor};
use crate::array::{DType, Shape};
use crate::error::Result;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Looks at a gradient, and may replace it.
pub trait Hook: Send + Sync {
    /// Called with the gradient; `Some` replaces it.
    fn call(&self, grad: &Tensor) -> Result<Option<Tensor>>;
}

/// Where a gradient goes.
#[derive(Clone)]
pub enum Edge {
    /// To an output of a recorded operation.
    Node(Arc<Node>, usize),
    /// To a leaf, which collects it.
    Leaf(Tensor),
}

/// What an operation took: its gradient is summed to this shape, converted to this dtype and sent along the edge.
pub struct Input {
    pub(super) edge: Option<Edge>,
    pub(super) shape: Shape,
    pub(super) dtype: DType,
}

/// The derivative of an operation: given the gradients of its outputs, pushes those of its inputs.
pub type Backward = Arc<dyn Fn(&[Option<Tensor>], &mut Grads<'_>) -> Result<()> + Send + Sync>;

/// A recorded operation.
pub struct Node {
    name: &'static str,
    /// Later operations have higher numbers: inputs of a node were made before it.
    sequence: u64,
    pub(super) inputs: SmallVec<[Input; 2]>,
    pub(super) outputs: usize,
    backward: Mutex<Option<Backward>>,
    watchers: Mutex<Vec<Watcher>>,
}

/// Somebody who wants to see the gradient of one output.
enum Watcher {
    Hook { output: usize, id: u64, hook: Arc<dyn Hook> },
    Retain { output: usize, tensor: Weak<Inner> },
}

static SEQUENCE: AtomicU64 = AtomicU64::new(0);

impl Node {
    pub(super) fn new(name: &'static str, inputs: SmallVec<[Input; 2]>, outputs: usize, backward: Backward) -> Node {
        Node {
            name,
            sequence: SEQUENCE.fetch_add(1, Ordering::Relaxed),
            inputs,
            outputs,
            backward: Mutex::new(Some(backward)),
            watchers: Mutex::new(Vec::new()),
        }
    }

    /// The operation's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its place in the order of recording.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Where the gradients of its inputs go.
    pub fn next(&self) -> impl Iterator<Item = Option<&Edge>> {
        self.inputs.iter().map(|input| input.edge.as_ref())
    }

    pub(super) fn backward(&self) -> Option<Backward> {
        self.backward.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Frees what the derivative had saved.
    pub(super) fn release(&self) {
        let saved = self.backward.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(saved);
    }

    fn watchers(&self) -> MutexGuard<'_, Vec<Watcher>> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add_hook(&self, output: usize, id: u64, hook: Arc<dyn Hook>) {
        self.watchers().push(Watcher::Hook { output, id, hook });
    }

    pub(super) fn retain(&self, output: usize, tensor: Weak<Inner>) {
        self.watchers().push(Watcher::Retain { output, tensor });
    }

    pub(super) fn remove_hook(&self, id: u64) {
        self.watchers().retain(|watcher| !matches!(watcher, Watcher::Hook { id: i, .. } if *i == id));
    }

    /// Shows the summed gradients of the outputs to hooks, then to tensors that retain them.
    pub(super) fn watch(&self, grads: &mut [Option<Tensor>]) -> Result<()> {
        let (mut hooks, mut retained) = (Vec::new(), Vec::new());
        for watcher in self.watchers().iter() {
            match watcher {
                Watcher::Hook { output, hook, .. } => hooks.push((*output, hook.clone())),
                Watcher::Retain { output, tensor } => retained.push((*output, tensor.clone())),
            }
        }
        for (output, hook) in hooks {
            if let Some(grad) = &grads[output]
                && let Some(replaced) = hook.call(grad)?
            {
                grads[output] = Some(replaced);
            }
        }
        for (output, tensor) in retained {
            if let (Some(grad), Some(tensor)) = (&grads[output], Tensor::upgrade(&tensor)) {
                tensor.set_grad(Some(grad.clone()));
            }
        }
        Ok(())
    }
}

thread_local! {
    /// Edges of dropped nodes, so that a chain of a million nodes is freed in a loop and not by recursion.
    static DROPPED: RefCell<Vec<Edge>> = const { RefCell::new(Vec::new()) };
    static DRAINING: Cell<bool> = const { Cell::new(false) };
}

impl Drop for Node {
    fn drop(&mut self) {
        // The queue keeps the edges alive while the closure drops what it saved, which holds the same edges.
        let queued = DROPPED.try_with(|dropped| {
            dropped.borrow_mut().extend(self.inputs.iter_mut().filter_map(|input| input.edge.take()));
        });
        self.release();
        if queued.is_err() || DRAINING.replace(true) {
            return;
        }
        while let Some(edge) = DROPPED.with(|dropped| dropped.borrow_mut().pop()) {
            drop(edge);
        }
        DRAINING.set(false);
    }
}

/// Collects the gradients of a node's inputs, in the order in which the operation named them.
pub struct Grads<'a> {
    pub(super) node: &'a Arc<Node>,
    /// Which inputs want a gradient.
    pub(super) wanted: SmallVec<[bool; 4]>,
    pub(super) collected: SmallVec<[Option<Tensor>; 4]>,
}

impl Grads<'_> {
    /// Adds the gradient of the next input; computed only if that input wants one.
    pub fn push(&mut self, gradient: impl FnOnce() -> Result<Tensor>) -> Result<()> {
        let grad = if self.next_wanted() { Some(gradient()?) } else { None };
        self.collected.push(grad);
        Ok(())
    }

    /// The next input gets no gradient.
    pub fn skip(&mut self) {
        self.collected.push(None);
    }

    /// Adds a gradient that may be absent.
    pub fn push_option(&mut self, grad: Option<Tensor>) {
        self.collected.push(grad);
    }

    /// Whether the next input wants a gradient.
    pub fn next_wanted(&self) -> bool {
        self.wants(self.collected.len())
    }

    /// Whether input number `index` wants a gradient.
    pub fn wants(&self, index: usize) -> bool {
        self.wanted.get(index).copied().unwrap_or(false)
    }

    /// The node itself, for derivatives that use the operation's own output.
    pub fn node(&self) -> &Arc<Node> {
        self.node
    }
}
