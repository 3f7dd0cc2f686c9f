// Enhancement of pages that work without it. No dependency, no inline script, no state of its own.
//
//   form|a [data-enhance="id"]    send by fetch and swap #id (and #notices) from the page that comes back
//   [data-refresh="url"][data-every="2"]   a fragment with an id, fetched again every n seconds until the answer drops the attribute
//   [data-reveal="id"]            shows a password        [data-counter="id"]  counts characters against data-max of the field
//   [data-confirm="text"]         on a form or button: asks first; data-confirm-word="DELETE" must be typed
//   [data-file-into="id"]         a file's lines are added to the field of this id
//   [data-dismiss]                closes the nearest [data-notice]
//   [data-bulk] [data-bulk-all] [data-bulk-count]   the bar of a form whose boxes carry data-bulk-item
//   form[data-once]               is sent by itself in the background when it is first shown; the bell follows
//   input[data-zone]              tells the browser's time zone
//   [data-auto]                   a select or box that submits its form when changed
//   [data-copy="text"]            copies; data-copied="done!" is shown for a moment
//   details[data-menu]            closes on Escape and on a click elsewhere

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const parse = (text) => new DOMParser().parseFromString(text, "text/html");

function wire(root) {
  for (const part of all("[data-reveal], [data-dismiss], [data-bulk-all]", root)) part.hidden = false;
  for (const part of all("[data-counter]", root)) count(document.getElementById(part.dataset.counter));
  for (const part of all("[data-bulk]", root)) tally(part.closest("form"));
  for (const part of all("[data-refresh]", root)) refresh(part);
  if (root.matches?.("[data-refresh]")) refresh(root);
  for (const field of all("input[data-zone]", root)) field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  for (const form of all("form[data-once]", root)) once(form);
  for (const part of all("[data-file-into]", root)) take(part);
  for (const link of all("[data-problems] a[href^='#f-']", root)) name(link);
  const first = root.querySelector("[data-problems]") ?? root.querySelector("[aria-invalid=true]");
  first?.focus();
}

async function once(form) {
  form.removeAttribute("data-once");
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const bell = parse(await answer.text()).getElementById("bell");
  if (bell) document.getElementById("bell")?.replaceWith(bell);
  if (bell) wire(bell);
  form.remove();
}

// A list in a file: in UTF-8, or as spreadsheets write it. What is longer than a megabyte is no list for a mailing.
function take(part) {
  const file = part.querySelector("input[type=file]"), field = document.getElementById(part.dataset.fileInto);
  part.hidden = false;
  file.onchange = async () => {
    const bytes = await file.files[0]?.arrayBuffer();
    if (!bytes || bytes.byteLength > 2 ** 20) return;
    const isWide = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength)).join() === "255,254";
    let text;
    if (isWide) text = new TextDecoder("utf-16le").decode(bytes);
    else try { text = new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { text = new TextDecoder("shift_jis").decode(bytes); }
    field.value = [field.value.trim(), text.trim()].filter(Boolean).join("\n");
    file.value = "";
    field.focus();
  };
}

// A line of the summary says which field it is about.
function name(link) {
  const field = document.getElementById(link.hash.slice(1)), label = field?.labels?.[0], legend = field?.closest("fieldset")?.querySelector("legend");
  const words = [legend, label].filter(Boolean).map((part) => {
    const copy = part.cloneNode(true);
    for (const mark of all(".required", copy)) mark.remove();
    return copy.textContent.trim();
  }).join(" – ");
  if (words) link.prepend(`${words}${document.documentElement.lang === "ja" ? "：" : ": "}`);
}

// Swaps one fragment, or the whole body when the answer is another page.
function show(doc, id, address) {
  const now = id && document.getElementById(id), next = id && doc.getElementById(id);
  if (now && next) {
    const news = doc.getElementById("notices");
    if (news && !next.contains(news)) document.getElementById("notices")?.replaceChildren(...news.childNodes);
    const held = now.contains(document.activeElement) && document.activeElement.id;
    if (now.dataset.on) next.dataset.on = "1";
    now.replaceWith(next);
    if (held) document.getElementById(held)?.focus();
    wire(next);
  } else {
    for (const script of all("script[src]", doc.head)) {
      if (document.head.querySelector(`script[src="${script.getAttribute("src")}"]`)) continue;
      document.head.append(Object.assign(document.createElement("script"), { type: "module", src: script.src }));
    }
    document.title = doc.title;
    document.body.replaceWith(doc.body);
    scrollTo(0, 0);
    document.getElementById("content")?.focus({ preventScroll: true });
    wire(document.body);
    document.dispatchEvent(new Event("hibiki:page"));
  }
  if (address && address !== location.href) {
    history.pushState({}, "", address);
    here = location.pathname + location.search;
  }
}

async function send(form, button) {
  const id = form.dataset.enhance, method = (button?.formMethod || form.method).toUpperCase();
  const data = new FormData(form, button), url = new URL(button?.getAttribute("formaction") ?? form.action, location);
  const plain = form.enctype !== "multipart/form-data" && new URLSearchParams(data);
  if (method === "GET") url.search = new URLSearchParams([...data].filter(([, value]) => value !== ""));
  // What is about to be swapped shows as a skeleton meanwhile.
  const parts = [form, id && document.getElementById(id)].filter(Boolean);
  for (const part of parts) part.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { method, body: method === "GET" ? undefined : plain || data, headers: { Accept: "text/html" } });
    const doc = parse(await answer.text());
    const moved = new URL(answer.url).pathname !== location.pathname && (answer.redirected || method === "GET");
    // What is wrong is told beside the fields: where those are not in the part, the whole page is shown.
    const apart = !document.getElementById(id)?.contains(form), told = !answer.ok || all("[data-problems]").length > 0;
    show(doc, moved || (apart && told) ? null : id, method === "GET" || answer.redirected ? answer.url : null);
  } catch {
    form.removeAttribute("data-enhance");
    form.requestSubmit(button);
  } finally {
    for (const part of parts) part.removeAttribute("aria-busy");
  }
}

function refresh(part, misses = 0) {
  if (part.dataset.timed) return;
  part.dataset.timed = "1";
  const wait = (Number(part.dataset.every) || 3) * 1000 * 2 ** Math.min(misses, 5);
  setTimeout(async () => {
    if (!part.isConnected) return;
    delete part.dataset.timed;
    if (document.hidden || (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select"))) return refresh(part, misses);
    try {
      const answer = await fetch(part.dataset.refresh, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw answer.status;
      const doc = parse(await answer.text());
      const next = doc.getElementById(part.id) ?? doc.body.firstElementChild;
      if (!next) return;
      part.replaceWith(next);
      wire(next);
    } catch { refresh(part, misses + 1); }
  }, wait);
}

function count(field) {
  const shown = field && document.querySelector(`[data-counter="${CSS.escape(field.id)}"]`);
  if (!shown) return;
  const n = [...field.value.replace(/\r\n/g, "\n")].length;
  shown.value = `${n} / ${field.dataset.max}`;
  shown.classList.toggle("over", n > Number(field.dataset.max));
  shown.classList.toggle("near", n > Number(field.dataset.max) * 0.9);
}

function tally(form) {
  // A box may stand elsewhere and name its form.
  const boxes = form ? [...form.elements].filter((part) => part.matches("[data-bulk-item]")) : [], chosen = boxes.filter((box) => box.checked).length;
  for (const part of form ? all("[data-bulk-count]", form) : []) part.textContent = chosen;
  for (const box of form ? [...form.elements].filter((part) => part.matches("[data-bulk-all]")) : []) {
    box.checked = chosen > 0 && chosen === boxes.length;
    box.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  // Without anything chosen there is nothing to do.
  for (const bar of form ? all("[data-bulk]", form) : []) bar.hidden = chosen === 0;
}

// Heavy acts: resolves to true when the person says so.
function ask(text, word, act) {
  const dialog = document.getElementById("confirm"), field = dialog.querySelector("[data-word]"), input = field.querySelector("input"), yes = dialog.querySelector("[value=yes]");
  dialog.querySelector("p").textContent = text;
  yes.dataset.plain ??= yes.textContent;
  yes.textContent = act || yes.dataset.plain;
  field.hidden = !word;
  field.querySelector("b").textContent = word ?? "";
  input.value = "";
  const fits = () => (yes.disabled = Boolean(word) && input.value.normalize("NFKC").trim() !== word);
  input.oninput = fits;
  fits();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter;
  const asks = [button, form].find((part) => part?.dataset?.confirm);
  if (asks && form.dataset.sure !== "1") {
    event.preventDefault();
    const text = (form.elements.all?.checked && asks.dataset.confirmAll) || asks.dataset.confirm;
    if (await ask(text, asks.dataset.confirmWord, button?.textContent.trim())) {
      form.dataset.sure = "1";
      form.requestSubmit(button);
    }
    return;
  }
  delete form.dataset.sure;
  if (form.method === "dialog") return;
  if (form.dataset.enhance !== undefined) {
    event.preventDefault();
    if (form.getAttribute("aria-busy") !== "true") send(form, button);
  }
});

addEventListener("click", async (event) => {
  const on = (selector) => event.target.closest?.(selector);
  let part;
  if ((part = on("a[data-enhance]")) && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    const answer = await fetch(part.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer?.ok) show(parse(await answer.text()), part.dataset.enhance, answer.url);
    else location.assign(part.href);
  } else if ((part = on("[data-dismiss]"))) part.closest("[data-notice]").remove();
  else if ((part = on("[data-reveal]"))) {
    const field = document.getElementById(part.dataset.reveal), open = field.type === "password";
    field.type = open ? "text" : "password";
    part.textContent = open ? part.dataset.hide : part.dataset.show;
    part.setAttribute("aria-pressed", open);
  } else if ((part = on("[data-copy]"))) {
    await navigator.clipboard.writeText(part.dataset.copy);
    const before = part.innerHTML;
    part.textContent = part.dataset.copied ?? "✓";
    setTimeout(() => (part.innerHTML = before), 1500);
  }
  for (const menu of all("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
});

addEventListener("input", (event) => { if (event.target.dataset?.max) count(event.target); });

addEventListener("change", ({ target }) => {
  if (target.matches("[data-bulk-all]")) for (const box of target.form.elements) if (box.matches("[data-bulk-item]")) box.checked = target.checked;
  if (target.matches("[data-bulk-all], [data-bulk-item]")) tally(target.form);
  if (target.matches("[data-auto]")) target.form.requestSubmit();
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of all("details[data-menu][open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});

// A step to a place within the same page is the browser's own to take.
let here = location.pathname + location.search;
addEventListener("popstate", () => { if (location.pathname + location.search !== here) location.reload(); });
wire(document);
