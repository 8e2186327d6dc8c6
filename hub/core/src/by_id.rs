//! Things in the order of their ids, made so that a picture with one change shares nearly everything with the picture
//! before it.
//!
//! They lie in chunks. A change makes the one chunk anew that it concerns, and the short list of chunks.

use std::sync::Arc;

/// A chunk that grows longer is cut in two. With 240 things there are about as many chunks as things in each, so that
/// a change copies the fewest references.
const LONGEST_CHUNK: usize = 24;

/// What has an id.
pub trait Identified {
    /// The id, which is the order too.
    fn id(&self) -> &str;
}

/// Things in the order of their ids. Cheap to clone.
#[derive(Debug)]
pub struct ById<T> {
    /// None of them is empty.
    chunks: Arc<Vec<Arc<Chunk<T>>>>,
}

type Chunk<T> = Vec<Arc<T>>;

impl<T> Clone for ById<T> {
    fn clone(&self) -> Self {
        Self { chunks: Arc::clone(&self.chunks) }
    }
}

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self { chunks: Arc::default() }
    }
}

impl<T> ById<T> {
    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }
}

impl<T: Identified> FromIterator<Arc<T>> for ById<T> {
    fn from_iter<I: IntoIterator<Item = Arc<T>>>(things: I) -> Self {
        let mut all = Self::default();
        things.into_iter().for_each(|thing| all.put(thing));
        all
    }
}

impl<T: Identified> ById<T> {
    /// The one of this id.
    pub fn get(&self, id: &str) -> Option<&Arc<T>> {
        let chunk = self.chunks.get(self.chunk_of(id))?;
        place(chunk, id).ok().and_then(|place| chunk.get(place))
    }

    /// Puts one in, in the place of the one of the same id if there is one.
    pub(crate) fn put(&mut self, new: Arc<T>) {
        let index = self.chunk_of(new.id());
        let chunks = Arc::make_mut(&mut self.chunks);
        let Some(chunk) = chunks.get_mut(index) else {
            chunks.push(Arc::new(vec![new]));
            return;
        };
        let chunk = Arc::make_mut(chunk);
        match place(chunk, new.id()) {
            Ok(place) => chunk[place] = new,
            Err(place) => chunk.insert(place, new),
        }
        if chunk.len() > LONGEST_CHUNK {
            let second = chunk.split_off(chunk.len() / 2);
            chunks.insert(index + 1, Arc::new(second));
        }
    }

    /// Takes the one of this id out.
    pub(crate) fn remove(&mut self, id: &str) {
        if self.get(id).is_none() {
            return;
        }
        let index = self.chunk_of(id);
        let chunks = Arc::make_mut(&mut self.chunks);
        if let Some(chunk) = chunks.get_mut(index) {
            Arc::make_mut(chunk).retain(|one| one.id() != id);
        }
        chunks.retain(|chunk| !chunk.is_empty());
    }

    /// The chunk that an id is in, or belongs into: the last that does not begin behind it, or the first.
    fn chunk_of(&self, id: &str) -> usize {
        let begins_before = |chunk: &Arc<Chunk<T>>| chunk.first().is_some_and(|first| first.id() <= id);
        self.chunks.partition_point(begins_before).saturating_sub(1)
    }
}

fn place<T: Identified>(chunk: &Chunk<T>, id: &str) -> Result<usize, usize> {
    chunk.binary_search_by(|one| one.id().cmp(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Named(String, u64);

    impl Identified for Named {
        fn id(&self) -> &str {
            &self.0
        }
    }

    fn named(number: u64, value: u64) -> Arc<Named> {
        Arc::new(Named(format!("{number:03}"), value))
    }

    #[test]
    fn it_is_what_a_sorted_map_is() {
        let (mut all, mut map) = (ById::default(), BTreeMap::new());
        let mut number = 1_u64;
        for round in 0..4_000 {
            // Any order will do.
            number = number * 3 % 257;
            let removes = if round < 2_000 { round % 3 == 0 } else { round % 3 != 0 };
            let one = named((number + round) % 200, round);
            if removes {
                all.remove(one.id());
                map.remove(&one.0);
            } else {
                all.put(Arc::clone(&one));
                map.insert(one.0.clone(), Arc::clone(&one));
            }
            assert_eq!(all.get(one.id()), map.get(&one.0));
            assert_eq!((all.len(), all.is_empty()), (map.len(), map.is_empty()), "in round {round}");
            assert!(all.iter().eq(map.values()), "in round {round}");
            assert!(all.chunks.iter().all(|chunk| (1..=LONGEST_CHUNK).contains(&chunk.len())));
        }
        for number in 0..200 {
            let one = named(number, 0);
            assert_eq!(all.get(one.id()), map.get(&one.0));
            all.remove(one.id());
        }
        assert!(all.is_empty());
    }

    #[test]
    fn a_change_leaves_older_pictures_and_every_other_chunk_as_they_are() {
        let mut all = ById::default();
        for number in 0..240 {
            all.put(named(number, 0));
        }
        let before = all.clone();
        all.put(named(100, 1));
        assert_eq!((before.get("100").unwrap().1, all.get("100").unwrap().1), (0, 1));
        let other = before.chunks.iter().zip(all.chunks.iter()).filter(|(old, new)| !Arc::ptr_eq(old, new));
        assert_eq!((other.count(), before.len(), all.len()), (1, 240, 240));
        assert!(all.chunks.len() <= 24, "{} chunks", all.chunks.len());
    }
}
