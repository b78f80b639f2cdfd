//! What the macros write is clean under the lints that a strict crate denies: rustc's when this is compiled, clippy's when
//! clippy looks at the tests. Each construct stands here once, as a library would have it.
#![deny(
    warnings,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    keyword_idents,
    let_underscore_drop,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unused,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    clippy::all,
    clippy::pedantic
)]

pub mod strict {
    //! The types.

    use pz::nn::{Affine, Elementwise, LayerNorm, Linear};
    use pz::nn::{AnyLayer, Layer, SideInputs, Slot, Value};
    use pz::path::PathKey;
    use pz::tree::{Instance, NodeInfo, Static};
    use pz::{NamedArray, PyTree, Struct, pytree_dataclass};

    /// Every kind of field.
    #[pytree_dataclass]
    #[pytree(color = "#93cce1")]
    pub struct Fields {
        /// A child.
        pub body: Option<AnyLayer>,
        /// A child of one type.
        pub slot: Slot<Chain>,
        /// A child with a default.
        #[pytree(default = NamedArray::scalar(1.0_f32))]
        pub gain: NamedArray,
        pub(crate) list: Vec<(NamedArray, f32)>,
        /// A static field.
        #[pytree(static, default)]
        pub axis: String,
        #[pytree(static, default = 1e-6)]
        epsilon: f64,
    }

    /// No fields, with a family.
    #[pytree_dataclass]
    #[pytree(family)]
    #[derive(Layer, PartialEq, Eq, Copy, Clone)]
    pub struct Nothing {}

    /// A tuple.
    #[pytree_dataclass(is = Nothing)]
    #[derive(Layer)]
    #[layer(residual)]
    pub struct Chain(pub AnyLayer, pub Nothing);

    /// A generic one.
    #[pytree_dataclass]
    #[derive(Layer)]
    #[layer(add)]
    pub struct Pair<L: Layer + Clone, const N: usize> {
        /// One.
        pub left: L,
        right: L,
        #[pytree(static)]
        sizes: [usize; N],
    }

    /// Called by hand, with keys of its own.
    #[pytree_dataclass]
    #[pytree(key_for_field = Self::key, own_debug)]
    #[derive(Layer)]
    #[layer(call = Self::run, input { ..batch, a: 8 }, output { ..batch, a })]
    pub struct Scale {
        by: NamedArray,
    }

    impl std::fmt::Debug for Scale {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Scale")
        }
    }

    impl Scale {
        #[allow(clippy::unused_self)]
        fn key(&self, field: &str) -> PathKey {
            PathKey::entry(field.to_owned())
        }

        fn run(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
            input.into_array("Scale")?.mul(&self.by).map(Value::from)
        }
    }

    /// An enum.
    #[pytree_dataclass]
    pub enum Position {
        /// None.
        Nowhere,
        /// One that is learned.
        Learned {
            /// What is learned.
            table: NamedArray,
        },
        /// One that is computed.
        Rotary(#[pytree(static)] usize, Box<Position>),
    }

    pz::model! {
        /// A model.
        pub Digits<const W: usize>: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            /// Wide.
            hidden: Affine { pixels => features: W },
            /// Bent.
            act: Elementwise(relu),
            /// Mixed.
            mix: residual {
                norm: LayerNorm { features },
                up: Linear { features => features: W },
            },
            /// Deep.
            more: stack 3 as layer { up: Affine { features => features: W } },
            /// Out.
            out: Affine { features => classes: 10 },
        }
    }

    /// What the macros name too is in scope here: to the lint for needless paths, theirs are no paths of the user's.
    pub fn is_tree<T: PyTree + Struct + Static + Instance>(_: &T, _: &NodeInfo) {}

    /// The patterns.
    ///
    /// # Errors
    /// Arrays that do not fit.
    pub fn patterns(x: &NamedArray, y: &NamedArray) -> pz::Result<NamedArray> {
        let joined = pz::nx::einsum!("a b, b c -> a c", x, y)?;
        pz::nx::rearrange!("a (c d) -> a d c", joined, c = 2)
    }
}

#[test]
fn strict_types_are_trees() {
    use pz::tree::TypedKeyPath as _;
    use pz::{PyTree as _, Struct as _};
    assert_eq!(strict::Nothing {}.info().type_name, "Nothing");
    assert_eq!(strict::Position::path().learned().table().keypath().to_string(), ".table");
}
