import type { Dispatcher } from "undici";

let latest: { readonly proxy: string; readonly agent: Dispatcher } | undefined;

/**
 * `fetch` by way of the proxy that `HTTPS_PROXY` or `HTTP_PROXY` names for the address, unless `NO_PROXY` lists its host.
 * Node's own `fetch` knows these only from version 24 on.
 */
export async function fetchByProxy(url: string, init: RequestInit): Promise<Response> {
  const proxy = proxyFor(url);
  if (proxy === undefined) return fetch(url, init);
  const { fetch: fetchWith, ProxyAgent } = await import("undici");
  if (latest?.proxy !== proxy) latest = { proxy, agent: new ProxyAgent(proxy) };
  const response = await fetchWith(url, { ...(init as object), dispatcher: latest.agent });
  return response as unknown as Response; // undici's own classes are the ones that Node has built in
}

/** The proxy for an address, by the environment; lower-case names go first, as with curl. */
export function proxyFor(url: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "https:";
  const https = env.https_proxy || env.HTTPS_PROXY;
  const proxy = isSecure ? https : env.http_proxy || env.HTTP_PROXY;
  if (!proxy) return undefined;
  const ownPort = port || (isSecure ? "443" : "80");
  const exceptions = (env.no_proxy || env.NO_PROXY || "")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  if (exceptions.some((exception) => isListed(exception, hostname.toLowerCase(), ownPort))) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** `*`, `example.org`, `.example.org` (both with all below it), each with or without `:8080`. */
function isListed(exception: string, hostname: string, port: string): boolean {
  if (exception === "*") return true;
  const [, host = exception, onlyPort] = /^(.+):(\d+)$/.exec(exception) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const domain = host.replace(/^\*?\./, "");
  return hostname === domain || hostname.endsWith(`.${domain}`);
}
