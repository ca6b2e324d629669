// Looks at the console's page in the real browser, as people and as hostile sites do. Arguments: browser, then NAME=ADDRESS. Prints
// a line for each fault; `!leak NAME` and `!hour NAME` ask the test to do something, `!figure` tells what was measured.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const [executablePath, ...given] = process.argv.slice(2);
const addresses = Object.fromEntries(given.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
// Rows in the page at most, of both long lists.
const MAX_ROWS = 200;
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let held = 0;

const fault = (text) => console.log(String(text).replaceAll("\n", " ").replace(/^!/, ""));
const check = (is, text) => is || fault(text);
async function please(what) {
  console.log(`!${what}`);
  await answers.next();
}

const browser = await puppeteer.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--proxy-server=http://127.0.0.1:9"],
});

/** A page that is open, logged on, filled. */
async function open(name, { scheme = "light", width = 1280, bypass = false } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setBypassCSP(bypass);
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  page.on("dialog", async (dialog) => {
    fault(`${name}: a dialog opened: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("pageerror", (error) => fault(`${name}: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && !/status of 401/.test(message.text()) && fault(`${name}: ${message.text()}`));
  page.on("request", (request) => check(new URL(request.url()).host === new URL(addresses[name]).host, `${name}: asks ${request.url()}`));
  await page.evaluateOnNewDocument(() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(addresses[name]);
  await page.waitForSelector("#timeline-part > *");
  await page.waitForSelector("#recipients-part > *");
  if (!name.startsWith("empty")) await page.waitForSelector("#findings-list .row .title");
  return page;
}

async function clean(page, place) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(wide <= 0, `${place}: ${wide} pixels too wide`);
  const violations = await page.evaluate(() => window.violations);
  check(violations.length === 0, `${place}: ${violations}`);
}

async function accessible(name, scheme, width, prepare) {
  const page = await open(name, { scheme, width, bypass: true });
  await prepare?.(page);
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate((tags) => axe.run({ runOnly: { type: "tag", values: tags } }), TAGS);
  const place = `${name} (${scheme}, ${width}${prepare ? `, ${prepare.name}` : ""})`;
  for (const { id, help, nodes } of violations) fault(`${place}: ${id}: ${help}: ${nodes[0].html.slice(0, 300)} (${nodes.length})`);
  held += passes.length;
  await clean(page, place);
  await page.browserContext().close();
}

async function card(page) {
  await page.focus("#findings-list");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#detail-part h3");
}
async function help(page) {
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]");
}

try {
  // Everybody's eyes.
  for (const scheme of ["light", "dark"]) {
    for (const lang of ["da", "en"]) {
      for (const width of [1280, 400]) {
        await accessible(`full-${lang}`, scheme, width);
        await accessible(`full-${lang}`, scheme, width, card);
      }
      await accessible(`full-${lang}`, scheme, 1280, help);
      await accessible(`empty-${lang}`, scheme, 1280);
      await accessible(`paused-${lang}`, scheme, 1280);
    }
  }

  // Keys alone.
  {
    const page = await open("full-en");
    const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim().slice(0, 30));
    await page.keyboard.press("Tab");
    check((await page.evaluate(() => document.activeElement.className)) === "skip", "the first stop is no way past the head");
    await page.keyboard.press("j");
    check((await focus()) === "findings-list", `j goes to ${await focus()}`);
    await page.waitForSelector("#findings-list .current .title");
    await page.keyboard.press("j");
    await page.waitForFunction(() => document.getElementById(document.getElementById("findings-list").getAttribute("aria-activedescendant"))?.getAttribute("aria-rowindex") === "2");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#detail-part h3");
    check((await focus()) === "detail-title", `a card opens and the focus is on ${await focus()}`);
    // Every copy button, link and button of the card is reached.
    const wanted = await page.$$eval("#detail button", (buttons) => buttons.length);
    const met = new Set();
    for (let press = 0; press < wanted + 10; press++) {
      await page.keyboard.press("Tab");
      met.add(await page.evaluate(() => [...document.querySelectorAll("#detail button")].indexOf(document.activeElement)));
    }
    // The one to close it is before its title.
    check(met.size >= wanted, `${met.size} of ${wanted} buttons are reached`);
    await page.keyboard.press("Escape");
    check((await focus()) === "findings-list", `Esc goes to ${await focus()}`);
    check(await page.$eval("#detail", (detail) => detail.hidden), "Esc does not close the card");
    await page.keyboard.press("/");
    check((await focus()) === "filter-text", `/ goes to ${await focus()}`);
    await page.keyboard.type("/Ordner/12?");
    await page.waitForFunction(() => document.getElementById("exchanges-total").textContent.startsWith("1 of"));
    await page.focus("#exchanges-list");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#detail-part code")?.textContent.includes("/Ordner/12?"));
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    check((await focus()) === "mark-text", `n goes to ${await focus()}`);
    await page.keyboard.type("step 3: change address");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("step-now").textContent.includes("step 3: change address"));
    // Single keys can be switched off.
    await page.keyboard.press("Escape");
    await page.click("#help");
    await page.click("#single-keys");
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    check((await focus()) !== "mark-text", "a key does something though it is switched off");
    await clean(page, "keys");
    await page.browserContext().close();
  }

  // What a tester does.
  {
    const page = await open("full-en");
    await page.click("#choose-site");
    await page.type("#site-form input", "www.another.test");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("under").textContent === "www.another.test");
    await page.click("#pause");
    await page.waitForFunction(() => document.getElementById("pause").value === "resume");
    await page.click("#pause");
    await page.waitForFunction(() => document.getElementById("pause").value === "pause");
    await page.click("#clear");
    await page.waitForFunction(() => document.getElementById("findings-list").hidden);
    await page.click("#show-cleared");
    await page.waitForFunction(() => !document.getElementById("findings-list").hidden && document.querySelectorAll("#exchanges-list .row .path").length > 0);
    await page.click("#export-form button[value=report]");
    await page.waitForSelector(".files a");
    const view = await page.$eval(".files a", (link) => link.href);
    const exported = await page.browserContext().newPage();
    await exported.goto(view);
    check((await exported.title()) === "Report", `a script of an exported page ran: ${await exported.title()}`);
    await exported.click("a");
    await exported.waitForFunction(() => document.title === "Vendor");
    await exported.close();
    await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: (text) => ((window.copied = text), Promise.resolve()) } }));
    await card(page);
    await page.click("[data-copy-issue]");
    await page.waitForFunction(() => window.copied?.startsWith("## "));
    await page.click("[data-only-finding]");
    await page.waitForFunction(() => document.getElementById("exchanges-total").textContent.includes("of"));
    await page.click("#language");
    await page.waitForFunction(() => document.documentElement.lang === "da");
    await clean(page, "doings");
    await page.browserContext().close();
  }

  // A leak shows, is announced, and moves nobody's place.
  {
    const page = await open("full-da");
    const before = Number(await page.$eval("#count-findings", (node) => node.textContent));
    const began = Date.now();
    await please("leak full-da");
    await page.waitForFunction((count) => Number(document.getElementById("count-findings").textContent) === count + 1, { polling: "raf" }, before);
    console.log(`!figure a leak was on the page after ${Date.now() - began} ms`);
    await page.waitForFunction(() => document.getElementById("announce").textContent.startsWith("Nyt fund: Kritisk"));
    check((await page.$eval("#findings-list .row:not([hidden])", (row) => row.classList.contains("fresh"))), "a new finding does not stand out");
    await page.browserContext().close();
  }

  // A thousand findings, a hundred thousand exchanges.
  {
    const page = await open("large");
    await page.waitForFunction(() => document.getElementById("exchanges-total").textContent === "100.000");
    const measured = await page.evaluate(async () => {
      const long = [];
      new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ["longtask"] });
      const frame = () => new Promise(requestAnimationFrame);
      const out = { rows: 0, frames: 0, gap: 0 };
      for (const id of ["findings-list", "exchanges-list"]) {
        const list = document.getElementById(id);
        list.scrollIntoView();
        await frame();
        const end = list.scrollHeight - list.clientHeight;
        let last = await frame();
        for (let step = 0; step <= 180; step++) {
          // First row by row as a wheel does, then through all of it as the bar does.
          list.scrollTop = step < 90 ? step * 60 : end * ((step - 90) / 90);
          const now = await frame();
          out.gap = Math.max(out.gap, now - last);
          last = now;
          out.frames++;
          out.rows = Math.max(out.rows, document.querySelectorAll(".row").length);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { ...out, long: Math.max(0, ...long) };
    });
    console.log(`!figure large: ${measured.frames} frames, longest gap ${measured.gap.toFixed(1)} ms, longest task ${measured.long.toFixed(1)} ms, ${measured.rows} rows at most`);
    check(measured.rows < MAX_ROWS && measured.rows > 20, `${measured.rows} rows in the page`);
    await page.waitForFunction(() => [...document.querySelectorAll("#exchanges-list .row:not([hidden]) .path")].some((path) => path.textContent.includes("/Ordner/0?")));
    const rows = await page.$eval("#exchanges-list", (list) => list.getAttribute("aria-rowcount"));
    check(rows === "100001", `the list says that it has ${rows} rows`);
    await clean(page, "large");
    await page.browserContext().close();
  }

  // Hostile text, seen and opened.
  for (const width of [1280, 400]) {
    const page = await open("hostile", { width });
    await clean(page, `hostile ${width}`);
    await card(page);
    await clean(page, `hostile card ${width}`);
    await page.keyboard.press("Escape");
    await page.focus("#exchanges-list");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#detail-title")?.textContent.includes("</title>"));
    await clean(page, `hostile exchange ${width}`);
    const strange = await page.evaluate(() => ({
      elements: document.querySelectorAll("body script, img, iframe, object, embed, [onerror], [onload], [style*=url]").length,
      // Controls that turn the line around or hide; ours are spelled out.
      controls: /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText),
    }));
    check(strange.elements === 0 && !strange.controls, `hostile ${width}: ${JSON.stringify(strange)}`);
    await page.browserContext().close();
  }

  // Nothing of the session is left when it is over.
  {
    const page = await open("full-da");
    await please("hour full-da");
    await page.waitForFunction(() => document.body.className === "gone");
    const left = await page.evaluate(() => document.documentElement.outerHTML);
    check(!/tastselv|maaling|0101901234|Ordner/.test(left), `left of the session: ${left}`);
    check(/terminal/.test(left), "nobody says how to come back");
    await page.reload();
    check(/terminal/.test(await page.content()), "loaded again, nobody says how to come back");
    await page.browserContext().close();
  }
} catch (error) {
  fault(error.stack ?? error);
} finally {
  await browser.close();
}
console.log(`!held ${held}`);
process.exit(0);
