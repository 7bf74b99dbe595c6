// Asking the server: JSON in and out, problems as errors, keys for every POST, versions for every change, pages of lists.

/** What the server complained of: RFC 9457, as an error. */
export class Problem extends Error {
  constructor(status, document = {}) {
    super(document.detail || document.title || `The server answered ${status}.`)
    this.name = 'Problem'
    this.status = status
    /** Stable and in snake_case, such as `not_found`. */
    this.code = document.code ?? (status === 0 ? 'offline' : 'unknown')
    this.title = document.title ?? ''
    /** `[{pointer: '/name', message: 'must not be empty'}]`. */
    this.errors = Array.isArray(document.errors) ? document.errors : []
    /** What the server's log knows the request by. */
    this.instance = document.instance ?? ''
    this.retryAfter = 0
  }

  /** The messages for a field, by its JSON pointer, such as `/tools/0`; those below it count too. */
  messagesFor(pointer) {
    return this.errors
      .filter((issue) => issue.pointer === pointer || String(issue.pointer).startsWith(`${pointer}/`))
      .map((issue) => issue.message)
  }
}

const listeners = new Set()

/** Is called when the server no longer knows who we are. Gives a function that stops it. */
export function onSignedOut(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What every change carries beside the session's cookie. */
const marks = { 'x-spotter-dashboard': '1' }

/**
 * The whole answer: `{ data, etag, status, headers }`.
 *
 * Options: `query` (nothing that is null or empty is sent; arrays are sent one by one), `body`, `etag` (becomes If-Match),
 * `key` (the Idempotency-Key; a POST has one anyway), `signal`, `headers`, `raw` (gives the Response as it is).
 */
export async function request(method, path, options = {}) {
  const headers = { accept: 'application/json', ...marks, ...options.headers }
  const isPatch = method === 'PATCH'
  let body
  if (options.body !== undefined) {
    headers['content-type'] = isPatch ? 'application/merge-patch+json' : 'application/json'
    body = JSON.stringify(options.body)
  }
  if (method === 'POST') headers['idempotency-key'] = options.key ?? newKey()
  if (options.etag) headers['if-match'] = options.etag
  return take(fetch(address(path, options.query), {
    method, headers, body, signal: options.signal, credentials: 'same-origin', cache: 'no-store',
  }), options)
}

/** What a request that was sent is answered, as `request` gives it. */
export async function take(sent, options = {}) {
  let response
  try {
    response = await sent
  } catch (error) {
    if (error.name === 'AbortError') throw error
    throw new Problem(0, { detail: 'The server cannot be reached. Check the connection and try again.' })
  }
  if (!response.ok) throw await problem(response)
  if (options.raw) return response
  const type = response.headers.get('content-type') ?? ''
  let data = null
  if (response.status !== 204) data = type.includes('json') ? await response.json() : await response.text()
  return { data, etag: response.headers.get('etag'), status: response.status, headers: response.headers }
}

async function problem(response) {
  let document = {}
  try {
    document = await response.json()
  } catch {
    // Not ours: a proxy's, perhaps. The status has to do.
  }
  const error = new Problem(response.status, document)
  error.retryAfter = Number(response.headers.get('retry-after')) || 0
  if (response.status === 401) for (const listener of listeners) listener(error)
  return error
}

/** The path with its query. */
export function address(path, query) {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null && item !== '') parameters.append(name, item)
    }
  }
  const text = parameters.toString()
  return text ? `${path}?${text}` : path
}

/** A key that no other request has. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A part of a path, whatever it holds: api.get(path`/v1/agents/${id}`). */
export function path(texts, ...values) {
  return texts.reduce((whole, text, index) => whole + encodeURIComponent(values[index - 1]) + text)
}

/** The pages of a list, one after the other: `for await (const page of api.pages('/v1/agents')) …`. */
export async function* pages(route, query = {}, options = {}) {
  let after = query.after ?? null
  do {
    const page = await api.list(route, { ...query, after }, options)
    yield page.data
    after = page.next_cursor
  } while (after)
}

export const api = {
  request,
  path,
  pages,
  newKey,
  /** The resource itself; its version is not told: use `read` for what will be changed. */
  get: async (route, query, options) => (await request('GET', route, { ...options, query })).data,
  /** `{ data, etag }`: for what will be changed under its version. */
  read: (route, query, options) => request('GET', route, { ...options, query }),
  /** One page: `{ data: [], next_cursor }`. */
  list: async (route, query, options) => (await request('GET', route, { ...options, query })).data,
  /** Everything of a list, up to `limit` entries. */
  all: async (route, query = {}, limit = 1000) => {
    const found = []
    for await (const page of pages(route, { limit: 200, ...query })) {
      found.push(...page)
      if (found.length >= limit) return found.slice(0, limit)
    }
    return found
  },
  post: async (route, body = {}, options) => (await request('POST', route, { ...options, body })).data,
  put: async (route, body, options) => (await request('PUT', route, { ...options, body })).data,
  patch: async (route, body, options) => (await request('PATCH', route, { ...options, body })).data,
  delete: async (route, options) => (await request('DELETE', route, options)).data,
}
