//! The first three bytes of some texts, as tables: where all three are such, one of the texts may stand.

/// Bytes of each text that are looked at.
pub(crate) const LOOKED_AT: usize = 3;

/// Which bytes stand first, second and third in some texts, of any case. Of bytes from 0x80 on the highest bit is not looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Initials {
    /// For each place and each byte, the groups of the texts that have it there.
    pub(super) bytes: [[u8; 128]; LOOKED_AT],
    /// The same by halves of a byte, for processors that have no larger tables: more bytes are in them.
    pub(super) lower: [[u8; 16]; LOOKED_AT],
    pub(super) upper: [[u8; 16]; LOOKED_AT],
}

impl Initials {
    /// Those of `texts`, each of three bytes at the least. Each is in one of eight groups, a bit each: a place counts where
    /// all three bytes are of one group, so that texts of one should have much in common.
    #[expect(clippy::indexing_slicing, reason = "made when compiled: an index beyond a table does not compile")]
    pub(crate) const fn of<const TEXTS: usize>(texts: &[(u8, &[u8]); TEXTS]) -> Self {
        let mut initials =
            Self { bytes: [[0; 128]; LOOKED_AT], lower: [[0; 16]; LOOKED_AT], upper: [[0; 16]; LOOKED_AT] };
        let mut number = 0;
        while number < TEXTS {
            let (group, text) = texts[number];
            assert!(group.is_power_of_two());
            let mut place = 0;
            while place < LOOKED_AT {
                let byte = text[place] & 0x7f;
                let written = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
                let mut way = 0;
                while way < written.len() {
                    let one = written[way];
                    initials.bytes[place][one as usize] |= group;
                    initials.lower[place][(one & 0x0f) as usize] |= group;
                    initials.upper[place][(one >> 4) as usize] |= group;
                    way += 1;
                }
                place += 1;
            }
            number += 1;
        }
        initials
    }

    /// Whether one of the texts may stand where these are.
    #[inline]
    pub(super) fn are(&self, three: [u8; LOOKED_AT]) -> bool {
        let groups = |(table, byte): (&[u8; 128], u8)| table.get(usize::from(byte & 0x7f)).copied().unwrap_or_default();
        self.bytes.iter().zip(three).map(groups).fold(u8::MAX, |all, groups| all & groups) != 0
    }
}
