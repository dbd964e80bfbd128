//! The walk back over the tape.

use super::mode::{self, Guard};
use super::node::{Edge, Grads, Node};
use super::tensor::Tensor;
use crate::array::DType;
use crate::error::Result;
use crate::fail;
use crate::profile::{self, Kind};
use smallvec::{SmallVec, smallvec};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The arithmetic that the walk itself needs; operations hand it in.
pub trait Sums: Sync {
    /// `sum + grad`. May reuse the memory of `sum` where nobody else sees it.
    fn add(&self, sum: Tensor, grad: &Tensor) -> Result<Tensor>;
    /// Undoes broadcasting and conversion: sums to `shape`, converts to `dtype`.
    fn fit(&self, grad: Tensor, shape: &[usize], dtype: DType) -> Result<Tensor>;
    /// `grad` in memory of its own, for a leaf to keep.
    fn own(&self, grad: Tensor) -> Result<Tensor>;
    /// Adds `grad` into the memory of `sum`.
    fn add_into(&self, sum: &Tensor, grad: &Tensor) -> Result<()>;
    /// Whether some element is NaN.
    fn has_nan(&self, grad: &Tensor) -> Result<bool>;
    /// Called now and then; an error stops the walk (Ctrl-C).
    fn poll(&self) -> Result<()> {
        Ok(())
    }
}

/// What a walk is asked for.
pub struct Request<'a> {
    /// Where it starts, with the gradient of each.
    pub roots: &'a [(Tensor, Tensor)],
    /// Whose gradients to return; `None` accumulates into the `grad` of every leaf.
    pub inputs: Option<&'a [Tensor]>,
    /// With `inputs`: accumulate into their `grad` instead of returning (`backward(inputs=...)`).
    pub accumulate: bool,
    /// Keep what derivatives saved, so that the walk can be done again.
    pub retain_graph: bool,
    /// Record the walk itself.
    pub create_graph: bool,
}

/// Held while a leaf's gradient is summed.
static ACCUMULATE: Mutex<()> = Mutex::new(());

type Slots = SmallVec<[Option<Tensor>; 1]>;

struct Walk<'a> {
    sums: &'a dyn Sums,
    /// Nodes by their place in the order of recording, with the gradients of their outputs as summed so far. The node
    /// recorded last goes first: all its gradients are in when its turn comes.
    waiting: BTreeMap<u64, (Arc<Node>, Slots)>,
    /// Gradients of leaves, in the order of first arrival.
    leaves: Vec<(Tensor, Tensor)>,
    leaf_at: HashMap<usize, usize>,
    /// With `inputs`: the nodes and leaves that lead to them.
    useful: Option<Useful>,
}

#[derive(Default)]
struct Useful {
    nodes: HashSet<*const Node>,
    leaves: HashSet<usize>,
}

impl Useful {
    fn has(&self, edge: &Edge) -> bool {
        match edge {
            Edge::Node(node, _) => self.nodes.contains(&Arc::as_ptr(node)),
            Edge::Leaf(leaf) => self.leaves.contains(&leaf.id()),
        }
    }
}

/// Walks back from the roots. Returns the gradients of `inputs` (none where the roots do not depend on one).
pub fn backward(request: &Request<'_>, sums: &dyn Sums) -> Result<Vec<Option<Tensor>>> {
    let targets: Option<Vec<Edge>> = match request.inputs {
        None => None,
        Some(inputs) => Some(inputs.iter().map(edge_of_input).collect::<Result<_>>()?),
    };
    let _mode = Guard::new(request.create_graph);
    let mut walk = Walk {
        sums,
        waiting: BTreeMap::new(),
        leaves: Vec::new(),
        leaf_at: HashMap::new(),
        useful: targets.as_ref().map(|targets| find_useful(request.roots, targets)),
    };
    let mut results: Vec<Option<Tensor>> = vec![None; targets.as_ref().map_or(0, Vec::len)];
    for (root, grad) in request.roots {
        match root.edge() {
            None => fail!(
                Autograd,
                "element 0 of tensors does not require grad and does not have a grad_fn: nothing to differentiate"
            ),
            Some(edge) => walk.send(&edge, grad.clone())?,
        }
    }
    while let Some((_, (node, mut grads))) = walk.waiting.pop_last() {
        node.watch(&mut grads)?;
        for (target, result) in targets.iter().flatten().zip(&mut results) {
            if let Edge::Node(wanted, output) = target
                && Arc::ptr_eq(wanted, &node)
            {
                *result = grads[*output].clone();
            }
        }
        walk.step(&node, &grads, request.retain_graph || request.create_graph)?;
        sums.poll()?;
    }
    walk.finish(request, targets.as_deref(), &mut results)?;
    Ok(results)
}

fn edge_of_input(input: &Tensor) -> Result<Edge> {
    match input.edge() {
        Some(edge) => Ok(edge),
        None => fail!(Autograd, "One of the differentiated Tensors does not require grad"),
    }
}

impl Walk<'_> {
    /// Adds `grad` to what has arrived at `edge`.
    fn send(&mut self, edge: &Edge, grad: Tensor) -> Result<()> {
        if self.useful.as_ref().is_some_and(|useful| !useful.has(edge)) {
            return Ok(());
        }
        match edge {
            Edge::Leaf(leaf) => match self.leaf_at.entry(leaf.id()) {
                Entry::Occupied(at) => {
                    let slot = &mut self.leaves[*at.get()].1;
                    *slot = self.sums.add(slot.clone(), &grad)?;
                }
                Entry::Vacant(at) => {
                    at.insert(self.leaves.len());
                    self.leaves.push((leaf.clone(), grad));
                }
            },
            Edge::Node(node, output) => {
                let fresh = || (node.clone(), smallvec![None; node.outputs]);
                let (_, slots) = self.waiting.entry(node.sequence()).or_insert_with(fresh);
                slots[*output] = Some(match slots[*output].take() {
                    None => grad,
                    Some(sum) => self.sums.add(sum, &grad)?,
                });
            }
        }
        Ok(())
    }

    /// Runs the derivative of one node and sends its gradients on.
    fn step(&mut self, node: &Arc<Node>, grads_out: &[Option<Tensor>], keep: bool) -> Result<()> {
        let wanted: SmallVec<[bool; 4]> = node
            .next()
            .map(|edge| edge.is_some_and(|edge| self.useful.as_ref().is_none_or(|useful| useful.has(edge))))
            .collect();
        if !wanted.contains(&true) {
            return Ok(());
        }
        let Some(derivative) = node.backward() else {
            fail!(
                Autograd,
                "Trying to backward through the graph a second time: the saved values of {} were freed. Specify \
                 retain_graph=True if you need to backward through the graph twice.",
                node.name()
            );
        };
        let shapes = || grads_out.iter().flatten().map(|grad| grad.shape().to_vec()).collect();
        let _span = profile::span(Kind::Backward, node.name(), shapes);
        let mut grads = Grads { node, wanted, collected: SmallVec::new() };
        derivative(grads_out, &mut grads)?;
        let collected = grads.collected;
        drop(derivative);
        if !keep {
            node.release();
        }
        debug_assert_eq!(collected.len(), node.inputs.len(), "{}: one gradient per input", node.name());
        if mode::anomaly() {
            for (number, grad) in collected.iter().enumerate() {
                if let Some(grad) = grad
                    && mode::no_grad(|| self.sums.has_nan(grad))?
                {
                    fail!(Autograd, "Function '{}' returned nan values in its {number}th output.", node.name());
                }
            }
        }
        for (input, grad) in node.inputs.iter().zip(collected) {
            if let (Some(edge), Some(grad)) = (&input.edge, grad) {
                let grad = self.sums.fit(grad, &input.shape, input.dtype)?;
                self.send(edge, grad)?;
            }
        }
        Ok(())
    }

    /// Leaves get their sums: hooks, then `grad` or the results.
    fn finish(self, request: &Request<'_>, targets: Option<&[Edge]>, results: &mut [Option<Tensor>]) -> Result<()> {
        let accumulate = request.inputs.is_none() || request.accumulate;
        let _span = profile::span(Kind::Backward, "accumulate", Vec::new);
        for (leaf, mut grad) in self.leaves {
            for hook in leaf.hooks() {
                if let Some(replaced) = hook.call(&grad)? {
                    grad = replaced;
                }
            }
            for (target, result) in targets.unwrap_or_default().iter().zip(results.iter_mut()) {
                if matches!(target, Edge::Leaf(wanted) if wanted.is(&leaf)) {
                    *result = Some(grad.clone());
                }
            }
            if accumulate {
                // Walks of several threads may end in one leaf: reading and writing its sum is one step.
                let one_at_a_time = ACCUMULATE.lock().unwrap_or_else(PoisonError::into_inner);
                match leaf.grad() {
                    None if request.create_graph => leaf.set_grad(Some(grad)),
                    None => leaf.set_grad(Some(self.sums.own(grad)?)),
                    Some(sum) if request.create_graph => leaf.set_grad(Some(self.sums.add(sum, &grad)?)),
                    Some(sum) => self.sums.add_into(&sum, &grad)?,
                }
                drop(one_at_a_time);
                for hook in leaf.post_hooks() {
                    hook.call(&leaf)?;
                }
            }
        }
        Ok(())
    }
}

/// The nodes from which a target can be reached, found without recursion.
fn find_useful(roots: &[(Tensor, Tensor)], targets: &[Edge]) -> Useful {
    let mut useful = Useful::default();
    for target in targets {
        match target {
            Edge::Node(node, _) => useful.nodes.insert(Arc::as_ptr(node)),
            Edge::Leaf(leaf) => useful.leaves.insert(leaf.id()),
        };
    }
    let mut seen: HashSet<*const Node> = HashSet::new();
    let mut order: Vec<Arc<Node>> = Vec::new();
    let mut stack: Vec<Arc<Node>> = roots.iter().filter_map(|(root, _)| root.node().map(|(node, _)| node)).collect();
    while let Some(node) = stack.pop() {
        if seen.insert(Arc::as_ptr(&node)) {
            stack.extend(node.next().flatten().filter_map(|edge| match edge {
                Edge::Node(next, _) => Some(next.clone()),
                Edge::Leaf(_) => None,
            }));
            order.push(node);
        }
    }
    // Inputs have lower numbers than the nodes that use them: one pass in rising order settles all.
    order.sort_unstable_by_key(|node| node.sequence());
    for node in order {
        if node.next().flatten().any(|edge| useful.has(edge)) {
            useful.nodes.insert(Arc::as_ptr(&node));
        }
    }
    useful
}
