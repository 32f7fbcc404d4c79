// What was typed into form[data-unsaved] survives the end of the session: kept in this tab when it is sent, filled in
// again when the same user comes back to the same page by way of signing in, forgotten on every other page.
(() => {
  "use strict";
  const KEY = "draft", user = document.body.dataset.user || "", here = location.pathname;
  const read = () => { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } };
  const controls = (form) => [...form.elements].filter((one) => one.name && !/token$/.test(one.name) && !["file", "password", "submit", "button"].includes(one.type));

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!user || form.method !== "post" || !("unsaved" in form.dataset)) return;
    const fields = controls(form).map((one) => [one.name, one.value, one.type === "radio" || one.type === "checkbox" ? one.checked : null]);
    sessionStorage.setItem(KEY, JSON.stringify({ user, path: here, fields }));
  });

  const draft = read();
  if (!draft) return;
  const signingIn = /^\/accounts\/(login|password|second-factor)\//.test(here);
  if (signingIn && !user) { sessionStorage.setItem(KEY, JSON.stringify({ ...draft, held: true })); return; }
  if (signingIn) return;
  sessionStorage.removeItem(KEY);
  const form = document.querySelector("form[data-unsaved]");
  if (!draft.held || draft.user !== user || draft.path !== here || !form) return;
  draft.fields.forEach(([name, value, checked]) => controls(form).filter((one) => one.name === name).forEach((one) => {
    if (checked === null) one.value = value;
    else if (one.value === value) one.checked = checked;
  }));
  form.dataset.dirty = "";
  form.querySelectorAll("input:checked").forEach((one) => one.dispatchEvent(new Event("change", { bubbles: true })));
  const note = document.createElement("div");
  note.className = "note note-warn";
  note.setAttribute("role", "status");
  note.textContent = "登录已过期，刚才填写的内容还没有保存，已为您恢复。请核对后再点“保存”。";
  form.prepend(note);
})();
