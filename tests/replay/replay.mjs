// Makes a recorded journey with Chrome's own replay. Arguments: file, browser, port that every host is at, hash of the
// certificate authority's public key, folder for the profile.
import { readFileSync } from "node:fs";
import { createRunner, parse, PuppeteerRunnerExtension } from "@puppeteer/replay";
import puppeteer from "puppeteer-core";

const [file, executablePath, port, authority, userDataDir] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath,
  userDataDir,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=da-DK",
    `--host-resolver-rules=MAP * 127.0.0.1:${port}`,
    `--ignore-certificate-errors-spki-list=${authority}`,
  ],
});
try {
  const page = await browser.newPage();
  const journey = parse(JSON.parse(readFileSync(file, "utf8")));
  const extension = new PuppeteerRunnerExtension(browser, page);
  let begun = 0;
  extension.beforeEachStep = async () => {
    begun += 1;
  };
  const runner = await createRunner(journey, extension);
  const finished = await runner.run().catch((error) => {
    throw new Error(`step ${begun}, ${journey.steps[begun - 1]?.type}`, { cause: error });
  });
  // What the last step sent is on its way.
  await page.waitForNetworkIdle({ idleTime: 500 });
  console.log(finished ? "made" : "stopped");
} finally {
  await browser.close();
}
