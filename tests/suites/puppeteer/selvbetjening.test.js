const assert = require('node:assert');
const { after, before, test } = require('node:test');
const puppeteer = require('puppeteer-core');

const SITE = 'https://selvbetjening.toldhuset.test';
let browser;

before(async () => {
  const executablePath = process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/bin/chromium';
  browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'] });
});

after(() => browser?.close());

test('viser årsopgørelsen efter log på', async () => {
  const page = await browser.newPage();
  await page.goto(SITE);
  await page.locator('#cpr').fill('010145-5001');
  await Promise.all([page.waitForNavigation(), page.locator('#log-paa button').click()]);
  assert.strictEqual(await page.$eval('h1', (heading) => heading.textContent), 'Årsopgørelse 2025');
  await page.close();
});
