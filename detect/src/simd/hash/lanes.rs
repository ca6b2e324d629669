//! Words beside each other that go through the same steps: what the rounds of a digest need of a register, a pair of
//! registers that hides waiting, and plain integers for any processor.

#![expect(clippy::inline_always, reason = "a round left out of line would not use the registers of its caller")]

use super::{MESSAGES, Messages};

/// Words that take each step together.
///
/// Only [`Lanes::load`] makes a value out of nothing. So whoever holds one knows that the processor has what the other
/// operations need, and they are safe.
pub(super) trait Lanes: Copy {
    /// How many words.
    const COUNT: usize;

    /// The first [`Lanes::COUNT`] of `words`; zeros where there are fewer.
    ///
    /// # Safety
    /// The processor has the instructions that the type is for.
    #[expect(unsafe_code, reason = "the one gate to instructions that not every processor has")]
    unsafe fn load(words: &[u32]) -> Self;

    /// Writes them to the first of `words`, if there is room for all.
    fn store(self, words: &mut [u32]);

    /// `word` in every lane.
    fn splat(self, word: u32) -> Self;

    fn add(self, other: Self) -> Self;

    fn xor(self, other: Self) -> Self;

    /// To the left by `LEFT`, which is to the right by `RIGHT`.
    fn rotate<const LEFT: i32, const RIGHT: i32>(self) -> Self;

    fn shift_right<const BITS: u32>(self) -> Self;

    /// Bits of `yes` where this has ones, of `no` where it has zeros.
    fn choose(self, yes: Self, no: Self) -> Self;

    fn majority(self, second: Self, third: Self) -> Self;

    fn parity(self, second: Self, third: Self) -> Self;

    /// `middle ^ (self | !last)`, of the last round of MD5.
    fn lean(self, middle: Self, last: Self) -> Self;

    /// Each word from one byte order to the other.
    fn swap_bytes(self) -> Self;

    /// Keeps two that do not depend on each other side by side: the compiler would else finish the one first.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only wide registers work two at a time"))]
    fn tie(first: Self, second: Self) -> (Self, Self);

    /// This, when all its parts have come so far. Said after each step, it makes the steps of [`Two`] take turns.
    #[inline(always)]
    fn abreast(self) -> Self {
        self
    }
}

/// The rounds of a digest over messages of one block.
pub(super) trait Rounds {
    /// One word of the digest of each message: that which needs the fewest rounds.
    fn mark<V: Lanes>(words: [V; 3], bits: u32) -> V;
}

/// A block of SHA-1 and SHA-2 (FIPS 180-4 §5.1): the message with the padding behind it, and its length in bits.
#[inline(always)]
pub(super) fn block<V: Lanes>([first, second, third]: [V; 3], bits: u32) -> [V; 16] {
    let mut words = [first.splat(0); 16];
    words[0] = first;
    words[1] = second;
    words[2] = third;
    words[15] = first.splat(bits);
    words
}

/// Writes the mark of each of `messages`.
///
/// # Safety
/// The processor has the instructions that `V` is for.
#[inline(always)]
#[expect(unsafe_code, reason = "loads the first registers")]
pub(super) unsafe fn fill<V: Lanes, R: Rounds>(messages: &Messages, marks: &mut [u32; MESSAGES]) {
    let [first, second, third] = &messages.words;
    let chunks = first.chunks_exact(V::COUNT).zip(second.chunks_exact(V::COUNT)).zip(third.chunks_exact(V::COUNT));
    let used = messages.len.div_ceil(V::COUNT);
    for (((first, second), third), marks) in chunks.zip(marks.chunks_exact_mut(V::COUNT)).take(used) {
        // SAFETY: the caller answers for the processor.
        let words = unsafe { [V::load(first), V::load(second), V::load(third)] };
        R::mark(words, messages.bits).store(marks);
    }
}

/// Two of a kind, whose steps take turns: one works while the other waits for its result.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only wide registers work two at a time"))]
#[derive(Clone, Copy)]
pub(super) struct Two<V>(V, V);

impl<V: Lanes> Lanes for Two<V> {
    const COUNT: usize = 2 * V::COUNT;

    #[inline(always)]
    #[expect(unsafe_code, reason = "loads both registers")]
    unsafe fn load(words: &[u32]) -> Self {
        let (first, second) = words.split_at_checked(V::COUNT).unwrap_or_default();
        // SAFETY: the caller answers for the processor.
        unsafe { Self(V::load(first), V::load(second)) }
    }

    #[inline(always)]
    fn store(self, words: &mut [u32]) {
        if let Some((first, second)) = words.split_at_mut_checked(V::COUNT) {
            self.0.store(first);
            self.1.store(second);
        }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> Self {
        Self(self.0.splat(word), self.1.splat(word))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.add(other.0), self.1.add(other.1))
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(self.0.xor(other.0), self.1.xor(other.1))
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self) -> Self {
        Self(self.0.rotate::<LEFT, RIGHT>(), self.1.rotate::<LEFT, RIGHT>())
    }

    #[inline(always)]
    fn shift_right<const BITS: u32>(self) -> Self {
        Self(self.0.shift_right::<BITS>(), self.1.shift_right::<BITS>())
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        Self(self.0.choose(yes.0, no.0), self.1.choose(yes.1, no.1))
    }

    #[inline(always)]
    fn majority(self, second: Self, third: Self) -> Self {
        Self(self.0.majority(second.0, third.0), self.1.majority(second.1, third.1))
    }

    #[inline(always)]
    fn parity(self, second: Self, third: Self) -> Self {
        Self(self.0.parity(second.0, third.0), self.1.parity(second.1, third.1))
    }

    #[inline(always)]
    fn lean(self, middle: Self, last: Self) -> Self {
        Self(self.0.lean(middle.0, last.0), self.1.lean(middle.1, last.1))
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        Self(self.0.swap_bytes(), self.1.swap_bytes())
    }

    #[inline(always)]
    fn tie(first: Self, second: Self) -> (Self, Self) {
        (first.abreast(), second.abreast())
    }

    #[inline(always)]
    fn abreast(self) -> Self {
        let (first, second) = V::tie(self.0, self.1);
        Self(first, second)
    }
}

/// Plain integers: the twin that the kernels are held against, and the kernel of other processors.
impl Lanes for u32 {
    const COUNT: usize = 1;

    #[inline(always)]
    #[expect(unsafe_code, reason = "asked for by the trait; every processor has these")]
    unsafe fn load(words: &[u32]) -> Self {
        words.first().copied().unwrap_or(0)
    }

    #[inline(always)]
    fn store(self, words: &mut [u32]) {
        if let Some(word) = words.first_mut() {
            *word = self;
        }
    }

    #[inline(always)]
    fn splat(self, word: u32) -> Self {
        word
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self ^ other
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self) -> Self {
        self.rotate_left(LEFT.unsigned_abs())
    }

    #[inline(always)]
    fn shift_right<const BITS: u32>(self) -> Self {
        self >> BITS
    }

    #[inline(always)]
    fn choose(self, yes: Self, no: Self) -> Self {
        no ^ (self & (yes ^ no))
    }

    #[inline(always)]
    fn majority(self, second: Self, third: Self) -> Self {
        second ^ ((self ^ second) & (second ^ third))
    }

    #[inline(always)]
    fn parity(self, second: Self, third: Self) -> Self {
        self ^ second ^ third
    }

    #[inline(always)]
    fn lean(self, middle: Self, last: Self) -> Self {
        middle ^ (self | !last)
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        self.swap_bytes()
    }

    #[inline(always)]
    fn tie(first: Self, second: Self) -> (Self, Self) {
        (first, second)
    }
}
