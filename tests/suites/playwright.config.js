// A vendor's own configuration: nothing in it knows of cprvagt.
const { defineConfig, devices } = require('@playwright/test');

const launchOptions = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] };

module.exports = defineConfig({
  forbidOnly: true,
  workers: 1,
  reporter: 'list',
  outputDir: process.env.SUITE_OUT,
  use: { ...devices['Desktop Chrome'], launchOptions },
  projects: [
    { name: 'selvbetjening', testDir: 'playwright', use: { baseURL: 'https://selvbetjening.toldhuset.test' } },
    { name: 'sdks', testDir: 'sdks', use: { baseURL: 'https://www.tastselv.test' } },
    // What `npm init playwright` writes for everybody, in a folder of its own.
    { name: 'example', testDir: process.env.SUITE_EXAMPLE },
  ],
});
