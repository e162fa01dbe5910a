/** Requests to our server: JSON or form data out, JSON in, every failure an ApiError with a sentence for the person. */
import { currentLanguage, t } from "./i18n.js";

export class ApiError extends Error {
  /**
   * @param {string} message a sentence for the person
   * @param {number} status 0 when no answer came
   * @param {Record<string, {code: string, message: string}>} [fields]
   * @param {number} [retryAfter] seconds
   * @param {any} [body] the whole answer
   */
  constructor(message, status, fields = {}, retryAfter = 0, body = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
    this.retryAfter = retryAfter;
    this.body = body;
  }
  /** Whether the same request may well succeed later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
  /** The first field's sentence, or the whole's. */
  get sentence() {
    // The server's framework puts a full stop behind ours.
    return (Object.values(this.fields)[0]?.message || this.message).replace(/।\.$/, "।");
  }
}

/** What to tell a person about any failure. @param {unknown} error */
export function sentence(error) {
  return error instanceof ApiError ? error.sentence : t("common.error_unknown");
}

export class Api {
  /**
   * @param {object} [options]
   * @param {() => string} [options.token]
   * @param {(failed: string) => void} [options.onUnauthorised] called with the token that was refused
   * @param {typeof fetch} [options.fetch]
   */
  constructor({ token = () => "", onUnauthorised = () => {}, fetch: fetcher } = {}) {
    this.token = token;
    this.onUnauthorised = onUnauthorised;
    this.fetcher = fetcher ?? ((input, init) => fetch(input, init));
  }

  /**
   * @param {string} method @param {string} path
   * @param {unknown} [body] FormData, or anything JSON can carry
   * @param {{signal?: AbortSignal, timeout?: number}} [options]
   * @returns {Promise<any>}
   */
  async call(method, path, body, { signal, timeout = body instanceof FormData ? 180_000 : 20_000 } = {}) {
    const token = this.token();
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", "Accept-Language": currentLanguage() };
    if (token) headers.Authorization = token;
    /** @type {BodyInit | undefined} */
    let payload;
    if (body instanceof FormData) {
      payload = body;
    } else if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      payload = JSON.stringify(body);
    }
    const ours = AbortSignal.timeout(timeout);
    /** @type {Response} */
    let answer;
    /** @type {any} */
    let data = null;
    try {
      answer = await this.fetcher(path, { method, headers, body: payload, signal: signal ? AbortSignal.any([signal, ours]) : ours });
      if (answer.status !== 204) {
        const text = await answer.text();
        data = text ? JSON.parse(text) : null;
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(t("common.error_network"), 0);
    }
    if (answer.ok) return data;
    if (answer.status === 401 && token) this.onUnauthorised(token);
    throw new ApiError(
      data?.message || t("common.error_unknown"),
      answer.status,
      data?.data ?? {},
      Number(answer.headers.get("Retry-After")) || 0,
      data,
    );
  }

  /** @param {string} path @param {{signal?: AbortSignal}} [options] */
  get(path, options) {
    return this.call("GET", path, undefined, options);
  }
  /** @param {string} path @param {unknown} [body] */
  post(path, body) {
    return this.call("POST", path, body);
  }
  /** @param {string} path @param {unknown} body */
  patch(path, body) {
    return this.call("PATCH", path, body);
  }
  /** @param {string} path @param {unknown} body */
  put(path, body) {
    return this.call("PUT", path, body);
  }
  /** @param {string} path */
  delete(path) {
    return this.call("DELETE", path);
  }
}

/** A path with a query; empty values are left out. @param {string} path @param {Record<string, string | number | undefined>} query */
export function withQuery(path, query) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
