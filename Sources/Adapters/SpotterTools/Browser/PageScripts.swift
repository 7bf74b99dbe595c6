/// What is asked of pages, in JavaScript. It runs in a world of its own, where the page's scripts have changed nothing,
/// and answers plain values within bounds.
enum PageScripts {
    /// The most that a page is shown with.
    struct Bounds: Encodable, Sendable {
        var text = 16_000
        var links = 80
        var controls = 60
        var label = 160
    }

    /// Names of elements are numbers in a list that the world keeps; an element keeps its number.
    private static let common = """
        const clip = (s, n) => {
          s = String(s ?? "").toWellFormed().replace(/\\s+/g, " ").trim();
          return s.length > n ? s.slice(0, n - 1).toWellFormed() + "…" : s;
        };
        const known = globalThis.knownElements ??= { list: [], numbers: new WeakMap() };
        const number = (e) => {
          let n = known.numbers.get(e);
          if (!n) { n = known.list.push(new WeakRef(e)); known.numbers.set(e, n); }
          return n;
        };
        const isShown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";
        const textOf = (label) => {
          const walker = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
          let text = "";
          while (walker.nextNode()) {
            const node = walker.currentNode;
            if (!node.parentElement.closest("select, textarea, button, script, style")) text += node.data + " ";
          }
          return text;
        };
        const nameOf = (e) => {
          const tag = e.localName, type = (e.getAttribute("type") || "").toLowerCase();
          const isButton = tag === "button" || tag === "a" || ["submit", "button", "reset"].includes(type);
          const labels = e.labels ? [...e.labels].map(textOf).join(" ").trim() : "";
          return e.getAttribute("aria-label") || labels || (isButton ? e.innerText || e.value : "")
            || e.getAttribute("placeholder") || e.getAttribute("title") || e.getAttribute("name")
            || (e.querySelector("img[alt]") || { alt: "" }).alt || "";
        };
        const address = () => { const u = new URL(location.href); u.username = u.password = u.hash = ""; return u.href; };
        """

    /// Title, address, text, links and controls.
    static let view = """
        (bounds) => {
          \(common)
          const body = document.documentElement.querySelector("body");
          const text = String(body ? body.innerText : "").toWellFormed().replace(/[ \\t]+/g, " ")
            .replace(/\\n{3,}/g, "\\n\\n").trim();
          const title = document.documentElement.querySelector("head > title");
          const links = [], controls = [];
          for (const e of document.querySelectorAll("a[href]")) {
            if (links.length >= bounds.links) break;
            if (!/^https?:$/.test(e.protocol) || !isShown(e)) continue;
            links.push({ element: number(e), text: clip(nameOf(e), bounds.label), url: clip(e.href, 500) });
          }
          for (const e of document.querySelectorAll("input, textarea, select, button, [role=button]")) {
            if (controls.length >= bounds.controls) break;
            const tag = e.localName, type = tag === "input" ? e.type : tag === "button" ? "button" : tag;
            if (type === "hidden" || type === "file" || !isShown(e)) continue;
            const control = { element: number(e), kind: clip(type, 20), name: clip(nameOf(e), bounds.label) };
            if (type === "checkbox" || type === "radio") control.value = e.checked ? "checked" : "not checked";
            else if (tag === "select") {
              control.value = clip(e.selectedOptions[0]?.label, bounds.label);
              control.options = [...e.options].slice(0, 40).map((o) => clip(o.label, 80));
            } else if (type !== "password" && ["input", "textarea"].includes(tag)) {
              control.value = clip(e.value, bounds.label);
            }
            controls.push(control);
          }
          return {
            title: clip(title ? title.textContent : "", 300), url: clip(address(), 2000),
            text: text.slice(0, bounds.text).toWellFormed(), isCut: text.length > bounds.text, links, controls,
          };
        }
        """

    /// What is read from a page.
    struct Wish: Encodable, Sendable {
        let selector: String?
        let fields: [String: String]?
        let limit: Int
        var cell = 2_000
        var total = 40_000
    }

    /// Elements by a selector, or records of fields by theirs. A selector that ends in `@name` reads that attribute.
    static let extract = """
        (wish) => {
          \(common)
          let left = wish.total, isCut = false;
          const take = (s) => {
            let t = String(s ?? "").toWellFormed().replace(/[ \\t]+/g, " ").trim();
            if (t.length > wish.cell) { t = t.slice(0, wish.cell).toWellFormed(); isCut = true; }
            if (t.length > left) { t = t.slice(0, left).toWellFormed(); isCut = true; }
            left -= t.length;
            return t;
          };
          const secret = (e) => e.localName === "input" && ["password", "hidden", "file"].includes(e.type);
          const read = (e, attribute) => {
            if (!e) return null;
            if (!attribute) return take(["input", "textarea", "select"].includes(e.localName)
              ? secret(e) ? "" : e.value : e.innerText ?? e.textContent);
            if (attribute === "value" && secret(e)) return "";
            if (["href", "src"].includes(attribute)) return take(e[attribute] ?? e.getAttribute(attribute));
            return e.hasAttribute(attribute) ? take(e.getAttribute(attribute)) : null;
          };
          const parts = (selector) => {
            const at = selector.lastIndexOf("@");
            return at >= 0 ? [selector.slice(0, at).trim(), selector.slice(at + 1).trim()] : [selector, null];
          };
          const find = (root, selector) => {
            if (selector === "") return [root];
            try { return [...root.querySelectorAll(selector)]; } catch { throw selector; }
          };
          try {
            const [where, attribute] = parts(wish.selector ?? "");
            const rows = wish.selector == null ? [document.documentElement] : find(document, where);
            const shown = rows.slice(0, wish.limit).filter(() => left > 0);
            const records = shown.map((row) => {
              if (!wish.fields) return { value: read(row, attribute) };
              const record = {};
              for (const [name, selector] of Object.entries(wish.fields)) {
                const [inner, of] = parts(selector);
                record[name] = read(find(row, inner)[0], of);
              }
              return record;
            });
            return { url: clip(address(), 2000), found: rows.length, isCut, records };
          } catch (problem) {
            if (typeof problem !== "string") throw problem;
            return { url: clip(address(), 2000), problem: clip(problem, 200), found: 0, isCut, records: [] };
          }
        }
        """

    /// What is done with an element.
    struct Act: Encodable, Sendable {
        let element: Int
        let name: String
        let action: String
        let value: String?
        let label = Bounds().label
    }

    /// Does it, or says why not. The element's own methods are taken from its class, because a form's fields can hide them.
    static let act = """
        (act) => {
          \(common)
          const e = known.list[act.element - 1]?.deref();
          if (!e || !e.isConnected) return "gone";
          const name = clip(nameOf(e), act.label);
          if (name !== act.name) return "renamed:" + name;
          if (e.disabled) return "disabled";
          const tag = e.localName, type = tag === "input" ? e.type : "";
          const tell = (kind) => e.dispatchEvent(new Event(kind, { bubbles: true }));
          switch (act.action) {
          case "click":
            if (type === "file") return "file";
            for (const link of [e.closest("a"), e.form, e.closest("form")]) link?.removeAttribute?.("target");
            HTMLElement.prototype.click.call(e);
            return "done";
          case "type": {
            const texts = ["text", "search", "email", "url", "tel", "password", "number", "date", "time", "month",
              "week", "datetime-local", "color", "range"];
            if (tag !== "textarea" && !texts.includes(type)) return "no text";
            if (e.readOnly) return "disabled";
            const prototype = tag === "textarea" ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
            HTMLElement.prototype.focus.call(e);
            Object.getOwnPropertyDescriptor(prototype, "value").set.call(e, act.value);
            tell("input"); tell("change");
            return "done";
          }
          case "select": {
            if (tag !== "select") return "no choice";
            const option = [...e.options].find((o) => clip(o.label, 80) === act.value || o.value === act.value);
            if (!option || option.disabled) return "no option";
            option.selected = true;
            tell("input"); tell("change");
            return "done";
          }
          case "submit": {
            const form = tag === "form" ? e : e.form ?? e.closest("form");
            if (!form) return "no form";
            form.removeAttribute("target");
            const isSubmitter = (tag === "button" || tag === "input") && ["submit", "image"].includes(e.type);
            HTMLFormElement.prototype.requestSubmit.call(form, ...(isSubmitter ? [e] : []));
            return "done";
          }
          }
          return "unknown";
        }
        """
}
