// How fast JavaScript can do it: SHA-1 with its eighty rounds written out, HMAC on bare integers, Base32 by a table.
// Benchmark only. It checks no input, compares in no constant time, and is what no library should ship.

function unrolled() {
  const lines = ["let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], t = 0;"];
  for (let i = 0; i < 16; i++) lines.push(`let w${i} = w[${i}];`);
  const names = ["a", "b", "c", "d", "e"];
  for (let i = 0; i < 80; i++) {
    const word = `w${i % 16}`;
    if (i >= 16) {
      const of = (back) => `w${(i - back) % 16}`;
      lines.push(`t = ${of(3)} ^ ${of(8)} ^ ${of(14)} ^ ${word}; ${word} = (t << 1) | (t >>> 31);`);
    }
    const [a, b, c, d, e] = names;
    const mixed =
      i < 20
        ? `(${d} ^ (${b} & (${c} ^ ${d}))) + 0x5a827999`
        : i < 40
          ? `(${b} ^ ${c} ^ ${d}) + 0x6ed9eba1`
          : i < 60
            ? `((${b} & ${c}) | (${d} & (${b} | ${c}))) + 0x8f1bbcdc`
            : `(${b} ^ ${c} ^ ${d}) + 0xca62c1d6`;
    lines.push(`${e} = (((${a} << 5) | (${a} >>> 27)) + ${e} + ${word} + ${mixed}) | 0;`);
    lines.push(`${b} = (${b} << 30) | (${b} >>> 2);`);
    names.unshift(names.pop());
  }
  lines.push(
    "out[0] = h[0] + a; out[1] = h[1] + b; out[2] = h[2] + c; out[3] = h[3] + d; out[4] = h[4] + e;",
  );
  return new Function("h", "w", "out", lines.join("\n"));
}

const compress = unrolled();
const START = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
const block = new Int32Array(16);
const digest = new Int32Array(5);
const VALUES = new Int8Array(128);
for (let i = 0; i < 32; i++) VALUES["ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charCodeAt(i)] = i;

/** The two states of a key of up to 64 bytes. */
export function key(bytes, inner = new Int32Array(5), outer = new Int32Array(5)) {
  block.fill(0);
  for (let i = 0; i < bytes.length; i++) block[i >> 2] |= bytes[i] << (24 - 8 * (i & 3));
  for (let i = 0; i < 16; i++) block[i] ^= 0x36363636;
  compress(START, block, inner);
  for (let i = 0; i < 16; i++) block[i] ^= 0x36363636 ^ 0x5c5c5c5c;
  compress(START, block, outer);
  return { inner, outer };
}

function value({ inner, outer }, counter) {
  block.fill(0);
  block[0] = counter / 0x100000000;
  block[1] = counter;
  block[2] = 0x80000000;
  block[15] = 72 * 8;
  compress(inner, block, digest);
  block.fill(0);
  block.set(digest);
  block[5] = 0x80000000;
  block[15] = 84 * 8;
  compress(outer, block, digest);
  const offset = digest[4] & 15;
  const shift = 8 * (offset & 3);
  const high = digest[offset >> 2];
  const bits = shift === 0 ? high : (high << shift) | (digest[(offset >> 2) + 1] >>> (32 - shift));
  return bits & 0x7fffffff;
}

export function decode(text) {
  const bytes = new Uint8Array((text.length * 5) >> 3);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    bits = (bits << 5) | VALUES[text.charCodeAt(i)];
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = bits >>> held;
  }
  return bytes;
}

export function generate(prepared, counter) {
  return String(value(prepared, counter) % 1e6).padStart(6, "0");
}

export function generateFromBase32(text, counter) {
  return generate(key(decode(text), transient.inner, transient.outer), counter);
}

/** All three steps, like the contestant; the step that matched, or undefined. */
export function verifyFromBase32(text, code, counter) {
  const prepared = key(decode(text), transient.inner, transient.outer);
  const wanted = Number(code);
  let found;
  for (let step = counter - 1; step <= counter + 1; step++) {
    if (value(prepared, step) % 1e6 === wanted) found = step;
  }
  return found;
}

const transient = { inner: new Int32Array(5), outer: new Int32Array(5) };
