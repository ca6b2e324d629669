// The same suite by a browser that is told to use no proxy at all, and finds the sites by itself.
const config = require('./playwright.config.js');

config.use.ignoreHTTPSErrors = true;
config.use.launchOptions.args.push('--no-proxy-server', `--host-resolver-rules=MAP * ${process.env.SUITE_SITES}`);
module.exports = config;
