// A real server: HTTP/1.1 and HTTP/2 on one TLS port, server-sent events, WebSocket with compression, big bodies.
// Arguments: certificate, key. Prints its port. Ends with its standard input.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http2 = require('http2');
const path = require('path');
const { WebSocketServer } = require('ws');

// Of a length that fits no frame or record, and no two places of it alike.
const CHUNK = crypto.randomBytes(65521);

const server = http2.createSecureServer({
  cert: fs.readFileSync(process.argv[2]),
  key: fs.readFileSync(process.argv[3]),
  allowHTTP1: true,
});

function file(response, name, type) {
  response.writeHead(200, { 'content-type': type });
  response.end(fs.readFileSync(path.join(__dirname, name)));
}

function echo(request, response, url) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts).toString();
    response.writeHead(200, { 'content-type': 'application/json', trailer: 'x-sum' });
    response.write(JSON.stringify({
      method: request.method,
      version: request.httpVersion,
      query: url.search,
      header: request.headers['x-cpr'] ?? null,
      body,
    }));
    response.addTrailers({ 'x-sum': String(body.length) });
    response.end('\n');
  });
}

function upload(request, response) {
  let length = 0;
  const hash = crypto.createHash('sha256');
  request.on('data', (part) => {
    length += part.length;
    hash.update(part);
  });
  request.on('end', () => response.end(length + ' ' + hash.digest('hex')));
}

function* parts(length) {
  for (let left = length; left > 0; left -= CHUNK.length) {
    yield left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
  }
}

function download(response, length) {
  response.writeHead(200, { 'content-length': length });
  const left = parts(length);
  const more = () => {
    for (let part = left.next(); !part.done; part = left.next()) {
      if (!response.write(part.value)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

function hash(length) {
  const hash = crypto.createHash('sha256');
  for (const part of parts(length)) hash.update(part);
  return hash.digest('hex');
}

function events(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // The second waits until the first was received: a proxy that holds events back never gets it.
  waiting = () => response.write('data: second\n\n');
  response.write('data: first\n\n');
}
let waiting = () => {};

server.on('request', (request, response) => {
  const url = new URL(request.url, 'https://site.test');
  if (url.pathname === '/echo') return echo(request, response, url);
  if (url.pathname === '/upload') return upload(request, response);
  if (url.pathname === '/download') return download(response, Number(url.searchParams.get('length')));
  if (url.pathname === '/hash') return response.end(hash(Number(url.searchParams.get('length'))));
  if (url.pathname === '/events') return events(response);
  if (url.pathname === '/seen') {
    waiting();
    return response.end('seen');
  }
  if (url.pathname === '/page') return file(response, 'page.html', 'text/html; charset=utf-8');
  if (url.pathname === '/worker.js') return file(response, 'worker.js', 'text/javascript');
  if (url.pathname === '/report') return echo(request, response, url);
  response.writeHead(404);
  response.end('nothing here');
});

// Compressed from the first byte on, so that each message of the tests is.
const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } });
sockets.on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    const prefix = socket.extensions.includes('permessage-deflate') ? 'deflated:' : 'plain:';
    socket.send(binary ? data : prefix + data, { binary });
  });
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit());
