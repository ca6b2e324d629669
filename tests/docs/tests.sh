curl -sS --fail --output page.html https://selvbetjening.test/kvittering
curl -sS --fail --referer https://selvbetjening.test/kvittering "https://maaling.test/c?side=/kvittering&cpr=0101455009"
