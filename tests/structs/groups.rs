//! Typed paths through the groups of a declared model, and through fields that hold any layer.
//!
//! That a path is right is asked of the model: what is at the end is the layer that was declared there, with the label
//! that it was given by its place in the declaration.

use pz::nn::{
    Affine, ApplyCausalAttentionMask, Attention, BranchAndAddTogether, Elementwise, EmbeddingDecode,
    EmbeddingLookup, Identity, LayerNorm, Linear, RMSLayerNorm, RenameAxes, Residual, Sequential, Softmax,
};
use pz::prelude::*;
use pz::tree::{TypedKeyPath, pretty_keystr};
use pz::{Parameter, Struct, select};

model! {
    /// Every form that holds others.
    Decoder<const WIDE: usize>: (text: i32 { ..batch, seq }, memory: { ..batch, kv, wide: WIDE })
            -> { ..batch, seq, vocabulary: 7 } with (token_positions) {
        embed: EmbeddingLookup { vocabulary: 7 => emb: 8 },
        blocks: stack 2 as layer {
            attend: residual {
                norm: RMSLayerNorm { emb },
                attn: attention(seq as kv_seq, dim) {
                    query: { map: Linear { emb => heads: 2, dim: 4 }, act: Elementwise(relu) },
                    key: Linear { emb => heads: 2, dim: 4 },
                    value: Linear { emb => heads: 2, dim: 4 },
                    scores: { mask: ApplyCausalAttentionMask { seq, kv_seq }, softmax: Softmax { kv_seq } },
                    output: Linear { heads, dim => emb: 8 },
                },
            },
        },
        skip: add {
            here: Affine { emb => emb: 8 },
            far: {
                one: LayerNorm { emb },
                two: multiply { left: Affine { emb => emb: 8 }, right: residual { r#in: Affine { emb => emb: 8 } } },
            },
        },
        cross: attention(seq as kv_seq, dim) {
            query: Linear { emb => dim: 4 },
            key: from memory { rename: RenameAxes { kv => seq }, map: Linear { wide => dim: 4 } },
            value: from memory { rename: RenameAxes { kv => seq }, map: Linear { wide => dim: 4 } },
            scores: Softmax { kv_seq },
            output: Linear { dim => emb: 8 },
        },
        again: shared skip,
        out: residual { twice: shared again },
        logits: shared embed as EmbeddingDecode { emb => vocabulary },
    }
}

type Model = Decoder<6>;

/// The path and the type at its end, as the model has it there.
#[track_caller]
fn end<P>(model: &Model, path: P) -> String
where
    P: TypedKeyPath<Root = Model>,
    P::Node: pz::PyTree + Sized,
{
    let paths = match select(model).at_path(path).get_keypaths() {
        Ok(paths) => paths,
        Err(error) => panic!("{error}"),
    };
    format!("{} {}", paths[0], pretty_keystr(&paths[0], model).rsplit('/').next().unwrap_or_default())
}

#[test]
fn every_group_has_steps_to_its_parts() -> pz::Result<()> {
    let model = Model::init("decoder", Key::new(0))?;
    let root = Model::path;
    assert_eq!(end(&model, root().embed()), ".embed Decoder.embed");
    let attend = || root().blocks().attend();
    let first = ".blocks.stacked_sublayers.sublayers[0]";
    assert_eq!(end(&model, attend()), format!("{first} Sequential.sublayers[0]"));
    assert_eq!(end(&model, attend().norm()), format!("{first}.delta.sublayers[0] Sequential.sublayers[0]"));
    let attn = format!("{first}.delta.sublayers[1]");
    let at = |rest: &str| format!("{attn}{rest} Sequential.sublayers");
    assert_eq!(end(&model, attend().attn().query().map()), at(".input_to_query.sublayers[0]") + "[0]");
    assert_eq!(end(&model, attend().attn().query().act()), at(".input_to_query.sublayers[1]") + "[1]");
    assert_eq!(end(&model, attend().attn().key()), at(".input_to_key.sublayers[0]") + "[0]");
    assert_eq!(
        end(&model, attend().attn().scores().softmax()),
        at(".query_key_to_attn.sublayers[2]") + "[2]"
    );
    assert_eq!(end(&model, attend().attn().output()), at(".attn_value_to_output.sublayers[1]") + "[1]");
    let far = || root().skip().far();
    assert_eq!(end(&model, root().skip().here()), ".skip.branches[0] BranchAndAddTogether.branches[0]");
    assert_eq!(end(&model, far().one()), ".skip.branches[1].sublayers[0] NamedGroup.sublayers[0]");
    let inner = ".skip.branches[1].sublayers[1].branches[1].delta.sublayers[0] Sequential.sublayers[0]";
    assert_eq!(end(&model, far().two().right().r#in()), inner);
    assert_eq!(
        end(&model, root().cross().key().map()),
        ".cross.input_to_key.sublayers[0].sublayers[1] FromInput.sublayers[1]"
    );
    assert_eq!(
        end(&model, root().again().far().two().left()),
        ".again.branches[1].sublayers[1].branches[0] BranchAndMultiplyTogether.branches[0]"
    );
    assert_eq!(
        end(&model, root().out().twice().here()),
        ".out.delta.sublayers[0].branches[0] BranchAndAddTogether.branches[0]"
    );
    Ok(())
}

#[test]
fn what_is_at_the_end_is_of_the_declared_type() -> pz::Result<()> {
    let model = Model::init("decoder", Key::new(0))?;
    let model = &model;
    let _: &Residual = select(model).at_path(Model::path().blocks().attend()).get()?;
    let _: &Attention = select(model).at_path(Model::path().blocks().attend().attn()).get()?;
    let _: &Sequential = select(model).at_path(Model::path().blocks().attend().attn().query()).get()?;
    let _: &BranchAndAddTogether = select(model).at_path(Model::path().skip()).get()?;
    let _: &EmbeddingLookup = select(model).at_path(Model::path().embed()).get()?;
    let _: &EmbeddingDecode = select(model).at_path(Model::path().logits()).get()?;
    let _: &RMSLayerNorm = select(model).at_path(Model::path().blocks().attend().norm()).get()?;
    let _: &ApplyCausalAttentionMask =
        select(model).at_path(Model::path().blocks().attend().attn().scores().mask()).get()?;
    let _: &RenameAxes = select(model).at_path(Model::path().cross().value().rename()).get()?;
    let _: &LayerNorm = select(model).at_path(Model::path().skip().far().one()).get()?;
    let _: &Softmax = select(model).at_path(Model::path().cross().scores()).get()?;
    let act: &Elementwise =
        select(model).at_path(Model::path().blocks().attend().attn().query().act()).get()?;
    assert_eq!(format!("{act:?}"), "Elementwise(function=relu)");
    // The label says in which entry of the declaration the parameter was made.
    let weights = Model::path().blocks().attend().attn().key().weights().holding::<Parameter>();
    assert_eq!(
        select(model).at_path(weights).get()?.label().to_string(),
        "decoder/blocks/attend/attn/key.weights"
    );
    Ok(())
}

#[test]
fn an_edit_at_the_end_of_a_path_changes_that_place_alone() -> pz::Result<()> {
    let model = Model::init("decoder", Key::new(0))?;
    let query = || Model::path().blocks().attend().attn().query();
    let edited = select(&model).at_path(query().act()).set(Identity {})?;
    let lost = select(&edited).at_path(query().act()).get().map(|_| ()).expect_err("another layer is there");
    assert!(lost.to_string().contains("the path is to a `Elementwise`, and a `Identity` is there"), "{lost}");
    let found = select(&edited).at_path(query().act().holding::<Identity>()).get_keypaths()?;
    assert_eq!(found[0].to_string(), query().act().keypath().to_string());
    assert_eq!(select(&edited).at_instances_of::<Elementwise>().count(), 0);
    // A group is a struct as any other, and its own fields are reached by its type.
    let delta = Model::path().blocks().attend().holding::<Residual>().delta().holding::<Sequential>();
    assert_eq!(select(&model).at_path(delta).get()?.sublayers.len(), 2);
    let linear = Model::path().skip().holding::<BranchAndAddTogether>().branches().at(0).holding::<Affine>();
    assert_eq!(linear.keypath().to_string(), ".skip.branches[0]");
    Ok(())
}
