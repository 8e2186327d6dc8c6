//! Small sets of things that there are few of: one number each.

use std::fmt;
use std::marker::PhantomData;

/// Something that there are at most 32 of.
pub trait Member: Copy + fmt::Debug + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// Which one of them, from 0.
    fn index(self) -> u32;
}

/// A set of them.
pub struct Set<T> {
    bits: u32,
    kind: PhantomData<fn() -> T>,
}

impl<T> Set<T> {
    /// None of them.
    pub const EMPTY: Self = Self { bits: 0, kind: PhantomData };

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// How many there are.
    pub fn len(self) -> u32 {
        self.bits.count_ones()
    }

    /// What is in one of both.
    pub fn union(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits, kind: PhantomData }
    }

    /// What is in this and not in the other.
    pub fn without(self, other: Self) -> Self {
        Self { bits: self.bits & !other.bits, kind: PhantomData }
    }

    /// Whether they have one in common.
    pub fn meets(self, other: Self) -> bool {
        self.bits & other.bits != 0
    }

    /// Whether all of these are in the other.
    pub fn is_within(self, other: Self) -> bool {
        self.bits & !other.bits == 0
    }
}

impl<T: Member> Set<T> {
    /// All of them.
    pub fn all() -> Self {
        T::ALL.iter().copied().collect()
    }

    /// Whether it is in the set.
    pub fn contains(self, member: T) -> bool {
        self.bits & (1 << member.index()) != 0
    }

    /// The same with one more.
    #[must_use]
    pub fn with(self, member: T) -> Self {
        Self { bits: self.bits | (1 << member.index()), kind: PhantomData }
    }

    /// Those in it, in their order.
    pub fn iter(self) -> impl Iterator<Item = T> {
        T::ALL.iter().copied().filter(move |member| self.contains(*member))
    }
}

impl<T> Clone for Set<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Set<T> {}
impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<T> Eq for Set<T> {}
impl<T> Default for Set<T> {
    fn default() -> Self {
        Self::EMPTY
    }
}
impl<T: Member> fmt::Debug for Set<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.iter()).finish()
    }
}
impl<T: Member> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        members.into_iter().fold(Self::EMPTY, Self::with)
    }
}
