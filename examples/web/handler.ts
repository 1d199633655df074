/**
 * Two-factor sign-in as a function from Request to Response, for Next.js route handlers, Deno, Bun and whatever else
 * speaks the web's own types: `export const POST = createHandler(twoFactor, checkPassword)`.
 *
 * It answers JSON. A browser sends JSON across origins only after a preflight, which is never answered here.
 */

import { deviceCookie, type SignedIn, type TwoFactor } from "twinlock";
import { qrSvg } from "twinlock/qr";

interface Session {
  binding: string;
  signedIn?: { userId: string; elevation: string | undefined };
  challenge?: string;
  enrollmentId?: string;
}

interface Fields {
  name?: string;
  password?: string;
  code?: string;
}

interface Call {
  session: Session;
  fields: Fields;
  cookie(name: string): string | undefined;
  /** Gives the visitor a session with a new id, which keeps the binding and forgets the challenge. */
  renew(signedIn?: Session["signedIn"]): void;
  /** Ends the visit so far: no request that began in it comes back with a session that counts. */
  leave(): void;
  setCookie(line: string): void;
}

type Answer = [status: number, body: object];

/** `checkPassword` is yours: it gives the user's id, or null, and limits how often a password may be tried. */
export function createHandler(
  twoFactor: TwoFactor,
  checkPassword: (name: string, password: string) => Promise<string | null>,
): (request: Request) => Promise<Response> {
  const sessions = new Map<string, Session>(); // yours, too: the session store of your framework
  const endedVisits = new Set<string>(); // by binding; in yours each goes when a session of its time has expired
  const refused: Answer = [401, { error: "sign in first" }];

  function enter(call: Call, { userId, elevation, device }: SignedIn): void {
    call.renew({ userId, elevation });
    if (device) call.setCookie(deviceCookie(userId).set(device));
  }

  const routes: Readonly<Record<string, (call: Call) => Promise<Answer>>> = {
    async "/sign-in"(call) {
      const userId = await checkPassword(call.fields.name ?? "", call.fields.password ?? "");
      if (userId === null) return [401, { error: "name and password do not belong together" }];
      call.leave();
      call.renew();
      const { binding } = call.session;
      const deviceToken = call.cookie(deviceCookie(userId).name);
      const step = await twoFactor.signIn.begin(userId, {
        binding,
        deviceToken,
        firstFactor: { amr: ["pwd"] },
      });
      if (step.step === "done") call.renew({ userId: step.userId, elevation: undefined });
      if (step.step === "code") call.session.challenge = step.challenge;
      return [200, { step: step.step }];
    },

    async "/sign-in/code"(call) {
      const { challenge, binding } = call.session;
      const result = await twoFactor.signIn.complete(challenge, call.fields.code, { binding });
      if (!result.ok) return [422, result];
      enter(call, result);
      return [200, { method: result.method, backupCodesLeft: result.backupCodesLeft }];
    },

    async "/sign-out"(call) {
      call.leave();
      return [200, {}];
    },

    async "/account"({ session: { signedIn } }) {
      if (!signedIn) return refused;
      const { state, backupCodes } = await twoFactor.status(signedIn.userId);
      return [200, { userId: signedIn.userId, twoFactor: state, backupCodes }];
    },

    async "/two-factor/begin"({ session, fields }) {
      if (!session.signedIn) return refused;
      const { userId, elevation } = session.signedIn;
      const { password } = fields;
      const proof = { binding: session.binding, elevation, password };
      const start = await twoFactor.enrollment.begin(userId, { accountName: userId, ...proof });
      if (!start.ok) return [422, start];
      session.enrollmentId = start.enrollmentId;
      return [200, { qr: qrSvg(start.keyUri), key: start.manualEntryKey }];
    },

    async "/two-factor/confirm"(call) {
      const { signedIn, enrollmentId, binding } = call.session;
      if (!signedIn) return refused;
      const { code } = call.fields;
      const result = await twoFactor.enrollment.confirm(signedIn.userId, { enrollmentId, code, binding });
      if (!result.ok) return [422, result];
      if (result.state === "active") enter(call, result.signIn);
      return [200, { state: result.state, backupCodes: result.backupCodes?.codes ?? [] }];
    },
  };

  return async (request) => {
    const route = routes[new URL(request.url).pathname];
    const json = request.headers.get("content-type") === "application/json";
    if (!route || request.method !== "POST" || !json)
      return Response.json({ error: "not found" }, { status: 404 });

    const cookies = new Map(
      (request.headers.get("cookie") ?? "").split("; ").map((pair) => pair.split("=") as [string, string]),
    );
    const fields = await textFields(request); // first: the session is read when the form is complete
    let id = cookies.get("__Host-session") ?? "";
    const kept = sessions.get(id);
    const headers = new Headers({ "cache-control": "no-store" });
    const call: Call = {
      session: kept && !endedVisits.has(kept.binding) ? kept : { binding: crypto.randomUUID() },
      fields,
      cookie: (name) => cookies.get(name),
      renew(signedIn) {
        sessions.delete(id);
        id = crypto.randomUUID();
        call.session = { binding: call.session.binding, ...(signedIn ? { signedIn } : {}) };
        sessions.set(id, call.session);
        call.setCookie(`__Host-session=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`);
      },
      leave() {
        if (kept) endedVisits.add(call.session.binding);
        sessions.delete(id);
        call.session = { binding: crypto.randomUUID() };
      },
      setCookie: (line) => headers.append("set-cookie", line),
    };
    const [status, body] = await route(call);
    return Response.json(body, { status, headers });
  };
}

/** Short strings and nothing else: a JSON body could hold anything. */
async function textFields(request: Request): Promise<Fields> {
  const body: unknown = await request.json().catch(() => null);
  const short = (field: [string, unknown]) => typeof field[1] === "string" && field[1].length <= 200;
  return Object.fromEntries(Object.entries(Object(body)).filter(short));
}
