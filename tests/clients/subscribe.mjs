// Subscribe to a feed at its hub, and keep each delivery as a file: node subscribe.mjs FOLDER PORT URL
import { renameSync, writeFileSync } from "node:fs";
import pubsubhubbub from "pubsubhubbub";

const [folder, port, url] = process.argv.slice(2);
const header = (await fetch(url, { method: "HEAD" })).headers.get("link");
const links = [...header.matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(([, href, rel]) => [rel, href]);
const { hub, self } = Object.fromEntries(links);
const options = { callbackUrl: `http://127.0.0.1:${port}/`, secret: "a secret" };
const subscriber = pubsubhubbub.createServer(options);
let deliveries = 0;
subscriber.on("feed", ({ feed }) => {
  writeFileSync(`${folder}/delivery`, feed);
  renameSync(`${folder}/delivery`, `${folder}/${deliveries++}.delivery`);
});
subscriber.on("subscribe", () => writeFileSync(`${folder}/subscribed`, ""));
subscriber.on("denied", ({ error }) => { throw error; });
subscriber.on("listen", () => subscriber.subscribe(self, hub));
subscriber.listen(Number(port), "127.0.0.1");
