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
    const heard = page.waitForResponse((response) => new URL(response.url()).host === `in.${name}.test`);
    // Sends nothing before the page is left.
    if (name === 'mixpanel') heard.catch(() => {});
    const ready = name === 'datadog' ? page.waitForEvent('worker') : heard;
    await page.goto(`${SUITE_PAGES}${name}${SUITE_QUERY}`);
    if (name !== 'mixpanel') await ready;
    await page.getByLabel('Ægtefælles').pressSequentially(SUITE_TYPED, { delay: TYPING_MS });
    // Sends what it recorded every five seconds; its worker may be too late for it when the page is left.
    if (name === 'datadog') await heard;
    await page.goto('about:blank');
    await page.waitForTimeout(BEACONS_MS);
  });
}
