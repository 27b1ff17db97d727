// The customer portal in a real browser: node portal.mjs BASE MODE CHROMIUM FOLDER
// MODE `short` is what the test command runs, `all` is everything with screenshots as contact sheets in FOLDER.
import { chromium } from 'playwright-core';
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journeys } from './journeys.mjs';

const [base, mode, program, folder] = process.argv.slice(2);
const all = mode === 'all';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const LOCALES = ['en', 'ps', 'fa'];
const ACCOUNT = { email: 'developer@demo.test', password: 'sarai-demo' };
let passed = 0;
const failures = [];
const check = (name, good, more = '') => {
  if (good) passed++;
  else { failures.push(`${name} ${more}`); console.log(`FAILED ${name} ${more}`); }
};

const profile = mkdtempSync(join(tmpdir(), 'sarai-browser-'));
// Pages are kept for Back and Forward, as a person's browser does.
const browser = await chromium.launch({ executablePath: program, args: FLAGS, ignoreDefaultArgs: ['--disable-back-forward-cache'], headless: true, env: { ...process.env, HOME: profile } });

// A context of its own, watched: breaches of the policy, and every body that came.
async function visitor({ js = true, scheme = 'light', width = 1280 } = {}) {
  const context = await browser.newContext({
    javaScriptEnabled: js, colorScheme: scheme, viewport: { width, height: 900 }, locale: 'en-GB', baseURL: base,
  });
  const page = await context.newPage();
  const breaches = [];
  page.on('console', message => { if (/Content.Security.Policy|trusted/i.test(message.text())) breaches.push(message.text()); });
  page.on('pageerror', error => breaches.push(String(error)));
  return { context, page, breaches };
}

const fill = async (page, values) => { for (const [name, value] of Object.entries(values)) await page.fill(`main [name=${name}]`, value); };
async function signIn(page, next = '/') {
  await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
  await fill(page, ACCOUNT);
  await page.click('main form button[type=submit]');
  await page.waitForURL(url => !url.pathname.startsWith('/sign-in'));
}
async function speak(page, locale) {
  await page.goto('/account');
  if (await page.getAttribute('html', 'lang') !== (locale === 'fa' ? 'fa-AF' : locale)) {
    await page.click(`footer button[value=${locale}]`);
    await page.waitForLoadState();
  }
}
async function broken(page) {
  await page.evaluate(axe);
  const { violations, incomplete } = await page.evaluate(() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  // What axe cannot decide about contrast is looked at when it knows both colours.
  const undecided = incomplete.filter(rule => rule.id === 'color-contrast')
    .map(rule => ({ ...rule, nodes: rule.nodes.filter(node => node.any.some(a => a.data?.contrastRatio > 0 && a.data.contrastRatio < parseFloat(a.data.expectedContrastRatio))) }))
    .filter(rule => rule.nodes.length);
  return [...violations, ...undecided].map(v => `${v.id} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].any.map(a => a.message).join('; ').slice(0, 200)}`);
}

// What can be looked at without changing much: each page by its name.
async function places(page) {
  const found = {
    overview: '/', 'api-keys': '/api-keys', 'api-keys-new': '/api-keys/new', account: '/account', messages: '/messages',
    'messages-failed': '/messages?status=failed&range=30d', 'messages-none': '/messages?to=%2B99999999',
    'messages-wrong': '/messages?after=2026-02-30', 'send-test': '/send-test', webhooks: '/webhooks',
    'webhooks-new': '/webhooks/new', invoices: '/invoices', usage: '/usage', 'error-codes': '/help/error-codes',
    'not-found': '/messages/msg_nothing',
  };
  const link = async (path, selector, name) => {
    await page.goto(path);
    const href = await page.locator(selector).first().getAttribute('href', { timeout: 2000 }).catch(() => null);
    if (href) found[name] = href;
  };
  await link('/api-keys', 'a[href$="/revoke"]', 'api-keys-revoke');
  await link('/api-keys', 'a[href$="/rotate"]', 'api-keys-rotate');
  await link('/messages?range=30d', 'tbody th a', 'message');
  await link('/messages?status=failed&range=30d', 'tbody th a', 'message-failed');
  await link('/webhooks', 'tbody th a', 'webhook');
  // Developers' pages.
  Object.assign(found, {
    verifications: '/verifications?env=sandbox', 'verifications-none': '/verifications?state=failed', 'verifications-wrong': '/verifications?state=lost',
    sandboxes: '/sandbox', 'sandbox-new': '/sandbox/new', docs: '/docs', 'docs-article': '/docs/v1/getting-started',
    'docs-fallback': '/docs/v1/verify?locale=ps', 'docs-search': '/docs/search?q=sandbox', 'docs-search-none': '/docs/search?q=zzzz', sdks: '/sdks',
  });
  await link('/verifications?env=sandbox', 'tbody th a', 'verification');
  await link('/sandbox', 'tbody th a', 'sandbox');
  if (found.sandbox) found['sandbox-reset'] = found.sandbox.replace('?', '/reset?');
  // What fails, what was told, what was billed.
  await link('/webhooks', 'tbody tr:has-text("hooks.shop.example") th a', 'webhook-failing');
  if (found['webhook-failing']) {
    found.deliveries = `${found['webhook-failing']}/deliveries`;
    found['deliveries-wrong'] = `${found.deliveries}?code=99`;
    found['replay-failed'] = `${found['webhook-failing']}/replay-failed`;
    await link(`${found.deliveries}?outcome=failed`, 'tbody th a', 'delivery');
    if (found.delivery) found.doctor = `${found.delivery}/doctor`;
  }
  if (found['message-failed']) found.receipt = `${found['message-failed']}/receipt`;
  await link('/invoices', 'tbody td a[href*="invoice="]', 'invoice-messages');
  return found;
}

// What only a form leads to: each way there, from a page to its answer.
const sent = async (page, path, values = {}, wait = '[role=alert]') => {
  await page.goto(path);
  await fill(page, values);
  await page.evaluate(() => { document.querySelector('main form[method=post]').noValidate = true; });
  await page.click('main form[method=post] button[type=submit]');
  await page.waitForSelector(wait);
};
const answers = {
  'api-keys-wrong': page => sent(page, '/api-keys/new'),
  'webhooks-wrong': page => sent(page, '/webhooks/new', { url: 'http://a.example' }),
  'send-test-wrong': page => sent(page, '/send-test', { to: '12', from: 'x', body: '' }),
  'send-test-confirm': page => sent(page, '/send-test', { to: '+93701231000', from: 'Sarai', body: 'سلام' }, 'main form[action="/send-test/confirm"]'),
  forbidden: async page => {
    await page.goto('/send-test');
    await fill(page, { to: '+93701231000', from: 'Sarai', body: 'x' });
    await page.evaluate(() => { document.querySelector('main [name=_f]').value = ''; });
    await page.click('main form button[type=submit]');
    await page.waitForSelector('main .empty .status');
  },
  'api-keys-created': async page => {
    await page.goto('/api-keys/new');
    await page.check('main [name=scope][value="sms:read"]');
    await page.fill('main [name=name]', `State ${Date.now()}`);
    await page.click('main form button[type=submit]');
    await page.waitForSelector('[data-secret]');
  },
};

// What only programs do: a verification in a sandbox, begun with a key.
let programs;
async function api(path, { token, once, headers = {}, ...body } = {}) {
  const answer = await fetch(`${base}/v1${path}`, {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'idempotency-key': once ?? crypto.randomUUID(), ...(token && { authorization: `Bearer ${token}` }), ...headers },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
async function begin(phone, sandbox) {
  if (!programs) {
    const { accessToken } = await api('/auth/sessions', ACCOUNT);
    const key = await api('/keys', { token: accessToken, label: `Browser ${Date.now()}`, environment: 'SANDBOX', scopes: ['verify:send', 'verify:read'] });
    programs = key.rawKey;
  }
  return api('/verifications', { token: programs, headers: sandbox ? { 'sarai-sandbox': sandbox } : {}, to: { phone } });
}

// A sandbox from its form to its end: a code is read in its inbox, time is moved, the receipt is there.
async function sandboxJourney(js, locale) {
  const name = `sandbox ${js ? 'with' : 'without'} JavaScript in ${locale}`;
  const { context, page, breaches } = await visitor({ js });
  await signIn(page, '/sandbox');
  await speak(page, locale);
  await page.goto('/sandbox');
  await page.click('main a[href^="/sandbox/new"]');
  await page.fill('[name=seed]', locale === 'fa' ? '۴۲' : '42');
  await page.selectOption('[name=ttl]', '3600');
  await page.click('main form button[type=submit]');
  await page.waitForURL(/\/sandbox\/sbx_/);
  const id = new URL(page.url()).pathname.split('/').at(-1);
  check(`${name}: making it is told`, await page.locator('[role=status].good').count() === 1);
  check(`${name}: its world is told`, await page.locator('header .state.waiting').count() === 1);
  const begun = await begin('+12025550103', id);
  await page.reload();
  const mail = page.locator('#inbox li').first();
  check(`${name}: the inbox has the code`, (await mail.innerText()).includes(begun.sandbox.code), begun.sandbox.code);
  const detail = `/verifications/${begun.verificationId}?env=sandbox`;
  await page.goto(detail);
  check(`${name}: no receipt yet`, await page.locator('main .head .state.waiting').count() === 1);
  await page.goto(`/sandbox/${id}`);
  await page.click('button[name=step][value="90"]');
  await page.waitForURL(url => url.pathname === `/sandbox/${id}`);
  check(`${name}: moving the clock is told`, await page.locator('[role=status].good').count() === 1);
  await page.goto(detail);
  check(`${name}: the receipt came`, await page.locator('main .head .state.good').count() === 1);
  await page.goto(`/sandbox/${id}`);
  await page.fill('[name=seconds]', locale === 'fa' ? '۹۹۹۹۹۹۹' : '9999999');
  await page.press('[name=seconds]', 'Enter');
  check(`${name}: a wrong number is told`, await page.locator('[role=alert]').count() === 1);
  await page.goto(`/sandbox/${id}/close`);
  await page.click('main form button.danger');
  await page.waitForURL(url => url.pathname === '/sandbox');
  check(`${name}: closing is told`, await page.locator('[role=status].good').count() === 1);
  check(`${name}: no breach of the policy`, breaches.length === 0, breaches[0]);
  await context.close();
}

// Back, also to a page that the browser refuses to send again.
async function back(page) {
  await page.goBack({ timeout: 5000 }).catch(() => {});
  await page.waitForTimeout(300);
}
const open = (page, path) => page.goto(path).catch(() => page.waitForTimeout(500).then(() => page.goto(path)));

// A key from its form to its end. With JavaScript the form is a dialog over the list.
async function keyJourney(js, locale) {
  const name = `${js ? 'with' : 'without'} JavaScript in ${locale}`;
  const { context, page, breaches } = await visitor({ js });
  const bodies = [];
  page.on('response', async response => {
    if (/text|json|javascript/.test(response.headers()['content-type'] ?? '')) bodies.push({ url: response.url(), text: await response.text().catch(() => '') });
  });
  await signIn(page, '/api-keys');
  await speak(page, locale);
  await page.goto('/api-keys');
  const label = `Journey ${js} ${locale} ${Date.now()}`;
  await page.click('main a[href="/api-keys/new"]');
  if (js) check(`${name}: the form is a dialog`, await page.locator('dialog#new[open]').count() === 1);
  const form = js ? 'dialog#new' : 'main';
  await page.fill(`${form} [name=name]`, label);
  await page.check(`${form} [name=scope][value="sms:send"]`);
  await page.click(`${form} form button[type=submit]`);
  await page.waitForSelector('[data-secret]');
  const secret = (await page.textContent('[data-secret]')).trim();
  check(`${name}: the key is shown`, /^srk_live_[0-9A-Za-z]{49}$/.test(secret), secret.slice(0, 9));
  check(`${name}: nothing around the key is copied`, (await page.evaluate(() => document.querySelector('[data-secret]').textContent).catch(() => secret)) === secret);
  if (js) {
    check(`${name}: the address forgets the form`, new URL(page.url()).pathname === '/api-keys');
    check(`${name}: the dialog is modal`, await page.locator('dialog:modal').count() === 1);
    await page.keyboard.press('Escape');
    check(`${name}: Escape does not lose the key`, await page.locator('dialog[open] [data-secret]').count() === 1);
  }
  await page.click('dialog[open] form[method=get] button');
  await page.waitForURL(/created=/);
  check(`${name}: the row is marked`, await page.locator('tr.new').count() === 1);
  check(`${name}: the list shows no key`, !(await page.content()).includes(secret));
  await back(page);
  check(`${name}: going back does not show it`, !(await page.content().catch(() => '')).includes(secret));
  await open(page, '/api-keys');
  const kept = js ? await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie, history.state, location.href])) : '';
  check(`${name}: the browser keeps nothing of it`, !kept.includes(secret) && !JSON.stringify(await context.cookies()).includes(secret));
  check(`${name}: it came once`, bodies.filter(body => body.text.includes(secret)).length <= 1);
  const row = page.locator('tr', { hasText: label }).first();
  await row.locator('a[href$="/revoke"]').click();
  await page.click('main form button.danger');
  await page.waitForURL(/\/api-keys$/);
  check(`${name}: revoking is told`, await page.locator('[role=status].good').count() === 1);
  check(`${name}: the key is over`, await page.locator('details tr', { hasText: label }).count() === 1);
  // Out, and back.
  await page.click('header form button');
  await page.waitForURL(/sign-in\?out=1/);
  await back(page);
  check(`${name}: after signing out nothing comes back`, !(await page.content().catch(() => '')).includes(ACCOUNT.email) || page.url().includes('/sign-in'));
  const cookies = await context.cookies();
  check(`${name}: the session's cookie is gone`, !cookies.some(cookie => cookie.name === '__Host-portal' && cookie.value));
  check(`${name}: no breach of the policy`, breaches.length === 0, breaches[0]);
  await context.close();
}

// A test message in three steps, to its page.
async function smsJourney(js, locale) {
  const name = `test message ${js ? 'with' : 'without'} JavaScript in ${locale}`;
  const { context, page, breaches } = await visitor({ js });
  await signIn(page);
  await speak(page, locale);
  await page.goto('/send-test');
  await fill(page, { to: '12', from: 'Sarai', body: 'x' });
  await page.click('main form button[type=submit]');
  check(`${name}: what is wrong is told, and what was typed stays`, await page.locator('[role=alert] a').count() > 0 && await page.inputValue('main [name=to]') === '12');
  await fill(page, { to: '+93 70 123 1000', from: 'Sarai', body: 'سلام از کابل' });
  await page.click('main form button[type=submit]');
  await page.waitForSelector('main form[action="/send-test/confirm"]');
  const asked = await page.textContent('main');
  check(`${name}: number and text are shown before anything is sent`, asked.includes('+93701231000') && asked.includes('سلام از کابل'));
  await page.click('main form[action="/send-test/confirm"] button[type=submit]');
  await page.waitForURL(/\/messages\/msg_/);
  check(`${name}: it has a page`, await page.locator('main bdi[dir=ltr]', { hasText: '+93701231000' }).count() > 0);
  check(`${name}: no breach of the policy`, breaches.length === 0, breaches[0]);
  await context.close();
}

// A webhook from its form to a delivery that is told again, and its signature examined. HOOK is a server of the test's.
const HOOK = process.env.SARAI_HOOK;
async function hookJourney(js, locale) {
  const name = `webhook ${js ? 'with' : 'without'} JavaScript in ${locale}`;
  const { context, page, breaches } = await visitor({ js });
  await signIn(page);
  await speak(page, locale);
  await page.goto('/webhooks/new');
  await page.fill('main [name=url]', `${HOOK}/${js}-${locale}`);
  await page.check('main [name=event][value="messaging.message.failed.v1"]');
  await page.click('main form button[type=submit]');
  await page.waitForSelector('[data-secret]');
  const secret = (await page.textContent('[data-secret]')).trim();
  check(`${name}: the secret is shown`, /^whsec_[A-Za-z0-9+/=]{44}$/.test(secret), secret.slice(0, 6));
  await page.click('dialog[open] form[method=get] button');
  await page.waitForURL(/created=/);
  check(`${name}: the list shows no secret`, !(await page.content()).includes(secret));
  await page.click('tr.new th a');
  await page.waitForURL(/\/webhooks\/whe?_?\w+/);
  const hook = new URL(page.url()).pathname;
  await page.click('main form[action$="/test"] button');
  await page.waitForURL(/\/deliveries\/\w+/);
  check(`${name}: the test leads to what became of it`, /\/deliveries\/\w+/.test(page.url()) && await page.locator('[role=status].good').count() === 1 && await page.locator('main ol.way').innerText().then(text => text.includes('204')), page.url());
  await page.goto(`${hook}/deliveries?outcome=delivered`);
  check(`${name}: it was delivered`, await page.locator('tbody tr').count() === 1);
  await page.click('tbody th a');
  await page.waitForURL(/\/deliveries\/\w+/);
  const delivery = new URL(page.url()).pathname;
  const payload = await page.textContent('#payload');
  const id = (await page.textContent('main')).match(/webhook-id: (\S+)/)[1];
  await page.click('main form[action$="/replay"] button');
  await page.waitForURL(url => url.pathname.startsWith('/deliveries/') && url.pathname !== delivery);
  check(`${name}: it is told again`, await page.locator('[role=status].good').count() === 1 && await page.locator(`main a[href="${delivery}"]`).count() === 1);
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${id}.${at}.${payload}`).digest('base64');
  const examine = async body => {
    await page.goto(`${delivery}/doctor`);
    await fill(page, { headers: `webhook-id: ${id}\nwebhook-timestamp: ${at}\nwebhook-signature: v1,${signature}`, body, received: String(at) });
    await page.click('main form button[type=submit]');
    await page.waitForSelector('main ol.way');
  };
  await examine(payload);
  check(`${name}: what is right fits`, await page.locator('main .box.good').count() === 1 && await page.locator('li.wrong').count() === 0);
  await examine(JSON.stringify(JSON.parse(payload), null, 1));
  check(`${name}: a body written anew is found`, await page.locator('main .box.bad').count() === 1 && await page.locator('li.wrong').count() === 2, `${await page.locator('li.wrong').count()}`);
  await page.goto(`${hook}/replay-failed`);
  check(`${name}: nothing to tell again, and it says so`, await page.locator('main .box.good').count() === 1 && await page.locator('main form').count() === 0);
  await page.goto(`${hook}/deliveries?after=%DB%B1%DB%B4%DB%B0%DB%B0-01-01`);
  check(`${name}: a filter in native digits is written in one way`, new URL(page.url()).search === '?after=2021-03-21', page.url());
  const change = async (event, version) => {
    await page.goto(hook);
    await page.click('main details:has(form) > summary');
    await page.check(`main [name=event][value="${event}"]`);
    const filled = page.locator('main [name=version]');
    const seen = await filled.inputValue();
    if (version) await filled.evaluate((input, value) => { input.value = value; }, version);
    await page.click('main details form button[type=submit]');
    await page.waitForSelector('main h1, [role=status]');
    return seen;
  };
  const seen = await change('devportal.key.revoked.v1');
  const told = await page.locator('main .facts .tag').allInnerTexts();
  check(`${name}: what it is told is changed`, await page.locator('[role=status].good').count() === 1 && told.includes('devportal.key.revoked.v1'), told.join());
  await change('devportal.key.exposed.v1', seen);
  check(`${name}: a change of what changed meanwhile is refused`, await page.locator('main .status').innerText() === '409');
  await page.goto(`${hook}/delete`);
  await page.click('main form button.danger');
  await page.waitForURL(/\/webhooks$/);
  check(`${name}: no breach of the policy`, breaches.length === 0, breaches[0]);
  await context.close();
}

// What failed is told again, all of it.
async function replayJourney(js, locale) {
  const name = `what failed ${js ? 'with' : 'without'} JavaScript in ${locale}`;
  const { context, page } = await visitor({ js });
  await signIn(page);
  await speak(page, locale);
  await page.goto('/webhooks');
  await page.click('tbody tr:has-text("hooks.shop.example") th a');
  await page.click('main a[href$="/replay-failed"]');
  await page.waitForURL(/replay-failed$/);
  check(`${name}: the number is told before`, await page.locator('main .pick .sub').count() === 3);
  await page.check('main [name=days][value="14"]');
  await page.click('main form button[type=submit]');
  await page.waitForURL(/\/deliveries/);
  check(`${name}: it is on its way, once`, await page.locator('[role=status].good').count() === 1);
  await context.close();
}

// An invoice against the log, and as a document.
async function invoiceJourney(js, locale) {
  const name = `invoice ${js ? 'with' : 'without'} JavaScript in ${locale}`;
  const { context, page } = await visitor({ js });
  await signIn(page);
  await speak(page, locale);
  await page.goto('/invoices?status=overdue');
  check(`${name}: one is overdue`, await page.locator('tbody tr').count() >= 1);
  const pdf = await page.locator('tbody a[href$="/pdf"]').first().getAttribute('href');
  await page.locator('tbody a[href*="invoice="]').first().click();
  await page.waitForURL(/invoice=/);
  check(`${name}: it bills what the log has`, await page.locator('main dl.facts .state.good').count() === 1);
  const document = await page.request.get(pdf);
  check(`${name}: its document is a PDF`, document.status() === 200 && (await document.body()).subarray(0, 5).toString() === '%PDF-', `${document.status()}`);
  await context.close();
}

// A key without a mouse: where the focus is can be seen at each stop.
async function keyboardJourney(locale) {
  const name = `keyboard in ${locale}`;
  const { context, page } = await visitor();
  let hidden = '';
  const to = async selector => {
    for (let stops = 0; stops < 80; stops++) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate(wanted => {
        const own = document.activeElement, box = own.getBoundingClientRect(), style = getComputedStyle(own);
        return {
          there: own.matches(wanted), what: own.outerHTML.slice(0, 80),
          shown: own === document.body || (box.bottom > 0 && box.top < innerHeight && (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)),
        };
      }, selector);
      if (!seen.shown) hidden ||= seen.what;
      if (seen.there) return true;
    }
    check(`${name}: ${selector} is reached`, false);
    return false;
  };
  const go = async (selector, wait) => { await to(selector); await page.keyboard.press('Enter'); await wait(); };
  await page.goto('/sign-in');
  if (locale !== 'en') await go(`footer button[value=${locale}]`, () => page.waitForSelector('html[dir=rtl]'));
  await to('[name=email]');
  await page.keyboard.type(ACCOUNT.email);
  await to('[name=password]');
  await page.keyboard.type(ACCOUNT.password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('nav');
  await go('nav a[href="/api-keys"]', () => page.waitForURL(/api-keys$/));
  await go('main a[href="/api-keys/new"]', () => page.waitForSelector('dialog#new[open]'));
  if (!await page.evaluate(() => document.activeElement.matches('dialog [name=name]'))) await to('dialog [name=name]');
  await page.keyboard.type(`Keyboard ${locale} ${Date.now()}`);
  await to('dialog [name=scope][value="sms:read"]');
  await page.keyboard.press('Space');
  await go('dialog button[type=submit]', () => page.waitForSelector('[data-secret]'));
  await go('dialog form[method=get] button', () => page.waitForURL(/created=/));
  check(`${name}: the key is there`, await page.locator('tr.new').count() === 1);
  await page.keyboard.press('Tab');
  check(`${name}: the first stop of a page leads past its navigation`, await page.evaluate(() => document.activeElement.matches('.skip')));
  check(`${name}: the focus is seen at each stop`, hidden === '', hidden);
  await context.close();
}

// A session nobody reads or changes.
async function cookieJourney() {
  const { context, page } = await visitor();
  await signIn(page);
  const session = (await context.cookies()).find(cookie => cookie.name === '__Host-portal');
  check('the session is for this host, over a safe line, and not for scripts', session?.secure && session.httpOnly && session.sameSite === 'Lax' && session.path === '/');
  check('the session is sealed', !/eyJ|@demo/.test(session.value + Buffer.from(session.value.split('.')[2], 'base64url').toString('latin1')));
  check('no script sees it', !(await page.evaluate(() => document.cookie)).includes('portal'));
  const changed = session.value.slice(0, -4) + (session.value.endsWith('AAAA') ? 'BBBB' : 'AAAA');
  const forged = await fetch(`${base}/`, { redirect: 'manual', headers: { cookie: `__Host-portal=${changed}` } });
  check('a changed one is none', forged.status === 303 && forged.headers.get('location').startsWith('/sign-in'));
  const posted = await fetch(`${base}/sign-out`, { method: 'POST', redirect: 'manual', headers: { cookie: `__Host-portal=${session.value}`, 'sec-fetch-site': 'cross-site' } });
  check('another site sends no form', posted.status === 403);
  const bare = await fetch(`${base}/sign-out`, { method: 'POST', redirect: 'manual', headers: { cookie: `__Host-portal=${session.value}`, 'sec-fetch-site': 'same-origin' } });
  check('a form without its token is none', bare.status === 403);
  await context.close();
}

// Bytes of a page from nothing.
async function bytesOf(page, path) {
  const cdp = await page.context().newCDPSession(page);
  let bytes = 0;
  const addresses = new Set();
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  cdp.on('Network.requestWillBeSent', event => addresses.add(event.request.url));
  cdp.on('Network.loadingFinished', event => { bytes += event.encodedDataLength; });
  await page.goto(path, { waitUntil: 'load' });
  await page.waitForTimeout(100);
  await cdp.detach();
  return { bytes, requests: addresses.size };
}

// Right to left is seen, not only said.
async function geometry(page, locale) {
  await page.goto('/api-keys');
  const at = await page.evaluate(() => {
    const box = selector => document.querySelector(selector)?.getBoundingClientRect();
    const cells = [...document.querySelectorAll('thead th')].map(cell => cell.getBoundingClientRect().x);
    return { nav: box('nav').x, main: box('main').x, first: cells[0], last: cells.at(-1), wide: document.documentElement.scrollWidth - innerWidth };
  });
  const rtl = locale !== 'en';
  check(`${locale}: the navigation is where reading begins`, rtl ? at.nav > at.main : at.nav < at.main);
  if (at.first !== undefined) check(`${locale}: the first column is where reading begins`, rtl ? at.first > at.last : at.first < at.last);
  check(`${locale}: the page is not wider than the window`, at.wide <= 0, `${at.wide}`);
}

const began = Date.now();
try {
  await cookieJourney();
  for (const [js, locale] of all ? LOCALES.flatMap(locale => [[true, locale], [false, locale]]) : [[true, 'en'], [false, 'fa']]) {
    await keyJourney(js, locale);
    await sandboxJourney(js, locale);
  }
  for (const [js, locale] of all ? ['en', 'fa'].flatMap(locale => [[true, locale], [false, locale]]) : [[true, 'fa'], [false, 'en']]) {
    await smsJourney(js, locale);
    await hookJourney(js, locale);
    await invoiceJourney(js, locale);
  }
  const ways = Object.values(journeys({ base, visitor, signIn, speak, check, back, open, ACCOUNT }));
  for (const [place, way] of ways.entries()) {
    const both = ['en', 'fa'].flatMap(locale => [[true, locale], [false, locale]]);
    for (const [js, locale] of all ? both : [both[(place * 3 + 1) % 4]]) await way(js, locale);
  }
  for (const locale of all ? ['en', 'fa'] : ['fa']) await keyboardJourney(locale);
  for (const scenario of ['00', '01', '03']) await begin(`+120255501${scenario}`);

  const schemes = all ? ['light', 'dark'] : ['light'];
  const shots = {};
  for (const locale of LOCALES) for (const scheme of schemes) {
    const { context, page, breaches } = await visitor({ scheme });
    await page.goto('/sign-in');
    if (all || locale === 'en') {
      if (locale !== 'en') { await page.click(`footer button[value=${locale}]`); await page.waitForLoadState(); }
      for (const fault of await broken(page)) check(`axe: sign-in ${locale} ${scheme}`, false, fault);
      if (all) (shots['sign-in'] ??= {})[`${locale}-${scheme}`] = await page.screenshot({ fullPage: true });
    }
    await signIn(page);
    await speak(page, locale);
    const found = await places(page);
    const chosen = Object.entries(found).filter(([name]) => all || ['overview', 'api-keys', 'messages', 'message-failed', 'webhooks', 'deliveries', 'doctor', 'receipt', 'invoices', 'account', 'verification', 'sandbox', 'docs-article', 'docs-search', 'sdks'].includes(name));
    for (const [name, path] of chosen) {
      const { bytes, requests } = await bytesOf(page, path);
      check(`${name} ${locale}: at most 25 kB cold`, bytes <= 25_000, `${bytes} B in ${requests} requests`);
      check(`${name} ${locale}: at most 4 requests`, requests <= 4, `${requests}`);
      const headings = await page.locator('h1').count();
      check(`${name} ${locale}: one heading`, headings === 1, `${headings}`);
      const faults = await broken(page);
      check(`axe: ${name} ${locale} ${scheme}`, faults.length === 0, faults.join('\n       '));
      const untold = await page.evaluate(() => document.body.innerText.match(/^[a-z]+(-[a-z0-9]+)+$/m)?.[0] ?? '');
      check(`${name} ${locale}: every sentence has words`, untold === '' || name === 'error-codes', untold);
      if (all) {
        (shots[name] ??= {})[`${locale}-${scheme}`] = await page.screenshot({ fullPage: true });
        if (scheme === 'light') {
          await page.setViewportSize({ width: 320, height: 800 });
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          check(`${name} ${locale}: fits 320 px`, wide <= 0, `${wide} px too wide`);
          (shots[`narrow-${name}`] ??= {})[`${locale}-light`] = await page.screenshot({ fullPage: true });
          await page.setViewportSize({ width: 1280, height: 900 });
        }
      }
    }
    page.on('dialog', dialog => dialog.accept());
    for (const [name, there] of Object.entries(answers).filter(() => all || locale !== 'ps')) {
      await there(page);
      const faults = await broken(page);
      check(`axe: ${name} ${locale} ${scheme}`, faults.length === 0, faults.join('\n       '));
      check(`${name} ${locale}: one heading`, await page.locator('h1').count() === 1);
      if (all) (shots[name] ??= {})[`${locale}-${scheme}`] = await page.screenshot({ fullPage: true });
    }
    if (await page.locator('dialog[open] [data-secret]').count()) {
      await page.click('dialog[open] form[method=get] button');
      await page.waitForURL(/created=/);
    }
    await geometry(page, locale);
    check(`${locale} ${scheme}: no breach of the policy`, breaches.length === 0, breaches[0]);
    await context.close();
  }
  for (const [js, locale] of all ? ['en', 'fa'].flatMap(locale => [[true, locale], [false, locale]]) : [[true, 'en']]) await replayJourney(js, locale);
  if (all) {
    mkdirSync(folder, { recursive: true });
    const { context, page } = await visitor({ width: 1900 });
    for (const [name, of] of Object.entries(shots)) {
      const narrow = name.startsWith('narrow-');
      const rows = (narrow ? ['light'] : ['light', 'dark']).map(scheme => LOCALES.map(locale => of[`${locale}-${scheme}`])
        .map(shot => shot ? `<img src="data:image/png;base64,${shot.toString('base64')}">` : '').join('')).map(row => `<div>${row}</div>`).join('');
      await page.setContent(`<style>body{margin:8px;background:#888}div{display:flex;gap:8px;margin-bottom:8px;align-items:start}img{width:${narrow ? 320 : 620}px}</style>${rows}`);
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    }
    await context.close();
    console.log(`contact sheets: ${folder}`);
  }
} catch (error) {
  failures.push(String(error?.stack ?? error));
  console.log(`FAILED ${error?.stack ?? error}`);
} finally {
  await browser.close().catch(() => {});
  rmSync(profile, { recursive: true, force: true });
}
console.log(`browser: ${passed} passed, ${failures.length} failed, ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(failures.length ? 1 : 0);
