// Runs the Playwright suite of tests/suites with and without `cprvagt run`, in turns, and prints how much longer it takes.
// `ci/bench-run` builds what is needed. Arguments: our program, the example `stage`, then rounds=N repeat=N.
//
// A pair is one run of each, one after the other, and every other pair the other way round: what slows the machine down
// slows both. Only the ratio within a pair says anything. What is timed is all of it, from the start to the last report.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [ours, stage, ...rest] = process.argv.slice(2);
const setting = (name, usual) => Number(rest.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? usual);
const rounds = setting('rounds', '5');
// Each test so many times: three alone are over before a browser is warm.
const repeat = setting('repeat', '5');

const suites = fileURLToPath(new URL('../../tests/suites/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bench-run-'));
const site = spawn(stage, { stdio: ['ignore', 'pipe', 'inherit'] });
const [, root, port] = await introduced();

// The stage says how curl reaches it. It goes on talking, so what it says is read to the end.
function introduced() {
  return new Promise((resolve, reject) => {
    let said = '';
    site.stdout.on('data', (bytes) => {
      said = (said + bytes).slice(0, 10_000);
      const found = said.match(/--cacert (\S+) --connect-to \S+:443:127\.0\.0\.1:(\d+)/);
      if (found) resolve(found);
    });
    site.on('exit', () => reject(new Error(`the stage ended: ${said}`)));
  });
}

const suite = (config) => [
  'node', join(suites, 'node_modules/@playwright/test/cli.js'), 'test', '--config', join(suites, config),
  '--project', 'selvbetjening', '--repeat-each', String(repeat),
];
const direct = suite('direct.config.js');
const through = [
  ours, 'run', '--no-store', '--sut', 'toldhuset.test', '--test-person', '010145-5001', '--loopback-only',
  '--upstream-ca', root, '--resolve', `*:443:127.0.0.1:${port}`, '--', ...suite('playwright.config.js'),
];

// Seconds, and the exit code: the suite passes by itself, and leaks behind the proxy.
async function timed([program, ...words], expected) {
  const begun = performance.now();
  const env = { ...process.env, SUITE_OUT: join(folder, 'out'), SUITE_SITES: `127.0.0.1:${port}` };
  const child = spawn(program, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const seconds = (performance.now() - begun) / 1000;
  if (code !== expected) throw new Error(`${program} ended with ${code}:\n${said}`);
  return seconds;
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

try {
  // The first of each is not counted: files are read for the first time.
  await timed(direct, 0);
  await timed(through, 1);
  const pairs = [];
  for (let round = 0; round < rounds; round += 1) {
    const pair = {};
    const turns = [
      async () => (pair.without = await timed(direct, 0)),
      async () => (pair.within = await timed(through, 1)),
    ];
    if (round % 2) turns.reverse();
    for (const turn of turns) await turn();
    pairs.push(pair);
    const ratio = pair.within / pair.without;
    console.log(`pair ${round + 1}: ${pair.without.toFixed(2)} s without, ${pair.within.toFixed(2)} s within, ${ratio.toFixed(3)}`);
  }
  const ratios = pairs.map((pair) => pair.within / pair.without);
  const [without, within] = [median(pairs.map((pair) => pair.without)), median(pairs.map((pair) => pair.within))];
  console.log(`median of ${rounds}: ${without.toFixed(2)} s without, ${within.toFixed(2)} s within`);
  console.log(`ratio: median ${median(ratios).toFixed(3)}, from ${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`);
} finally {
  site.kill('SIGINT');
  rmSync(folder, { recursive: true, force: true });
}
