//! Sizes as typed: `16MiB`.

/// Shorter bodies are no use: a form with a file in it has some hundred bytes of fields before the file.
const SMALLEST: u64 = 1 << 10;

/// The detector undoes no more of one body, all encodings together.
const LARGEST: u64 = 64 << 20;

const UNITS: [(&str, u64); 8] =
    [("kib", 10), ("mib", 20), ("gib", 30), ("k", 10), ("m", 20), ("g", 30), ("b", 0), ("", 0)];

/// The bytes that `text` says, with or without a unit: `4194304`, `4096K`, `4MiB`.
pub(crate) fn body_cap(text: &str) -> Result<usize, String> {
    let text = text.trim().to_ascii_lowercase();
    let wrong = || "write it as 16MiB, 512KiB or a number of bytes".to_owned();
    let (number, shift) =
        UNITS.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, shift))).ok_or_else(wrong)?;
    let number: u64 = number.trim_end().parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(1 << shift).filter(|bytes| (SMALLEST..=LARGEST).contains(bytes));
    let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
    bytes.ok_or_else(|| "it is 1KiB at the least and 64MiB at the most".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_two() {
        for (text, bytes) in
            [("16MiB", 16 << 20), ("512 kib", 512 << 10), ("64M", 64 << 20), ("4194304", 4 << 20), ("2048b", 2048)]
        {
            assert_eq!(body_cap(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["", "MiB", "4MB", "-1", "0", "1b", "65MiB", "1GiB", "18446744073709551615KiB", "4 M iB"] {
            assert!(body_cap(text).is_err(), "{text}");
        }
    }
}
