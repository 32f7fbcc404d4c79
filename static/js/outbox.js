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
  const renew = async () => {
    const answer = await fetch("/accounts/device/", { headers: { Accept: "application/json" }, credentials: "same-origin" });
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
  const LATER = [502, 503, 504];
  const send = async (address, entries) => {
    const data = new FormData();
    entries.forEach(([name, value]) => data.append(name, value));
    data.append("csrfmiddlewaretoken", token || (document.querySelector("[name=csrfmiddlewaretoken]") || { value: "" }).value);
    const answer = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" });
    const json = (answer.headers.get("Content-Type") || "").includes("json");
    return { status: answer.redirected && !json ? 401 : answer.status, body: json ? await answer.json() : undefined };
  };
  const ready = async (address, entries) => {
    const first = await send(address, entries);
    if (first.status !== 403 || first.body) return first;
    return (await renew()) ? send(address, entries) : { status: 401 }; // the token of an earlier session
  };

  // A later answer to the same question takes the place of the one that waits, and keeps what was known before it.
  const hold = async (address, entries, about) => {
    const waiting = about.key && (await all()).find((one) => one.address === address && one.about.key === about.key && !one.refused);
    if (waiting) {
      const before = new Map(waiting.entries.filter(([name]) => name.startsWith("was:")));
      entries = entries.map(([name, value]) => [name, before.has(name) ? before.get(name) : value]);
    }
    const row = { user, at: Date.now(), ...(await seal({ address, entries, about })) };
    await store("waiting", "readwrite", (box) => box.put(waiting ? { ...row, id: waiting.id } : row));
    show();
    later();
  };
  const all = async () => Promise.all((await rows()).map(async (row) => ({ id: row.id, at: row.at, ...(await unseal(row)) })));
  const drop = async (id) => { await store("waiting", "readwrite", (box) => box.delete(id)); show(); };
  const post = async (address, entries, about) => {
    if ((await rows()).length === 0) {
      try {
        const answer = await ready(address, entries);
        if (!LATER.includes(answer.status)) return answer;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
    await hold(address, entries, about);
    flush();
    return { queued: true };
  };

  let running = false, pause = 5000, timer, owes = false;
  const sent = [];
  const later = () => { clearTimeout(timer); timer = setTimeout(flush, pause); pause = Math.min(pause * 2, 300000); };
  const flush = async () => {
    if (running) return;
    running = true;
    try {
      for (const one of await all()) {
        if (one.refused) continue;
        const answer = await ready(one.address, one.entries);
        owes = answer.status === 401;
        if (owes || LATER.includes(answer.status) || answer.status >= 500) break;
        if (answer.status < 300) {
          await store("waiting", "readwrite", (box) => box.delete(one.id));
          sent.unshift({ text: one.about.text, at: new Date() });
          pause = 5000;
          document.dispatchEvent(new CustomEvent("outbox:sent", { detail: { ...one, ...answer } }));
        } else {
          const refused = (answer.body && answer.body.error) || (answer.status === 409 ? "别人刚改过同一项，请打开核对。" : "没有办成，请打开核对。");
          const { id, at, ...kept } = one;
          const row = { id, user, at, ...(await seal({ ...kept, refused })) };
          await store("waiting", "readwrite", (box) => box.put(row));
          document.dispatchEvent(new CustomEvent("outbox:refused", { detail: { ...one, ...answer } }));
        }
      }
    } catch { /* no signal: what waits goes on waiting */ }
    running = false;
    const left = (await all().catch(() => [])).filter((one) => !one.refused).length;
    if (left) later();
    show();
  };
  ["online", "focus"].forEach((name) => window.addEventListener(name, () => { pause = 5000; flush(); }));

  // ── what is seen of it ──
  const panel = document.createElement("details");
  panel.className = "card outbox";
  panel.hidden = true;
  panel.innerHTML = '<summary class="card-head"><h2>待发送 <span data-waiting></span> 条</h2></summary><div class="card-body stack"><p class="tone-bad" data-owes hidden>登录已过期，请重新登录，登录以后自动发送。</p><ul class="plain-list"></ul><div class="button-row"><button type="button" class="btn btn-small" data-now>现在发送</button></div></div>';
  panel.querySelector("[data-now]").addEventListener("click", () => { pause = 5000; flush(); });
  const time = (moment) => new Date(moment).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const line = (text, tone, act) => {
    const item = document.createElement("li"), words = document.createElement("span");
    words.textContent = text;
    if (tone) words.className = "tone-" + tone;
    item.append(words);
    if (act) { const button = document.createElement("button"); button.type = "button"; button.className = "btn btn-quiet btn-small"; button.textContent = "不发了"; button.addEventListener("click", act); item.append(button); }
    return item;
  };
  const show = async () => {
    const waiting = await all().catch(() => []);
    if (!panel.isConnected) document.getElementById("main").prepend(panel);
    panel.hidden = !waiting.length && !sent.length;
    panel.querySelector("[data-waiting]").textContent = waiting.length;
    panel.querySelector("[data-owes]").hidden = !owes;
    panel.querySelector("ul").replaceChildren(
      ...waiting.map((one) => line(`${one.about.text}（${time(one.at)}）${one.refused ? "：" + one.refused : "：等待发送"}`, one.refused ? "bad" : "warn", one.refused && (() => drop(one.id)))),
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
    main.querySelectorAll(".outbox").forEach((one) => one.remove());
    return main.innerHTML;
  };
  const keep = async () => {
    if (offline) return;
    const page = await seal({ html: freeze(), title: document.title });
    await store("pages", "readwrite", (pages) => pages.put({ where: `${user} ${here}`, ...page }));
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
  const wipe = async () => {
    sessionStorage.removeItem("device");
    for (const name of ["waiting", "pages"]) await store(name, "readwrite", (box) => box.clear());
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("leave" in form.dataset) || "wiped" in form.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    delete form.dataset.busy; // app.js has marked it as sent
    form.querySelectorAll("[aria-disabled]").forEach((one) => one.removeAttribute("aria-disabled"));
    (async () => {
      const waiting = await rows();
      if (waiting.length && !window.confirm(`还有 ${waiting.length} 条没有发送，退出会从本机删除。确定退出吗？`)) return;
      await wipe();
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
