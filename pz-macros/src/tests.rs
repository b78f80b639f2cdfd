//! What the macros write, as text: lines that must be there, lines that must not, and how much it is.
//!
//! Text is compared token by token, so that spaces and line ends do not count.

mod sites;
mod texts;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

/// The tokens one by one, brackets too: how they are spaced or joined does not count.
fn flat(tokens: &TokenStream) -> Vec<String> {
    let mut flat = Vec::new();
    let mut open: Vec<(proc_macro2::token_stream::IntoIter, char)> = vec![(tokens.clone().into_iter(), ' ')];
    while let Some((tokens, close)) = open.last_mut() {
        match tokens.next() {
            Some(TokenTree::Group(group)) => {
                let (start, end) = match group.delimiter() {
                    Delimiter::Parenthesis => ('(', ')'),
                    Delimiter::Brace => ('{', '}'),
                    Delimiter::Bracket => ('[', ']'),
                    Delimiter::None => (' ', ' '),
                };
                flat.push(start.to_string());
                open.push((group.stream().into_iter(), end));
            }
            Some(token) => flat.push(token.to_string()),
            None => {
                flat.push(close.to_string());
                open.pop();
            }
        }
    }
    flat.retain(|token| token != " ");
    flat
}

fn has(expansion: &TokenStream, part: &str) -> bool {
    let part = flat(&part.parse().expect("the tests are written in Rust tokens"));
    flat(expansion).windows(part.len()).any(|window| window == part)
}

#[track_caller]
fn assert_has(expansion: &TokenStream, wanted: &str) {
    assert!(has(expansion, wanted), "`{wanted}` is not in\n{}", crate::dump::formatted(expansion));
}

#[track_caller]
fn assert_has_not(expansion: &TokenStream, unwanted: &str) {
    assert!(!has(expansion, unwanted), "`{unwanted}` is in\n{}", crate::dump::formatted(expansion));
}

/// The tree code of a struct with ten fields: eight children and two static ones.
fn ten_fields() -> TokenStream {
    crate::tree(quote! {
        struct Ten {
            a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H,
            #[pytree(static)] i: I,
            #[pytree(static)] j: J,
        }
    })
}

#[test]
fn ten_fields_are_tree_code_of_under_1800_tokens() {
    let count = flat(&ten_fields()).len();
    assert!(count < 1800, "{count} tokens");
}

#[test]
fn ten_fields_are_layer_code_of_under_200_tokens() {
    let layer = crate::layer(quote! {
        struct Ten { a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J }
    });
    let count = flat(&layer).len();
    assert!(count < 200, "{count} tokens");
}

#[test]
fn a_struct_becomes_a_table_parts_and_a_copy() {
    let tree = crate::tree(quote! {
        /// A unit.
        #[pytree(color = "#93cce1")]
        pub(crate) struct Unit {
            /// First.
            r#in: Linear,
            #[pytree(static)]
            size: usize,
            out: Linear,
        }
    });
    assert_has(&tree, "impl pz_::PyTree for Unit");
    assert_has(&tree, r##"type_name: "Unit", kind: pz_::Kind::Struct"##);
    assert_has(&tree, r##"color: pz_::Some("#93cce1"), docs: "A unit.""##);
    assert_has(&tree, r##"pz_::child_field("in", "First.")"##);
    assert_has(&tree, r##"pz_::static_field("size", "")"##);
    assert_has(
        &tree,
        "let Self { r#in: pz_0, size: pz_1, out: pz_2 } = self; out.push(pz_::PyTree::as_part(pz_0));",
    );
    assert_has(&tree, "out.push(pz_::Part::Static(pz_::Static::as_static(pz_1)));");
    assert_has(&tree, "size: pz_::Clone::clone(pz_1)");
    // The index counts children only.
    assert_has(&tree, r##"out: pz_::PyTree::edited(pz_2, self, edits, 1usize)?"##);
    assert_has(
        &tree,
        "fn out(self) -> pz_::PathOf<PzRoot, Linear> where Linear: pz_::Steps<PzRoot> { self.0.field::<Linear>(\"out\") }",
    );
    assert_has_not(&tree, "fn size");
    assert_has_not(&tree, "compile_error");
    assert_has_not(&tree, "for Unit where");
}

#[test]
fn expansions_name_the_runtime_through_one_module() {
    let layer = crate::layer(quote!(
        struct Unit {
            a: A,
        }
    ));
    for expansion in [ten_fields(), layer] {
        let found = expansion.to_string();
        assert_eq!(found.matches(":: pz ::").count(), 1, "{found}");
        assert!(found.starts_with("# [allow (unused_qualifications)] const _ : () ="), "{found}");
        for outside in ["std ::", "core ::", "crate ::"] {
            assert!(!found.contains(outside), "{found}");
        }
    }
}

#[test]
fn tuple_structs_have_numbers_for_names() {
    let tree = crate::tree(quote!(
        struct Pair(A, #[pytree(static)] usize, B);
    ));
    assert_has(&tree, r##"pz_::child_field("2", "")"##);
    assert_has(&tree, r##"2: pz_::PyTree::edited(pz_2, self, edits, 1usize)?"##);
}

#[test]
fn only_types_that_depend_on_a_parameter_are_bounded() {
    let tree = crate::tree(quote! {
        struct Pair<T: Named, const N: usize> where T: Sized {
            slot: Slot<T>,
            same: Slot<T>,
            other: Linear,
            next: Option<Box<Pair<T, N>>>,
            #[pytree(static)]
            kind: Kind<T>,
        }
    });
    assert_has(&tree, "impl<T: Named, const N: usize> pz_::PyTree for Pair<T, N>");
    assert_has(
        &tree,
        "where T: Sized, Slot<T>: pz_::PyTree + pz_::Clone, T: pz_::PyTree + pz_::Clone,
         Kind<T>: pz_::Static + pz_::Clone, Self: pz_::Clone",
    );
    // The step to a field asks that a path can lead there: only of who takes the step.
    assert_has_not(&tree, "Linear: pz_::PyTree");
}

#[test]
fn a_generic_layer_says_that_it_is_one() {
    let derived = crate::tree(quote!(
        #[derive(Debug, nn::Layer)]
        struct Wrap<L> {
            layer: L,
        }
    ));
    assert_has(&derived, "Self: pz_::Layer");
    let told = crate::tree(quote!(
        #[pytree(layer)]
        struct Wrap<L> {
            layer: L,
        }
    ));
    assert_has(&told, "Self: pz_::Layer");
    let neither = crate::tree(quote!(
        #[derive(Debug)]
        struct Wrap<L> {
            layer: L,
        }
    ));
    assert_has_not(&neither, "Self: pz_::Layer");
}

#[test]
fn clone_is_derived_once() {
    let dataclass = |item| crate::dataclass(TokenStream::new(), item);
    let added = "#[derive(::pz::__private::PyTreeDataclass, ::pz::__private::Clone)]";
    assert_has(
        &dataclass(quote!(
            struct A;
        )),
        added,
    );
    assert_has(
        &dataclass(quote!(
            #[derive(Debug)]
            struct A;
        )),
        added,
    );
    for derived in [
        quote!(
            #[derive(Debug, Copy, Clone)]
            struct A;
        ),
        quote!(
            #[derive(std::clone::Clone)]
            struct A;
        ),
    ] {
        assert_has_not(&dataclass(derived), "::pz::__private::Clone");
    }
}

#[test]
fn the_ways_to_call() {
    let with =
        |option: TokenStream| crate::layer(quote!(#option struct Two { a: A, #[pytree(static)] n: N, b: B }));
    let children = r##"(self, &[("a", pz_0), ("b", pz_1)], input, side)"##;
    for (option, function) in [
        (quote!(), "pz_::call_sequential"),
        (quote!(#[layer(residual)]), "pz_::call_residual"),
        (quote!(#[layer(add)]), "pz_::call_sum"),
        (quote!(#[layer(multiply)]), "pz_::call_product"),
    ] {
        assert_has(&with(option), &format!("= self; {function}{children} }}").replace(" }", ""));
    }
    let call = with(quote!(#[layer(call = <Self as Run>::run::<u8>)]));
    assert_has(&call, "= <Self as Run>::run::<u8>; call(self, input, side)");
    assert_has_not(&call, "pz_0");
}

#[test]
fn beside_an_error_stands_an_inert_impl() {
    let tree = crate::tree(quote!(
        struct View<'a, T: Named, const N: usize>
        where
            T: 'a,
        {
            #[pytree(statc)]
            body: &'a T,
        }
    ));
    let found = tree.to_string();
    assert_eq!(found.matches("compile_error").count(), 2, "{found}");
    assert_has(&tree, "impl<T: Named, const N: usize> pz_::PyTree for View<'static, T, N>");
    let layer = crate::layer(quote!(
        enum Choice {
            A,
        }
    ));
    assert_has(&layer, "impl pz_::Layer for Choice");
}

#[test]
fn an_item_with_an_error_is_still_there() {
    let function = quote!(
        pub fn model(input: usize) -> usize {
            input
        }
    );
    let expansion = crate::dataclass(TokenStream::new(), function.clone());
    assert_has(&expansion, &function.to_string());
    assert_has(&expansion, "compile_error");
    assert_has_not(&expansion, "derive");
    let arguments = crate::dataclass(
        quote!(color = "red"),
        quote!(
            struct A {
                a: A,
            }
        ),
    );
    assert_has(&arguments, "struct A { a: A, }");
    assert_has(&arguments, "::pz::__private::PyTreeDataclass");
}

#[test]
fn nothing_that_can_be_typed_panics() {
    let options = [
        quote!(#[pytree]),
        quote!(#[pytree()]),
        quote!(#[pytree(,)]),
        quote!(#[pytree(,,static)]),
        quote!(#[pytree = 1]),
        quote!(#[pytree(static static)]),
        quote!(#[pytree(= 1)]),
        quote!(#[pytree(color = = "")]),
        quote!(#[pytree(color = "#")]),
        quote!(#[pytree(color("red"))]),
        quote!(#[pytree[static]]),
        quote!(#[pytree { layer }]),
        quote!(#[pytree(static::layer)]),
        quote!(#[layer(call = 1 + 1)]),
        quote!(#[layer(call = a b)]),
        quote!(#[layer(add = , multiply)]),
        quote!(#[layer(-)]),
        quote!(#[derive(1, 2)]),
        quote!(#[derive]),
        quote!(#[repr(packed(2))]),
        quote!(#[doc(hidden)]),
        quote!(#[doc = 1]),
    ];
    let items = [
        quote!(),
        quote!(struct),
        quote!(struct S),
        quote!(
            struct S;
        ),
        quote!(
            struct S(A);
        ),
        quote!(
            struct S {
                a: A,
            }
        ),
        quote!(
            enum E {}
        ),
        quote!(union U { a: A }),
        quote!(
            fn f() {}
        ),
        quote!(
            impl<T> S<T> {}
        ),
        quote!(+),
        quote!({}),
        quote!(pub),
        quote!(
            struct S<'a, 'b: 'a, T: ?Sized = str, const N: usize = 3>(&'a T)
            where
                T: 'b;
        ),
    ];
    for option in &options {
        for item in &items {
            let on_item = quote!(#option #item);
            let on_field = quote!(struct S { #option a: A });
            for input in [on_item, on_field] {
                crate::dataclass(TokenStream::new(), input.clone());
                crate::tree(input.clone());
                crate::layer(input);
            }
        }
    }
}

/// The rows of a model's page.
fn page(declaration: TokenStream) -> Vec<String> {
    let text = crate::declared(declaration).to_string();
    let rows = text.split("\\n").filter(|line| line.starts_with("| "));
    rows.skip(1).map(str::to_owned).collect()
}

#[test]
fn a_page_counts_the_parameters_of_each_layer_and_of_all() {
    let rows = page(quote! {
        pub Digits: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            hidden: Affine { pixels => features: 128 },
            act: Elementwise(relu),
            mix: residual {
                norm: nn::LayerNorm { features },
                up: Linear { features: 128 => features: 128 },
            },
            more: stack 3 as layer { up: Affine { features => features: 128 } },
            out: Affine { features => classes: 10 },
        }
    });
    let counts: Vec<&str> = rows.iter().map(|row| row.split('|').nth(4).unwrap_or("").trim()).collect();
    // 64 * 128 + 128; 2 * 128; 128 * 128; 3 * (128 * 128 + 128); 128 * 10 + 10.
    assert_eq!(counts, ["8320", "0", "", "256", "16384", "", "49536", "1290", "75786"], "{rows:?}");
}

#[test]
fn a_page_counts_in_words_what_has_no_number() {
    let rows = page(quote! {
        Small<const W: usize>: i32 { ..batch, seq } -> { ..batch, seq, vocabulary: 50 } {
            embed: EmbeddingLookup { vocabulary: 50 => embedding: 2 * W },
            blocks: stack LAYERS as layer {
                up: Affine { embedding => wide: W + 1 },
                block: Block<W>,
                mine: Mine { wide => embedding: 2 * W },
            },
            logits: shared embed as EmbeddingDecode { embedding => vocabulary },
        }
    });
    let counts: Vec<&str> = rows.iter().map(|row| row.split('|').nth(4).unwrap_or("").trim()).collect();
    let up = "`LAYERS * (2 * W * (W + 1) + (W + 1))`";
    assert_eq!(counts, ["`50 * 2 * W`", "", up, "those of [`Block`]", "its own", "0"], "{rows:?}");
}
