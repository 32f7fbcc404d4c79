// 采集表: every answer is kept on the server as soon as its field is left; signatures; the checked set of the reviewers.
// Without this script the form has a button that saves all of it.
(() => {
  "use strict";
  const all = (selector, root) => [...(root || document).querySelectorAll(selector)];
  const live = document.getElementById("live");
  const say = (text) => { live.textContent = text; };
  const json = { Accept: "application/json" };

  // ── answers ──
  const form = document.querySelector("[data-form]");
  const box = (key) => form.querySelector(`[data-item="${key}"]`);
  const controls = (item) => all("input, select, textarea", item).filter((one) => one.name && !one.disabled);
  const entries = (item) => controls(item).filter((one) => (one.type !== "radio" && one.type !== "checkbox") || one.checked).map((one) => [one.name, one.value]);
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  const clock = () => new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });

  const post = async (address, pairs, about) => {
    if (window.outbox) return window.outbox.post(address, pairs, about);
    const data = new FormData();
    pairs.forEach(([name, value]) => data.append(name, value));
    data.append("csrfmiddlewaretoken", token());
    const answer = await fetch(address, { method: "POST", body: data, headers: json, credentials: "same-origin" });
    if (!(answer.headers.get("Content-Type") || "").includes("json")) return { status: answer.redirected ? 401 : answer.status };
    return { status: answer.status, body: await answer.json() };
  };

  const mark = (item, text, tone) => {
    const line = item.querySelector("[data-saved]");
    line.textContent = text;
    line.className = "saved" + (tone ? " tone-" + tone : "");
  };
  const tell = (item, told) => {
    const refused = told.filter(([level]) => level === "reject").map(([, text]) => text).join("");
    const asked = told.filter(([level]) => level !== "reject").map(([, text]) => text).join("");
    const line = item.querySelector("[data-told]"), doubt = item.querySelector("[data-doubt]");
    line.textContent = refused; line.hidden = !refused;
    doubt.textContent = asked; doubt.hidden = !asked;
    item.classList.toggle("field-invalid", Boolean(refused));
  };
  const differing = (item, one) => {
    const old = item.querySelector(".differs");
    if (old) old.remove();
    const panel = document.createElement("div");
    panel.className = "differs";
    panel.setAttribute("role", "alert");
    const line = document.createElement("p");
    line.textContent = `${one.who}刚把这一项改成“${one.theirs || "空"}”，您填的是“${one.mine || "空"}”。`;
    const keep = (text, mine) => {
      const button = document.createElement("button");
      button.type = "button"; button.className = "btn btn-small"; button.textContent = text;
      button.addEventListener("click", () => {
        item.querySelector("input[type=hidden][name^='was:']").value = one.mark;
        panel.remove();
        if (mine) save(item); else location.reload();
      });
      return button;
    };
    const buttons = document.createElement("div");
    buttons.className = "button-row";
    buttons.append(keep("用我填的", true), keep("用对方填的", false));
    panel.append(line, buttons);
    item.append(panel);
    mark(item, "没有保存", "bad");
  };
  const settle = (item, body) => {
    Object.entries(body.marks || {}).forEach(([key, value]) => { const was = box(key).querySelector("input[type=hidden][name^='was:']"); if (was) was.value = value; });
    all("[data-item]", form).forEach((one) => tell(one, (body.told || {})[one.dataset.item] || []));
    if (body.check) document.getElementById("form-check").innerHTML = body.check;
    const signed = document.querySelector("[data-signed]");
    if (signed && "signed" in body) signed.textContent = body.signed ? "已签" : "提交前须签";
    if (body.differs && body.differs.length) body.differs.forEach((one) => differing(box(one.key), one));
    else mark(item, "已保存 " + clock(), "");
  };

  // One save at a time, in the order in which the fields were left. What did not arrive is sent again by itself.
  let turn = Promise.resolve();
  const unsent = new Set();
  const KEPT = "没有信号，已存在本机，有信号后自动发送";
  const save = (item) => {
    const address = form.getAttribute("action"), label = item.querySelector(".form-label").textContent.trim();
    mark(item, "正在保存…", "");
    turn = turn.then(async () => {
      try {
        const { status, body, queued } = await post(address, entries(item), { text: `${document.querySelector("h1").textContent}：${label}`, key: item.dataset.item });
        unsent.delete(item);
        if (queued) mark(item, KEPT, "warn");
        else if (status === 401 || status === 403) { unsent.add(item); mark(item, "登录已过期，还没有保存", "bad"); expired.hidden = false; }
        else if (!body && status >= 500) { unsent.add(item); mark(item, "系统正忙，还没有保存，会自动再发", "warn"); }
        else if (!body) mark(item, "没有保存，请刷新页面再填", "bad");
        else if (body.error) mark(item, body.error, "bad");
        else settle(item, body);
      } catch {
        unsent.add(item);
        mark(item, "没有信号，还没有保存，请不要关掉这一页", "warn");
      }
    });
    return turn;
  };
  const again = async () => {
    if (!unsent.size) return;
    if (!expired.hidden && !(await renewed().catch(() => false))) return;
    [...unsent].forEach(save);
  };
  // Whoever signs in again in another tab goes on here: the page takes the token of the new session.
  const expired = document.querySelector("[data-expired]");
  const renewed = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (answer.redirected || !answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.body.dataset.user !== document.body.dataset.user) return false;
    const fresh = page.querySelector("[data-form] [name=csrfmiddlewaretoken]");
    if (!fresh) return false;
    all("[name=csrfmiddlewaretoken]").forEach((one) => { one.value = fresh.value; });
    expired.hidden = true;
    return true;
  };

  if (form) {
    // What waited on the device and has arrived, or was refused, since.
    const mine = (event) => event.detail.address === form.getAttribute("action") && box(event.detail.about.key);
    document.addEventListener("outbox:sent", (event) => { const item = mine(event); if (item) settle(item, event.detail.body); });
    document.addEventListener("outbox:refused", (event) => {
      const item = mine(event), { body, id } = event.detail;
      if (!item) return;
      if (body && body.differs && body.differs.length) { settle(item, body); window.outbox.drop(id); } else mark(item, (body && body.error) || "没有保存", "bad");
    });
    if (window.outbox) window.outbox.waiting().then((all) => all.forEach((one) => { const item = one.address === form.getAttribute("action") && box(one.about.key); if (item) mark(item, KEPT, "warn"); }), () => {});
    window.addEventListener("online", again);
    window.addEventListener("focus", again);
    setInterval(again, 15000);
    window.addEventListener("beforeunload", (event) => { if (unsent.size) event.preventDefault(); });
    form.addEventListener("change", (event) => {
      const item = event.target.closest("[data-item]");
      if (!item || !event.target.name) return;
      if ("none" in event.target.dataset && event.target.checked) all("input[type=number]", item).forEach((one) => { one.value = ""; });
      else if (event.target.type === "number") all("[data-none]", item).forEach((one) => { one.checked = false; });
      save(item);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-goto]");
      if (!link) return;
      const item = document.querySelector(link.getAttribute("href")), block = item && item.closest("details");
      if (!item) return;
      event.preventDefault();
      if (block) block.open = true;
      const control = item.querySelector("input:not([type=hidden]), select") || item;
      control.focus({ preventScroll: true });
      item.scrollIntoView({ block: "center" });
    });

    // Months that are still to come can never be ticked, whatever shows or hides the field.
    const never = () => all("[data-never]", form).forEach((one) => { one.disabled = true; });
    form.addEventListener("change", () => queueMicrotask(never));
    never();

    // Places: the three levels are asked for when the list is opened, and make up the text.
    const PLACEHOLDERS = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"];
    const fill = async (select, parent) => {
      const answer = await fetch(`/accounts/regions/?parent=${encodeURIComponent(parent)}`, { headers: json, credentials: "same-origin" });
      const { regions } = await answer.json();
      select.replaceChildren(new Option("请选择", ""), ...regions.map((one) => new Option(one.name, one.code)));
    };
    all("[data-place]", form).forEach((place) => {
      const item = place.closest("[data-item]"), text = item.querySelector("input[name]:not([type=hidden])");
      const levels = all("select", place);
      place.addEventListener("toggle", () => { if (place.open && !levels[0].options.length) fill(levels[0], "").catch(() => say("网络不通，请直接填写地名。")); });
      place.addEventListener("change", (event) => {
        event.stopPropagation();
        const at = levels.indexOf(event.target);
        levels.slice(at + 1).forEach((one) => one.replaceChildren());
        const code = event.target.value;
        if (code && levels[at + 1]) fill(levels[at + 1], code).catch(() => say("网络不通，请直接填写地名。"));
        text.value = levels.map((one) => (one.value ? one.selectedOptions[0].textContent : "")).filter((name) => name && !PLACEHOLDERS.includes(name)).join("");
        if (code && at > 0) save(item);
      });
      const here = place.querySelector("[data-here]");
      if (here) here.addEventListener("click", () => { text.value = here.dataset.here; save(item); });
    });
  }

  // ── signing ──
  const sign = document.querySelector("[data-sign]");
  if (sign) {
    const pad = sign.querySelector("canvas"), pen = pad.getContext("2d"), kind = sign.querySelector("[name=kind]");
    const file = sign.querySelector("[type=file]"), wrong = sign.querySelector("[data-sign-error]");
    let drawn = false;
    const wipe = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, pad.width, pad.height); pen.lineWidth = 4; pen.lineCap = "round"; pen.strokeStyle = "#1c2530"; drawn = false; };
    const at = (event) => { const area = pad.getBoundingClientRect(); return [(event.clientX - area.left) * pad.width / area.width, (event.clientY - area.top) * pad.height / area.height]; };
    pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); pen.beginPath(); pen.moveTo(...at(event)); });
    pad.addEventListener("pointermove", (event) => { if (!event.buttons) return; pen.lineTo(...at(event)); pen.stroke(); drawn = true; });
    sign.querySelector("[data-wipe]").addEventListener("click", wipe);
    const show = () => { const photo = kind.value === "paper"; sign.querySelector("[data-photo]").hidden = !photo; sign.querySelector("[data-draw]").hidden = photo; };
    kind.addEventListener("change", () => { wipe(); show(); });
    // A photograph is drawn smaller: a weak signal carries it, and where it was taken stays on the phone.
    const shrink = async (photo) => {
      const image = await createImageBitmap(photo), most = 1800, scale = Math.min(1, most / Math.max(image.width, image.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.width * scale); canvas.height = Math.round(image.height * scale);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    };
    const picture = async () => {
      if (kind.value !== "paper") return drawn ? new Promise((done) => pad.toBlob(done, "image/png")) : null;
      const photo = file.files[0];
      return photo ? shrink(photo).catch(() => photo) : null;
    };
    sign.addEventListener("submit", async (event) => {
      event.preventDefault();
      wrong.hidden = true;
      const fail = (text) => { wrong.textContent = text; wrong.hidden = false; };
      await turn;
      const blob = await picture();
      if (!blob) { fail(kind.value === "paper" ? "请先拍照或选择照片。" : "请先在框里签名。"); return; }
      const data = new FormData();
      data.append("csrfmiddlewaretoken", sign.querySelector("[name=csrfmiddlewaretoken]").value);
      data.append("kind", kind.value);
      data.append("file", blob, "sign");
      try {
        const answer = await fetch(sign.getAttribute("action"), { method: "POST", body: data, headers: json, credentials: "same-origin" });
        const body = await answer.json();
        if (body.error) { fail(body.error); return; }
        document.getElementById("form-papers").innerHTML = body.papers;
        document.querySelector("[data-signed]").textContent = body.signed ? "已签" : "提交前须签";
        say(body.text);
        wipe(); file.value = "";
        const next = { person: "collector", collector: "person" }[kind.value];
        if (next && !body.signed) kind.value = next;
        show();
      } catch {
        fail("网络不通，没有保存；有信号后再点一次。");
      }
    });
    wipe(); show();
  }

  // What is still being saved goes before the form is handed in.
  const submit = document.querySelector("[data-submit]");
  if (submit) {
    let settled = false;
    submit.addEventListener("submit", (event) => {
      if (settled) return;
      event.preventDefault();
      turn.then(() => setTimeout(() => { settled = true; delete submit.dataset.busy; submit.requestSubmit(); }));
    });
  }

  // ── the checked set ──
  const set = document.querySelector("[data-set]");
  if (set) {
    const ticks = all("input[name=form]", set), picked = set.querySelector("[data-picked]");
    const count = () => { if (picked) picked.textContent = ticks.filter((one) => one.checked).length + " " + (picked.dataset.picked || "张"); };
    set.addEventListener("change", count);
    const every = set.querySelector("[data-pick-all]");
    if (every) every.addEventListener("click", () => { const on = ticks.some((one) => !one.checked); ticks.forEach((one) => { one.checked = on; }); count(); });
    count();
  }
})();
