// Fetch a feed and print its entries as JSON: node read.mjs LIBRARY URL
import FeedParser from "feedparser";
import { parseFeed } from "feedsmith";
import Parser from "rss-parser";

const fetched = async (url) => {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return response.text();
};

const seen = (id, title, authors, text) => ({ id, title, authors: authors.filter(Boolean), text });

const READERS = {
  async "rss-parser"(url) {
    const feed = await new Parser().parseURL(url);
    return feed.items.map((item) =>
      seen(item.guid ?? item.id, item.title, [item.author ?? item.creator], item["content:encoded"] ?? item.content));
  },
  async feedsmith(url) {
    const { format, feed } = parseFeed(await fetched(url));
    const items = feed.items ?? feed.entries;
    return items.map((item) =>
      seen(
        item.guid?.value ?? item.id,
        item.title?.value ?? item.title,
        format === "rss" ? (item.dc?.creators ?? []) : (item.authors ?? []).map((author) => author.name),
        item.content?.encoded ?? item.content?.value ?? item.content ?? item.content_html,
      ));
  },
  async feedparser(url) {
    const text = await fetched(url);
    return new Promise((resolve, reject) => {
      const items = [];
      const parser = new FeedParser({ feedurl: url });
      parser.on("error", reject);
      parser.on("data", (item) => items.push(seen(item.guid, item.title, [item.author], item.description)));
      parser.on("end", () => resolve(items));
      parser.end(text);
    });
  },
};

const [library, url] = process.argv.slice(2);
console.log(JSON.stringify(await READERS[library](url)));
