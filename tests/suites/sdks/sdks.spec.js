// A page for each SDK, with somebody who types into its form and leaves it without sending.
const { test } = require('@playwright/test');

const NAMES = ['alloy', 'clarity', 'datadog', 'ga4', 'mixpanel', 'posthog'];
const { SUITE_PAGES = '/', SUITE_QUERY = '', SUITE_TYPED = 'Havnegade 1' } = process.env;

// As a person types: recorders begin a moment after the page.
const TYPING_MS = 60;

// Beacons are sent after their page is gone: there is nothing left to wait for them.
const BEACONS_MS = 500;

for (const name of NAMES) {
  test(`ansøgning med ${name}`, async ({ page }) => {
    const heard = awaited(name, page);
    await page.goto(`${SUITE_PAGES}${name}${SUITE_QUERY}`);
    await heard;
    await page.getByLabel('Ægtefælles').pressSequentially(SUITE_TYPED, { delay: TYPING_MS });
    await page.goto('about:blank');
    await page.waitForTimeout(BEACONS_MS);
  });
}

// What tells that an SDK is at work. Two of them send nothing before the page is left; one of these packs in a worker.
function awaited(name, page) {
  if (name === 'mixpanel') return undefined;
  if (name === 'datadog') return page.waitForEvent('worker');
  return page.waitForResponse((response) => new URL(response.url()).host === `in.${name}.test`);
}
