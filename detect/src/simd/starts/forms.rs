//! The written forms as plain arithmetic on masks, the same for all processors. A block is judged with the one behind it:
//! what a shift brings in comes from there. No branches, so that the compiler does several blocks at once.

use super::classes::Classes;

/// A mask of a block, and that of the block behind it. Of the second, what lies far behind its beginning may be wrong.
#[derive(Clone, Copy)]
struct Pair(u64, u64);

impl Pair {
    /// For each place, what is so many bytes behind it.
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn behind<const BYTES: u32>(self) -> Self {
        Self((self.0 >> BYTES) | (self.1 << (64 - BYTES)), self.1 >> BYTES)
    }

    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0, self.1 & other.1)
    }

    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0, self.1 | other.1)
    }

    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0, !self.1)
    }
}

/// The places from which the digits up to the end of their run, and what is behind, may be a number. `next` is the block
/// behind `this`.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
pub(in super::super) fn forms(this: Classes, next: Classes) -> u64 {
    let digit = Pair(this.digit, next.digit);
    let month = Pair(this.month, next.month);
    let joint = Pair(this.joint, next.joint);
    let escape = Pair(this.escape, next.escape);

    // So many digits to the end of the run, and no more.
    let pair = digit.and(digit.behind::<1>());
    let two = pair.and(digit.behind::<2>().not());
    let four = pair.and(two.behind::<2>());
    let six = pair.and(four.behind::<2>());
    let eight = pair.and(six.behind::<2>());
    let ten = pair.and(eight.behind::<2>());
    let twelve = pair.and(ten.behind::<2>());

    // A separator of several bytes begins with an escape, or a space and a dash and a space, of which each may be one.
    let spaced = joint.behind::<1>().and(escape.behind::<2>().or(joint.behind::<2>().and(digit.behind::<3>())));
    let long = escape.or(joint.and(escape.behind::<1>().or(spaced)));
    // One of any kind; two digits and that.
    let between = long.or(joint.and(digit.behind::<1>()));
    let group = two.and(between.behind::<2>());
    let month_group = month.and(group);

    // A month stands third, a century fifth: it has a 1 first or a 0 second.
    let is_month = month.behind::<2>();
    let century = month.or(month.behind::<1>());
    let (is_century, is_month_last) = (century.behind::<4>(), month.behind::<4>());
    // `0101901234`; `010119901234`.
    let compact = is_month.and(ten.or(twelve.and(is_century)));
    // `010190-`; `01011990-` and `19900101-`.
    let date = six.and(is_month).and(between.behind::<6>());
    let whole = is_month.and(is_century).or(century.and(is_month_last));
    let whole = eight.and(between.behind::<8>()).and(whole);
    // `01-01-` and `01%2F`; `1990-01-` and `1990%2D`.
    let cut = two.and(long.behind::<2>().or(joint.behind::<2>().and(month_group.behind::<3>())));
    let parts = month_group.behind::<5>().and(group.behind::<8>());
    let backwards = four.and(century).and(long.behind::<4>().or(joint.behind::<4>().and(parts)));
    compact.or(date).or(whole).or(cut).or(backwards).0
}

/// The places where a number may begin: first digits of runs. `forms` are those of `this` and of `next`.
#[expect(clippy::inline_always, reason = "as for `scan`")]
#[inline(always)]
pub(in super::super) fn starts_of(before: Classes, this: Classes, next: Classes, forms: (u64, u64)) -> u64 {
    let digit = Before(before.digit, this.digit);
    let letter = Before(before.letter, this.letter).by::<1>();
    let mark = Before(before.mark, this.mark);
    let escape = Before(before.escape, this.escape);
    let percent = Before(before.percent, this.percent).by::<1>();
    let run = this.digit & !digit.by::<1>();

    // The digits that may be the last of an escape: `\u2013`, `\xa0`, `=A0`, `%25A0`, `\u00a0`, `\u1e90`, `\u201a`.
    let [by_one, by_two, by_three, by_four] = [
        letter & (mark.by::<2>() | mark.by::<4>() | escape.by::<2>() | (digit.by::<2>() & digit.by::<3>())),
        mark.by::<1>() | (escape.by::<1>() & !percent) | (letter & mark.by::<3>()),
        letter & mark.by::<2>(),
        mark.by::<1>(),
    ];
    let forms = Pair(forms.0, forms.1);
    let later = (by_one & forms.behind::<1>().0)
        | (by_two & forms.behind::<2>().0)
        | (by_three & forms.behind::<3>().0)
        | (by_four & forms.behind::<4>().0);
    // Behind `%` they always are, in any depth. Two are left at least.
    let pair = Pair(this.digit, next.digit);
    let pair = pair.and(pair.behind::<1>());
    let four = pair.and(pair.behind::<2>()).0;
    run & ((forms.0 & !percent) | later | (percent & four))
}

/// A mask of the block before, and that of a block.
#[derive(Clone, Copy)]
struct Before(u64, u64);

impl Before {
    /// For each place, what is so many bytes before it.
    #[expect(clippy::inline_always, reason = "as for `scan`")]
    #[inline(always)]
    fn by<const BYTES: u32>(self) -> u64 {
        (self.1 << BYTES) | (self.0 >> (64 - BYTES))
    }
}
