//! Sentences about the reading of files, as in `sentences`: logs, captures, recordings, and what they are packed in. A count
//! stands behind what is counted, so that one and many are said alike.

/// As the program writes it, `{..}` for a hole; and in Danish, `{}` for the same holes in the same order.
pub(super) const OF_FILES: [(&str, &str); 68] = [
    ("{what}: {count}, the first is line {number} at byte {offset}", "{}: {}, den første er linje {} ved byte {}"),
    (
        "lines that do not fit the format {format}, searched as plain text",
        "linjer, der ikke passer til formatet {}, gennemsøgt som ren tekst",
    ),
    (
        "lines without a time that can be read, which count as of no day",
        "linjer uden et tidspunkt, der kan læses; de regnes ikke til nogen dag",
    ),
    (
        "lines of a time before 1995 or after this run, as of a wrong clock, which count as of no day",
        "linjer med et tidspunkt før 1995 eller efter denne kørsel, som fra et ur, der går forkert; de regnes ikke til nogen dag",
    ),
    (
        "lines longer than what is read whole, searched as plain text in pieces",
        "linjer, der er længere, end der læses på én gang; de er gennemsøgt som ren tekst i stykker",
    ),
    (
        "NUL bytes before lines, passed over, as a log that is cut has them",
        "NUL-bytes før linjer, sprunget over; sådan ser en log ud, der er blevet afkortet",
    ),
    ("broken characters of UTF-16, read as U+FFFD", "ødelagte tegn i UTF-16, læst som U+FFFD"),
    ("no line of 1 day: {told}", "ingen linje fra 1 dag: {}"),
    ("no line of {days} days: {told}", "ingen linje fra {} dage: {}"),
    ("not read beyond byte {offset}: {error}", "ikke læst ud over byte {}: {}"),
    (
        "connections by TLS, which a capture does not show (record them in the browser, or with the proxy)",
        "forbindelser med TLS, som en netværksoptagelse ikke viser (optag dem i browseren eller med proxyen)",
    ),
    (
        "connections by HTTP/2, which is not read in captures",
        "forbindelser med HTTP/2, som ikke læses i netværksoptagelser",
    ),
    ("connections that were no HTTP", "forbindelser, der ikke var HTTP"),
    ("packets of HTTP/3, which is not read", "pakker med HTTP/3, som ikke læses"),
    ("gaps where segments were lost", "huller, hvor segmenter gik tabt"),
    ("bytes missing in them", "byte, der mangler i dem"),
    (
        "packets captured without their ends (capture with a snap length of 0)",
        "pakker, der er optaget uden slutning (optag med snap length 0)",
    ),
    ("packets in fragments, which are not put together", "pakker i fragmenter, som ikke samles"),
    ("messages that are not as HTTP says, taken as they stand", "beskeder, der ikke følger HTTP, læst, som de står"),
    ("messages that are no HTTP in what should be", "beskeder, der ikke er HTTP, hvor der skulle være HTTP"),
    ("bytes of connections passed over for that", "byte fra forbindelser, der derfor er sprunget over"),
    (
        "messages under way when the capture or their connection ended",
        "beskeder, der var undervejs, da optagelsen eller forbindelsen sluttede",
    ),
    (
        "requests without a time in it, which count as of this run",
        "forespørgsler uden tidspunkt i den; de regnes til tidspunktet for denne kørsel",
    ),
    ("requests without an answer in it", "forespørgsler uden svar i den"),
    ("answers without a request in it", "svar uden forespørgsel i den"),
    ("connections given up, so many were under way", "forbindelser, der blev opgivet, fordi så mange var i gang"),
    ("packets that are broken", "pakker, der er beskadigede"),
    ("packets of further link types, which are not read", "pakker af andre linktyper, som ikke læses"),
    ("packets of link type {link}, which are not read", "pakker af linktypen {}, som ikke læses"),
    (
        "{recorded} bytes were recorded; how many more were sent is not in the capture",
        "{} byte blev optaget; hvor mange flere der blev sendt, står ikke i optagelsen",
    ),
    (
        "what was said on it after its opening is not read in captures",
        "det, der blev sagt på den efter åbningen, læses ikke i netværksoptagelser",
    ),
    ("what went through its tunnel is not read", "det, der gik gennem tunnellen, læses ikke"),
    (
        "its name ends with .{ending}, its bytes say otherwise; it was read as what they say, or as plain text",
        "navnet ender på .{}, men indholdet er noget andet; filen er læst som det, indholdet siger, eller som ren tekst",
    ),
    (
        "packed more than {MAX_DEPTH} times over; not unpacked further",
        "pakket mere end {} gange; ikke pakket længere ud",
    ),
    ("packed as {format}; unpack it first", "pakket som {}; pak filen ud først"),
    (
        "what stands behind the end of its text is no gzip, and is not read",
        "det, der står efter slutningen af dens tekst, er ikke gzip og er ikke læst",
    ),
    (
        "{format} broken near byte {at}: {error}; {read} bytes before were read",
        "{} beskadiget nær byte {}: {}; {} byte før det blev læst",
    ),
    (
        "its checksum is wrong; the {read} bytes it held were read",
        "kontrolsummen er forkert; de {} byte, der var i den, blev læst",
    ),
    (
        "a sparse file; its parts were read as if they stood next to each other",
        "en fil med huller; dens dele er læst, som om de stod lige efter hinanden",
    ),
    (
        "a link, which is not followed; name it to have it read",
        "et link, som ikke følges; angiv det selv for at få det læst",
    ),
    ("no file, and not read; name it to have it read", "ikke en fil og ikke læst; angiv den selv for at få den læst"),
    ("{beyond} files beyond the first {MAX_FILES}", "{} filer ud over de første {}"),
    ("cannot be opened: {error}", "kan ikke åbnes: {}"),
    ("more than {MAX_DEPTH} folders deep", "mere end {} mapper dybt"),
    (
        "it was written to since, and is as long as before: what may be another in it is not read",
        "der er skrevet i den siden, og den er lige så lang som før: hvad der kan være et andet i den, er ikke læst",
    ),
    (
        "it has grown since it was read, before this scan was stopped",
        "den er vokset, siden den blev læst, før scanningen blev afbrudt",
    ),
    ("bytes at its end that are not read: {more}", "byte i dens slutning, der ikke er læst: {}"),
    ("a new scan, without --resume, reads it whole", "en ny scanning, uden --resume, læser den helt"),
    (
        "nothing in the input belongs to the site under test or to a declared system",
        "intet i inddata hører til det undersøgte domæne eller til et system i registret",
    ),
    (
        "there is no request in the input, and no line of a log: nothing can be said of it",
        "der er ingen forespørgsel i inddata og ingen linje i en log: der kan intet siges",
    ),
    (
        "stopped before {left} files were read; the first of them is this",
        "afbrudt, før {} filer var læst; den første af dem er denne",
    ),
    ("stopped before it was read, and what is behind it", "afbrudt, før den blev læst, og det, der ligger efter den"),
    ("stopped in the midst of this capture", "afbrudt midt i denne netværksoptagelse"),
    (
        "stopped at byte {} of its text, {}{total} bytes of the file",
        "afbrudt ved byte {} af teksten, {}{} byte af filen",
    ),
    ("not tried, as asked for by --digests off", "ikke prøvet, som ønsket med --digests off"),
    (
        "broken at line {} column {}; {read} entries before were read",
        "beskadiget ved linje {} kolonne {}; {} poster før det blev læst",
    ),
    ("no log.entries in it: is it a HAR file?", "der er ingen log.entries i den: er det en HAR-fil?"),
    (
        "entries without a time that can be read; the time of this run stands in their place",
        "poster uden et tidspunkt, der kan læses; de regnes til tidspunktet for denne kørsel",
    ),
    (
        "{unlisted} beyond the first {} are counted in their findings",
        "{} ud over de første {} er talt med i deres fund",
    ),
    ("requests beyond {MAX_TALLIES} kinds of finding: {left_out}", "forespørgsler ud over {} slags fund: {}"),
    (
        "requests of which several findings tell, counted once for each of them in sums: {shared}",
        "forespørgsler, som flere fund fortæller om, talt med én gang for hvert af dem i summer: {}",
    ),
    ("it does not begin as a capture", "den begynder ikke som en netværksoptagelse"),
    ("a packet is longer than any", "en pakke er længere, end nogen er"),
    ("a section does not say how it is written", "et afsnit siger ikke, hvordan det er skrevet"),
    ("a block has a length that none has", "en blok har en længde, som ingen har"),
    ("a packet is of no interface", "en pakke hører ikke til nogen grænseflade"),
    ("a packet is longer than its block", "en pakke er længere end sin blok"),
    ("it ends in the midst of a packet", "den slutter midt i en pakke"),
];
