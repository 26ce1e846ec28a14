"use strict";
(() => {
  const root = document.documentElement, lang = root.lang;
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const step = 300; // as many more are shown at a time

  // A list is cards or rows. The first of them stand on the page; the rest is
  // text in a noscript element, which browsers don't lay out.
  const lists = all(".list").map(box => ({ box, section: box.closest("section"), after: box.closest("table") ?? box }));
  for (const list of lists) {
    const more = list.after.nextElementSibling;
    if (!more?.matches(".more")) continue;
    list.more = more;
    list.rest = more.nextElementSibling.textContent;
    more.button = Object.assign(document.createElement("button"), { type: "button", textContent: more.dataset.show });
    more.label = document.createElement("span");
    more.label.textContent = more.textContent;
    more.replaceChildren(more.label, " ", more.button);
    more.button.addEventListener("click", () => showMore(list));
  }

  const signs = { amp: "&", lt: "<", gt: ">", nbsp: "\u00a0" };
  const textOf = html => html.replace(/<[^>]*>/g, " ").replace(/&(?:#(\d+)|(\w+));/g, (_, n, name) => n ? String.fromCodePoint(n) : signs[name] ?? " ");
  const plain = s => /[^\0-\x7f]/.test(s) ? s.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase() : s.toLowerCase();
  const mark = /data-a="([^"]*)"(?: data-k="([^"]*)")?/;

  // Items are only made where somebody searches, sorts or asks for more.
  const itemsOf = list => list.items ??= [...list.box.children].map(e => e.outerHTML)
    .concat(list.rest ? list.rest.split(/\n(?=<(?:article|tr) )/).slice(1) : [])
    .map(html => {
      html = html.replace(/\s*(?:<\/tbody>\s*<\/table>|<\/div>)\s*$/, ""); // after the last
      const [, action, kind = "repayment"] = mark.exec(html);
      return { html, action, kind };
    });
  const markup = items => items.map(item => item.html).join("\n");

  const count = list => {
    if (!list.more) return;
    const left = list.fit.length - list.shown;
    list.more.hidden = left <= 0;
    list.more.label.textContent = "+ " + left.toLocaleString(lang);
  };
  const show = list => {
    const fit = list.fit ??= itemsOf(list);
    list.shown = Math.min(fit.length, list.shown ?? list.box.children.length);
    list.box.innerHTML = markup(fit.slice(0, list.shown));
    count(list);
  };
  const showMore = list => {
    list.fit ??= itemsOf(list);
    list.shown ??= list.box.children.length;
    const next = list.fit.slice(list.shown, list.shown + step);
    list.box.insertAdjacentHTML("beforeend", markup(next));
    list.shown += next.length;
    count(list);
  };

  const search = document.querySelector(".search");
  if (search) {
    const [query, kind, action] = ["query", "kind", "action"].map(id => document.getElementById(id));
    const found = document.getElementById("found");
    const look = () => {
      const words = plain(query.value).split(/\s+/).filter(w => w);
      const idle = !words.length && !kind.value && !action.value;
      let n = 0;
      for (const list of lists) {
        list.fit = itemsOf(list).filter(i => (!kind.value || kind.value === i.kind) && (!action.value || action.value === i.action)
          && (!words.length || (i.text ??= plain(textOf(i.html)), words.every(w => i.text.includes(w)))));
        list.shown = step;
        show(list);
        n += list.fit.length;
        list.after.classList.toggle("off", !list.fit.length);
      }
      for (const e of all(".box, .figures, .report > p:not(.more)")) e.classList.toggle("off", !idle);
      for (const s of all("main > section:not(.summary)")) s.classList.toggle("off", !idle && !lists.some(l => l.section === s && l.fit.length));
      found.textContent = idle ? "" : n ? found.dataset.some.replace("#", n.toLocaleString(lang)) : found.dataset.none;
    };
    let soon;
    query.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(look, 150); });
    for (const e of [kind, action]) e.addEventListener("change", look);
    document.getElementById("clear").addEventListener("click", () => { query.value = kind.value = action.value = ""; look(); query.focus(); });
    search.hidden = false;
  }

  // Tables are sorted by a press on the head of a column. Amounts are compared
  // as text, digit by digit: a number would round them.
  const order = new Intl.Collator(lang, { numeric: true }).compare;
  const point = lang === "en" ? "." : ",";
  const amountKey = s => { const [whole, part = ""] = s.split(point); return whole.replace(/\D/g, "") + part.replace(/\D/g, "").padEnd(4, "0"); };
  const amountColumns = [3, 4];
  for (const list of lists.filter(l => l.box.tagName === "TBODY")) {
    const heads = all("thead th", list.after);
    heads.forEach((th, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => {
        const down = th.getAttribute("aria-sort") === "ascending";
        for (const h of heads) h.removeAttribute("aria-sort");
        th.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = item => { const s = textOf("<td" + item.html.split("<td")[i + 1]).trim(); return amountColumns.includes(i) ? amountKey(s) : s; };
        const keys = new Map(itemsOf(list).map(item => [item, key(item)]));
        const by = (a, b) => order(keys.get(a), keys.get(b)) * (down ? -1 : 1);
        list.items.sort(by);
        if (list.fit && list.fit !== list.items) list.fit.sort(by);
        show(list);
      });
    });
  }

  // On paper stands everything, unfolded.
  addEventListener("beforeprint", () => {
    for (const d of all("details:not([open])")) { d.open = true; d.dataset.folded = ""; }
    for (const list of lists) if (list.fit || list.more) list.box.innerHTML = markup(itemsOf(list));
    for (const list of lists) if (list.more) list.more.hidden = true;
  });
  addEventListener("afterprint", () => {
    for (const d of all("details[data-folded]")) { d.open = false; delete d.dataset.folded; }
    for (const list of lists) if (list.fit || list.more) show(list);
  });
})();
