//! `#[op]`

use crate::formulas::{docs, places};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Expr, FnArg, GenericArgument, ItemFn, LitStr, Pat, PathArguments, Result, Token, Type, bracketed, parenthesized,
};

pub fn expand(attr: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let options: Options = syn::parse2(attr)?;
    let function: ItemFn = syn::parse2(item)?;
    let doc = docs(&function.attrs);
    let ident = &function.sig.ident;
    if doc.is_empty() {
        return Err(syn::Error::new(ident.span(), "an operation has a doc comment"));
    }
    let name = options.name.clone().unwrap_or_else(|| ident.to_string());
    let arguments: Vec<(&Ident, &Type)> = function
        .sig
        .inputs
        .iter()
        .map(|argument| match argument {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(pattern) => Ok((&pattern.ident, &*typed.ty)),
                other => Err(syn::Error::new_spanned(other, "a plain name")),
            },
            FnArg::Receiver(receiver) => Err(syn::Error::new_spanned(receiver, "an operation is a free function")),
        })
        .collect::<Result<_>>()?;
    let declared: Vec<String> = options.sig.iter().map(|entry| entry.name.to_string()).collect();
    let actual: Vec<String> = arguments.iter().map(|(name, _)| name.to_string()).collect();
    if declared != actual {
        return Err(syn::Error::new(ident.span(), format!("sig names {declared:?}, the function has {actual:?}")));
    }

    let mut params = TokenStream::new();
    let mut reads = TokenStream::new();
    let mut passed = TokenStream::new();
    for (i, ((argument, ty), entry)) in arguments.iter().zip(&options.sig).enumerate() {
        let (owned, pass) = owned(ty, argument);
        let python = entry.name.to_string();
        let python = python.strip_prefix("r#").unwrap_or(&python).trim_end_matches('_').to_string();
        let (default, keyword_only, variadic) = (entry.default(), entry.keyword_only, entry.variadic);
        params.extend(quote! {
            crate::ops::registry::Param {
                name: #python,
                kind: <#owned as crate::ops::registry::FromArg>::KIND,
                default: #default,
                keyword_only: #keyword_only,
                variadic: #variadic,
            },
        });
        reads.extend(quote!(let #argument: #owned = args.take(#i)?;));
        passed.extend(quote!(#pass,));
    }

    let (at, aliases) = (&options.at, &options.alias);
    let samples = &options.samples;
    let (differentiable, complex) = (!options.no_grad, options.complex);
    let fields = &options.fields;
    let integers = options.integers.clone().unwrap_or_else(|| format_ident!("Told"));
    let returns = match &options.returns {
        Some(returns) => quote!(#returns),
        None => returns(&function),
    };
    let first = arguments.first().map(|(name, _)| name);
    let twin = match (options.inplace, first) {
        (true, Some(first)) => quote! {
            Some(|args: &mut crate::ops::registry::Args<'_>| {
                #reads
                let op_target = #first.clone();
                let #first = crate::ops::inplace::stand_in(&op_target)?;
                let op_result = #ident(#passed)?;
                crate::ops::inplace::assign(#name, &op_target, &op_result)?;
                Ok(op_target.into())
            })
        },
        _ => quote!(None),
    };
    Ok(quote! {
        #function
        ::inventory::submit! {
            crate::ops::registry::OpDef {
                name: #name,
                at: &[#(#at),*],
                aliases: &[#(#aliases),*],
                doc: #doc,
                params: &[#params],
                returns: #returns,
                fields: &[#(#fields),*],
                kind: crate::ops::registry::Kind::Function,
                integers: crate::ops::registry::Integers::#integers,
                differentiable: #differentiable,
                complex: #complex,
                call: |args| {
                    #reads
                    Ok(crate::ops::registry::IntoValue::into_value(#ident(#passed)?))
                },
                inplace: #twin,
                samples: #samples,
            }
        }
    })
}

#[derive(Default)]
struct Options {
    name: Option<String>,
    at: Vec<String>,
    alias: Vec<String>,
    sig: Vec<Entry>,
    samples: Option<Expr>,
    fields: Vec<String>,
    /// The Python type of the usual result, where the Rust type says nothing.
    returns: Option<String>,
    inplace: bool,
    no_grad: bool,
    /// Whether it takes complex numbers.
    complex: bool,
    /// A variant of `Integers`.
    integers: Option<Ident>,
}

struct Entry {
    name: Ident,
    default: Option<Expr>,
    keyword_only: bool,
    variadic: bool,
}

impl Entry {
    fn default(&self) -> TokenStream {
        let path = quote!(crate::ops::registry::Default);
        match &self.default {
            None if self.variadic => quote!(#path::None),
            None => quote!(#path::Required),
            Some(Expr::Path(word)) if word.path.is_ident("None") => quote!(#path::None),
            Some(Expr::Lit(literal)) => match &literal.lit {
                syn::Lit::Bool(value) => quote!(#path::Bool(#value)),
                syn::Lit::Float(value) => quote!(#path::Float(#value)),
                syn::Lit::Str(value) => quote!(#path::Str(#value)),
                value => quote!(#path::Int(#value)),
            },
            Some(Expr::Unary(minus)) => match &*minus.expr {
                Expr::Lit(syn::ExprLit { lit: syn::Lit::Float(_), .. }) => quote!(#path::Float(#minus)),
                _ => quote!(#path::Int(#minus)),
            },
            Some(other) => quote!(compile_error!(concat!("not a default: ", stringify!(#other)))),
        }
    }
}

impl Parse for Options {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut options = Options::default();
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            match word.to_string().as_str() {
                "inplace" => options.inplace = true,
                "no_grad" => options.no_grad = true,
                "complex" => options.complex = true,
                key => {
                    input.parse::<Token![=]>()?;
                    match key {
                        "name" => options.name = Some(input.parse::<LitStr>()?.value()),
                        "returns" => options.returns = Some(input.parse::<LitStr>()?.value()),
                        "integers" => {
                            let word: Ident = input.parse()?;
                            options.integers = match word.to_string().as_str() {
                                "floats" => Some(format_ident!("Floats")),
                                "refused" => Some(format_ident!("Refused")),
                                _ => return Err(syn::Error::new(word.span(), "`floats` or `refused`")),
                            };
                        }
                        "at" => options.at = places(input)?,
                        "alias" => options.alias = places(input)?,
                        "sig" => options.sig = signature(input)?,
                        "samples" => options.samples = Some(input.parse()?),
                        "fields" => {
                            let content;
                            bracketed!(content in input);
                            let fields = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
                            options.fields = fields.iter().map(Ident::to_string).collect();
                        }
                        other => return Err(syn::Error::new(word.span(), format!("unknown option `{other}`"))),
                    }
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if options.samples.is_none() {
            return Err(input.error("an operation has samples"));
        }
        Ok(options)
    }
}

fn signature(input: ParseStream) -> Result<Vec<Entry>> {
    let content;
    parenthesized!(content in input);
    let (mut entries, mut keyword_only) = (Vec::new(), false);
    while !content.is_empty() {
        let star = content.peek(Token![*]);
        if star {
            content.parse::<Token![*]>()?;
        }
        if star && (content.is_empty() || content.peek(Token![,])) {
            keyword_only = true;
        } else {
            let name = content.parse()?;
            let default = if content.peek(Token![=]) {
                content.parse::<Token![=]>()?;
                Some(content.parse()?)
            } else {
                None
            };
            entries.push(Entry { name, default, keyword_only, variadic: star });
            keyword_only |= star;
        }
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(entries)
}

/// The owned type that an argument is read as, and how it is passed on.
fn owned(ty: &Type, name: &Ident) -> (TokenStream, TokenStream) {
    match ty {
        Type::Reference(reference) => {
            let inner = owned_inner(&reference.elem);
            (inner, quote!(&#name))
        }
        Type::Path(path) => {
            let last = path.path.segments.last();
            if let Some(segment) = last.filter(|segment| segment.ident == "Option")
                && let PathArguments::AngleBracketed(arguments) = &segment.arguments
                && let Some(GenericArgument::Type(Type::Reference(reference))) = arguments.args.first()
            {
                let inner = owned_inner(&reference.elem);
                return (
                    quote!(Option<#inner>),
                    if is_slice(&reference.elem) { quote!(#name.as_deref()) } else { quote!(#name.as_ref()) },
                );
            }
            (quote!(#ty), quote!(#name))
        }
        _ => (quote!(#ty), quote!(#name)),
    }
}

fn is_slice(ty: &Type) -> bool {
    matches!(ty, Type::Slice(_)) || matches!(ty, Type::Path(path) if path.path.is_ident("str"))
}

fn owned_inner(ty: &Type) -> TokenStream {
    match ty {
        Type::Slice(slice) => {
            let element = &slice.elem;
            quote!(Vec<#element>)
        }
        Type::Path(path) if path.path.is_ident("str") => {
            let string = format_ident!("String");
            quote!(#string)
        }
        other => quote!(#other),
    }
}

/// The Python type of the result.
fn returns(function: &ItemFn) -> TokenStream {
    if let syn::ReturnType::Type(_, ty) = &function.sig.output
        && let Type::Path(path) = &**ty
        && let Some(segment) = path.path.segments.last()
        && let PathArguments::AngleBracketed(arguments) = &segment.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        return quote!(<#inner as crate::ops::registry::IntoValue>::KIND);
    }
    quote!("None")
}
