//! What each message of a mistake says to type, typed: every model here is a case of `model/fail`, mended as it is told.

#![allow(dead_code)]

mod missing_colon_after_a_name {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod axis_in_quotes {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod axis_as_an_argument {
    use pz::prelude::*;

    model! {
        Net: { ..batch, seq: 8 } -> { ..batch, seq: 8 } {
            weights: nn::Softmax { seq },
        }
    }
}

mod axes_in_parentheses {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod side_inputs_without_parentheses {
    use pz::prelude::*;

    model! {
        Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } with (token_positions) {
            rope: nn::ApplyRoPE { emb },
        }
    }
}

mod pub_before_a_layer {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod parameter_with_a_default {
    use pz::prelude::*;

    model! {
        Net<const MID: usize>: { ..batch, pixels: 64 } -> { ..batch, mid: MID } {
            up: nn::Affine { pixels => mid: MID },
        }
    }
}

mod parameter_that_is_a_lifetime {
    use pz::prelude::*;

    model! {
        Net<const MID: usize>: { ..batch, pixels: 64 } -> { ..batch, mid: MID } {
            up: nn::Affine { pixels => mid: MID },
        }
    }
}

mod side_inputs_after_the_conditions {
    use pz::prelude::*;

    model! {
        Net<const E: usize>: { ..batch, seq, emb: E } -> { ..batch, seq, emb: E } with (token_positions) where 2 divides E {
            rope: nn::ApplyRoPE { emb },
        }
    }
}

mod remainder_as_a_condition {
    use pz::prelude::*;

    model! {
        Net<const E: usize, const H: usize>: { ..batch, emb: E } -> { ..batch, emb: E } where H divides E {
            up: nn::Linear { emb => heads: H, dim: E / H },
            down: nn::Linear { heads, dim => emb: E },
        }
    }
}

mod conditions_joined_by_and {
    use pz::prelude::*;

    model! {
        Net<const A: usize, const B: usize>: { ..batch, a: A } -> { ..batch, b: B } where A == B, B == 2 {
            up: nn::Linear { a => b: B },
        }
    }
}

mod condition_with_one_equals {
    use pz::prelude::*;

    model! {
        Net<const A: usize>: { ..batch, a: A } -> { ..batch, b: 2 } where A == 4 {
            up: nn::Linear { a => b: 2 },
        }
    }
}

mod difference_below_one {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod negative_size {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod size_with_a_fraction {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod rest_as_a_range_with_its_end {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod rest_as_a_star {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod options_before_the_axes {
    use pz::prelude::*;

    model! {
        Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
            norm: nn::LayerNorm { emb } (epsilon = 1e-6),
        }
    }
}

mod option_among_the_axes {
    use pz::prelude::*;

    model! {
        Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
            norm: nn::LayerNorm { emb } (epsilon = 1e-6),
        }
    }
}

mod option_with_a_colon {
    use pz::prelude::*;

    model! {
        Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
            norm: nn::LayerNorm { emb } (epsilon = 1e-6),
        }
    }
}

mod argument_with_a_name {
    use pz::prelude::*;

    model! {
        Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } with (random_stream) {
            drop: nn::StochasticDropout(0.1),
        }
    }
}

mod residual_as_a_type {
    use pz::prelude::*;

    model! {
        Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
            mix: residual { norm: nn::LayerNorm { emb }, up: nn::Affine { emb => emb: 8 } },
        }
    }
}

mod sequential_as_a_type {
    use pz::prelude::*;

    model! {
        Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
            mix: { norm: nn::LayerNorm { emb }, up: nn::Affine { emb => emb: 8 } },
        }
    }
}

mod expression_that_gives_a_result {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: { nn::Affine::from_config(name, init, &nn::LinearConfig::new([("pixels", 64)], [("classes", 10)]))? }
                as { ..batch, pixels: 64 } -> { ..batch, classes: 10 },
        }
    }
}

mod expression_that_is_no_rust {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, pixels: 64 } {
            out: { nn::Identity {} } as { ..batch, pixels: 64 } -> { ..batch, pixels: 64 },
        }
    }
}

mod layer_derived_on_a_model {
    use pz::prelude::*;

    model! {
        #[derive(Clone)]
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod equals_for_a_colon {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod arrow_of_the_header_in_a_layer {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod arrow_of_a_layer_in_the_header {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod semicolon_between_layers {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod self_before_a_name {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod let_before_a_layer {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod sizes_without_names {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels: 64 => classes: 10 },
        }
    }
}

mod layer_without_a_name {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            up: nn::Affine { pixels => mid: 8 },
            out: nn::Affine { mid => classes: 10 },
        }
    }
}

mod activation_as_a_layer {
    use pz::prelude::*;

    model! {
        Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
            act: nn::Elementwise(relu),
        }
    }
}

mod layer_in_lower_case {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod module_with_a_dot {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod function_of_a_layer {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod header_in_brackets {
    use pz::prelude::*;

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod element_type_of_another_library {
    use pz::prelude::*;

    model! {
        Net: f32 { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod element_type_after_the_axes {
    use pz::prelude::*;

    model! {
        Net: f32 { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: nn::Affine { pixels => classes: 10 },
        }
    }
}

mod nested_model_with_an_unknown_size {
    use pz::prelude::*;

    model! {
        Inner<const OUT: usize>: { ..batch, pixels: 64 } -> { ..batch, classes: OUT } {
            out: nn::Affine { pixels => classes: OUT },
        }
    }

    model! {
        Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
            out: Inner<10>,
        }
    }
}

fn main() {}
