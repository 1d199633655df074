import assert from "node:assert/strict";
import { test } from "node:test";
import { Resvg } from "@resvg/resvg-js";
import jsqr from "jsqr";
import { PNG } from "pngjs";
import { qrSvg } from "../../../src/qr.ts";
import { createTestTwoFactor, virtualAuthenticator } from "../../../src/testing/index.ts";

// The picture is drawn and decoded by others: what a person's phone would see.

const draw = (svg: string) => new Resvg(svg, { fitTo: { mode: "width", value: 300 } }).render().asPng();

function readPng(png: Uint8Array): string | undefined {
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  return jsqr.default(new Uint8ClampedArray(data), width, height)?.data;
}

test("the phone scans the SVG and the PNG of a page through the given decoder", async () => {
  const { twoFactor, clock } = createTestTwoFactor({ issuer: "Acme" });
  const begun = await twoFactor.enrollment.begin("ada", { accountName: "ada@example.com", binding: null });
  assert.ok(begun.ok);
  const svg = qrSvg(begun.keyUri);
  const [fromSvg, fromPng] = [virtualAuthenticator({ clock }), virtualAuthenticator({ clock })];
  await fromSvg.scanImage(svg, (picture) => readPng(draw(picture)));
  await fromPng.scanImage(draw(svg), readPng);
  assert.equal(fromSvg.code("Acme:ada@example.com"), fromPng.code());

  const { enrollmentId } = begun;
  const code = fromPng.code();
  assert.ok((await twoFactor.enrollment.confirm("ada", { enrollmentId, code, binding: null })).ok);
});

test("a picture without a QR code is named as such", async () => {
  const empty = draw('<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"/>');
  await assert.rejects(virtualAuthenticator().scanImage(empty, readPng), /found no QR code in the picture/);
});
