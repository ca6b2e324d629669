// Loaded into every Node program of a run of cprvagt, by NODE_OPTIONS. Two things that no variable does: a Chromium that is
// started gets the proxy on its command line, and in versions of Node without --use-env-proxy http, https and fetch use it.
'use strict';

const port = Number(process.env.CPRVAGT_PROXY_PORT);
const spki = process.env.CPRVAGT_PROXY_SPKI;
if (port > 0) {
  browsers();
  // Node 22.21, 24.5 and later obey HTTP_PROXY by themselves when NODE_USE_ENV_PROXY is set.
  if (!process.allowedNodeEnvironmentFlags.has('--use-env-proxy')) {
    requests();
    fetches();
  }
}

// Every way of starting a program ends here: spawn, exec, execFile and fork.
function browsers() {
  const { ChildProcess } = require('node:child_process');
  const { spawn } = ChildProcess.prototype;
  ChildProcess.prototype.spawn = function (options) {
    if (options && Array.isArray(options.args) && isChromium(options.file, options.args)) {
      options = { ...options, args: withProxy(options.args) };
    }
    return spawn.call(this, options);
  };
}

function isChromium(file, args) {
  const name = String(file).split(/[\\/]/).pop().replace(/\.exe$/i, '').toLowerCase();
  const known = /^(chrome|chromium|chromium-browser|google[ -]chrome.*|chrome-headless-shell|headless[_-]shell|msedge|microsoft[ -]edge.*|brave.*)$/;
  // Cypress has a proxy of its own between browser and net, which obeys HTTPS_PROXY.
  const ofCypress = process.env.CYPRESS_INTERNAL_ENV && args.some((arg) => arg.startsWith('--proxy-server='));
  return !ofCypress && (known.test(name) || args.some((arg) => String(arg).startsWith('--user-data-dir=')));
}

function withProxy(args) {
  // Of two flags of a kind the last one counts, so ours name what the given one does.
  const merged = (name, value) => {
    const given = args.findLast((arg) => String(arg).startsWith(`${name}=`));
    return `${name}=${value}${given ? `,${given.slice(name.length + 1)}` : ''}`;
  };
  const flags = [
    `--proxy-server=127.0.0.1:${port}`,
    '--proxy-bypass-list=<-loopback>',
    merged('--ignore-certificate-errors-spki-list', spki),
    // Some telemetry keeps silent where a page is told that a program steers the browser: then nothing would be found.
    merged('--disable-blink-features', 'AutomationControlled'),
  ];
  // The last of its kind counts; what stands after -- is no flag.
  const end = args.indexOf('--');
  return end < 0 ? [...args, ...flags] : [...args.slice(0, end), ...flags, ...args.slice(end)];
}

// A socket to host:port through the proxy, once it answered.
function tunnel(host, to, done) {
  const net = require('node:net');
  const name = net.isIPv6(host) ? `[${host}]` : host;
  const socket = net.connect({ host: '127.0.0.1', port });
  let answer = '';
  const fail = (error) => { socket.destroy(); done(error); };
  const read = (bytes) => {
    answer += bytes.toString('latin1');
    if (!answer.includes('\r\n\r\n')) {
      if (answer.length > 65536) fail(new Error('the proxy of cprvagt gave no answer'));
      return;
    }
    socket.off('data', read);
    socket.off('error', fail);
    if (!/^HTTP\/1\.[01] 200/.test(answer)) return fail(new Error(`the proxy of cprvagt refused ${name}:${to}`));
    done(null, socket);
  };
  socket.on('error', fail);
  socket.on('data', read);
  socket.write(`CONNECT ${name}:${to} HTTP/1.1\r\nHost: ${name}:${to}\r\n\r\n`);
}

// What names no agent of its own is sent by these.
function requests() {
  const http = require('node:http');
  const https = require('node:https');
  const tls = require('node:tls');
  class Plain extends http.Agent {
    createConnection(options, done) {
      if (options.socketPath) return super.createConnection(options, done);
      tunnel(options.host || 'localhost', options.port || 80, done);
    }
  }
  class Secure extends https.Agent {
    createConnection(options, done) {
      const host = options.host || 'localhost';
      tunnel(host, options.port || 443, (error, socket) => {
        if (error) return done(error);
        const servername = options.servername || (require('node:net').isIP(host) ? undefined : host);
        done(null, tls.connect({ ...options, socket, servername, host: undefined, port: undefined }));
      });
    }
  }
  http.globalAgent = new Plain({ keepAlive: true, timeout: 5000 });
  https.globalAgent = new Secure({ keepAlive: true, timeout: 5000 });
}

// fetch has a dispatcher for the whole program, which it shares with the package undici; it is there once fetch was loaded.
function fetches() {
  const original = globalThis.fetch;
  if (typeof original !== 'function') return;
  const place = Symbol.for('undici.globalDispatcher.1');
  let isSet = false;
  const connect = (options, done) => {
    const tls = require('node:tls');
    const secure = options.protocol === 'https:';
    tunnel(options.hostname, options.port || (secure ? 443 : 80), (error, socket) => {
      if (error) return done(error, null);
      if (!secure) return done(null, socket);
      const servername = options.servername || (require('node:net').isIP(options.hostname) ? undefined : options.hostname);
      const session = tls.connect({ socket, servername, ALPNProtocols: ['http/1.1'] });
      session.once('secureConnect', () => { session.off('error', done); done(null, session); });
      session.once('error', done);
    });
  };
  globalThis.fetch = function fetch(input, init) {
    if (!isSet) {
      isSet = true;
      void globalThis.Response;
      const usual = globalThis[place];
      // One that somebody else has set is theirs.
      if (usual && usual.constructor.name === 'Agent') {
        const set = Object.getOwnPropertyDescriptor(globalThis, place);
        if (set.writable) globalThis[place] = new usual.constructor({ connect });
      }
    }
    return original(input, init);
  };
}
