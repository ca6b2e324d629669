// Node's fetch and ws through the proxy. Arguments: proxy, number. Prints a line of JSON for each.
'use strict';
const { ProxyAgent, fetch } = require('undici');
const { HttpsProxyAgent } = require('https-proxy-agent');
const WebSocket = require('ws');

const [proxy, cpr] = process.argv.slice(2);

async function asked(allowH2) {
  const dispatcher = new ProxyAgent({ uri: proxy, allowH2, requestTls: { allowH2 } });
  const answer = await fetch('https://site.test/echo?cpr=' + cpr, {
    dispatcher, method: 'POST', headers: { 'x-cpr': cpr }, body: 'body=' + cpr,
  });
  console.log((await answer.text()).trim());
  await dispatcher.close();
}

function spoken() {
  return new Promise((resolve, reject) => {
    const agent = new HttpsProxyAgent(proxy);
    const socket = new WebSocket('wss://site.test/socket', { agent, perMessageDeflate: { threshold: 0 } });
    socket.on('error', reject);
    socket.on('open', () => socket.send('ws says ' + cpr));
    socket.on('message', (data) => {
      console.log(JSON.stringify({ socket: data.toString() }));
      socket.close();
    });
    socket.on('close', resolve);
  });
}

(async () => {
  await asked(false);
  await asked(true);
  await spoken();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
