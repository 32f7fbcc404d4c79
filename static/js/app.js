// Small manners of every page. Opt in with data-attributes; nothing here is needed to read a page.
(() => {
  "use strict";
  const on = (type, handler, options) => document.addEventListener(type, handler, options);
  const byId = (id) => document.getElementById(id);
  const announce = (text) => { const live = byId("live"); if (live) { live.textContent = text; clearTimeout(announce.timer); announce.timer = setTimeout(() => { live.textContent = ""; }, 8000); } };

  // Dialogs: [data-dialog="id"] opens, [data-close] or the backdrop closes.
  const openDialog = (dialog) => { const error = dialog.querySelector("[data-dialog-error]"); if (error) error.hidden = true; dialog.showModal(); };
  const openReveal = (button) => {
    const dialog = byId("reveal-dialog"), form = dialog.querySelector("form");
    form.reset();
    form.dataset.path = button.dataset.reveal;
    form.dataset.target = button.dataset.revealTarget;
    dialog.querySelector("[data-reveal-name]").textContent = button.dataset.revealLabel;
    openDialog(dialog);
  };

  // Copying works on plain http too, where the clipboard interface is missing.
  const copy = (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const box = document.createElement("textarea");
    box.value = text; document.body.append(box); box.select(); document.execCommand("copy"); box.remove();
    return Promise.resolve();
  };

  on("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    let el;
    if ((el = hit("[data-reveal]"))) openReveal(el);
    else if ((el = hit("[data-dialog]"))) openDialog(byId(el.dataset.dialog));
    else if ((el = hit("[data-close]"))) el.closest("dialog").close();
    else if (event.target.tagName === "DIALOG" && !event.target.hasAttribute("data-stay")) event.target.close();
    else if ((el = hit("[data-copy]"))) copy(el.dataset.copy).then(() => announce("已复制。"), () => announce("没能复制，请手工选择。"));
    else if ((el = hit("[data-print]"))) window.print();
    else if ((el = hit("[data-toggle]"))) el.setAttribute("aria-expanded", String(byId(el.dataset.toggle).classList.toggle("is-open")));
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });

  // A second click on a POST button does nothing; the button keeps its focus, so the keyboard is not lost.
  const release = (form) => { delete form.dataset.busy; form.querySelectorAll("[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled")); };
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || "repeat" in form.dataset) return;
    if ("busy" in form.dataset) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.busy = "";
    delete form.dataset.dirty;
    form.querySelectorAll("button:not([type=button])").forEach((button) => button.setAttribute("aria-disabled", "true"));
  }, true);
  window.addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("form[data-busy]").forEach(release); });

  // What is typed is not lost by accident: form[data-unsaved].
  on("input", (event) => { const form = event.target.form; if (form && "unsaved" in form.dataset) form.dataset.dirty = ""; });
  window.addEventListener("beforeunload", (event) => { if (document.querySelector("form[data-dirty]")) event.preventDefault(); });

  // data-when="field:value1|value2" shows a block and enables its controls only for these answers.
  const settle = (form) => form.querySelectorAll("[data-when]").forEach((block) => {
    const [name, values] = block.dataset.when.split(":");
    const chosen = new FormData(form).getAll(name);
    block.hidden = !values.split("|").some((value) => chosen.includes(value));
    block.querySelectorAll("input, select, textarea").forEach((control) => { control.disabled = block.hidden; });
  });
  on("change", (event) => {
    const form = event.target.form;
    if (!form) return;
    settle(form);
    if ("autoSubmit" in form.dataset && event.target.matches("select, [type=radio], [type=checkbox], [type=month], [type=date]")) form.requestSubmit();
    if (event.target.type === "file") showFiles(event.target);
  });
  document.querySelectorAll("form").forEach(settle);

  // form[data-flow]: Enter goes to the next question, and sends the form after the last one.
  on("keydown", (event) => {
    const form = event.target.form;
    if (event.key !== "Enter" || !form || !("flow" in form.dataset) || !event.target.matches("input")) return;
    const questions = [...form.querySelectorAll(".field")].filter((field) => field.offsetParent);
    const next = questions[questions.findIndex((field) => field.contains(event.target)) + 1];
    if (!next) return;
    event.preventDefault();
    (next.querySelector("input:checked") || next.querySelector("input, select")).focus();
  });

  const size = (bytes) => (bytes < 1048576 ? Math.ceil(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1) + " MB");
  const showFiles = (input) => {
    const line = input.parentElement.querySelector(".file-chosen");
    if (!line) return;
    const limit = Number(input.dataset.maxMb || 0) * 1048576;
    const tooBig = [...input.files].some((file) => limit && file.size > limit);
    line.textContent = [...input.files].map((file) => file.name + "（" + size(file.size) + "）").join("、") + (tooBig ? "：超过 " + input.dataset.maxMb + " MB，请拆分后再上传。" : "");
    line.classList.toggle("tone-bad", tooBig);
  };

  // htmx
  const refusals = { 0: "网络不通，内容没有提交，请稍后再试。", 403: "没有权限，或页面已过期，请刷新后再试。", 404: "这条内容不存在，或不在您的管辖范围。", 413: "文件太大，没有上传。", 429: "操作太频繁，或已到今天的次数上限，请稍后再试。", 503: "系统正忙，内容没有保存，请稍后再试。" };
  const refuse = (event) => {
    const text = refusals[event.detail.xhr ? event.detail.xhr.status : 0] || "没有办成，已保存的内容不受影响，请稍后再试。";
    const dialog = document.querySelector("dialog[open]");
    const line = dialog && dialog.querySelector("[data-dialog-error]");
    if (line) { line.textContent = text; line.hidden = false; } else announce(text);
  };
  on("htmx:responseError", refuse);
  on("htmx:sendError", refuse);
  on("htmx:configRequest", (event) => { const path = event.detail.elt.dataset.path; if (path) event.detail.path = path; });
  on("htmx:beforeSwap", (event) => {
    if (/^\s*<!doctype/i.test(event.detail.serverResponse) && !event.detail.boosted) { event.detail.shouldSwap = false; location.reload(); return; }
    const target = event.detail.elt.dataset.target;
    if (target && event.detail.shouldSwap) { event.detail.target = byId(target); event.detail.elt.closest("dialog").close(); }
  });
  on("htmx:afterRequest", (event) => { const form = event.detail.elt.closest("form"); if (form) release(form); });
  let said = "";
  on("htmx:afterSettle", () => { const job = document.querySelector("[data-announce]"); if (job && job.dataset.announce !== said) { said = job.dataset.announce; const live = byId("job-live"); if (live) live.textContent = said; } });

  const errors = byId("errors");
  if (errors) errors.focus();
})();
