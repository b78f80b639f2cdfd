//! Tables of embeddings, read in two directions: tokens to vectors, and vectors to scores of tokens.
//!
//! A language model may tie the two: then the lookup and the decoder hold the same [`EmbeddingTable`], whose
//! parameter they share.

use super::{
    ArrayLayer, Fan, FormAxes, Init, LinearOperatorWeightInitializer, MapsAxes, ParameterLike, SharesWith,
    SideInputs, Site, Slot, WeightAxes, WeightDistribution, make_parameter, variance_scaling_initializer,
};
use crate::AxisName;
use crate::array::{DKind, DType};
use crate::error::{Report, Result};
use crate::named::{self, NamedArray};
use crate::shape::{Elements, Rule, Types};

/// One vector for each token of a vocabulary. Not a layer: the lookup and the decoder are.
#[crate::pytree_dataclass]
pub struct EmbeddingTable {
    /// The embeddings.
    pub embeddings: ParameterLike,
    /// The axis of tokens.
    #[pytree(static)]
    pub vocabulary_axis: AxisName,
}

impl EmbeddingTable {
    /// A new table, called `name`, with the vocabulary axis `vocabulary`; its parameter is labelled
    /// `{name}.embeddings`. First values are normal, with a standard deviation of `1 / sqrt(size of a vector)`.
    ///
    /// # Errors
    /// `embedding_axes` contains `vocabulary`, or an axis twice.
    pub fn from_config<'a>(
        name: &str,
        init: impl Into<Init<'a>>,
        vocab_size: usize,
        embedding_axes: &[(AxisName, usize)],
        dtype: DType,
    ) -> Result<Self> {
        Self::with_vocabulary(name, init, (AxisName::new("vocabulary"), vocab_size), embedding_axes, dtype)
    }

    /// As [`from_config`](EmbeddingTable::from_config), with a vocabulary axis of another name.
    ///
    /// # Errors
    /// `embedding_axes` contains the vocabulary axis, or an axis twice.
    pub fn with_vocabulary<'a>(
        name: &str,
        init: impl Into<Init<'a>>,
        vocabulary: (AxisName, usize),
        embedding_axes: &[(AxisName, usize)],
        dtype: DType,
    ) -> Result<Self> {
        let (vocabulary_axis, _) = vocabulary;
        let axes = WeightAxes {
            output: embedding_axes.to_vec(),
            parallel: vec![vocabulary],
            ..WeightAxes::default()
        };
        let initializer = variance_scaling_initializer(1.0, Fan::Out, WeightDistribution::Normal);
        let label = format!("{name}.embeddings");
        let embeddings = make_parameter(&label, init, &axes.in_drawing_order(), |key| {
            initializer.init(key, &axes, dtype)
        })?;
        Ok(EmbeddingTable { embeddings, vocabulary_axis })
    }
}

/// Replaces each token by its embedding. Tokens are integers; one outside the vocabulary takes the nearest end.
///
/// The result has the axes of an embedding, then those of the tokens.
///
/// # Errors
/// The tokens are not integers, or have an axis of the embeddings; the embeddings are missing.
#[crate::pytree_dataclass]
pub struct EmbeddingLookup {
    /// The table.
    pub table: EmbeddingTable,
}

impl ArrayLayer for EmbeddingLookup {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        let EmbeddingTable { embeddings, vocabulary_axis } = &self.table;
        let (label, table) = (embeddings.label(), embeddings.value()?);
        let operation = || format!("EmbeddingLookup ({label})");
        if input.dtype().kind() != DKind::Int {
            let problem = format!("the tokens are {}, and must be integers", input.dtype());
            return Err(Report::new(operation(), problem).dtype());
        }
        let problems: Vec<String> = table
            .named_shape()
            .into_iter()
            .filter(|(axis, _)| input.size(*axis).is_some())
            .map(|(axis, size)| {
                format!("the tokens have an axis `{axis}`, which `{label}` has as `{axis}: {size}`")
            })
            .collect();
        match Report::of(operation(), problems) {
            Some(report) => Err(report.help("rename the axis of the tokens").shape()),
            None => table.take(*vocabulary_axis, &input),
        }
    }
}

/// Scores each token of the vocabulary by the dot product of its embedding with the input.
///
/// The result has the input's other axes, then the vocabulary.
///
/// # Errors
/// The input lacks an axis of the embeddings, or has it in another size; the embeddings are missing.
#[crate::pytree_dataclass]
pub struct EmbeddingDecode {
    /// The table.
    pub table: EmbeddingTable,
}

impl ArrayLayer for EmbeddingDecode {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        let EmbeddingTable { embeddings, vocabulary_axis } = &self.table;
        let (label, table) = (embeddings.label(), embeddings.value()?);
        let mut problems = Vec::new();
        let mut contracted = Vec::new();
        for (axis, wanted) in table.named_shape() {
            match input.size(axis) {
                Some(_) if axis == *vocabulary_axis => {
                    problems.push(format!("the input already has the axis `{axis}`, which the layer makes"));
                }
                None if axis == *vocabulary_axis => continue,
                None => problems
                    .push(format!("the input has no axis `{axis}`, and `{label}` has `{axis}: {wanted}`")),
                Some(found) if found != wanted => {
                    problems.push(format!(
                        "the input has `{axis}: {found}`, and `{label}` has `{axis}: {wanted}`"
                    ));
                }
                Some(_) => {}
            }
            contracted.push(axis);
        }
        match Report::of(format_args!("EmbeddingDecode ({label})"), problems) {
            Some(report) => Err(report.shape()),
            None => named::contract(&contracted, &input, &table),
        }
    }
}

/// The options of [`EmbeddingLookup`] and [`EmbeddingDecode`] in a `model!`.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbeddingOptions {
    /// The element type of the embeddings: that of the input of an [`EmbeddingDecode`], or [`DType::F32`].
    pub dtype: Option<DType>,
}

fn table(
    site: &Site<'_>,
    vocabulary: &FormAxes,
    axes: &FormAxes,
    options: EmbeddingOptions,
) -> Result<EmbeddingTable> {
    let dtype = site.dtype(options.dtype);
    match vocabulary.sized()?.as_slice() {
        [one] => EmbeddingTable::with_vocabulary(site.name(), site.init(), *one, &axes.sized()?, dtype),
        many => {
            let problem = format!("an embedding table has one axis of tokens, and was given {}", many.len());
            Err(Report::new(site.name(), problem).shape())
        }
    }
}

/// `EmbeddingLookup { vocabulary: 512 => embedding: 64 } (dtype = f32)` in a `model!`; its input is integers.
impl MapsAxes for EmbeddingLookup {
    type Options = EmbeddingOptions;
    const RULE: Rule = Rule::LooksUp;
    const TAKES: Elements = Elements::INT;
    const TYPES: Types = Types::Own;
    fn mapping(
        site: &Site<'_>,
        from: &FormAxes,
        to: &FormAxes,
        options: EmbeddingOptions,
    ) -> Result<Slot<Self>> {
        Ok(Slot::new(EmbeddingLookup { table: table(site, from, to, options)? }))
    }
}

/// `EmbeddingDecode { embedding: 64 => vocabulary: 512 } (dtype = f32)` in a `model!`.
impl MapsAxes for EmbeddingDecode {
    type Options = EmbeddingOptions;
    fn mapping(
        site: &Site<'_>,
        from: &FormAxes,
        to: &FormAxes,
        options: EmbeddingOptions,
    ) -> Result<Slot<Self>> {
        Ok(Slot::new(EmbeddingDecode { table: table(site, to, from, options)? }))
    }
}

impl SharesWith<EmbeddingLookup> for EmbeddingDecode {
    fn sharing(other: &EmbeddingLookup) -> Self {
        EmbeddingDecode { table: other.table.clone() }
    }
}

impl SharesWith<EmbeddingDecode> for EmbeddingLookup {
    fn sharing(other: &EmbeddingDecode) -> Self {
        EmbeddingLookup { table: other.table.clone() }
    }
}
