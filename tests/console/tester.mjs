// A tester's quarter of an hour, by two real browsers: one goes through the proxy, the other has the console open.
// Arguments: browser, console, proxy, site, recipient, the number that nobody declared. Prints one JSON object.
import puppeteer from "../accessible/node_modules/puppeteer-core/lib/esm/puppeteer/puppeteer-core.js";

const [executablePath, consoleUrl, proxy, site, recipient, number] = process.argv.slice(2);
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];
// Longer than anything takes on a busy machine: who waits for it has failed.
const PATIENCE = 30_000;
const dashed = `${number.slice(0, 6)}-${number.slice(6)}`;
const out = { shown: [], faults: [] };

const launch = (args) => puppeteer.launch({ executablePath, args: [...QUIET, ...args] });
const watching = await launch(["--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=127.0.0.1"]);
const browsing = await launch([`--proxy-server=${proxy}`, "--proxy-bypass-list=<-loopback>", "--ignore-certificate-errors"]);
try {
  const desk = await watching.newPage();
  desk.setDefaultTimeout(PATIENCE);
  desk.on("pageerror", (error) => out.faults.push(String(error)));
  desk.on("console", (said) => said.type() === "error" && out.faults.push(said.text()));
  await desk.setViewport({ width: 1280, height: 900 });
  await desk.goto(consoleUrl);
  out.address = desk.url();
  const text = (selector) => desk.$eval(selector, (node) => node.innerText);
  const count = (id, expected) =>
    desk.waitForFunction((id, expected) => document.getElementById(id).textContent === expected, {}, `count-${id}`, expected);
  // Nothing of a page may hold the number, shown or hidden.
  const look = async (name) => out.shown.push([name, await desk.evaluate(() => document.documentElement.outerHTML)]);

  const page = await browsing.newPage();
  page.setDefaultTimeout(PATIENCE);
  const browse = (path) => page.goto(`https://${site}${path}`, { waitUntil: "load" });
  const mark = async (words, kind, shown = words) => {
    await desk.focus("#mark-text");
    await desk.keyboard.type(words);
    if (kind === "step") await desk.keyboard.press("Enter");
    else await desk.click(`#mark-form button[value=${kind}]`);
    await desk.waitForFunction((words) => document.getElementById("timeline-part").innerText.includes(words), {}, shown);
  };

  await browse("/");
  await desk.waitForFunction(() => Number(document.getElementById("count-exchanges").textContent) > 0);
  out.under = await text("#under");
  await mark("step 1: log på", "step");
  const begun = Date.now();
  await browse(`/borger?cpr=${number}`);
  await desk.waitForSelector("#findings-list [role=row]");
  out.milliseconds = Date.now() - begun;
  await desk.waitForFunction((recipient) => document.getElementById("findings-list").innerText.includes(recipient), {}, recipient);
  await look("findings");

  // By the keyboard alone.
  await desk.focus("#findings-list");
  await desk.keyboard.press("j");
  await desk.keyboard.press("Enter");
  await desk.waitForSelector("#detail:not([hidden]) #detail-part h3");
  out.card = await text("#detail");
  await look("card");
  await desk.click("[data-copy-issue]");
  await desk.waitForFunction(() => document.querySelector("#copy-text[open]") || /copied/i.test(document.body.innerText));
  out.copied = await desk.evaluate(async () => {
    const open = document.querySelector("#copy-text[open] textarea");
    return open ? open.value : "(clipboard)";
  });
  await desk.keyboard.press("Escape");

  await mark(`changed the address of ${dashed}`, "note", "changed the address of xxxxxx-xxxx");
  await mark("pay", "step");
  await browse(`/betaling?cpr=${number}`);
  await count("findings", (out.two = "6"));
  await look("timeline");

  await desk.click("#pause");
  await desk.waitForFunction(() => /paus/i.test(document.getElementById("state-text").textContent));
  await browse(`/kvittering?cpr=${number}`);
  await desk.waitForFunction(() => document.getElementById("not-seen-part").innerText.includes("recording-paused"));
  out.paused = await text("#count-findings");
  await desk.click("#pause");
  await desk.waitForFunction(() => !/paus/i.test(document.getElementById("state-text").textContent));

  // The browser behind the proxy has no business here.
  const intruder = await browsing.newPage();
  const answer = await intruder.goto(consoleUrl).catch(() => null);
  out.intruder = [answer?.status(), await intruder.evaluate(() => document.body.innerText)];

  const files = [];
  for (const kind of ["report", "json"]) {
    await desk.click(`#export-form button[value=${kind}]`);
    await desk.waitForFunction((kind) => document.getElementById("files").innerText.includes(kind === "json" ? "scan.json" : ".html"), {}, kind);
    files.push(...(await desk.$$eval("#files a[download]", (links) => links.map((link) => link.href))));
  }
  files.push(await desk.$eval("a[href='session.har']", (link) => link.href));
  out.files = [];
  for (const file of files) {
    const text = await desk.evaluate(async (file) => (await fetch(file)).text(), file);
    out.files.push([new URL(file).pathname.split("/").pop(), text]);
  }
  await desk.screenshot({ path: "console.png" });
} catch (error) {
  // What was on the page says more than what was waited for.
  const [desk] = (await watching.pages()).slice(-1);
  console.error(await desk.evaluate(() => document.body.innerText), out.faults);
  throw error;
} finally {
  await Promise.allSettled([watching.close(), browsing.close()]);
}
console.log(JSON.stringify(out));
