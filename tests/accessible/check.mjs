// Holds pages against WCAG 2.1 AA in the real browser: axe-core's rules, in light and dark, on a desktop and a phone, and that
// nothing has to be scrolled sideways on a phone. Arguments: browser, files. Prints a line for each fault.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [executablePath, ...files] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
// As WCAG 1.4.10 has it.
const NARROW = 320;
const browser = await puppeteer.launch({
  executablePath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
  ],
});
let [pages, rules] = [0, 0];
try {
  for (const file of files) {
    for (const scheme of ["light", "dark"]) {
      for (const width of [1366, NARROW]) {
        const page = await browser.newPage();
        await page.setBypassCSP(true);
        await page.setViewport({ width, height: 900 });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await page.goto(pathToFileURL(file).href);
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate((tags) => axe.run({ runOnly: { type: "tag", values: tags } }), TAGS);
        const place = `${file} (${scheme}, ${width})`;
        for (const { id, help, nodes } of violations) console.log(`${place}: ${id}: ${help}: ${nodes[0].html.slice(0, 200)} (${nodes.length})`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) console.log(`${place}: ${wide} pixels wide`);
        [pages, rules] = [pages + 1, rules + passes.length];
        await page.close();
      }
    }
  }
} finally {
  await browser.close();
}
console.error(`${pages} pages, ${rules} rules held`);
