// The service by Node's own fetch.
import assert from 'node:assert';
import test from 'node:test';

const SITE = 'https://api.tastselv.test';

test('a statement has a document', async () => {
  const answer = await fetch(`${SITE}/log-paa`, { method: 'POST', body: new URLSearchParams({ cpr: '010145-5001' }) });
  const { aarsopgoerelse } = await answer.json();
  const statement = await (await fetch(aarsopgoerelse)).json();
  assert.strictEqual(statement.beloeb, 3412);
  const document = await (await fetch(statement.dokument)).text();
  assert.match(document, /Overskydende skat: 3\.412 kr\./);
});
