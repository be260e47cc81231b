// node fetch.mjs URL FILE: saves it, going on where the file ends. The environment has AUTHORIZATION, or an empty one.
import { createWriteStream, existsSync, statSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const [url, file] = process.argv.slice(2);
const have = existsSync(file) ? statSync(file).size : 0;
const headers = {};
if (have > 0) headers["Range"] = `bytes=${have}-`;
if (process.env.AUTHORIZATION) headers["Authorization"] = process.env.AUTHORIZATION;
const answer = await fetch(url, { headers });
if (answer.status !== (have > 0 ? 206 : 200)) throw new Error(`status ${answer.status}`);
await pipeline(Readable.fromWeb(answer.body), createWriteStream(file, { flags: "a" }));
