//! Random models as source: each valid, with its input, its result, and the sizes that must be what they are.
//!
//! A size that something before it fixes is written between `«` and `»`, and such an element type between `‹` and `›`. A
//! model is broken by making one of these another: nothing that is left can make that right.

/// A source of choices.
pub struct Random(pub u64);

impl Random {
    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        // SplitMix64, by Steele, Lea and Flood, 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}

/// A size as it is written, and its value.
#[derive(Clone, PartialEq)]
struct Size {
    text: String,
    value: usize,
}

/// An axis; one without a size takes any.
#[derive(Clone, PartialEq)]
struct Axis {
    name: String,
    size: Option<Size>,
}

/// A model, and what is known of it.
pub struct Written {
    pub name: String,
    /// The declarations, with the marks of sizes.
    pub source: String,
    /// Arguments of the model's parameters: `::<3>`.
    pub arguments: String,
    /// The input's axes with sizes.
    pub inputs: Vec<Vec<(String, usize)>>,
    pub integers: bool,
    /// The element type of floating inputs, and of the output.
    pub dtype: &'static str,
    /// Whether a random stream is a side input.
    pub stream: bool,
    pub output: Vec<(String, usize)>,
    /// The size of the axis of tokens, where positions are a side input.
    pub positions: Option<usize>,
}

/// A second input as it is written, and its axes.
type Memory = (String, Vec<Axis>);

pub struct Writer<'r> {
    random: &'r mut Random,
    number: usize,
    names: usize,
    parameter: Option<usize>,
    helpers: String,
    side: bool,
    stream: bool,
    /// The element type that the header says, where it says one.
    dtype: Option<&'static str>,
    /// Maps that can be used again: the layer, its left axis, the axis it makes.
    maps: Vec<(String, Axis, Axis)>,
    /// Layers that keep the shape and can be used again, with the axes that they met.
    kept: Vec<(String, Vec<Axis>)>,
}

/// A random valid model.
pub fn model(random: &mut Random, number: usize) -> Written {
    let parameter = random.one_in(3).then(|| 2 + random.below(3));
    let dtype = (!random.one_in(3)).then(|| *random.of(&["f16", "bf16", "f32", "f64"]));
    let mut writer = Writer {
        random,
        number,
        names: 0,
        parameter,
        helpers: String::new(),
        side: false,
        stream: false,
        dtype,
        maps: Vec::new(),
        kept: Vec::new(),
    };
    writer.model()
}

fn bound(size: &Size) -> String {
    format!("«{}»", size.text)
}

impl Writer<'_> {
    fn fresh(&mut self, letter: char) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    /// The element type before axes, where the model says one; `marked` where something fixes it.
    fn typed(&self, marked: bool) -> String {
        match self.dtype {
            Some(dtype) if marked => format!("‹{dtype}› "),
            Some(dtype) => format!("{dtype} "),
            None => String::new(),
        }
    }

    fn size(&mut self) -> Size {
        let number = 1 + self.random.below(6);
        match self.parameter {
            Some(value) if self.random.one_in(3) => match self.random.below(3) {
                0 => Size { text: "W".into(), value },
                1 => Size { text: "2 * W".into(), value: 2 * value },
                _ => Size { text: format!("W + {number}"), value: value + number },
            },
            _ if self.random.one_in(8) => {
                let own = self.fresh('c').to_uppercase();
                let constant = format!("SIZE{}_{own}", self.number);
                self.helpers += &format!("const {constant}: usize = {number};\n");
                Size { text: constant, value: number }
            }
            _ => Size { text: number.to_string(), value: number },
        }
    }

    fn made(&mut self) -> (Axis, String) {
        let (name, size) = (self.fresh('a'), self.size());
        let text = format!("{name}: {}", size.text);
        (Axis { name, size: Some(size) }, text)
    }

    /// An axis on a left side: its size may be left out.
    fn consumed(&mut self, axis: &Axis) -> String {
        match &axis.size {
            Some(size) if self.random.one_in(2) => format!("{}: {}", axis.name, bound(size)),
            _ => axis.name.clone(),
        }
    }

    /// A place of an axis with a size.
    fn sized(&mut self, axes: &[Axis]) -> Option<usize> {
        let places: Vec<usize> = (0..axes.len()).filter(|place| axes[*place].size.is_some()).collect();
        (!places.is_empty()).then(|| *self.random.of(&places))
    }

    fn model(&mut self) -> Written {
        let number = self.number;
        let integers = self.random.one_in(5);
        let mut axes = vec![Axis { name: "seq".into(), size: None }];
        let (mut body, mut header) = (String::new(), String::from("seq"));
        let mut tied = None;
        let mut memory = None;
        if integers {
            let (table, table_text) = self.made();
            let (embedding, embedding_text) = self.made();
            let name = self.fresh('l');
            let option = self.dtype.map(|dtype| format!(" (dtype = {dtype})")).unwrap_or_default();
            body += &format!("{name}: nn::EmbeddingLookup {{ {table_text} => {embedding_text} }}{option},\n");
            axes.push(embedding.clone());
            tied = Some((name, table, embedding));
        } else {
            for _ in 0..1 + self.random.below(2) {
                let (axis, text) = self.made();
                header += &format!(", {text}");
                axes.push(axis);
            }
        }
        let first = axes.clone();
        if !integers && self.random.one_in(4) {
            memory = Some(self.memory(&mut axes, &mut body));
        }
        for _ in 0..1 + self.random.below(6) {
            body += &self.entry(&mut axes, 0, !integers);
        }
        if let Some((name, table, embedding)) = tied {
            let (Some(rows), Some(width)) = (&table.size, &embedding.size) else {
                unreachable!("both are made")
            };
            let last = self.fresh('l');
            let (left, right) = match self.random.below(3) {
                0 => (embedding.name.clone(), table.name.clone()),
                1 => (format!("{}: {}", embedding.name, bound(width)), table.name.clone()),
                _ => (embedding.name.clone(), format!("{}: {}", table.name, bound(rows))),
            };
            body += &format!("{last}: shared {name} as nn::EmbeddingDecode {{ {left} => {right} }},\n");
            axes.retain(|axis| axis.name != embedding.name);
            axes.push(table);
        }
        self.written(number, integers, (&header, &first, memory), &axes, &body)
    }

    fn written(
        &mut self,
        number: usize,
        integers: bool,
        (header, first, memory): (&str, &[Axis], Option<Memory>),
        axes: &[Axis],
        body: &str,
    ) -> Written {
        let seq = 1 + self.random.below(4);
        let batch = 1 + self.random.below(3);
        let output: Vec<String> = axes
            .iter()
            .map(|axis| match &axis.size {
                Some(size) => format!("{}: {}", axis.name, bound(size)),
                None => axis.name.clone(),
            })
            .collect();
        let dtype = if integers { "i32 ".to_owned() } else { self.typed(false) };
        let first_text = format!("{dtype}{{ ..batch, {header} }}");
        let input = match &memory {
            None => first_text,
            Some((text, _)) => format!("(x: {first_text}, memory: {dtype}{{ ..batch, {text} }})"),
        };
        let parameters = if self.parameter.is_some() { "<const W: usize>" } else { "" };
        let with = match (self.side, self.stream) {
            (true, true) => " with (token_positions, random_stream)",
            (true, false) => " with (token_positions)",
            (false, true) => " with (random_stream)",
            (false, false) => "",
        };
        let source = format!(
            "{}model! {{\nNet{number}{parameters}: {input} -> {}{{ ..batch, {} }}{with} {{\n{body}}}\n}}\n",
            self.helpers,
            self.typed(true),
            output.join(", ")
        );
        let value = |axis: &Axis| (axis.name.clone(), axis.size.as_ref().map_or(seq, |size| size.value));
        let with_batch = |axes: &[Axis]| -> Vec<(String, usize)> {
            std::iter::once(("batch".to_owned(), batch)).chain(axes.iter().map(value)).collect()
        };
        let input_axes: Vec<Axis> =
            first.iter().filter(|axis| !integers || axis.size.is_none()).cloned().collect();
        let inputs =
            std::iter::once(with_batch(&input_axes)).chain(memory.iter().map(|(_, axes)| with_batch(axes)));
        Written {
            name: format!("Net{number}"),
            source,
            arguments: self.parameter.map(|value| format!("::<{value}>")).unwrap_or_default(),
            inputs: inputs.collect(),
            integers,
            dtype: self.dtype.unwrap_or("f32"),
            stream: self.stream,
            output: with_batch(axes),
            positions: self.side.then_some(seq),
        }
    }

    /// A second input, which differs from the first in one axis, and what adds the two.
    fn memory(&mut self, axes: &mut [Axis], body: &mut String) -> Memory {
        let mut memory = axes.to_vec();
        let place = axes.len() - 1;
        let (axis, _) = self.made();
        memory[place] = axis;
        let texts = memory.iter().map(|axis| match &axis.size {
            Some(size) => format!("{}: {}", axis.name, size.text),
            None => axis.name.clone(),
        });
        let text = texts.collect::<Vec<_>>().join(", ");
        let (made, made_text) = self.made();
        let (Some(size), from) = (&made.size, &memory[place]) else { unreachable!("it is made") };
        let names = [self.fresh('l'), self.fresh('l'), self.fresh('l'), self.fresh('l')];
        let (left, from) = (self.consumed(&axes[place].clone()), self.consumed(&from.clone()));
        *body += &format!(
            "{}: add {{ {}: nn::Linear {{ {left} => {made_text} }}, {}: from memory {{ {}: nn::Affine {{ {from} => {}: {} }} }} }},\n",
            names[0],
            names[1],
            names[2],
            names[3],
            made.name,
            bound(size)
        );
        axes[place] = made;
        (text, memory)
    }

    /// One entry; with `free`, one that may change the axes.
    fn entry(&mut self, axes: &mut Vec<Axis>, depth: usize, free: bool) -> String {
        if free && self.random.one_in(2) {
            return self.changing(axes, depth);
        }
        self.keeping(axes, depth)
    }

    fn changing(&mut self, axes: &mut Vec<Axis>, depth: usize) -> String {
        let name = self.fresh('l');
        let Some(place) = self.sized(axes) else {
            let (axis, text) = self.made();
            axes.push(axis);
            return format!("{name}: nn::Linear {{ => {text} }},\n");
        };
        let axis = axes[place].clone();
        match self.random.below(7) {
            0 => {
                let renamed = self.fresh('a');
                axes[place].name = renamed.clone();
                format!("{name}: nn::RenameAxes {{ {} => {renamed} }},\n", axis.name)
            }
            1 if axes.len() < 5 => {
                let left = self.consumed(&axis);
                let ((one, one_text), (two, two_text)) = (self.made(), self.made());
                axes.remove(place);
                axes.extend([one, two]);
                format!("{name}: nn::Linear {{ {left} => {one_text}, {two_text} }},\n")
            }
            2 => {
                let (made, text) = self.made();
                let Some(size) = &made.size else { unreachable!("it is made") };
                let word = if self.random.one_in(2) { "add" } else { "multiply" };
                let mut branches = String::new();
                for branch in 0..2 + self.random.below(2) {
                    let (own, left) = (self.fresh('l'), self.consumed(&axis));
                    let right = match branch {
                        0 => text.clone(),
                        _ => format!("{}: {}", made.name, bound(size)),
                    };
                    branches += &format!("{own}: nn::Affine {{ {left} => {right} }}, ");
                }
                axes[place] = made;
                format!("{name}: {word} {{ {branches}}},\n")
            }
            3 if depth < 2 => {
                let inside = self.changing(axes, depth + 1) + &self.keeping(axes, depth + 1);
                format!("{name}: {{\n{inside}}},\n")
            }
            4 => {
                let (made, text) = self.made();
                axes[place] = made.clone();
                let left = self.consumed(&axis);
                if depth == 0 {
                    self.maps.push((name.clone(), axis, made));
                }
                format!("{name}: nn::Linear {{ {left} => {text} }},\n")
            }
            _ => {
                let (left, (made, text)) = (self.consumed(&axis), self.made());
                axes[place] = made;
                format!("{name}: nn::Affine {{ {left} => {text} }},\n")
            }
        }
    }

    fn keeping(&mut self, axes: &[Axis], depth: usize) -> String {
        let name = self.fresh('l');
        let sized = self.sized(axes);
        match (self.random.below(17), sized) {
            (0, _) => {
                let act = *self.random.of(&["relu", "gelu", "silu", "tanh", "sigmoid"]);
                format!("{name}: nn::Elementwise({act}),\n")
            }
            (1, _) => format!("{name}: nn::ConstantRescale(0.5),\n"),
            (2, _) => {
                let axis = axes[self.random.below(axes.len())].clone();
                format!("{name}: nn::Softmax {{ {} }},\n", self.consumed(&axis))
            }
            (3 | 4, Some(place)) => {
                let layer = *self.random.of(&["LayerNorm", "RMSLayerNorm", "AddBias", "Standardize"]);
                format!("{name}: nn::{layer} {{ {} }},\n", self.consumed(&axes[place].clone()))
            }
            (5 | 6, Some(place)) => self.perceptron(&name, &axes[place].clone(), depth),
            (7, Some(place)) if axes.iter().any(|axis| axis.name == "seq") => {
                let residual = self.random.one_in(2);
                let inside = self.attention(&name, &axes[place].clone());
                if residual { format!("{name}r: residual {{\n{inside}}},\n") } else { inside }
            }
            (8, Some(_)) if depth < 2 => {
                let (axis, count) = (self.fresh('n'), self.size());
                let inside = self.keeping(axes, depth + 1) + &self.keeping(axes, depth + 1);
                format!("{name}: stack {} as {axis} {{\n{inside}}},\n", count.text)
            }
            (9 | 14, Some(place)) => {
                if depth == 0 {
                    self.kept.push((name.clone(), axes.to_vec()));
                }
                self.nested(&name, &axes[place].clone())
            }
            (15, Some(place)) => self.by_hand(&name, &axes[place].clone()),
            (16, _) => match self.random.below(3) {
                0 => format!("{name}: nn::TanhSoftCap(2.0),\n"),
                1 => format!("{name}: nn::DisabledDropout(0.1),\n"),
                _ => self.once_more(&name, axes, depth),
            },
            (10, Some(place)) => {
                let axis = axes[place].clone();
                let Some(size) = &axis.size else { unreachable!("it has a size") };
                // What an expression gives is what it says: nothing else fixes that.
                let (takes, gives) = (bound(size), &size.text);
                let (axis, from, to) = (&axis.name, self.typed(true), self.typed(false));
                format!(
                    "{name}: {{ nn::Identity {{}} }} as {from}{{ ..rest, {axis}: {takes} }} -> {to}{{ ..rest, {axis}: {gives} }},\n"
                )
            }
            (11, _) if depth == 0 => self.again(&name, axes),
            (12, _) => {
                self.stream = true;
                let rate = self.random.below(11) as f64 / 10.0;
                format!("{name}: nn::StochasticDropout({rate:?}),\n")
            }
            (13, _) if self.dtype.is_some() => {
                let back = self.typed(false);
                format!(
                    "{name}: {{ {name}w: nn::CastToDType(f64), {name}k: nn::Identity(), {name}b: nn::CastToDType({back}) }},\n"
                )
            }
            _ => format!("{name}: nn::Identity(),\n"),
        }
    }

    /// An earlier map and one back, where its axes are there.
    fn again(&mut self, name: &str, axes: &[Axis]) -> String {
        let found = self.maps.iter().find(|(_, left, right)| {
            axes.iter().any(|axis| axis.name == left.name && axis.size == left.size)
                && !axes.iter().any(|axis| axis.name == right.name)
        });
        let Some((of, left, right)) = found.cloned() else { return format!("{name}: nn::Identity(),\n") };
        let Some(size) = &left.size else { unreachable!("it has a size") };
        format!(
            "{name}: residual {{ {name}a: shared {of}, {name}b: nn::Linear {{ {} => {}: {} }} }},\n",
            right.name,
            left.name,
            bound(size)
        )
    }

    /// An earlier layer that keeps the shape, where it meets what it met.
    fn once_more(&mut self, name: &str, axes: &[Axis], depth: usize) -> String {
        match self.kept.iter().find(|(_, met)| depth == 0 && met == axes) {
            Some((of, _)) => format!("{name}: shared {of},\n"),
            None => format!("{name}: nn::Identity(),\n"),
        }
    }

    /// A layer of a type of the user's, with its signature.
    fn by_hand(&mut self, name: &str, axis: &Axis) -> String {
        let Some(size) = &axis.size else { unreachable!("it has a size") };
        if !size.text.chars().all(|letter| letter.is_ascii_digit()) {
            return format!("{name}: nn::Identity(),\n");
        }
        let (ty, a) = (format!("Hand{}x{}", self.number, &name[1..]), &axis.name);
        let (from, to) = (self.typed(true), self.typed(false));
        self.helpers += &format!(
            "#[pytree_dataclass]\n#[derive(Layer)]\n#[layer(input {from}{{ ..rest, {a}: {} }}, output {to}{{ ..rest, {a}: {} }})]\nstruct {ty} {{\ninner: nn::Identity,\n}}\n",
            bound(size),
            size.text
        );
        format!("{name}: {{ {ty} {{ inner: nn::Identity {{}} }} }} as {ty},\n")
    }

    fn perceptron(&mut self, name: &str, axis: &Axis, depth: usize) -> String {
        let Some(size) = &axis.size else { unreachable!("it has a size") };
        let (left, (hidden, text)) = (self.consumed(axis), self.made());
        let back = self.consumed(&hidden);
        let more =
            if depth < 2 { self.keeping(std::slice::from_ref(&hidden), depth + 1) } else { String::new() };
        format!(
            "{name}: residual {{\n{name}u: nn::Affine {{ {left} => {text} }},\n{more}{name}d: nn::Linear {{ {back} => {}: {} }},\n}},\n",
            axis.name,
            bound(size)
        )
    }

    fn attention(&mut self, name: &str, axis: &Axis) -> String {
        let Some(size) = &axis.size else { unreachable!("it has a size") };
        let left = self.consumed(axis);
        let (kv, (group, group_text), (heads, heads_text)) = (self.fresh('k'), self.made(), self.made());
        let rotary = self.random.one_in(2);
        let (mut projection, mut projection_text) = self.made();
        if rotary {
            projection.size = Some(Size { text: "4".into(), value: 4 });
            projection_text = format!("{}: 4", projection.name);
        }
        let (Some(group_size), Some(projection_size)) = (&group.size, &projection.size) else {
            unreachable!("both are made")
        };
        let value_size = self.size();
        let (g, h, p) = (&group.name, &heads.name, &projection.name);
        let same = |axis: &str, size: &Size| format!("{axis}: {}", bound(size));
        let key = format!("nn::Linear {{ {left} => {}, {} }}", same(g, group_size), same(p, projection_size));
        let query = format!("nn::Linear {{ {left} => {group_text}, {heads_text}, {projection_text} }}");
        let (query, key) = if rotary {
            self.side = true;
            let turned = |map: String, to: &str| {
                format!("{{ {name}{to}: {map}, {name}{to}r: nn::ApplyRoPE {{ {p} }} }}")
            };
            (turned(query, "q"), turned(key, "y"))
        } else {
            (query, key)
        };
        let scores = match self.random.one_in(2) {
            true => {
                self.side = true;
                let (mask, options) = match self.random.one_in(2) {
                    true => ("ApplyCausalAttentionMask", ""),
                    false => ("ApplyCausalSlidingWindowAttentionMask", " (window = 2)"),
                };
                format!("{{ {name}m: nn::{mask} {{ seq, {kv} }}{options}, {name}s: nn::Softmax {{ {kv} }} }}")
            }
            false => format!("nn::Softmax {{ {kv} }}"),
        };
        format!(
            "{name}: attention(seq as {kv}, {p}) {{\nquery: {query},\nkey: {key},\nvalue: nn::Linear {{ {left} => {}, {p}: {} }},\nscores: {scores},\noutput: nn::Affine {{ {g}, {h}, {} => {} }},\n}},\n",
            same(g, group_size),
            value_size.text,
            same(p, &value_size),
            same(&axis.name, size),
        )
    }

    /// A model of its own, with parameters.
    fn nested(&mut self, name: &str, axis: &Axis) -> String {
        let Some(size) = &axis.size else { unreachable!("it has a size") };
        let lone = size.text == "W" || size.text.chars().all(|letter| letter.is_ascii_digit());
        if !lone {
            return format!("{name}: nn::Identity(),\n");
        }
        let (model, hidden) = (format!("Part{}x{}", self.number, &name[1..]), 1 + self.random.below(4));
        let (a, h) = (&axis.name, self.fresh('h'));
        let (from, to) = (self.typed(true), self.typed(false));
        let header = |more: &str| {
            format!(
                "model! {{\n{model}<const A: usize{more}>: {from}{{ ..rest, {a}: A }} -> {to}{{ ..rest, {a}: A }}"
            )
        };
        match self.random.below(3) {
            0 => {
                // Quotients, which rest on a condition.
                let divisors: Vec<usize> =
                    (1..=size.value).filter(|number| size.value % number == 0).collect();
                let divisor = if size.text == "W" { 1 } else { *self.random.of(&divisors) };
                let (d, header) = (self.fresh('d'), header(", const B: usize"));
                self.helpers += &format!(
                    "{header} where B divides A {{\nsplit: nn::Linear {{ {a} => {h}: B, {d}: A / B }},\njoin: nn::Affine {{ {h}: «B», {d}: «A / B» => {a}: «A» }},\n}}\n}}\n"
                );
                return format!("{name}: {model}<{{ {} }}, {divisor}>,\n", bound(size));
            }
            1 => {
                // A stack in a model, which may stand in a stack in its turn.
                let (n, header) = (self.fresh('n'), header(""));
                self.helpers += &format!(
                    "{header} {{\nblocks: stack 2 as {n} {{\nmix: residual {{\nup: nn::Linear {{ {a}: «A» => {h}: {hidden} }},\ndown: nn::Linear {{ {h} => {a}: «A» }},\n}},\n}},\n}}\n}}\n"
                );
                return format!("{name}: {model}<{{ {} }}>,\n", bound(size));
            }
            _ => {}
        }
        self.helpers += &format!(
            "model! {{\n{model}<const A: usize, const B: usize>: {from}{{ ..rest, {a}: A }} -> {to}{{ ..rest, {a}: A }} {{\nup: nn::Affine {{ {a} => {h}: A * B }},\nact: nn::Elementwise(gelu),\ndown: nn::Linear {{ {h}: «A * B» => {a}: «A» }},\n}}\n}}\n"
        );
        format!("{name}: {model}<{{ {} }}, {hidden}>,\n", bound(size))
    }
}
