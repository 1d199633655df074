// A person's browser, or app: it keeps cookies and a token, fills in the forms of a page, or sends JSON where there are
// no pages.

const ENTITIES = { "&quot;": '"', "&#x27;": "'", "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const unescaped = (html) => html.replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity);

const attributeOf = (attribute, tag) =>
  unescaped(new RegExp(`\\b${attribute}="([^"]*)"`).exec(tag)?.[1] ?? "");

export function visitor(origin, kept = { cookies: new Map(), token: "" }) {
  const { cookies } = kept;
  let { token } = kept;
  let page = { url: `${origin}/`, text: "", html: false };

  async function ask(url, init = {}) {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const accept = "text/html, application/json";
    const headers = {
      accept,
      origin,
      cookie,
      ...(token && { authorization: `Bearer ${token}` }),
      ...init.headers,
    };
    const answer = await fetch(url, {
      ...init,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(60_000),
    });
    for (const line of answer.headers.getSetCookie()) keep(line);
    const location = answer.headers.get("location");
    if (location) return ask(new URL(location, url).href);
    const html = /text\/html/.test(answer.headers.get("content-type") ?? "");
    const text = await answer.text();
    if (answer.status >= 500) throw new Error(`${url}: ${answer.status}\n${text}`);
    const given = html ? undefined : JSON.parse(text).token;
    if (typeof given === "string") token = given;
    page = { url, text, html };
    return html ? unescaped(text) : text;
  }

  function keep(line) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const over =
      /; *max-age=0/i.test(line) || Date.parse(/expires=([^;]*)/i.exec(line)?.[1] ?? "") < Date.now();
    if (over) cookies.delete(name);
    else cookies.set(name, value);
  }

  /** The form of this name on the page that is shown, with what is hidden in it. */
  function form(name, fields) {
    const [, head, body] =
      new RegExp(`<form\\b([^>]*\\bid="${name}"[^>]*)>(.*?)</form>`, "s").exec(page.text) ?? [];
    if (!head) throw new Error(`no form "${name}" on\n${page.text}`);
    const hidden = [...body.matchAll(/<input\b[^>]*\btype="hidden"[^>]*>/g)].map(([input]) =>
      ["name", "value"].map((attribute) => attributeOf(attribute, input)),
    );
    const all = Object.entries({ ...Object.fromEntries(hidden), ...fields });
    const data = /multipart/.test(head) ? new FormData() : new URLSearchParams();
    for (const [field, value] of all) data.append(field, value);
    const action = attributeOf("action", head);
    return [new URL(action, page.url).href, { method: "POST", body: data }];
  }

  return {
    /** A copy of what a thief of this moment would have. */
    copy: () => visitor(origin, { cookies: new Map(cookies), token }),
    cookies,
    /** The page that the last answer has led to; null where answers are no pages. */
    page: () => (page.html ? unescaped(page.text) : null),
    look: () => ask(`${origin}/`),
    send(name, fields = {}) {
      if (page.html) return ask(...form(name, fields));
      const headers = { "content-type": "application/json" };
      return ask(`${origin}/${name}`, { method: "POST", headers, body: JSON.stringify(fields) });
    },
  };
}
