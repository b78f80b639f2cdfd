//! Edits that cannot be, at every kind of field, and what is answered; and selections as a stranger would try them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pz::nn::{AnyLayer, Identity, Layer, Linear, Sequential, SideInputs, Slot, Value};
use pz::path::{KeyPath, PathKey};
use pz::tree::{TypedKeyPath, count};
use pz::{Result, Selection, Struct, pytree_dataclass, select};

use super::{Encoder, Mark, Tap, nodes, paths, tap};

/// A layer of another one, of any type.
#[pytree_dataclass]
#[pytree(layer)]
struct Wrap<L> {
    inner: L,
    #[pytree(static)]
    name: String,
}

impl<L: Layer + Clone> Layer for Wrap<L> {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        self.inner.call(input, side)
    }
}

/// Every kind of field that a layer can be in.
#[pytree_dataclass]
struct Zoo {
    any: AnyLayer,
    maybe: Option<AnyLayer>,
    twice: Option<Option<Tap>>,
    boxed: Box<AnyLayer>,
    shared: Arc<Slot<Tap>>,
    slots: Vec<Slot<Tap>>,
    array: [AnyLayer; 2],
    map: BTreeMap<String, AnyLayer>,
    hash: HashMap<String, Tap>,
    tuple: (Tap, AnyLayer),
    open: Wrap<AnyLayer>,
    exact: Wrap<Tap>,
    mark: Mark,
    number: f32,
}

fn zoo() -> Zoo {
    let chain = AnyLayer::new(Sequential::new([tap(0.5)]));
    Zoo {
        any: AnyLayer::new(Encoder { sublayers: vec![chain, AnyLayer::new(Encoder { sublayers: vec![] })] }),
        maybe: Some(tap(1.0)),
        twice: Some(Some(Tap { by: 2.0 })),
        boxed: Box::new(tap(3.0)),
        shared: Arc::new(Slot::new(Tap { by: 4.0 })),
        slots: vec![Slot::new(Tap { by: 5.0 }), Slot::new(Tap { by: 6.0 })],
        array: [tap(7.0), tap(8.0)],
        map: BTreeMap::from([("a".into(), tap(9.0))]),
        hash: HashMap::from([("z".into(), Tap { by: 10.0 })]),
        tuple: (Tap { by: 11.0 }, tap(12.0)),
        open: Wrap { inner: tap(13.0), name: "open".into() },
        exact: Wrap { inner: Tap { by: 14.0 }, name: "exact".into() },
        mark: Mark,
        number: 15.0,
    }
}

fn error<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("an error was expected"),
        Err(error) => error.to_string(),
    }
}

/// The paths of all taps, and of each what becomes of an edit of it: the types of the nodes there, or the error.
fn each(edit: impl Fn(Selection<'_, Zoo, Tap>) -> Result<Zoo>) -> Vec<String> {
    let zoo = zoo();
    let taps = || select(&zoo).at_instances_of::<Tap>();
    let answers = (0..taps().count()).map(|place| {
        let one = || taps().pick_nth_selected(place as isize);
        let path = paths(one().get_keypaths()).remove(0);
        match edit(one()) {
            Ok(edited) => {
                let there = nodes(&edited).get(&path).copied().unwrap_or("nothing");
                let grown = count(&edited) as isize - count(&zoo) as isize;
                format!("{path}: {there} {grown:+}")
            }
            Err(error) => error.to_string().replace("editing a tree: ", &format!("{path}: ")),
        }
    });
    answers.collect()
}

#[test]
fn a_layer_is_inserted_where_it_can_be() {
    let (one_of_many, many) = (
        "a field declared as `AnyLayer` takes several layers (and nothing but layers) as a `Sequential`, a `Vec` takes them \
         side by side",
        "declare the field as `Vec` for a list that grows and shrinks",
    );
    let single = |path: &str, field: &str| {
        format!(
            "{path}: the field holds one `{field}`, and was given 2: `Tap`, `Mark`\n  at: {path}\n  help: {one_of_many}"
        )
    };
    let array = |place: usize| {
        format!(
            ".array[{place}]: the array has exactly 2 elements, and the edit leaves 3\n  at: .array\n  help: {many}"
        )
    };
    assert_eq!(
        each(|tap| tap.insert_after(Mark)),
        [
            ".any.sublayers[0].sublayers[0]: Tap +1".to_owned(),
            // A single slot holds a chain of both then: the chain, its list and the mark are new.
            ".maybe: Sequential +3".into(),
            single(".twice", "Tap").replace("one `Tap`", "one `Tap` at most"),
            ".boxed: Sequential +3".into(),
            ".shared: Sequential +3".into(),
            ".slots[0]: Tap +1".into(),
            ".slots[1]: Tap +1".into(),
            array(0),
            array(1),
            ".map['a']: Sequential +3".into(),
            single(".hash['z']", "Tap"),
            single(".tuple[0]", "Tap"),
            ".tuple[1]: Sequential +3".into(),
            ".open.inner: Sequential +3".into(),
            single(".exact.inner", "Tap"),
        ]
    );
}

#[test]
fn a_layer_is_removed_where_it_can_be() {
    let help = "put a layer in its place that hands its input on, or declare the field as `Option` or `Vec`";
    let single = |path: &str, field: &str| {
        format!(
            "{path}: the field holds exactly one `{field}`, which cannot be removed\n  at: {path}\n  help: {help}"
        )
    };
    let array = |place: usize| {
        format!(
            ".array[{place}]: the array has exactly 2 elements, and the edit leaves 1\n  at: .array\n  \
             help: declare the field as `Vec` for a list that grows and shrinks"
        )
    };
    assert_eq!(
        each(|tap| tap.remove_from_parent()),
        [
            ".any.sublayers[0].sublayers[0]: nothing -2".to_owned(),
            ".maybe: None -1".into(),
            ".twice: None -1".into(),
            single(".boxed", "Box<AnyLayer>"),
            single(".shared", "Arc<Slot<Tap>>"),
            ".slots[0]: Tap -2".into(),
            ".slots[1]: nothing -2".into(),
            array(0),
            array(1),
            single(".map['a']", "AnyLayer"),
            single(".hash['z']", "Tap"),
            single(".tuple[0]", "Tap"),
            single(".tuple[1]", "AnyLayer"),
            single(".open.inner", "AnyLayer"),
            single(".exact.inner", "Tap"),
        ]
    );
}

#[test]
fn what_is_no_layer_is_answered_by_what_the_field_holds() {
    let layer = |path: &str| {
        format!(
            "{path}: the field holds a layer, and was given a `f32`, which is none\n  at: {path}\n  help: give a layer, \
             which is a struct or an enum that implements `Layer`"
        )
    };
    let exact = |path: &str, field: &str, article: &str| {
        format!(
            "{path}: the field holds {article} `{field}`, and was given a `f32`\n  at: {path}\n  help: give it a `Tap`; a field \
             declared as `AnyLayer` holds any layer"
        )
    };
    assert_eq!(
        each(|tap| tap.set(1.0_f32)),
        [
            layer(".any.sublayers[0].sublayers[0]"),
            layer(".maybe"),
            exact(".twice", "Tap", "a")
                .replace("a `Tap`, and", "a `Tap` or nothing, and")
                .replace("a `Tap`;", "a `Tap`, or remove what it holds;"),
            layer(".boxed"),
            layer(".shared"),
            layer(".slots[0]"),
            layer(".slots[1]"),
            layer(".array[0]"),
            layer(".array[1]"),
            layer(".map['a']"),
            exact(".hash['z']", "Tap", "a"),
            exact(".tuple[0]", "Tap", "a"),
            layer(".tuple[1]"),
            layer(".open.inner"),
            exact(".exact.inner", "Tap", "a"),
        ]
    );
}

#[test]
fn containers_that_do_not_fit_say_what_is_in_them() {
    let zoo = zoo();
    let any = "a field declared as `AnyLayer` holds any layer";
    assert_eq!(
        error(select(&zoo).at(|zoo| &zoo.slots).set(vec![1.0_f32])),
        format!(
            "editing a tree: the field holds a `Vec<Slot<Tap>>`, and was given a `Vec` of `f32`\n  at: .slots\n  \
             help: give it a `Vec<Slot<Tap>>`; {any}"
        )
    );
    assert_eq!(
        error(select(&zoo).at(|zoo| &zoo.tuple).set((Mark, tap(1.0)))),
        format!(
            "editing a tree: the field holds a `(Tap, AnyLayer)`, and was given a `tuple` of `Mark`, `Tap`\n  at: .tuple\n  \
             help: give it a `(Tap, AnyLayer)`; {any}"
        )
    );
    assert_eq!(
        error(select(&zoo).at(|zoo| &zoo.any).set(None::<AnyLayer>)),
        "editing a tree: the field holds a layer, and was given a `None`, which is none\n  at: .any\n  help: give a layer; \
         a field declared as `Option` can be empty"
    );
    assert!(select(&zoo).at(|zoo| &zoo.maybe).set(None::<AnyLayer>).is_ok_and(|zoo| zoo.maybe.is_none()));
    // Nothing is nothing, of whatever type.
    assert!(select(&zoo).at(|zoo| &zoo.maybe).set(None::<f32>).is_ok_and(|zoo| zoo.maybe.is_none()));
}

#[test]
fn roots_are_answered_by_their_type() {
    let (any, zoo) = (tap(1.0), zoo());
    assert_eq!(
        error(select(&any).remove_from_parent()),
        "editing a tree: the root is an `AnyLayer` and cannot be removed\n  help: put a layer in its place that hands its \
         input on"
    );
    assert_eq!(
        error(select(&any).set(1.0_f32)),
        "editing a tree: the root holds a layer, and was given a `f32`, which is none\n  help: give a layer, which is a \
         struct or an enum that implements `Layer`"
    );
    assert_eq!(
        error(select(&zoo).set(vec![1.0_f32])),
        "editing a tree: the root is a `Zoo`, and an edit of it gave a `Vec` of `f32`\n  help: an edit keeps the root's \
         type: select on an `AnyLayer` that holds the model if its type is to change"
    );
    assert!(
        error(select(&zoo).apply_and_inline(|zoo| [zoo.clone(), zoo.clone()]))
            .contains("beside it gave 2 nodes")
    );
    assert!(select(&zoo).apply_and_inline(|zoo| [zoo.clone()]).is_ok());
}

#[test]
fn families_are_found_innermost_and_among_others() {
    let zoo = zoo();
    let (outer, inner) = (".any", [".any.sublayers[0]", ".any.sublayers[1]"]);
    assert_eq!(paths(select(&zoo).at_instances_of::<Sequential>().get_keypaths()), [outer]);
    assert_eq!(paths(select(&zoo).at_innermost_instances_of::<Sequential>().get_keypaths()), inner);
    assert_eq!(paths(select(&zoo).at_innermost_instances_of::<Encoder>().get_keypaths()), [inner[1]]);
    let mixed = paths(select(&zoo).at_innermost_instances_of::<(Sequential, Tap)>().get_keypaths());
    assert_eq!(mixed[..3], [".any.sublayers[0].sublayers[0]", ".any.sublayers[1]", ".maybe"]);
    let generic = select(&zoo).at_instances_of::<(Wrap<AnyLayer>, Wrap<Tap>, Wrap<Mark>)>();
    assert_eq!(paths(generic.get_keypaths()), [".open", ".exact"]);
    // A selected node is a candidate itself.
    let again = select(&zoo).at_instances_of::<Encoder>().at_instances_of::<Encoder>();
    assert_eq!(paths(again.get_keypaths()), [outer]);
}

#[test]
fn paths_to_nowhere_select_nothing_and_typed_ones_tell() {
    let zoo = zoo();
    let path = |keys: &[PathKey]| keys.iter().cloned().collect::<KeyPath>();
    let slots = PathKey::attr("slots");
    let (root, all, one) =
        (path(&[]), path(std::slice::from_ref(&slots)), path(&[slots.clone(), PathKey::Index(1)]));
    let far = path(&[slots.clone(), PathKey::Index(usize::MAX)]);
    let (kind, through) = (path(&[PathKey::entry("slots")]), path(&[slots, PathKey::attr("len")]));
    let found = select(&zoo).at_keypaths([&one, &all, &far, &kind, &through]);
    assert_eq!(paths(found.get_keypaths()), [".slots"]);
    assert_eq!(paths(select(&zoo).at_keypaths([&root, &one]).get_keypaths()), [""]);
    assert!(select(&zoo).at_keypaths([]).is_empty());
    let children = select(&zoo).at_children().at_keypaths([&root]).pick_nth_selected([0, -1]);
    assert_eq!(paths(children.get_keypaths()), [".any", ".number"]);
    assert!(select(&zoo).at_children().pick_nth_selected([isize::MIN, isize::MAX]).is_empty());
    assert_eq!(
        error(select(&zoo).at_path(Zoo::path().slots().at(usize::MAX)).get()),
        format!(
            "Selection::at_path: the path `.slots[{0}]` leads nowhere: this `Vec` has no child `[{0}]`\n  at: .slots",
            usize::MAX
        )
    );
    let inner = Zoo::path().any().holding::<Encoder>().sublayers().at(1).holding::<Encoder>();
    assert_eq!(paths(select(&zoo).at_path(inner).get_keypaths()), [".any.sublayers[1]"]);
}

#[test]
fn an_error_in_a_chain_is_told_at_its_end_whatever_follows() {
    static STRANGER: Tap = Tap { by: 0.0 };
    let zoo = zoo();
    let lost = || select(&zoo).at(|_| &STRANGER);
    let wanted = "Selection::at: the closure gave a `Tap` that is no node in this `Zoo`\n  help: return a reference to a \
                  child field, an element of one, or what a wrapper holds; a static field is no node";
    assert_eq!((lost().count(), lost().is_empty()), (0, true));
    for told in [
        error(lost().deselect()),
        error(lost().allow_empty().set(Mark)),
        error(lost().invert().get_keypaths()),
        error(lost().partition()),
        error(lost().get_by_path()),
        error(lost().refine(|tap| select(tap).at_children()).get_sequence()),
        error(select(&zoo).refine(|zoo| select(zoo).at(|_| &STRANGER)).get_sequence()),
        error(lost().assert_count_is(0)),
    ] {
        assert_eq!(told, wanted);
    }
    assert!(
        error(select(&zoo).at(|zoo| &zoo.open.name).get())
            .contains("the closure gave a `String` that is no node")
    );
    let none = || select(&zoo).at_instances_of::<Linear>();
    assert!(error(none().get()).ends_with("help: `.get_sequence()` reads any number of nodes, none too"));
    assert!(error(none().assert_count_is(3)).contains("help: `.show_selection()` shows"));
    assert!(error(none().set(Identity {})).ends_with("say `.allow_empty()` before the edit"));
    assert!(
        select(&zoo).allow_empty().at_instances_of::<Linear>().set(Mark).is_ok(),
        "said early, it holds to the end"
    );
}

/// Penzai's `keep_selected`: the paths stay, and select again.
#[test]
fn what_was_edited_is_selected_again_by_its_paths() -> Result<()> {
    let tree = vec![(1, 2.0_f32), (3, 4.0)];
    let ints = || select(&tree).at_instances_of::<i32>();
    let kept = ints().get_keypaths()?;
    let edited = ints().apply(|n| n + 1000)?;
    assert_eq!(select(&edited).at_keypaths(&kept).apply(|_| 7)?, [(7, 2.0), (7, 4.0)]);
    let numbered = ints().apply_with_selected_index(|index, n| n * 10 + index as i32)?;
    let again = select(&numbered).at_keypaths(&kept).at_instances_of::<i32>();
    assert_eq!(again.get_sequence()?, [&10, &31]);
    let by_path = ints().apply_with_keypath(|path, n| n + path.len() as i32)?;
    assert_eq!(select(&by_path).at_keypaths(&kept).at_instances_of::<i32>().get_sequence()?, [&3, &5]);
    Ok(())
}
