// 待发送: what could not be sent without a signal waits on the device, encrypted, and sends itself later, in order.
// The key is the server's and is held in this tab only while somebody is signed in; signing out wipes everything.
// Over plain http a browser has no encryption and no worker: then the pages keep what was typed as long as they are open.
(() => {
  "use strict";
  const offline = "offline" in document.body.dataset;
  const held = () => { try { return JSON.parse(sessionStorage.getItem("device")); } catch { return null; } };
  const user = document.body.dataset.user || (offline && held() ? held().user : "");
  if (!user || !window.isSecureContext || !window.indexedDB || !crypto.subtle) return;
  const here = location.pathname;
  const PATIENCE = 20000; // milliseconds for one answer
  const PAGES = 30; // kept on the device, the newest

  // ── the store ──
  const opened = new Promise((done, fail) => {
    const asked = indexedDB.open("outbox", 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore("waiting", { keyPath: "id", autoIncrement: true }); asked.result.createObjectStore("pages", { keyPath: "where" }); };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const store = async (name, mode, act) => {
    const database = await opened;
    return new Promise((done, fail) => {
      const change = database.transaction(name, mode), asked = act(change.objectStore(name));
      change.oncomplete = () => done(asked && asked.result);
      change.onerror = change.onabort = () => fail(change.error);
    });
  };
  const rows = async () => (await store("waiting", "readonly", (all) => all.getAll())).filter((row) => row.user === user);

  // ── the key ──
  let token = "";
  const ask = (address, options) => { // a weak signal that never answers is no signal
    if (navigator.onLine === false) throw new TypeError("no signal");
    const stop = new AbortController(), clock = setTimeout(() => stop.abort(), PATIENCE);
    return fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin", signal: stop.signal, ...options }).finally(() => clearTimeout(clock));
  };
  const renew = async () => {
    const answer = await ask("/accounts/device/");
    if (answer.redirected || !answer.ok) return false;
    const told = await answer.json();
    if (told.user !== user) return false;
    token = told.token;
    sessionStorage.setItem("device", JSON.stringify({ user, key: told.key }));
    return true;
  };
  const key = async () => {
    let mine = held();
    if (!mine || mine.user !== user) { await renew(); mine = held(); }
    if (!mine || mine.user !== user) throw new Error("no key");
    const raw = Uint8Array.from(mine.key.match(/../g), (two) => parseInt(two, 16));
    return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  };
  const seal = async (value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12)), text = new TextEncoder().encode(JSON.stringify(value));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), text) };
  };
  const unseal = async ({ iv, sealed }) => JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key(), sealed)));

  // ── sending ──
  const LATER = [429, 502, 503, 504];
  const send = async (address, entries) => {
    const data = new FormData();
    entries.forEach(([name, value]) => data.append(name, value));
    data.append("csrfmiddlewaretoken", token || (document.querySelector("[name=csrfmiddlewaretoken]") || { value: "" }).value);
    const answer = await ask(address, { method: "POST", body: data });
    const json = (answer.headers.get("Content-Type") || "").includes("json");
    if (answer.ok && !answer.redirected && !json) throw new TypeError("somebody else's answer"); // the page of a foreign network
    return { status: answer.redirected && !json ? 401 : answer.status, body: json ? await answer.json() : undefined };
  };
  const ready = async (address, entries) => {
    const first = await send(address, entries);
    if (first.status !== 403 || first.body) return first;
    return (await renew()) ? send(address, entries) : { status: 401 }; // the token of an earlier session
  };

  // ── what waits: kept before it is sent, so that a tab that dies on the way loses nothing ──
  const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, work) : work()); // among the tabs
  const read = async (row) => {
    await key(); // without it nothing can be told; with it, a row that does not open never will
    try { return { id: row.id, at: row.at, version: row.version, ...(await unseal(row)) }; } catch {
      return { id: row.id, at: row.at, version: row.version, address: "", entries: [], about: { text: "一条内容" }, refused: "打不开了，请按手里的记录重新填写" };
    }
  };
  const all = async () => Promise.all((await rows()).map(read));
  const put = async ({ id, at, version, ...kept }) => {
    const row = { user, at, version, over: Boolean(kept.refused), ...(await seal(kept)) };
    return store("waiting", "readwrite", (box) => box.put(id ? { ...row, id } : row));
  };
  // A later answer to the same question takes the place of the one that waits, and keeps what was known before it.
  const hold = async (address, entries, about, version) => {
    const waiting = about.key && (await all()).find((one) => one.address === address && one.about.key === about.key && !one.refused);
    if (waiting) {
      const before = new Map(waiting.entries.filter(([name]) => name.startsWith("was:")));
      entries = entries.map(([name, value]) => [name, before.has(name) ? before.get(name) : value]);
    }
    await put({ ...(waiting && { id: waiting.id }), at: Date.now(), version, address, entries, about });
  };
  // Answered: gone, unless a later answer has taken its place meanwhile; that one knows now what this one has changed.
  const finish = async (one, { marks = {} }) => {
    const row = (await rows()).find((found) => found.id === one.id);
    if (!row) return;
    if (row.version === one.version) { await store("waiting", "readwrite", (box) => box.delete(one.id)); return; }
    const later = await read(row);
    await put({ ...later, entries: later.entries.map(([name, value]) => [name, name.startsWith("was:") && name.slice(4) in marks ? marks[name.slice(4)] : value]) });
  };
  const drop = async (id) => { await store("waiting", "readwrite", (box) => box.delete(id)); show(); };
  const asked = new Map(); // version → how its page is told the answer, and whether it is kept by now
  const post = async (address, entries, about) => {
    const version = `${Date.now()} ${Math.random()}`;
    const mine = { kept: false };
    const answer = new Promise((done) => { mine.done = done; asked.set(version, mine); }); // before it can be found and sent
    try { await alone("outbox rows", () => hold(address, entries, about, version)); } catch { // nothing can be kept here
      asked.delete(version);
      return ready(address, entries);
    }
    mine.kept = true;
    flush();
    return answer;
  };

  let running = false, again = false, pause = 5000, timer, owes = false;
  const sent = [];
  const later = () => { clearTimeout(timer); timer = setTimeout(flush, pause); pause = Math.min(pause * 2, 300000); };
  const tell = (one, answer) => {
    const found = asked.get(one.version);
    asked.delete(one.version);
    if (found) found.done(answer);
    return Boolean(found);
  };
  // A round answers for what was kept before it ended; what is being kept just now has a round of its own to come.
  const letGo = (answer) => asked.forEach((one, version) => { if (one.kept) tell({ version }, answer); });
  const settle = async (one, answer) => {
    if (answer.status < 300) {
      await alone("outbox rows", () => finish(one, answer.body || {}));
      pause = 5000;
      if (tell(one, answer)) return; // its page shows the answer
      sent.unshift({ text: one.about.text, at: new Date() });
      document.dispatchEvent(new CustomEvent("outbox:sent", { detail: { ...one, ...answer } }));
      return;
    }
    if (asked.has(one.version)) { await alone("outbox rows", () => finish(one, {})); tell(one, answer); return; }
    const refused = (answer.body && answer.body.error) || (answer.status === 409 ? "别人刚改过同一项，请打开核对。" : "没有办成，请打开核对。");
    await put({ ...one, refused });
    document.dispatchEvent(new CustomEvent("outbox:refused", { detail: { ...one, ...answer } }));
  };
  const round = async () => {
    for (;;) {
      const row = (await rows()).find((found) => !found.over), one = row && (await read(row));
      if (!one) return;
      if (one.refused) { await store("waiting", "readwrite", (box) => box.put({ ...row, over: true })); continue; }
      const answer = await ready(one.address, one.entries);
      owes = answer.status === 401;
      if (owes || LATER.includes(answer.status)) { letGo(owes ? answer : { queued: true }); return; }
      await settle(one, answer);
    }
  };
  const flush = async () => {
    if (running) { again = true; return; }
    running = true;
    do {
      again = false;
      await alone("outbox", round).catch(() => letGo({ queued: true })); // no signal: what waits goes on waiting
    } while (again);
    running = false;
    letGo({ queued: true }); // sent by another tab meanwhile
    if ((await rows().catch(() => [])).some((row) => !row.over)) later();
    show();
  };
  const retry = async (one) => { const { refused, ...whole } = one; await put(whole); pause = 5000; flush(); };
  ["online", "focus"].forEach((name) => window.addEventListener(name, () => { pause = 5000; flush(); }));

  // ── what is seen of it ──
  const panel = document.createElement("details");
  panel.className = "card outbox";
  panel.hidden = true;
  panel.innerHTML = '<summary class="card-head"><h2>待发送 <span data-waiting></span> 条<span class="tone-bad" data-refused></span></h2></summary><div class="card-body stack"><p class="tone-bad" data-owes hidden>登录已过期，登录以后自动发送。<a data-login>重新登录</a></p><ul class="plain-list"></ul><div class="button-row"><button type="button" class="btn btn-small" data-now>现在发送</button></div></div>';
  panel.querySelector("[data-now]").addEventListener("click", () => { pause = 5000; flush(); });
  const time = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  panel.querySelector("[data-login]").href = `/accounts/login/?next=${encodeURIComponent(here + location.search)}`;
  const line = (text, tone, acts = {}) => {
    const item = document.createElement("li"), words = document.createElement("span");
    words.textContent = text;
    if (tone) words.className = "tone-" + tone;
    item.append(words);
    Object.entries(acts).forEach(([name, act]) => { const button = document.createElement("button"); button.type = "button"; button.className = "btn btn-quiet btn-small"; button.textContent = name; button.addEventListener("click", act); item.append(button); });
    return item;
  };
  const show = async () => {
    let waiting;
    try { waiting = (await all()).filter((one) => !asked.has(one.version)); } catch { // without the key: how many, not what
      waiting = (await rows().catch(() => [])).map((row) => ({ ...row, about: { text: "一条内容，登录后可见" } }));
    }
    panel.hidden = !waiting.length && !sent.length;
    if (!panel.hidden && !panel.isConnected) document.getElementById("main").prepend(panel);
    const refused = waiting.filter((one) => one.refused).length;
    panel.querySelector("[data-waiting]").textContent = waiting.length - refused;
    panel.querySelector("[data-refused]").textContent = refused ? `，没有被接受 ${refused} 条` : "";
    panel.querySelector("[data-owes]").hidden = !owes;
    if (owes && waiting.length) panel.open = true; // folded, it would not say what is to be done
    panel.querySelector("ul").replaceChildren(
      ...waiting.map((one) => line(`${one.about.text}（${time(one.at)}）${one.refused ? "：" + one.refused : "：等待发送"}`, one.refused ? "bad" : "warn", one.refused ? { ...(one.address && { "再发一次": () => retry(one) }), "不发了": () => { if (confirm(`“${one.about.text}”没有记到台账里，确定不发了吗？`)) drop(one.id); } } : {})),
      ...sent.slice(0, 10).map((one) => line(`${one.text}：已送达 ${time(one.at)}`, "good")),
    );
  };

  // ── pages without a signal ──
  const fields = (root) => [...root.querySelectorAll("input, select, textarea")];
  const freeze = () => {
    const main = document.getElementById("main").cloneNode(true), live = fields(document.getElementById("main"));
    fields(main).forEach((one, at) => {
      const now = live[at];
      if (one.tagName === "SELECT") [...one.options].forEach((option, n) => option.toggleAttribute("selected", now.options[n].selected));
      else if (one.tagName === "TEXTAREA") one.textContent = now.value;
      else if (one.type === "checkbox" || one.type === "radio") one.toggleAttribute("checked", now.checked);
      else if (one.type !== "file" && one.type !== "password") one.setAttribute("value", now.value);
    });
    main.querySelectorAll(".outbox, [name=csrfmiddlewaretoken]").forEach((one) => one.remove());
    return main.innerHTML;
  };
  const keep = async () => {
    if (offline) return;
    const page = await seal({ html: freeze(), title: document.title });
    await store("pages", "readwrite", (pages) => pages.put({ where: `${user} ${here}`, at: Date.now(), ...page }));
    const kept = (await store("pages", "readonly", (pages) => pages.getAll())).filter((one) => one.where.startsWith(`${user} `));
    for (const old of kept.sort((a, b) => b.at - a.at).slice(PAGES)) await store("pages", "readwrite", (pages) => pages.delete(old.where));
  };
  const restore = async () => {
    const page = await store("pages", "readonly", (pages) => pages.get(`${user} ${here}`));
    if (!page) return;
    const { html, title } = await unseal(page);
    document.body.dataset.user = user;
    document.title = title;
    document.getElementById("main").innerHTML = html;
    document.body.dataset.pages.split(" ").forEach((source) => { const script = document.createElement("script"); script.src = source; document.body.append(script); });
  };
  // What a colleague has waiting on the same phone is theirs: it stays, unreadable, until they sign in.
  const others = async () => (await store("waiting", "readonly", (box) => box.getAll())).some((row) => row.user !== user);
  const wipe = async () => {
    sessionStorage.removeItem("device");
    for (const row of await rows()) await store("waiting", "readwrite", (box) => box.delete(row.id));
    const pages = await store("pages", "readonly", (kept) => kept.getAllKeys());
    for (const where of pages.filter((one) => one.startsWith(`${user} `))) await store("pages", "readwrite", (kept) => kept.delete(where));
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("leave" in form.dataset) || "wiped" in form.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    delete form.dataset.busy; // app.js has marked it as sent
    form.querySelectorAll("[aria-disabled]").forEach((one) => one.removeAttribute("aria-disabled"));
    (async () => {
      try {
        const waiting = await rows();
        if (waiting.length && !window.confirm(`还有 ${waiting.length} 条没有发送，退出会从本机删除。确定退出吗？`)) return;
        await wipe();
        if (await others()) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "others", value: "1" }));
      } catch { /* a store that does not open holds nothing; the server's answer clears the rest */ }
      form.dataset.wiped = "";
      form.requestSubmit();
    })();
  }, true);

  window.outbox = { post, drop, waiting: all };
  if (offline) restore().then(show, () => {});
  else if (!document.querySelector("[data-keep]")) rows().then((waiting) => waiting.length && renew().then(() => flush()), () => {});
  else {
    if (navigator.serviceWorker) navigator.serviceWorker.register("/worker.js", { scope: "/" }).then((found) => { if (found.active) found.active.postMessage("keep"); }, () => {});
    renew().then(() => flush(), () => {}).then(show, () => {});
    addEventListener("load", () => setTimeout(() => keep().catch(() => {}), 300));
    document.addEventListener("visibilitychange", () => { if (document.hidden) keep().catch(() => {}); });
  }
})();
