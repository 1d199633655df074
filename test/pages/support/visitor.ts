/** A browser without a screen: fetch with a cookie jar that follows redirects and fills in forms. */

import assert from "node:assert/strict";

export interface Seen {
  url: string;
  status: number;
  html: string;
  /** Every `Set-Cookie` on the way here. */
  cookies: readonly string[];
}

export interface Visitor {
  get(path: string): Promise<Seen>;
  /** Posts a form with the CSRF token of the page seen last. */
  post(path: string, fields?: Readonly<Record<string, string>>): Promise<Seen>;
  /** The cookies that would go to a path, as `name=value`. */
  cookies(path: string): readonly string[];
  /** Plants a cookie, as an attacker on a neighboring subdomain might. */
  plant(name: string, value: string, path: string): void;
}

interface Cookie {
  name: string;
  value: string;
  path: string;
}

export function visitor(origin: string, headers: Readonly<Record<string, string>> = {}): Visitor {
  let jar: Cookie[] = [];
  let csrf = "";

  function keep(cookie: Cookie, gone: boolean): void {
    jar = jar.filter(({ name, path }) => name !== cookie.name || path !== cookie.path);
    if (!gone) jar.push(cookie);
  }

  function store(line: string): void {
    const [pair = "", ...attributes] = line.split(/;\s*/);
    const [name = "", ...value] = pair.split("=");
    const attribute = (wanted: string) =>
      attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
    const gone =
      new Date(attribute("expires") ?? "9999-01-01").getTime() < 1e12 || attribute("max-age") === "0";
    keep({ name, value: value.join("="), path: attribute("path") ?? "/" }, gone);
  }

  const matching = (path: string) =>
    jar.filter((cookie) => path.startsWith(cookie.path)).map(({ name, value }) => `${name}=${value}`);

  async function go(path: string, body?: URLSearchParams): Promise<Seen> {
    const set: string[] = [];
    let url = new URL(path, origin);
    let sending = body;
    for (let hops = 0; hops < 10; hops++) {
      const response = await fetch(url, {
        redirect: "manual",
        headers: { ...headers, cookie: matching(url.pathname).join("; ") },
        ...(sending ? { method: "POST", body: sending } : {}),
      });
      for (const line of response.headers.getSetCookie()) {
        set.push(line);
        store(line);
      }
      const html = await response.text();
      const location = response.headers.get("location");
      if (location === null) {
        csrf = /name="_csrf" value="([^"]*)"/.exec(html)?.[1] ?? "";
        return { url: url.pathname, status: response.status, html, cookies: set };
      }
      url = new URL(location, url);
      sending = undefined;
    }
    return assert.fail("too many redirects");
  }

  return {
    get: (path) => go(path),
    post: (path, fields = {}) => go(path, new URLSearchParams({ ...fields, _csrf: csrf })),
    cookies: matching,
    plant: (name, value, path) => keep({ name, value, path }, false),
  };
}
