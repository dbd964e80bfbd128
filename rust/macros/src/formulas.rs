//! `formulas!`

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, LitFloat, Result, Token, bracketed, parenthesized};

pub fn expand(input: TokenStream) -> Result<TokenStream> {
    let rows: Rows = syn::parse2(input)?;
    rows.0.iter().map(Row::expand).collect()
}

struct Rows(Vec<Row>);

impl Parse for Rows {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut rows = Vec::new();
        while !input.is_empty() {
            rows.push(input.parse()?);
        }
        Ok(Rows(rows))
    }
}

struct Row {
    docs: Vec<Attribute>,
    name: Ident,
    inputs: Vec<Ident>,
    params: Vec<Param>,
    keyword_only: Option<usize>,
    formula: Expr,
    output: Option<Ident>,
    int: Option<Expr>,
    /// What complex numbers do: `parts` (the formula is linear), a kernel, or a closure.
    complex: Option<Expr>,
    upstream: Option<Ident>,
    grads: Vec<Expr>,
    at: Vec<String>,
    alias: Vec<String>,
    names: Vec<Ident>,
    domains: Vec<(Expr, Expr)>,
    inplace: bool,
    /// Compiled for registers of 512 bits too.
    wide: bool,
}

struct Param {
    name: Ident,
    default: Option<LitFloat>,
}

impl Parse for Row {
    fn parse(input: ParseStream) -> Result<Self> {
        let docs = input.call(Attribute::parse_outer)?;
        let name: Ident = input.parse()?;
        if docs.is_empty() {
            return Err(syn::Error::new(name.span(), "a row begins with a doc comment"));
        }
        let content;
        parenthesized!(content in input);
        let mut inputs = vec![content.parse()?];
        while content.peek(Token![,]) {
            content.parse::<Token![,]>()?;
            inputs.push(content.parse()?);
        }
        let (mut params, mut keyword_only) = (Vec::new(), None);
        if content.peek(Token![;]) {
            content.parse::<Token![;]>()?;
            while !content.is_empty() {
                if content.peek(Token![*]) {
                    content.parse::<Token![*]>()?;
                    keyword_only = Some(inputs.len() + params.len());
                } else {
                    let name = content.parse()?;
                    let default = if content.peek(Token![=]) {
                        content.parse::<Token![=]>()?;
                        Some(content.parse()?)
                    } else {
                        None
                    };
                    params.push(Param { name, default });
                }
                if !content.is_empty() {
                    content.parse::<Token![,]>()?;
                }
            }
        }
        input.parse::<Token![=]>()?;
        let formula = input.parse()?;
        let output = if input.peek(Token![=>]) {
            input.parse::<Token![=>]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        input.parse::<Token![;]>()?;
        let mut row = Row {
            docs,
            name,
            inputs,
            params,
            keyword_only,
            formula,
            output,
            int: None,
            complex: None,
            upstream: None,
            grads: Vec::new(),
            at: Vec::new(),
            alias: Vec::new(),
            names: Vec::new(),
            domains: Vec::new(),
            inplace: false,
            wide: false,
        };
        while !input.is_empty() && !input.peek(Token![#]) {
            row.clause(input)?;
        }
        if row.grads.len() != row.inputs.len() {
            let (want, got) = (row.inputs.len(), row.grads.len());
            let message = format!("{} needs {want} derivatives, got {got}", row.name);
            return Err(syn::Error::new(row.name.span(), message));
        }
        Ok(row)
    }
}

/// `[nn.functional, Tensor]` as strings.
pub fn places(input: ParseStream) -> Result<Vec<String>> {
    let content;
    bracketed!(content in input);
    let places = Punctuated::<Place, Token![,]>::parse_terminated(&content)?;
    Ok(places.into_iter().map(|place| place.0).collect())
}

struct Place(String);

impl Parse for Place {
    fn parse(input: ParseStream) -> Result<Self> {
        let parts = Punctuated::<Ident, Token![.]>::parse_separated_nonempty(input)?;
        Ok(Place(parts.iter().map(Ident::to_string).collect::<Vec<_>>().join(".")))
    }
}

impl Row {
    fn clause(&mut self, input: ParseStream) -> Result<()> {
        let word: Ident = input.parse()?;
        match word.to_string().as_str() {
            "grad" => {
                let content;
                parenthesized!(content in input);
                self.upstream = Some(content.parse()?);
                input.parse::<Token![=]>()?;
                loop {
                    self.grads.push(input.parse()?);
                    if !input.peek(Token![,]) {
                        break;
                    }
                    input.parse::<Token![,]>()?;
                }
            }
            "int" => {
                input.parse::<Token![=]>()?;
                self.int = Some(input.parse()?);
            }
            "complex" => {
                input.parse::<Token![=]>()?;
                self.complex = Some(input.parse()?);
            }
            "at" => {
                input.parse::<Token![=]>()?;
                self.at = places(input)?;
            }
            "alias" => {
                input.parse::<Token![=]>()?;
                self.alias = places(input)?;
            }
            "names" => {
                input.parse::<Token![=]>()?;
                let content;
                bracketed!(content in input);
                self.names = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?.into_iter().collect();
            }
            "domain" => {
                input.parse::<Token![=]>()?;
                loop {
                    let Expr::Range(range) = input.parse()? else {
                        return Err(input.error("domain = lo..hi"));
                    };
                    match (range.start, range.end) {
                        (Some(low), Some(high)) => self.domains.push((*low, *high)),
                        _ => return Err(input.error("domain = lo..hi")),
                    }
                    if !input.peek(Token![,]) {
                        break;
                    }
                    input.parse::<Token![,]>()?;
                }
            }
            "inplace" => self.inplace = true,
            "wide" => self.wide = true,
            other => {
                return Err(syn::Error::new(word.span(), format!("unknown clause `{other}`")));
            }
        }
        input.parse::<Token![;]>()?;
        Ok(())
    }

    fn expand(&self) -> Result<TokenStream> {
        let (docs, name) = (&self.docs, &self.name);
        let arity = self.inputs.len();
        let kind = format_ident!("{}", camel(&name.to_string()), span = name.span());
        let inputs = &self.inputs;
        let params: Vec<&Ident> = self.params.iter().map(|param| &param.name).collect();
        let lits = |used: &TokenStream| -> TokenStream {
            let used_params = params.iter().filter(|param| names(used, param));
            quote!(#(let #used_params = M::lit(self.#used_params);)*)
        };
        let wide = self.wide.then(|| {
            quote!(
                const WIDE: bool = true;
            )
        });
        let formula = &self.formula;
        let formula_lits = lits(&quote!(#formula));
        let row_doc = format!("The row [`{name}()`].");

        // One struct per derivative; its inputs are just the values that it names.
        let upstream = self.upstream.clone().unwrap_or_else(|| Ident::new("g", Span::call_site()));
        let mut values: Vec<(Ident, TokenStream)> = vec![(upstream, quote!(g))];
        for (i, input) in inputs.iter().enumerate() {
            values.push((input.clone(), quote!(&saved.input(#i)?)));
        }
        if let Some(output) = &self.output {
            values.push((output.clone(), quote!(&saved.output()?)));
        }
        let mut derivatives = TokenStream::new();
        let mut arms = TokenStream::new();
        let mut saves_input = vec![false; arity];
        let mut saves_output = false;
        for (i, grad) in self.grads.iter().enumerate() {
            let tokens = quote!(#grad);
            let used: Vec<usize> = (0..values.len()).filter(|&v| v == 0 || names(&tokens, &values[v].0)).collect();
            for &v in &used {
                if v > arity {
                    saves_output = true;
                } else if v > 0 {
                    saves_input[v - 1] = true;
                }
            }
            let derivative = format_ident!("{kind}Grad{i}");
            let (count, arguments) = (used.len(), used.iter().map(|&v| &values[v].0));
            let sources = used.iter().map(|&v| &values[v].1);
            let doc = format!("The derivative of [`{name}()`] by input {i}.");
            let grad_lits = lits(&tokens);
            derivatives.extend(quote! {
                #[doc = #doc]
                #[derive(Clone, Copy, Debug)]
                pub struct #derivative { #(pub(crate) #params: f64),* }
                impl ::rutile_kernels::map::Formula<#count> for #derivative {
                    #wide
                    #[inline(always)]
                    #[allow(unused_variables)]
                    fn eval<M: ::rutile_kernels::Math>(&self, [#(#arguments),*]: [M; #count]) -> M {
                        #grad_lits
                        #grad
                    }
                }
            });
            arms.extend(quote! {
                #i => crate::ops::formula::derive(#derivative { #(#params: self.#params),* }, [#(#sources),*]),
            });
        }

        let int = match &self.int {
            None => quote!(),
            Some(expr) => {
                let tokens = quote!(#expr);
                let used = params.iter().filter(|param| names(&tokens, param));
                let run = if arity == 1 { quote!(map_int) } else { quote!(zip_int) };
                let places = 0..arity;
                quote! {
                    const HAS_INT: bool = true;
                    fn run_int(
                        &self,
                        operands: &[crate::array::Array; #arity],
                        out: &crate::array::Array,
                    ) -> crate::error::Result<()> {
                        #(let #used = self.#used;)*
                        crate::ops::formula::#run(#(&operands[#places],)* out, move |#(#inputs),*| #expr);
                        Ok(())
                    }
                }
            }
        };

        let complex = match &self.complex {
            None => quote!(),
            Some(Expr::Path(word)) if word.path.is_ident("parts") => {
                quote!(
                    const COMPLEX: crate::ops::formula::Complex = crate::ops::formula::Complex::Parts;
                )
            }
            // What gives another kind of result, or has another derivative: a call of its own.
            Some(Expr::Closure(closure)) => {
                let body = &closure.body;
                let used = params.iter().filter(|param| names(&quote!(#body), param));
                quote! {
                    const COMPLEX: crate::ops::formula::Complex = crate::ops::formula::Complex::Call;
                    fn call_complex(
                        &self,
                        [#(#inputs),*]: [&crate::autograd::Tensor; #arity],
                    ) -> crate::error::Result<crate::autograd::Tensor> {
                        #(let #used = self.#used;)*
                        #body
                    }
                }
            }
            Some(kernel) => {
                let run = if arity == 1 {
                    quote!(crate::ops::complex::map(rutile_kernels::complex::functions::#kernel, operands, out))
                } else {
                    quote!(crate::ops::complex::#kernel(operands, out))
                };
                quote! {
                    const COMPLEX: crate::ops::formula::Complex = crate::ops::formula::Complex::Kernel;
                    fn run_complex(&self, operands: &[crate::array::Array; #arity], out: &crate::array::Array) {
                        #run;
                    }
                }
            }
        };

        let saves = saves_input.iter();
        let name_string = name.to_string();
        let registration = self.register(&kind, &name_string);
        let twin = if self.has_twin() {
            let twin = format_ident!("{name}_");
            let doc = format!("[`{name}()`] written to the first input.");
            quote! {
                #[doc = #doc]
                pub fn #twin(#(#inputs: &crate::autograd::Tensor,)* #(#params: f64),*)
                    -> crate::error::Result<crate::autograd::Tensor>
                {
                    crate::ops::formula::apply_inplace(#kind { #(#params),* }, [#(#inputs),*])
                }
            }
        } else {
            quote!()
        };
        Ok(quote! {
            #[doc = #row_doc]
            #[derive(Clone, Copy, Debug)]
            pub struct #kind { #(pub(crate) #params: f64),* }
            impl ::rutile_kernels::map::Formula<#arity> for #kind {
                #wide
                #[inline(always)]
                fn eval<M: ::rutile_kernels::Math>(&self, [#(#inputs),*]: [M; #arity]) -> M {
                    #formula_lits
                    #formula
                }
            }
            #derivatives
            impl crate::ops::formula::Row<#arity> for #kind {
                const NAME: &'static str = #name_string;
                const SAVES_INPUT: [bool; #arity] = [#(#saves),*];
                const SAVES_OUTPUT: bool = #saves_output;
                #int
                #complex
                fn gradient(
                    &self,
                    input: usize,
                    g: &crate::autograd::Tensor,
                    saved: &crate::ops::formula::Values<'_>,
                ) -> crate::error::Result<crate::autograd::Tensor> {
                    match input {
                        #arms
                        _ => unreachable!("one derivative per input"),
                    }
                }
            }
            #(#docs)*
            pub fn #name(#(#inputs: &crate::autograd::Tensor,)* #(#params: f64),*)
                -> crate::error::Result<crate::autograd::Tensor>
            {
                crate::ops::formula::apply(#kind { #(#params),* }, [#(#inputs),*])
            }
            #twin
            #registration
        })
    }

    fn register(&self, kind: &Ident, name: &str) -> TokenStream {
        let arity = self.inputs.len();
        let python_names = self.python_names();
        let keyword_only = |i: usize| self.keyword_only.is_some_and(|from| i >= from);
        let mut params = TokenStream::new();
        for python in &python_names {
            params.extend(quote!(crate::ops::registry::Param::required(#python, "Tensor | Number"),));
        }
        for (i, param) in self.params.iter().enumerate() {
            let python = param.name.to_string();
            let default = match &param.default {
                Some(value) => quote!(crate::ops::registry::Default::Float(#value)),
                None => quote!(crate::ops::registry::Default::Required),
            };
            let keyword = keyword_only(arity + i);
            params.extend(quote! {
                crate::ops::registry::Param { name: #python, kind: "float", default: #default, keyword_only: #keyword, variadic: false },
            });
        }
        if self.inplace {
            params.extend(quote! {
                crate::ops::registry::Param {
                    name: "inplace", kind: "bool", default: crate::ops::registry::Default::Bool(false), keyword_only: false, variadic: false
                },
            });
        }
        let doc = docs(&self.docs);
        let (at, aliases) = (&self.at, &self.alias);
        let tensors: Vec<Ident> = (0..arity).map(|i| format_ident!("tensor{i}")).collect();
        let positions = 0..arity;
        let param_names: Vec<&Ident> = self.params.iter().map(|param| &param.name).collect();
        let param_at = arity..arity + self.params.len();
        let read = quote! {
            #(let #tensors: crate::autograd::Tensor = args.take(#positions)?;)*
            let row = #kind { #(#param_names: args.take(#param_at)?),* };
        };
        let call = if self.inplace {
            let at = arity + self.params.len();
            quote! {
                if args.take::<bool>(#at)? {
                    return crate::ops::formula::apply_inplace(row, [#(&#tensors),*]).map(Into::into);
                }
            }
        } else {
            quote!()
        };
        let bounds = (0..arity).map(|i| match self.domains.get(i).or(self.domains.last()) {
            Some((low, high)) => quote!((#low, #high)),
            None => quote!((-2.0, 2.0)),
        });
        let twin = if self.has_twin() {
            quote! {
                Some(|args: &mut crate::ops::registry::Args<'_>| {
                    #read
                    crate::ops::formula::apply_inplace(row, [#(&#tensors),*]).map(Into::into)
                })
            }
        } else {
            quote!(None)
        };
        let integers = format_ident!("{}", if self.int.is_some() { "Kept" } else { "Floats" });
        let complex = self.complex.is_some();
        let required = Literal::usize_unsuffixed(self.params.iter().filter(|param| param.default.is_none()).count());
        quote! {
            ::inventory::submit! {
                crate::ops::registry::OpDef {
                    name: #name,
                    at: &[#(#at),*],
                    aliases: &[#(#aliases),*],
                    doc: #doc,
                    params: &[#params],
                    returns: "Tensor",
                    fields: &[],
                    kind: crate::ops::registry::Kind::Elementwise,
                    integers: crate::ops::registry::Integers::#integers,
                    differentiable: true,
                    complex: #complex,
                    call: |args| {
                        #read
                        #call
                        crate::ops::formula::apply(row, [#(&#tensors),*]).map(Into::into)
                    },
                    inplace: #twin,
                    samples: || crate::ops::registry::elementwise_samples(&[#(#bounds),*], #required),
                }
            }
        }
    }

    /// Whether there is an in-place twin: of methods, and of functions with PyTorch's argument `inplace`.
    fn has_twin(&self) -> bool {
        self.inplace || self.at.iter().any(|place| place == "Tensor")
    }

    fn python_names(&self) -> Vec<String> {
        let usual = ["input", "other", "third"];
        (0..self.inputs.len())
            .map(|i| self.names.get(i).map_or_else(|| usual[i].to_string(), Ident::to_string))
            .collect()
    }
}

/// The text of doc comments.
pub fn docs(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value
        {
            let text = text.value();
            lines.push(text.strip_prefix(' ').unwrap_or(&text).to_string());
        }
    }
    lines.join("\n")
}

/// Whether `tokens` name `ident`.
fn names(tokens: &TokenStream, ident: &Ident) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(i) => i == *ident,
        TokenTree::Group(group) => names(&group.stream(), ident),
        _ => false,
    })
}

fn camel(name: &str) -> String {
    name.split('_')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
        })
        .collect()
}
