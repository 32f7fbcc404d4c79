// 我的本月: contacts are noted in place, numbers dialled with one tap. Without this script each button loads a page.
(() => {
  "use strict";
  const bar = document.querySelector("[data-mine]");
  if (!bar) return;
  const all = (selector, root) => [...(root || document).querySelectorAll(selector)];
  const live = document.getElementById("live");
  let hush;
  const say = (text) => { live.textContent = text; clearTimeout(hush); hush = setTimeout(() => { live.textContent = ""; }, 8000); };
  const fail = (card, text) => { const line = card.querySelector("[data-contact-error]"); line.textContent = text; line.hidden = false; };

  // The way: how people are reached until another is chosen.
  const setWay = (root, way) => {
    all("input[name=how]", root).forEach((input) => { input.value = way; });
    all("[data-way]", root).forEach((word) => { word.textContent = way; });
  };
  const currentWay = () => { const one = bar.querySelector("[data-set-way][aria-current]"); return one ? one.dataset.setWay : ""; };
  bar.addEventListener("click", (event) => {
    const link = event.target.closest("[data-set-way]");
    if (!link) return;
    event.preventDefault();
    all("[data-set-way]", bar).forEach((one) => one.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    setWay(document, link.dataset.setWay);
  });

  // Who is shown: one group, or those whose name or initials begin so.
  const search = bar.querySelector("[data-find-in]");
  const chips = all("[data-show]");
  let show = (chips.find((one) => one.hasAttribute("aria-current")) || chips[0]).dataset.show;
  const whole = !show; // the page holds every group only when it was opened for all
  const filter = () => {
    const word = search.value.trim().toLowerCase();
    let found = 0;
    all(".duty-group").forEach((group) => {
      let here = 0;
      all(".duty", group).forEach((card) => {
        const names = (card.dataset.find || "").toLowerCase();
        card.hidden = Boolean((show && card.dataset.group !== show) || (word && !names.includes(word)));
        here += !card.hidden;
      });
      group.hidden = !here;
      const folded = group.querySelector("details");
      if (folded && here && (show || word)) folded.open = true;
      found += here;
    });
    document.querySelector("[data-nobody]").hidden = found > 0;
  };
  search.hidden = false;
  search.addEventListener("input", filter);
  chips.forEach((chip) => chip.addEventListener("click", (event) => {
    if (!whole) return; // the address brings the others
    event.preventDefault();
    chips.forEach((one) => one.removeAttribute("aria-current"));
    chip.setAttribute("aria-current", "true");
    show = chip.dataset.show;
    filter();
  }));
  const count = () => all("[data-count]").forEach((place) => {
    const group = place.dataset.count;
    if (whole) place.textContent = all(group ? `.duty[data-group="${group}"]` : ".duty[data-group]").length;
  });

  // Sending: the form stays as it is until the server has answered; its key makes a second try harmless.
  const release = (form) => { delete form.dataset.busy; all("[aria-disabled]", form).forEach((one) => one.removeAttribute("aria-disabled")); };
  const replace = (card, html) => {
    const box = document.createElement("template");
    box.innerHTML = html.trim();
    const fresh = box.content.firstElementChild;
    const focused = card.contains(document.activeElement);
    card.replaceWith(fresh);
    if (currentWay()) setWay(fresh, currentWay());
    if (focused) (fresh.querySelector("button, .btn") || fresh.querySelector("a")).focus({ preventScroll: true });
    return fresh;
  };
  const send = async (form, button) => {
    const data = new FormData(form);
    if (button.name) data.append(button.name, button.value);
    const address = button.getAttribute("formaction") || form.getAttribute("action");
    if (window.outbox && !("dial" in button.dataset)) {
      const name = form.closest(".duty").querySelector("h3").textContent.trim();
      const word = button.firstChild ? button.firstChild.textContent.trim() : "";
      return window.outbox.post(address, [...data].filter(([key]) => key !== "csrfmiddlewaretoken"), { text: `${name}：${word}`, person: form.closest(".duty").id, group: GROUPS[button.value] || "" });
    }
    const answer = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!(answer.headers.get("Content-Type") || "").includes("json")) return { status: answer.redirected ? 401 : answer.status };
    return { status: answer.status, body: await answer.json() };
  };
  const GROUPS = { unchanged: "done", changed: "changed", unreachable: "lost" };
  // Noted on the device: the card says so and goes to its group; the receipt brings the card of the server.
  const wait = (card, group) => {
    const chip = card.querySelector(".chip");
    chip.className = "chip chip-warn";
    chip.textContent = "待发送";
    card.dataset.was = card.dataset.was || card.dataset.group;
    if (group) card.dataset.group = group;
    all(".duty-acts, [formaction]", card).forEach((one) => { one.hidden = true; });
    count();
    filter();
  };
  // Refused later: back where it was, to be decided again.
  const unwait = (card) => {
    const chip = card.querySelector(".chip");
    chip.className = "chip chip-bad";
    chip.textContent = "没有记下";
    card.dataset.group = card.dataset.was || card.dataset.group;
    all(".duty-acts, [formaction]", card).forEach((one) => { one.hidden = false; });
    return card;
  };
  const call = (form, number) => {
    const link = document.createElement("a");
    link.href = "tel:" + number;
    link.textContent = number;
    form.querySelector("[data-number]").replaceChildren(link);
    setWay(form, "电话");
    link.click();
  };
  const settle = (card, body) => {
    const fresh = body.card ? replace(card, body.card) : card;
    if (body.progress) document.getElementById("month-progress").outerHTML = body.progress;
    if (body.error) fail(fresh, body.error); else say(body.text);
    count();
    if (body.next) location.assign(body.next);
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (!("contact" in form.dataset) || !button) return;
    event.preventDefault();
    const card = form.closest(".duty"), dials = "dial" in button.dataset;
    form.querySelector("[data-contact-error]").hidden = true;
    try {
      const { status, body, queued } = await send(form, button);
      release(form);
      if (queued) { wait(card, GROUPS[button.value]); say("没有信号，已存在本机，有信号后自动发送。"); }
      else if (status === 401) location.reload();
      else if (!body) fail(card, "没有办成，请刷新页面再试。");
      else if (dials && body.number) call(form, body.number);
      else settle(card, body);
    } catch {
      release(form);
      fail(card, "网络不通，没有记下；有信号后再点一次，不会重复。");
    }
  });
  document.addEventListener("outbox:sent", (event) => {
    const { about, body } = event.detail, card = about.person && document.getElementById(about.person);
    if (card && body) { if (body.card) replace(card, body.card); if (body.progress) document.getElementById("month-progress").outerHTML = body.progress; say(body.text || ""); count(); filter(); }
  });
  document.addEventListener("outbox:refused", (event) => {
    const { about, body } = event.detail, card = about.person && document.getElementById(about.person);
    if (card) { const fresh = body && body.card ? replace(card, body.card) : unwait(card); fail(fresh, (body && body.error) || "没有办成，请刷新页面再试。"); count(); }
  });
  if (window.outbox) window.outbox.waiting().then((waiting) => waiting.forEach((one) => {
    const card = one.about.person && !one.refused && document.getElementById(one.about.person);
    if (card) wait(card, one.about.group);
  }), () => {});
})();
