//! Declaring operations.
//!
//! [`formulas!`] declares elementwise operations as rows: a formula, its derivative, where Python finds it.
//! [`macro@op`] declares any other operation on a Rust function. Both leave an `OpDef` in the registry, from which
//! binding, stubs, docs and the standard tests follow.

mod formulas;
mod op;

use proc_macro::TokenStream;

/// Elementwise operations, one row each.
///
/// ```text
/// formulas! {
///     /// Gaussian error linear unit, `x * cdf(x)`.
///     gelu(x) = x * cdf(x);
///         grad(g) = g * (cdf(x) + x * pdf(x));
///         at = [nn.functional];
///     /// `input + alpha * other`.
///     add(a, b; *, alpha = 1.0) = a + b * alpha;
///         int = a + b * alpha as i64;
///         grad(g) = g, g * alpha;
///         at = [rutile, Tensor];
/// }
/// ```
///
/// Clauses after the formula, in any order: `grad(g) = ..` one expression per input (may name inputs, parameters, `g`,
/// and the output if the formula ends in `=> y`); `int = ..` what integers do, over `i64` (without it integers become
/// floats); `at = [..]` where Python finds it; `names = [..]` Python's names of the inputs (else `input, other, third`);
/// `domain = lo..hi, ..` where samples are drawn (else -2..2); `inplace;` adds an `inplace=False` argument;
/// `wide;` compiles the loops for registers of 512 bits too (much to compute, and often called).
#[proc_macro]
pub fn formulas(input: TokenStream) -> TokenStream {
    formulas::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares a function as an operation.
///
/// `#[op(at = [rutile, Tensor], sig = (input, dim=None, *, keepdim=false), samples = my_samples)]`. The names in `sig`
/// are those of the function's parameters, in order, with defaults; a bare `*` makes the rest keyword-only, `*name`
/// collects positional integers. `samples` is a function that gives `Vec<Sample>`. Options: `inplace` adds the method
/// `name_`, `no_grad` says that the result has no derivative, `name = "python_name"`, `fields = [values, indices]`
/// names the parts of a tuple result, `integers = floats` or `integers = refused` says what becomes of integers, if that
/// is the same for every argument.
#[proc_macro_attribute]
pub fn op(attr: TokenStream, item: TokenStream) -> TokenStream {
    op::expand(attr.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
