// Ways through the portal that end where people end: a shared list, a session that was over, a second tab, a page that is not
// there. Each with JavaScript and without.

// Made with what portal.mjs visits and checks with.
export function journeys({ base, visitor, signIn, speak, check, back, open, ACCOUNT }) {
  const named = (what, js, locale) => `${what} ${js ? 'with' : 'without'} JavaScript in ${locale}`;
  const begin = async (js, locale, next) => {
    const { context, page, breaches } = await visitor({ js });
    page.on('dialog', dialog => dialog.accept());
    await signIn(page);
    await speak(page, locale);
    await page.goto(next);
    return { context, page, breaches };
  };

  // A filter, its address, a link for others, another language, a file: the same messages everywhere.
  async function filter(js, locale) {
    const name = named('filter', js, locale);
    const { context, page } = await begin(js, locale, '/messages');
    await page.goto('/messages?range=30d');
    await page.fill('main [name=from]', 'Sarai');
    await page.click('main form[role=search] button');
    await page.waitForURL(/from=Sarai/);
    check(`${name}: filtering keeps the days that were chosen by name`, new URL(page.url()).searchParams.get('range') === '30d', page.url());
    await page.fill('main [name=after]', locale === 'en' ? '2026-10-23' : '۱۴۰۵-۰۸-۰۱');
    await page.fill('main [name=from]', ' Sarai ');
    await page.check('main [name=status][value=failed]');
    await page.click('main form[role=search] button');
    await page.waitForURL(/status=failed/);
    const address = new URL(page.url());
    check(`${name}: the address says it in one way`, address.searchParams.get('after') === '2026-10-23' && address.searchParams.get('from') === 'Sarai', address.search);
    check(`${name}: the day is shown in the reader's calendar`, await page.inputValue('main [name=after]') === (locale === 'en' ? '2026-10-23' : '1405-08-01'));
    const rows = await page.locator('tbody tr').count();
    check(`${name}: only what was asked for`, rows > 0 && await page.locator('tbody .state.bad').count() === rows, `${rows}`);
    const other = locale === 'en' ? 'fa' : 'en';
    await page.click(`footer button[value=${other}]`);
    await page.waitForSelector(`html[lang^=${other}]`);
    check(`${name}: another language keeps page and filter`, new URL(page.url()).search === address.search && await page.locator('tbody tr').count() === rows, page.url());
    await page.goBack();
    const file = async kind => (await page.request.get(await page.locator(`main a[href*="format=${kind}"]`).getAttribute('href'))).text();
    const [excel, raw] = [await file('excel'), await file('raw')];
    const lines = raw.trim().split('\n').length - 1;
    check(`${name}: the file has the same messages`, lines >= rows && excel.charCodeAt(0) === 0xfeff && !/,(delivered|queued|sent),/.test(raw), `${lines} of ${rows}`);
    await page.goto('/messages?to=%2B9370*&range=30d');
    const before = await page.locator('tbody tr').count();
    await page.click('main form[action="/messages/share"] button');
    const link = (await page.textContent('#link')).trim();
    check(`${name}: a link for others has no number`, link.startsWith(base) && !link.includes('9370'), link);
    await page.goto(link);
    check(`${name}: it shows the same`, before > 0 && await page.locator('tbody tr').count() === before);
    await context.close();
  }

  // The session is over while a form is filled: what was typed is there after signing in, and nothing was done with it.
  async function expiry(js, locale) {
    const name = named('expiry', js, locale);
    for (const [path, field, typed, box] of [
      ['/api-keys/new', 'name', `Kept ${js} ${locale} ${Date.now()}`, 'main [name=scope][value="sms:read"]'],
      ['/webhooks/new', 'url', 'https://kept.example/hook', 'main [name=event][value="messaging.message.failed.v1"]'],
      ['/send-test', 'body', 'سلام، این ماند', null],
    ]) {
      const { context, page } = await begin(js, locale, path);
      await page.fill(`main [name=${field}]`, typed);
      if (path === '/send-test') await page.fill('main [name=to]', '+93701231000');
      if (box) await page.check(box);
      await context.clearCookies({ name: '__Host-portal' });
      await page.click('main form button[type=submit]');
      await page.waitForURL(/\/sign-in/);
      check(`${name}: ${path} leads to the sign-in and back`, new URL(page.url()).searchParams.get('next') === path, page.url());
      await page.fill('main [name=email]', ACCOUNT.email);
      await page.fill('main [name=password]', ACCOUNT.password);
      await page.click('main form button[type=submit]');
      await page.waitForURL(url => url.pathname === path);
      check(`${name}: ${path} keeps what was typed`, await page.inputValue(`main [name=${field}]`) === typed && (!box || await page.isChecked(box)));
      await page.goto(path);
      check(`${name}: ${path} gives it once`, await page.inputValue(`main [name=${field}]`) === '');
      await page.goto('/api-keys');
      check(`${name}: ${path} did nothing by itself`, !(await page.textContent('main')).includes(typed));
      await context.close();
    }
  }

  // A key's value is gone with its page: reload, back and forward show it no more, and there is one key.
  async function once(js, locale) {
    const name = named('shown once', js, locale);
    const { context, page } = await begin(js, locale, '/api-keys/new');
    const label = `Once ${js} ${locale} ${Date.now()}`;
    await page.fill('main [name=name]', label);
    await page.check('main [name=scope][value="sms:read"]');
    await page.click('main form button[type=submit]');
    await page.waitForSelector('[data-secret]');
    check(`${name}: a button that copies is there when it can`, await page.locator('[data-copy]').first().isVisible() === js);
    const secret = (await page.textContent('[data-secret]')).trim();
    const shown = async () => (await page.content().catch(() => '')).includes(secret);
    await page.reload();
    check(`${name}: a reload does not show it`, !await shown());
    await back(page);
    check(`${name}: back does not show it`, !await shown());
    await page.goForward({ timeout: 5000 }).catch(() => {});
    check(`${name}: forward does not show it`, !await shown());
    await open(page, '/api-keys');
    check(`${name}: there is one key`, await page.locator('tbody tr', { hasText: label }).count() === 1);
    await page.locator('tr', { hasText: label }).locator('a[href$="/rotate"]').click();
    await page.click('main form button[type=submit]');
    check(`${name}: rotating asks when the old one stops`, await page.locator('.err').count() === 1);
    await page.check('main [name=overlap][value="3600"]');
    await page.click('main form button[type=submit]');
    await page.waitForSelector('[data-secret]');
    check(`${name}: a rotated key has another value`, (await page.textContent('[data-secret]')).trim() !== secret);
    await page.click('dialog[open] form[method=get] button');
    await page.waitForURL(/created=/);
    check(`${name}: the old one works for an hour more`, await page.locator('tbody tr', { hasText: label }).count() === 2);
    await context.close();
  }

  // What a text is and costs is told while it is written, and by the server alike.
  async function counted(js, locale) {
    const name = named('counting', js, locale);
    const { context, page } = await begin(js, locale, '/send-test');
    const digits = text => text.replace(/[۰-۹]/g, digit => '۰۱۲۳۴۵۶۷۸۹'.indexOf(digit));
    for (const [text, units, parts] of [['a'.repeat(161), 161, 2], [`${'a'.repeat(70)}ښ`, 71, 2], ['€'.repeat(80), 160, 1], ['سلام', 4, 1], ['👍'.repeat(36), 72, 2]]) {
      await page.fill('main [name=to]', '+93701231000');
      await page.fill('main [name=body]', text);
      check(`${name}: the counter is there when it counts`, await page.locator('#counted').isVisible() === js);
      if (js) {
        const told = digits(await page.textContent('#counted')).match(/\d+/g).map(Number);
        check(`${name}: ${units} and ${parts}`, told.includes(units) && told.includes(parts), told.join());
      }
      await page.click('main form button[type=submit]');
      await page.waitForSelector('main form[action="/send-test/confirm"]');
      const facts = digits(await page.textContent('main dl.facts'));
      check(`${name}: the server says ${parts}`, new RegExp(`(?<!\\d)${parts}(?!\\d)`).test(facts) && facts.includes(/^[a€]+$/.test(text) ? 'GSM-7' : 'UCS-2'), facts);
      await page.click('main form[action="/send-test"] button[name=change]');
      await page.waitForSelector('main textarea[name=body]');
      check(`${name}: going back keeps the text`, await page.inputValue('main [name=body]') === text);
    }
    await context.close();
  }

  // Pages that are not there, or not for this role, stand in the shell; two tabs share one session, and its end.
  async function ends(js, locale) {
    const name = named('ends', js, locale);
    const { context, page } = await begin(js, locale, '/');
    for (const path of ['/messages/msg_nothing', '/api-keys/key_nothing/revoke', '/webhooks/whe_nothing', '/nowhere']) {
      const answer = await page.goto(path);
      check(`${name}: ${path} is a page of 404`, answer.status() === 404 && await page.locator('#nav a').count() === 12 && await page.locator('main a.button').count() === 1, `${answer.status()}`);
    }
    const second = await context.newPage();
    await second.goto('/send-test');
    await second.fill('main [name=body]', 'typed in the second');
    await page.goto('/messages');
    await page.click('header form button');
    await page.waitForURL(/sign-in/);
    await second.fill('main [name=to]', '+93701231000');
    await second.click('main form button[type=submit]');
    await second.waitForURL(/sign-in/);
    check(`${name}: what one tab ended is over in the other`, new URL(second.url()).searchParams.get('next') === '/send-test', second.url());
    await page.goto('/sign-in');
    await page.fill('main [name=email]', 'customer@demo.test');
    await page.fill('main [name=password]', ACCOUNT.password);
    await page.click('main form button[type=submit]');
    await page.waitForURL(url => url.pathname === '/');
    check(`${name}: a customer is led to customers' pages only`, await page.locator('#nav a').count() === 8 && await page.locator('#nav a[href^="/sandbox"]').count() === 0);
    const refused = await page.goto('/sandbox');
    check(`${name}: a page of another role is a page of 403`, refused.status() === 403 && await page.locator('#nav a').count() === 8, `${refused.status()}`);
    await context.close();
  }

  // A narrow window: the navigation is behind one link, and works by it.
  async function narrow(js, locale) {
    const name = named('narrow', js, locale);
    const { context, page } = await begin(js, locale, '/messages');
    await page.setViewportSize({ width: 360, height: 760 });
    check(`${name}: the navigation is put away`, !await page.locator('#nav').isVisible());
    await page.click('header a.menu');
    check(`${name}: it is there when it is asked for`, await page.locator('#nav a[href="/invoices"]').isVisible());
    await page.click('#nav a[href="/invoices"]');
    await page.waitForURL(/invoices$/);
    check(`${name}: and away on the next page`, !await page.locator('#nav').isVisible());
    await context.close();
  }

  return { filter, expiry, once, counted, ends, narrow };
}
