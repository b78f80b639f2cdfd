//! Paths put together: a tree of their steps, in which common beginnings are there once.

use std::collections::HashMap;

use super::{KeyPath, PathKey};

/// Numbered paths, to be followed step by step from the root.
pub(crate) struct PathSet {
    places: Vec<Place>,
}

/// A place on the way along some of the paths.
#[derive(Default)]
struct Place {
    /// The number of the path that ends here.
    end: Option<usize>,
    next: HashMap<PathKey, usize>,
}

impl PathSet {
    /// Where every path begins.
    pub(crate) const ROOT: usize = 0;

    /// The paths, numbered as they come; of equal ones the last counts.
    pub(crate) fn of<'p>(paths: impl IntoIterator<Item = &'p KeyPath>) -> Self {
        let mut places = vec![Place::default()];
        // The paths that were gone already, so that steps which paths share are gone once.
        let mut gone = HashMap::from([(KeyPath::root().address(), Self::ROOT)]);
        for (number, path) in paths.into_iter().enumerate() {
            let mut rest = Vec::new();
            let mut here = path;
            let mut at = loop {
                match (gone.get(&here.address()), here.last(), here.above()) {
                    (None, Some(key), Some(above)) => {
                        rest.push((here.address(), key));
                        here = above;
                    }
                    (known, ..) => break known.copied().unwrap_or(Self::ROOT),
                }
            };
            for (address, key) in rest.into_iter().rev() {
                let new = places.len();
                at = *places[at].next.entry(key.clone()).or_insert(new);
                if at == new {
                    places.push(Place::default());
                }
                gone.insert(address, at);
            }
            places[at].end = Some(number);
        }
        PathSet { places }
    }

    /// The place after one step more, where a path goes on so.
    pub(crate) fn next(&self, place: usize, key: &PathKey) -> Option<usize> {
        self.places[place].next.get(key).copied()
    }

    /// The number of the path that ends at a place.
    pub(crate) fn end(&self, place: usize) -> Option<usize> {
        self.places[place].end
    }

    /// Whether some path goes on from a place.
    pub(crate) fn goes_on(&self, place: usize) -> bool {
        !self.places[place].next.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_followed_whether_or_not_they_share_their_steps() {
        let path = |keys: &[usize]| keys.iter().copied().map(PathKey::Index).collect::<KeyPath>();
        let first = path(&[1, 2]);
        let paths = [first.child(PathKey::Index(3)), path(&[1, 4]), first.clone(), path(&[1, 4])];
        let set = PathSet::of(&paths);
        let end = |keys: &[usize]| {
            let at = keys.iter().try_fold(PathSet::ROOT, |at, key| set.next(at, &PathKey::Index(*key)));
            at.and_then(|at| set.end(at))
        };
        let found = [&[1, 2, 3][..], &[1, 4], &[1, 2], &[1], &[2], &[]].map(end);
        assert_eq!(found, [Some(0), Some(3), Some(2), None, None, None]);
        assert_eq!(PathSet::of([&KeyPath::root()]).end(PathSet::ROOT), Some(0));
    }
}
