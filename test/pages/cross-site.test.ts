// What docs/sessions.md says of posts from other sites and of frames, in a real browser.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { openBrowser, skip } from "./support/chromium.ts";

async function serve(listener: RequestListener): Promise<{ port: number; close(): void }> {
  const server = createServer(listener).listen(0);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

test("P6 a form_post and a frame come without Lax cookies, and the 303 after the post has them", {
  skip,
}, async () => {
  const cookies = new Map<string, string | undefined>();
  const ours = await serve((request, response) => {
    const { url = "", headers } = request;
    cookies.set(url, headers.cookie);
    if (url === "/callback") return response.writeHead(303, { location: "/finish?id=7" }).end();
    const set = { "content-type": "text/html", "set-cookie": "session=1; Path=/; HttpOnly; SameSite=Lax" };
    return response
      .writeHead(200, url === "/start" ? set : { "content-type": "text/html" })
      .end("<p>here</p>");
  });
  const origin = `http://localhost:${ours.port}`;
  const provider = await serve((request, response) => {
    const post = `<form method="post" action="${origin}/callback"><button>Go on</button></form>`;
    const frame = `<iframe src="${origin}/frame"></iframe>`;
    response.writeHead(200, { "content-type": "text/html" }).end(request.url === "/frame" ? frame : post);
  });
  const context = await (await openBrowser()).newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${origin}/start`);
    await page.goto(`http://127.0.0.1:${provider.port}/`);
    await page.getByRole("button").click();
    await page.waitForURL(/finish/);
    await page.goto(`http://127.0.0.1:${provider.port}/frame`);
    await page.frameLocator("iframe").getByText("here").waitFor();
  } finally {
    await context.close();
    ours.close();
    provider.close();
  }
  assert.equal(cookies.get("/callback"), undefined, "the post");
  assert.equal(cookies.get("/finish?id=7"), "session=1", "the page behind it");
  assert.equal(cookies.get("/frame"), undefined, "the frame");
});
