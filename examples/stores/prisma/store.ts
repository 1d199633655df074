// A store through Prisma: `updateMany` carries the condition and counts. The model is in schema.prisma beside this file.
import type { UserStore } from "twinlock";
import type { PrismaClient } from "./generated/client.ts"; // what `prisma generate` has written for you

/** Give it the client itself, not the one inside `$transaction`. */
export function prismaStore(prisma: PrismaClient): UserStore {
  return {
    async get(userId) {
      return prisma.twoFactor.findUnique({ where: { userId }, select: { version: true, data: true } });
    },
    async compareAndSet(userId, expected, { version, data, summary }) {
      const enrolledAt = summary.enrolledAt === null ? null : BigInt(summary.enrolledAt);
      const row = { version, data, ...summary, enrolledAt };
      if (expected !== null) {
        return (
          (await prisma.twoFactor.updateMany({ where: { userId, version: expected }, data: row })).count === 1
        );
      }
      try {
        await prisma.twoFactor.create({ data: { userId, ...row } });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === "P2002") return false; // unique constraint: there is a row
        throw error;
      }
    },
  };
}
