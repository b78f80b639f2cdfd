//! The page about a model: its layers, their axes, and how many parameters each has.
//!
//! Sizes are texts here, and a count is a number where all of its sizes are: what constants are worth is not known yet.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::quote;
use syn::Path;

use super::literal::text;
use crate::ir::model::{Axes, Axis, Form, Layer, Model, Side};
use crate::words::{Count, PARAMETERS};

/// The model as a table.
pub(super) fn table(model: &Model) -> String {
    let name = text(&model.name);
    let inputs: Vec<String> = match model.inputs.as_slice() {
        [] => vec![header(&model.input)],
        inputs => inputs.iter().map(|(name, side)| format!("{}: {}", text(name), header(side))).collect(),
    };
    let mut page = Page { rows: String::new(), sizes: HashMap::new(), counts: Vec::new() };
    for (_, side) in &model.inputs {
        page.meets(&side.axes);
    }
    page.meets(&model.input.axes);
    page.rows(&model.layers, "", &[]);
    let total = match sum(&page.counts) {
        Some(total) => format!("| | | together | {total} |\n"),
        None => String::new(),
    };
    format!(
        "\n\nTakes `{}` and gives `{}`.\n\n| part of `{name}` | layer | axes | parameters |\n|---|---|---|---|\n{}{total}",
        inputs.join(", "),
        header(&model.output),
        page.rows
    )
}

struct Page {
    rows: String,
    /// The size that an axis had last.
    sizes: HashMap<String, String>,
    /// What the layers have; a text where it is no number.
    counts: Vec<String>,
}

impl Page {
    fn meets(&mut self, axes: &Axes) {
        for axis in axes.axes.iter().filter(|axis| !axis.text.is_empty()) {
            self.sizes.insert(text(&axis.name), axis.text.clone());
        }
    }

    /// A row for each layer. `stacked` are the sizes of the stacks around.
    fn rows(&mut self, layers: &[Layer], before: &str, stacked: &[String]) {
        for layer in layers {
            let path = format!("{before}{}", text(&layer.name));
            let (kind, axes) = described(&layer.form);
            let axes = if axes.is_empty() { String::new() } else { format!("`{axes}`") };
            let count = self.count(&layer.form, stacked);
            self.rows
                .push_str(&format!("| `{path}` | {kind} | {axes} | {} |\n", count.as_deref().unwrap_or("")));
            self.counts.extend(count);
            let mut inside = stacked.to_vec();
            if let Form::Stack { count_text, .. } = &layer.form {
                inside.push(count_text.clone());
            }
            self.rows(parts(&layer.form), &format!("{path}."), &inside);
        }
    }

    /// How many parameters a layer of pz's has; of any other, that is not known here.
    fn count(&mut self, form: &Form, stacked: &[String]) -> Option<String> {
        let nothing = Axes { rests: Vec::new(), axes: Vec::new(), span: proc_macro2::Span::call_site() };
        let (ty, left, right) = match form {
            Form::Keeps { ty, .. } => (ty, &nothing, &nothing),
            Form::ActsOver { ty, axes, .. } => (ty, axes, &nothing),
            Form::Maps { ty, left, right, .. } => (ty, left, right),
            Form::Model { ty, .. } => return Some(format!("those of [`{0}`]", last(ty)?)),
            Form::Shared { .. } => return Some("0".into()),
            Form::Typed { .. } | Form::Foreign { .. } => return Some("its own".into()),
            _ => return None,
        };
        let known = last(ty)?.to_string();
        let how = PARAMETERS.iter().find(|(name, _)| *name == known).map(|(_, how)| *how);
        self.meets(left);
        let left = self.product(left);
        self.meets(right);
        let right = self.product(right);
        let count = match how {
            None => return Some("its own".into()),
            Some(Count::None) => vec!["0".to_owned()],
            Some(Count::Map) => vec![times(&[left, right].concat())],
            Some(Count::MapAndBias) => vec![times(&[left, right.clone()].concat()), times(&right)],
            Some(Count::Scale) => vec![times(&left)],
            Some(Count::ScaleAndBias) => vec![times(&[vec!["2".to_owned()], left].concat())],
        };
        let count = sum(&count).map_or_else(|| count.join(" + "), |sum| sum.to_string());
        let several = count.contains(" + ") && !stacked.is_empty();
        let count = if several { format!("({count})") } else { count };
        let count = times(&[stacked.to_vec(), vec![count]].concat());
        Some(if count.parse::<u128>().is_ok() { count } else { format!("`{count}`") })
    }

    /// The sizes of these axes.
    fn product(&self, axes: &Axes) -> Vec<String> {
        let size = |axis: &Axis| {
            let name = text(&axis.name);
            self.sizes.get(&name).cloned().unwrap_or(name)
        };
        axes.axes.iter().map(size).collect()
    }
}

/// The product, as a number where it is one; none is 1.
fn times(factors: &[String]) -> String {
    let numbers: Option<Vec<u128>> = factors.iter().map(|factor| factor.parse().ok()).collect();
    let product = numbers.and_then(|numbers| numbers.iter().try_fold(1_u128, |a, b| a.checked_mul(*b)));
    match product {
        Some(product) => product.to_string(),
        None => {
            let factor = |factor: &String| {
                let sum = factor.contains(['+', '-', '/']) && !factor.starts_with('(');
                if sum { format!("({factor})") } else { factor.clone() }
            };
            factors.iter().filter(|factor| *factor != "1").map(factor).collect::<Vec<_>>().join(" * ")
        }
    }
}

fn sum(counts: &[String]) -> Option<u128> {
    counts.iter().try_fold(0_u128, |sum, count| sum.checked_add(count.parse().ok()?))
}

/// The layer and its axes.
fn described(form: &Form) -> (String, String) {
    let code = |kind: &str| format!("`{kind}`");
    match form {
        Form::Keeps { ty, .. } | Form::Model { ty, .. } | Form::Typed { ty, .. } => {
            (code(&shown(ty)), String::new())
        }
        Form::ActsOver { ty, axes, .. } => (code(&shown(ty)), list(axes)),
        Form::Maps { ty, left, right, .. } => {
            (code(&shown(ty)), format!("{} => {}", list(left), list(right)))
        }
        Form::Block { word, .. } => (code(&word.to_string()), String::new()),
        Form::From { input, .. } => (code(&format!("from {input}")), String::new()),
        Form::Attention { seq, kv_seq, .. } => (code("attention"), format!("{seq} as {kv_seq}")),
        Form::Stack { count_text, axis, .. } => (code("stack"), format!("{axis}: {count_text}")),
        Form::Shared { of, .. } => (code(&format!("shared {of}")), String::new()),
        Form::Foreign { input, output, .. } => {
            (code("expression"), format!("{} -> {}", header(input), header(output)))
        }
        Form::Unknown => (String::new(), String::new()),
    }
}

/// The layers inside.
fn parts(form: &Form) -> &[Layer] {
    match form {
        Form::Block { parts, .. }
        | Form::From { parts, .. }
        | Form::Attention { parts, .. }
        | Form::Stack { parts, .. } => parts,
        _ => &[],
    }
}

fn header(side: &Side) -> String {
    let dtype = side.dtype.as_ref().map(|dtype| format!("{dtype} ")).unwrap_or_default();
    let rest = side.axes.rests.iter().map(|rest| format!("..{rest}"));
    let all: Vec<String> = rest.chain(side.axes.axes.iter().map(typed)).collect();
    format!("{dtype}{{ {} }}", all.join(", "))
}

fn typed(axis: &Axis) -> String {
    if axis.text.is_empty() { text(&axis.name) } else { format!("{}: {}", text(&axis.name), axis.text) }
}

fn list(axes: &Axes) -> String {
    axes.axes.iter().map(typed).collect::<Vec<_>>().join(", ")
}

fn shown(path: &Path) -> String {
    quote!(#path).to_string().replace([' ', '{', '}'], "")
}

fn last(path: &Path) -> Option<&Ident> {
    path.segments.last().map(|last| &last.ident)
}
