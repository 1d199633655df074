// What npm shows of the package: its manifest's links, and a README that works where nothing lies beside it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "twinlock-published-"));
after(() => rmSync(folder, { recursive: true }));

interface Manifest {
  version: string;
  repository: { type: string; url: string };
  homepage: string;
  bugs: string;
}

function published(repository = ""): { manifest: Manifest; targets: string[] } {
  const to = join(folder, repository || "placeholder");
  const env = { ...process.env, GITHUB_REPOSITORY: repository };
  execFileSync(process.execPath, ["test/tools/package/stage.js", to], { env });
  const manifest = JSON.parse(readFileSync(join(to, "package.json"), "utf8")) as Manifest;
  const texts = ["README.md", "dist/llms.txt", "dist/SKILL.md"].map((file) =>
    readFileSync(join(to, file), "utf8"),
  );
  const links = [...texts.join("\n").matchAll(/\]\(([^)]+)\)| (?:src|srcset|href)="([^"]+)"/g)];
  return { manifest, targets: links.map(([, link, source]) => link ?? source ?? "") };
}

test("P9 the manifest names repository, homepage and issues, all of them in one place", () => {
  const { manifest } = published();
  const home = manifest.homepage.replace("#readme", "");
  assert.match(home, /^https:\/\/github\.com\/[\w-]+\/[\w-]+$/);
  assert.deepEqual(manifest.repository, { type: "git", url: `git+${home}.git` });
  assert.equal(manifest.bugs, `${home}/issues`);
});

test("P9 each link of README, llms.txt and SKILL.md leads to a file of this version", () => {
  const { manifest, targets } = published("somebody/two");
  assert.equal(manifest.repository.url, "git+https://github.com/somebody/two.git");
  assert.ok(targets.length > 60);
  for (const target of targets) {
    const at = new RegExp(`^https://github\\.com/somebody/two/(blob|raw)/v${manifest.version}/(.*)$`);
    const [, kind, path = ""] = at.exec(target) ?? [];
    assert.ok(existsSync(path.replace(/#.*$/, "")), target);
    assert.equal(kind, path.startsWith("docs/images/") ? "raw" : "blob", target);
  }
});
