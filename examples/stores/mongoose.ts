// A store through a model of Mongoose, for applications that want the records among their models. Where that is no
// matter, `mongodbStore(mongoose.connection)` is shorter.
import { type Connection, Schema } from "mongoose";
import type { UserStore } from "twinlock";

const schema = new Schema(
  {
    _id: String,
    version: { type: String, required: true },
    data: { type: String, required: true },
    state: { type: String, required: true },
    enrolledAt: Number,
    backupCodesActive: { type: Number, required: true },
    keyId: { type: String, required: true },
  },
  { collection: "two_factor", versionKey: false },
);

const DURABLE = { writeConcern: { w: "majority", journal: true } } as const;

/** A session of null keeps the store out of the application's transaction, which Mongoose may hand to every model. */
export function mongooseStore(connection: Connection): UserStore {
  const Records = connection.model("TwoFactor", schema);
  return {
    async get(userId) {
      const query = Records.findOne({ _id: userId }, "version data").session(null);
      const found = await query.read("primary").readConcern("linearizable").lean();
      return found && { version: found.version, data: found.data };
    },
    async compareAndSet(userId, expected, { version, data, summary }) {
      const document = { version, data, ...summary };
      if (expected !== null) {
        const filter = { _id: userId, version: expected };
        return (await Records.replaceOne(filter, document, DURABLE).session(null)).matchedCount === 1;
      }
      try {
        await Records.create([{ _id: userId, ...document }], { ...DURABLE, session: null });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false; // duplicate key: there is a document
        throw error;
      }
    },
  };
}
