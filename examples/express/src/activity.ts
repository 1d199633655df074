/** What happened to an account, kept from the library's events: shown in the settings, and "mailed" where it matters. */

import type { EventType, TwoFactorEvent } from "twinlock";
import type { Query, Row } from "./database.ts";
import type { User, Users } from "./users.ts";

export interface Activity {
  at: number;
  text: string;
  /** The administrator and the reason that was given, or the device that it came from. */
  about: string | null;
}

/** A passkey is "verified" as a code is, and has words of its own. */
type Noted = EventType | "passkey_verified";

const TEXT: Partial<Record<Noted, string>> = {
  enrolled: "Two-factor authentication turned on",
  replaced: "Authenticator replaced",
  authenticator_added: "Authenticator added",
  authenticator_removed: "Authenticator removed",
  passkey_added: "Passkey added",
  passkey_removed: "Passkey removed",
  passkey_cloned: "A copy of a passkey was refused",
  disabled: "Two-factor authentication turned off",
  reset: "Second factor reset by an administrator",
  unlocked: "Unlocked by an administrator",
  locked: "Too many wrong codes",
  unknown_device_failures: "Many wrong codes from unknown devices",
  verified: "Code accepted",
  passkey_verified: "Passkey accepted",
  backup_code_used: "Backup code used",
  backup_codes_low: "Backup codes running low",
  backup_codes_regenerated: "New backup codes generated",
  device_trusted: "Device trusted",
  device_revoked: "Device no longer trusted",
  clock_off: "Your phone’s clock is off: let it set its time automatically",
};

const ENROLLED: Partial<Record<EventType, boolean>> = {
  enrolled: true,
  imported: true,
  disabled: false,
  reset: false,
};

export function createActivity(query: Query, users: Users, mail: (to: string, subject: string) => void) {
  return {
    async record(event: TwoFactorEvent): Promise<void> {
      const enrolled = ENROLLED[event.type];
      if (enrolled !== undefined) await users.setEnrolled(event.userId, enrolled);
      const type = event.type === "verified" && event.method === "passkey" ? "passkey_verified" : event.type;
      const text = TEXT[type];
      if (text === undefined) return;
      const { actor = null, reason = null, context } = event;
      await query(
        "INSERT INTO activity (user_id, at, type, actor, reason, ip, device) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [event.userId, event.at, type, actor, reason, context?.["ip"] ?? null, context?.["device"] ?? null],
      );
      const user = event.notify ? await users.byId(event.userId) : null;
      if (user) mail(user.email, text);
    },

    /** Tells a person something that they cannot see here, being signed out. */
    tell({ email }: User, text: string): void {
      mail(email, text);
    },

    async recent(userId: string): Promise<Activity[]> {
      const rows = await query("SELECT * FROM activity WHERE user_id = $1 ORDER BY at DESC LIMIT 8", [
        userId,
      ]);
      return rows.map((row) => ({
        at: Number(row["at"]),
        text: TEXT[row["type"] as Noted] ?? "",
        about: aboutOf(row),
      }));
    },
  };
}

function aboutOf({ actor, reason, device }: Row): string | null {
  if (actor !== null) return reason === null ? String(actor) : `${actor}: ${reason}`;
  return device === null ? null : String(device);
}
