//! Every word that an option can be, where it may stand, and how it is written.
//!
//! A word is listed here once; parsing and messages read this table. An unknown word is answered with the
//! nearest known one.

/// Where an option stands. What may be on a struct may be on an enum, and what may be on a field, on that of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Struct,
    Enum,
    Variant,
    Field,
    FieldOfVariant,
}

/// One word of an attribute.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) word: &'static str,
    /// On what it may stand: a struct or a field.
    pub(crate) place: Place,
    /// How it is typed, for help lines; empty where `model!` alone writes it, and nobody is told of it.
    pub(crate) example: &'static str,
}

/// An attribute and the words that it knows.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) words: &'static [Word],
}

pub(crate) static PYTREE: Attribute = Attribute {
    name: "pytree",
    words: &[
        Word { word: "static", place: Place::Field, example: "#[pytree(static)]" },
        Word { word: "default", place: Place::Field, example: "#[pytree(default = 1e-6)]" },
        Word { word: "recursive", place: Place::Field, example: "#[pytree(recursive)]" },
        Word { word: "path", place: Place::Field, example: "" },
        Word { word: "color", place: Place::Struct, example: "#[pytree(color = \"#93cce1\")]" },
        Word { word: "layer", place: Place::Struct, example: "#[pytree(layer)]" },
        Word { word: "family", place: Place::Struct, example: "#[pytree(family)]" },
        Word { word: "is", place: Place::Struct, example: "#[pytree_dataclass(is = Sequential)]" },
        Word { word: "key_for_field", place: Place::Struct, example: "#[pytree(key_for_field = Self::key)]" },
        Word { word: "own_clone", place: Place::Struct, example: "#[pytree(own_clone)]" },
        Word { word: "own_debug", place: Place::Struct, example: "#[pytree(own_debug)]" },
    ],
};

/// What `#[pytree_dataclass]` itself takes: it hands it on as an option.
pub(crate) static DATACLASS: Attribute = Attribute {
    name: "pytree_dataclass",
    words: &[Word { word: "is", place: Place::Struct, example: "#[pytree_dataclass(is = Sequential)]" }],
};

/// How a signature is typed.
pub(crate) const INPUT: &str = "#[layer(input { ..batch, a: 8 }, output { ..batch, b: 4 })]";

pub(crate) static LAYER: Attribute = Attribute {
    name: "layer",
    words: &[
        Word { word: "residual", place: Place::Struct, example: "#[layer(residual)]" },
        Word { word: "add", place: Place::Struct, example: "#[layer(add)]" },
        Word { word: "multiply", place: Place::Struct, example: "#[layer(multiply)]" },
        Word { word: "call", place: Place::Struct, example: "#[layer(call = Self::run)]" },
        Word { word: "input", place: Place::Struct, example: INPUT },
        Word { word: "output", place: Place::Struct, example: INPUT },
        Word { word: "with", place: Place::Struct, example: "#[layer(with(token_positions))]" },
    ],
};

/// A form of `model!` that begins with a word of its own.
#[derive(Debug)]
pub(crate) struct FormWord {
    pub(crate) word: &'static str,
    pub(crate) example: &'static str,
}

pub(crate) static FORMS: &[FormWord] = &[
    FormWord { word: "residual", example: "residual { .. }" },
    FormWord { word: "add", example: "add { a: .., b: .. }" },
    FormWord { word: "multiply", example: "multiply { a: .., b: .. }" },
    FormWord { word: "attention", example: "attention(seq as kv_seq, projection) { .. }" },
    FormWord { word: "stack", example: "stack 12 as layer { .. }" },
    FormWord { word: "from", example: "from memory { .. }" },
    FormWord { word: "shared", example: "shared other" },
];

/// How each of these forms is typed.
pub(crate) fn form_examples() -> Vec<&'static str> {
    FORMS.iter().map(|form| form.example).collect()
}

/// The example of a form.
pub(crate) fn form_example(word: &str) -> Option<&'static str> {
    FORMS.iter().find(|form| form.word == word).map(|form| form.example)
}

/// The form that other libraries call so, as it is typed here.
pub(crate) fn meant_form(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "sequential" | "seq" | "chain" | "group" | "namedgroup" | "block" => Some("{ a: .., b: .. }"),
        "residual" | "skip" | "skipconnection" => form_example("residual"),
        "add" | "sum" | "parallel" | "branchandaddtogether" => form_example("add"),
        "multiply" | "mul" | "product" | "branchandmultiplytogether" => form_example("multiply"),
        "attention" | "multiheadattention" | "selfattention" => form_example("attention"),
        "stack" | "repeat" | "layerstack" | "modulelist" | "scan" => form_example("stack"),
        _ => None,
    }
}

/// The element type that other libraries call so.
pub(crate) fn meant_type(word: &str) -> Option<&'static str> {
    Some(match word {
        "float16" | "half" => "f16",
        "bfloat16" => "bf16",
        "float32" => "f32",
        "float64" | "double" => "f64",
        "int8" => "i8",
        "int16" | "short" => "i16",
        "int32" | "int" | "Int" => "i32",
        "int64" | "long" => "i64",
        "uint8" => "u8",
        "uint16" => "u16",
        "uint32" => "u32",
        "uint64" | "usize" => "u64",
        "boolean" | "Bool" => "bool",
        _ => return None,
    })
}

/// The parts of an attention, in order.
pub(crate) static ATTENTION_PARTS: [&str; 5] = ["query", "key", "value", "scores", "output"];

/// How many parameters a layer has, by the sizes of its axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    None,
    /// The left sizes times the right ones.
    Map,
    /// That, and the right sizes.
    MapAndBias,
    /// The sizes.
    Scale,
    /// Twice that.
    ScaleAndBias,
}

/// The layers of pz whose parameters a model's page counts. (Nothing else rests on it: the shape rules are the forms'.)
pub(crate) static PARAMETERS: &[(&str, Count)] = &[
    ("Linear", Count::Map),
    ("Affine", Count::MapAndBias),
    ("EmbeddingLookup", Count::Map),
    ("EmbeddingDecode", Count::Map),
    ("AddBias", Count::Scale),
    ("RMSLayerNorm", Count::Scale),
    ("LayerNorm", Count::ScaleAndBias),
    ("RMSStandardize", Count::None),
    ("Standardize", Count::None),
    ("Softmax", Count::None),
    ("RenameAxes", Count::None),
    ("Elementwise", Count::None),
    ("ConstantRescale", Count::None),
    ("Identity", Count::None),
    ("CastToDType", Count::None),
    ("TanhSoftCap", Count::None),
    ("ApplyRoPE", Count::None),
    ("StochasticDropout", Count::None),
    ("DisabledDropout", Count::None),
    ("ApplyExplicitAttentionMask", Count::None),
    ("ApplyCausalAttentionMask", Count::None),
    ("ApplyCausalSlidingWindowAttentionMask", Count::None),
];

/// The element types, as a header, the option `dtype` and the argument of `CastToDType` name them.
pub(crate) static ELEMENT_TYPES: [&str; 13] =
    ["bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64"];

/// Whether a word is an element type, here or in another library: in a header, `float` is one too.
pub(crate) fn is_element_type(word: &str) -> bool {
    word == "float" || ELEMENT_TYPES.contains(&word) || meant_type(word).is_some()
}

/// The option that is an element type in every layer.
pub(crate) const DTYPE: &str = "dtype";

/// The functions of elements that an argument can name by a word alone.
pub(crate) static ACTIVATIONS: [&str; 6] = ["relu", "gelu", "gelu_exact", "silu", "sigmoid", "tanh"];

impl Place {
    /// The place in a sentence.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Place::Struct => "a struct",
            Place::Enum => "an enum",
            Place::Variant => "a variant",
            Place::Field | Place::FieldOfVariant => "a field",
        }
    }

    /// What the place is part of, or is.
    pub(crate) fn item(self) -> &'static str {
        match self {
            Place::Struct | Place::Field => "struct",
            Place::Enum | Place::Variant | Place::FieldOfVariant => "enum",
        }
    }

    /// Whether a word may stand here.
    pub(crate) fn takes(self, word: &Word) -> bool {
        match self {
            Place::Struct | Place::Enum => word.place == Place::Struct,
            Place::Field | Place::FieldOfVariant => word.place == Place::Field,
            Place::Variant => false,
        }
    }
}

impl Attribute {
    /// The word as listed.
    pub(crate) fn find(&self, word: &str) -> Option<&'static Word> {
        self.words.iter().find(|known| known.word == word)
    }

    /// The words that a user may write at `place`.
    fn told(&self, place: Place) -> impl Iterator<Item = &'static Word> {
        self.words.iter().filter(move |known| place.takes(known) && !known.example.is_empty())
    }

    /// The examples of all words that may stand at `place`.
    pub(crate) fn examples(&self, place: Place) -> Vec<&'static str> {
        let mut examples: Vec<&'static str> = self.told(place).map(|known| known.example).collect();
        // Words that are only written together share their example.
        examples.dedup();
        examples
    }

    /// What to type instead of the unknown `word`.
    pub(crate) fn suggest(&self, word: &str, place: Place) -> String {
        let here: Vec<_> = self.told(place).collect();
        let near = nearest(word, here.iter().map(|known| known.word));
        match near.and_then(|near| self.find(near)) {
            Some(near) => format!("write `{}`", near.example),
            None if here.is_empty() && place == Place::Variant => {
                format!("remove it; `#[{}(..)]` belongs on the enum or on a field", self.name)
            }
            None if here.is_empty() => {
                format!("remove it; `#[{}(..)]` belongs on the {}", self.name, place.item())
            }
            None => format!("{} can have {}", place.name(), listed(&self.examples(place))),
        }
    }
}

/// `` `a`, `b` or `c` ``.
pub(crate) fn listed(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [front @ .., last] => {
            let front: Vec<_> = front.iter().map(|item| format!("`{item}`")).collect();
            format!("{} or `{last}`", front.join(", "))
        }
    }
}

/// The known word that `word` most likely was meant to be: at most a third of its letters differ, and not all of them.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (distance(word, known), known))
        .filter(|(distance, known)| {
            *distance * 3 <= known.chars().count().max(3) && *distance < word.chars().count()
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The number of letters to insert, delete, exchange or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let exchange = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = exchange.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_none() {
        for (typed, meant) in
            [("statc", "static"), ("satic", "static"), ("statci", "static"), ("statics", "static")]
        {
            assert_eq!(nearest(typed, ["color", "static"]), Some(meant), "{typed}");
        }
        assert_eq!(nearest("colour", ["static", "color"]), Some("color"));
        assert_eq!(nearest("ad", ["add", "multiply"]), Some("add"));
        assert_eq!(nearest("frozen", ["static", "color"]), None);
        assert_eq!(nearest("d", ["a", "b"]), None);
        assert_eq!(nearest("", ["add"]), None);
        assert_eq!(nearest("z", ["x", "y"]), None);
    }

    #[test]
    fn distance_counts_a_swap_once() {
        assert_eq!(distance("ca", "ac"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
