// A reporter of Playwright's that tells cprvagt which test runs when. It prints nothing.
'use strict';

const fs = require('node:fs');

class Titles {
  tell(event, test) {
    const file = process.env.CPRVAGT_TESTS_FILE;
    if (!file) return;
    // The first is the root, which has no title; the browser comes next, then the file.
    const title = test.titlePath().filter((part) => part).slice(0, 12).join(' › ');
    try {
      fs.appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), event, title: Array.from(title).slice(0, 500).join('') })}\n`);
    } catch {
      // The folder is gone when the run is over.
    }
  }
  onTestBegin(test) { this.tell('begin', test); }
  onTestEnd(test) { this.tell('end', test); }
  printsToStdio() { return false; }
}

module.exports = Titles;
