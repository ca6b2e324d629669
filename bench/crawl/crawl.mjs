// A plain crawl with Puppeteer: the pages in order, one tab, what each sent and its cookies written down. Arguments:
// browser, port that every host is at, waits, addresses' file. Waits: `ours` as our crawler waits, `wec` as the
// website-evidence-collector does by default.
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const [executablePath, port, waits, list] = process.argv.slice(2);
const addresses = JSON.parse(readFileSync(list, "utf8"));
const browser = await puppeteer.launch({
  executablePath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--ignore-certificate-errors",
    `--host-resolver-rules=MAP * 127.0.0.1:${port}`,
  ],
});
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function recorded(page) {
  const requests = [];
  page.on("request", (request) => requests.push([request.method(), request.url(), request.headers(), request.postData()]));
  return requests;
}

async function read(page) {
  const links = await page.$$eval("a[href]", (all) => all.map((link) => link.href));
  const forms = await page.$$eval("form", (all) => all.map((form) => [form.method, form.action]));
  return { links, forms, cookies: await page.browserContext().cookies(), title: await page.title() };
}

let requests = 0;
try {
  if (waits === "ours") {
    for (const address of addresses) {
      const page = await browser.newPage();
      const seen = recorded(page);
      await page.goto(address, { waitUntil: "load" });
      await page.waitForNetworkIdle({ idleTime: 500 });
      await read(page);
      await page.close({ runBeforeUnload: false });
      // What pages send when they are left.
      await pause(1000);
      requests += seen.length;
    }
  } else {
    const page = await browser.newPage();
    const seen = recorded(page);
    for (const address of addresses) {
      await page.goto(address, { waitUntil: "networkidle2" });
      await pause(3000);
      await read(page);
    }
    requests = seen.length;
  }
  console.log(`${addresses.length} pages, ${requests} requests`);
} finally {
  await browser.close();
}
